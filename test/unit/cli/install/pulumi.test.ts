import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { install } from "../../../../provider/cli/install/install";
import { pluginFolder } from "../../../../provider/cli/install/pulumi";
import { version } from "../../../../provider/version.gen";

let dir: string;
let out: string;
let err: string;
const io = () => ({
  out: (text: string) => (out += text),
  err: (text: string) => (err += text),
  env: { HOME: join(dir, "home"), PULUMI_HOME: join(dir, "pulumi") },
});

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "daytona-iac-install-pulumi-"));
  out = err = "";
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A package's folder with a provider script that prints `text`. */
function packageWith(text: string): string {
  const root = join(dir, "package");
  mkdirSync(join(root, "dist/provider"), { recursive: true });
  writeFileSync(join(root, "package.json"), "{}");
  writeFileSync(join(root, "dist/provider/pulumi-resource-daytona"), text);
  return root;
}

test("the plugin lies where the CLI looks, and installing again changes nothing", async () => {
  const root = packageWith("one");
  const folder = join(dir, "pulumi/plugins", `resource-daytona-v${version}`);
  mkdirSync(join(dir, "pulumi/plugins/resource-daytona-v0.0.1"), { recursive: true });
  writeFileSync(`${folder}.partial`, "");
  expect(await install(["--pulumi"], io(), root)).toBe(0);
  expect(out).toContain(
    `installed: Pulumi provider daytona ${version} (Node script, requires node on PATH) in ${folder}\nAn executable starts faster. This copy`,
  );
  expect(out).toContain(`pulumi package add ${join(folder, "pulumi-resource-daytona")}`);
  expect(readdirSync(join(dir, "pulumi/plugins")).sort()).toEqual([
    "resource-daytona-v0.0.1",
    `resource-daytona-v${version}`,
  ]);
  expect(readFileSync(join(folder, "pulumi-resource-daytona"), "utf8")).toBe("one");
  expect(readFileSync(join(folder, "package.json"), "utf8")).toContain("commonjs");

  out = "";
  expect(await install(["--pulumi"], io(), root)).toBe(0);
  expect(out).toContain("already installed");
  packageWith("two");
  expect(await install(["--pulumi"], io(), root)).toBe(0);
  expect(out).toContain("replaced");
  expect(readFileSync(join(folder, "pulumi-resource-daytona"), "utf8")).toBe("two");
});

test("the executable is preferred, said so, and lies alone; --script takes the other without a word", async () => {
  const root = packageWith("one");
  mkdirSync(join(root, "build"));
  writeFileSync(join(root, "build", `pulumi-resource-daytona${process.platform === "win32" ? ".exe" : ""}`), "ELF");
  const folder = pluginFolder(io().env);
  expect(await install(["--pulumi"], io(), root)).toBe(0);
  expect(out).toContain(`installed: Pulumi provider daytona ${version} (executable) in ${folder}\nTo generate an SDK`);
  expect(readdirSync(folder)).toHaveLength(1);
  out = "";
  expect(await install(["--pulumi", "--script"], io(), root)).toBe(0);
  expect(out).toContain(
    `replaced: Pulumi provider daytona ${version} (Node script, requires node on PATH) in ${folder}\nTo generate an SDK`,
  );
  expect(readdirSync(folder)).toHaveLength(2);
});

test("the file of the platform's package becomes the plugin by its name, and a link to it is not taken for a copy", async () => {
  const root = packageWith("one");
  const name = `daytona-iac-${process.platform}-${process.arch}`;
  const ending = process.platform === "win32" ? ".exe" : "";
  const packaged = join(root, "node_modules", name, "bin", `daytona-iac-provider${ending}`);
  mkdirSync(join(packaged, ".."), { recursive: true });
  writeFileSync(join(root, "node_modules", name, "package.json"), JSON.stringify({ name, version }));
  writeFileSync(packaged, "ELF");
  const plugin = join(pluginFolder(io().env), `pulumi-resource-daytona${ending}`);
  mkdirSync(join(plugin, ".."), { recursive: true });
  symlinkSync(packaged, plugin);
  expect(await install(["--pulumi"], io(), root)).toBe(0);
  expect(out).toContain(`replaced: Pulumi provider daytona ${version} (executable)`);
  expect(lstatSync(plugin).isFile()).toBe(true);
  expect(readFileSync(plugin, "utf8")).toBe("ELF");
});

test("without PULUMI_HOME it is the home's .pulumi", () => {
  expect(pluginFolder({ HOME: "/home/me" }, "1.2.3")).toBe(join("/home/me", ".pulumi/plugins/resource-daytona-v1.2.3"));
});

test("a package without a provider, a folder that cannot be written, wrong usage", async () => {
  mkdirSync(join(dir, "empty"));
  expect(await install(["--pulumi"], io(), join(dir, "empty"))).toBe(1);
  expect(err).toBe(
    `Error: installing the Pulumi provider: this package has no provider for ${process.platform} ${process.arch}. ` +
      'This copy of the package has no executables. In a checkout, build them with "npm run build". ' +
      `Or install the published plugin: "pulumi plugin install resource daytona v${version}".\n`,
  );
  writeFileSync(join(dir, "pulumi"), "a file");
  err = "";
  expect(await install(["--pulumi"], io(), packageWith("one"))).toBe(1);
  expect(err).toMatch(
    /^Error: installing the Pulumi provider into .*Check that the folder is writable, or set PULUMI_HOME\./,
  );
  expect(await install(["--pulumi", "--dir", "x"], io(), packageWith("one"))).toBe(64);
});
