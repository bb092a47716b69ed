import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const root = join(__dirname, "../../..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const files = (...patterns: string[]): string[] =>
  execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", ...patterns], {
    cwd: root,
    encoding: "utf8",
  })
    .split("\n")
    .filter((path) => path !== "" && existsSync(join(root, path)));

describe("the page of all pages", () => {
  const INDEX = "docs/guides/all-pages.md";
  const linked = new Set(
    [...read(INDEX).matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, target]) =>
      relative(root, resolve(root, dirname(INDEX), target!)),
    ),
  );

  test("has every page for users", () => {
    const pages = files("*.md").filter((path) => !/^(bench|findings|scripts|test|\.github)\//.test(path));
    expect(pages.length).toBeGreaterThan(30);
    expect(pages.filter((path) => path !== INDEX && !linked.has(path) && !linked.has(dirname(path)))).toEqual([]);
  });

  test("has every page of the reference and every guide by itself, not only its folder", () => {
    const pages = files("docs/*.md").filter((path) => path !== INDEX);
    expect(pages.filter((path) => !linked.has(path))).toEqual([]);
  });
});

describe("troubleshooting by message", () => {
  const source = files("provider/**/*.ts")
    .filter((path) => !/\.gen\.|\/generated\/|^provider\/local\//.test(path))
    .map(read)
    .join("\n");
  /** The texts of the product, once with the first and once with the second of two alternatives; "§" is a value. */
  const texts = [1, 2].map((alternative) =>
    source
      .replace(/\$\{[^{}`]*\? "([^"]*)" : "([^"]*)"\}/g, (...found) => found[alternative] as string)
      .replace(/\$\{[^{}]*\}/g, "§"),
  );
  /** "x" in a message is a value, and "…" anything in one text. */
  const isText = (message: string): boolean => {
    const parts = message.replaceAll('"x"', '"§"').split("…");
    const pattern = new RegExp(parts.map((part) => part.trim().replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("[^\n]*"));
    return texts.some((text) => pattern.test(text));
  };
  const rows = [...read("docs/guides/troubleshooting.md").matchAll(/^\| (?!Message|---)(.+?) \| .+ \|$/gm)].map(
    ([, messages]) => messages!,
  );
  const OTHERS = /^(Terraform|From the registry): /;

  test("quotes messages that the product has", () => {
    const own = rows.filter((row) => !OTHERS.test(row));
    const messages = own.flatMap((row) => [...row.matchAll(/`([^`]+)`/g)].map(([, message]) => message!));
    expect(own.length).toBeGreaterThan(30);
    expect(own.filter((row) => !row.startsWith("`"))).toEqual([]);
    expect(messages.filter((message) => !isText(message))).toEqual([]);
  });

  test("says so where a message is not the product's", () => {
    const others = rows.filter((row) => OTHERS.test(row));
    expect(others.length).toBeGreaterThan(3);
    expect(isText('A swap replaces snapshot "x"')).toBe(true);
    expect(isText('A swap may replace snapshot "x"')).toBe(true);
    expect(isText('A swap exchanges snapshot "x"')).toBe(false);
    expect(isText("the login of … has expired")).toBe(true);
    expect(isText("has expired … the login of")).toBe(false);
  });
});

test("the page on compatibility names the versions that the package demands", () => {
  const { engines, peerDependencies } = JSON.parse(read("package.json")) as {
    engines: { node: string };
    peerDependencies: Record<string, string>;
  };
  const page = read("docs/guides/compatibility.md");
  const row = (name: string): string => new RegExp(`^\\| ${name} \\| ([^|]+) \\|`, "m").exec(page)![1]!;
  const minor = (range: string): string => /(\d+\.\d+)/.exec(range)![1]!;
  expect(row("Node.js")).toContain(minor(engines.node));
  expect(row("Pulumi")).toContain(minor(peerDependencies["@pulumi/pulumi"]!));
  expect(row("CDKTF")).toContain(minor(peerDependencies["cdktf"]!));
  expect(row("cdktn")).toContain(minor(peerDependencies["cdktn"]!));
});

test("npm shows every line of README's blocks: it cuts what is longer than 88 characters", () => {
  const blocks = [...read("README.md").matchAll(/^```\w*\n(.*?)^```/gms)].map(([, text]) => text!);
  expect(blocks.length).toBeGreaterThan(20);
  expect(blocks.flatMap((text) => text.split("\n")).filter((line) => line.length > 88)).toEqual([]);
});
