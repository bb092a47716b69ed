import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const root = join(__dirname, "../../..");

/** Pages that the repository has, from its root. Folders that only a build makes are not in it. */
const pages = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\n")
  .filter((path) => path !== "" && existsSync(join(root, path)));

/** A page without what Markdown takes literally: code, in which brackets are no links. */
function prose(markdown: string): string {
  return markdown.replace(/^(```+)[^\n]*\n.*?^\1[^\n]*$/gms, "").replace(/(`+)[^\n]*?\1/g, "``");
}

/** Anchors of a page: its headings, spelled as GitHub and the registries do, and the ones that are written. */
function anchors(markdown: string): Set<string> {
  const seen = new Map<string, number>();
  const found = new Set<string>();
  for (const [, heading] of markdown.replace(/^(```+)[^\n]*\n.*?^\1[^\n]*$/gms, "").matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const slug = heading!
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replace(/ /g, "-");
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    found.add(times === 0 ? slug : `${slug}-${times}`);
  }
  for (const [, id] of markdown.matchAll(/<a (?:id|name)="([^"]+)"/g)) found.add(id!);
  return found;
}

/** Links of a page as they are written, in its order. */
function links(markdown: string): string[] {
  return [...prose(markdown).matchAll(/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g)].map(([, target]) => target!);
}

/** What is wrong with a link of a page; null: nothing. Addresses of other sites are not looked at. */
function broken(page: string, target: string): string | null {
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return null;
  const [path, anchor] = target.split("#") as [string, string?];
  const file = path === "" ? join(root, page) : resolve(root, dirname(page), decodeURIComponent(path));
  if (relative(root, file).startsWith("..")) return `${page}: ${target} leads out of the repository`;
  const found = pulumiPage(file) ?? file;
  if (!existsSync(found)) return `${page}: ${target} does not exist`;
  if (anchor === undefined) return null;
  if (statSync(found).isDirectory()) return `${page}: ${target} is an anchor of a folder`;
  return anchors(readFileSync(found, "utf8")).has(anchor) ? null : `${page}: ${target} has no such heading`;
}

/** Pulumi's registry serves `page.md` as the folder `page/`. null: not such a link. */
function pulumiPage(file: string): string | null {
  return !existsSync(file) && existsSync(`${file}.md`) && dirname(file) === join(root, "docs") ? `${file}.md` : null;
}

test("the rules see what they are for", () => {
  expect(links("a [b](c.md#d) `[e](f)`\n```md\n[g](h)\n```\n![i](j.png) [k](<l m>)")).toEqual(["c.md#d", "j.png"]);
  expect([
    ...anchors('# One `two`, three!\n```sh\n# no heading\n```\n## A [link](x)\n## A link\n<a id="own"></a>'),
  ]).toEqual(["one-two-three", "a-link", "a-link-1", "own"]);
  expect(broken("README.md", "docs/no-such-page.md")).toBe("README.md: docs/no-such-page.md does not exist");
  expect(broken("README.md", "docs/cli.md#no-such-heading")).toBe(
    "README.md: docs/cli.md#no-such-heading has no such heading",
  );
  expect(broken("README.md", "../elsewhere")).toBe("README.md: ../elsewhere leads out of the repository");
  expect(broken("README.md", "docs#anchor")).toBe("README.md: docs#anchor is an anchor of a folder");
});

test("every link of every page leads to a page, and every anchor to a heading", () => {
  expect(pages.length).toBeGreaterThan(20);
  const all = pages.flatMap((page) => links(readFileSync(join(root, page), "utf8")).map((link) => broken(page, link)));
  expect(all.length).toBeGreaterThan(30);
  expect(all.filter((fault) => fault !== null)).toEqual([]);
});
