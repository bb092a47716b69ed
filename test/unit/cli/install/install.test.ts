import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { install } from "../../../../provider/cli/install/install";
import { configFiles, installationBlock } from "../../../../provider/cli/install/config";
import { impliedMirror } from "../../../../provider/cli/install/mirror";
import { terraformPlatform } from "../../../../provider/cli/install/platforms";
import { findProvider, whyNoExecutable } from "../../../../provider/cli/install/source";
import { main } from "../../../../provider/cli/main";
import { version } from "../../../../provider/version.gen";

let root: string;
let home: string;
let out = "";
let err = "";

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "daytona-package-"));
  home = mkdtempSync(join(tmpdir(), "daytona-home-"));
  mkdirSync(join(root, "dist/provider"), { recursive: true });
  writeFileSync(join(root, "dist/provider/terraform-provider-daytona"), "#!/usr/bin/env node\n");
  out = err = "";
});
afterEach(() => {
  for (const dir of [root, home]) rmSync(dir, { recursive: true, force: true });
});

const io = (env: NodeJS.ProcessEnv = {}) => ({
  out: (t: string) => {
    out += t;
  },
  err: (t: string) => {
    err += t;
  },
  env: { HOME: home, APPDATA: home, ...env },
});
const target = terraformPlatform(process.platform, process.arch);
const folder = (host: string, mirror = join(home, ".terraform.d/plugins")) =>
  join(mirror, host, "daytona-iac/daytona", version, `${target.os}_${target.arch}`);
const file = `terraform-provider-daytona_v${version}`;

test("puts the provider where Terraform and OpenTofu look, with nothing else", async () => {
  expect(await install([], io(), root)).toBe(0);
  for (const host of ["registry.terraform.io", "registry.opentofu.org"]) {
    expect(readdirSync(folder(host)).sort()).toEqual(["LICENSE", "package.json", file]);
    expect(statSync(join(folder(host), file)).mode & 0o777).toBe(0o755);
    expect(readFileSync(join(folder(host), "package.json"), "utf8")).toBe('{"type":"commonjs"}\n');
  }
  expect(out).toBe(
    `Provider daytona-iac/daytona ${version} (Node script, requires node on PATH):\n` +
      `  installed  ${folder("registry.terraform.io")}\n  installed  ${folder("registry.opentofu.org")}\n` +
      'An executable starts faster. This copy of the package has no executables. In a checkout, build them with "npm run build".\n',
  );
  expect(readdirSync(join(home, ".terraform.d/plugins")).sort()).toEqual([
    "registry.opentofu.org",
    "registry.terraform.io",
  ]);
});

test("repeated, it changes nothing; another content replaces it and says what that means", async () => {
  await install([], io(), root);
  const before = statSync(join(folder("registry.terraform.io"), file)).mtimeMs;
  out = "";
  expect(await install([], io(), root)).toBe(0);
  expect(out).toContain(`already installed  ${folder("registry.terraform.io")}`);
  expect(statSync(join(folder("registry.terraform.io"), file)).mtimeMs).toBe(before);

  writeFileSync(join(root, "dist/provider/terraform-provider-daytona"), "#!/usr/bin/env node\n// new\n");
  out = "";
  expect(await install([], io(), root)).toBe(0);
  expect(out).toContain(`replaced  ${folder("registry.opentofu.org")}`);
  expect(out).toContain(
    'If "terraform init" rejects its checksum, delete the provider\'s block from .terraform.lock.hcl and run "terraform init" again.',
  );
  expect(readFileSync(join(folder("registry.opentofu.org"), file), "utf8")).toContain("// new");
});

test("an executable is preferred, and needs nothing beside it", async () => {
  mkdirSync(join(root, "build"));
  writeFileSync(join(root, "build/terraform-provider-daytona"), "ELF");
  expect(await install([], io(), root)).toBe(0);
  expect(readdirSync(folder("registry.terraform.io"))).toEqual(["LICENSE", file]);
  expect(out).toContain("(executable)");
  expect(out).not.toContain("starts faster");
  out = "";
  expect(await install(["--script"], io(), root)).toBe(0);
  expect(readdirSync(folder("registry.terraform.io")).sort()).toEqual(["LICENSE", "package.json", file]);
  expect(out).toContain("(Node script, requires node on PATH)");
  expect(out).not.toContain("starts faster");
});

describe("the package of a platform", () => {
  const name = "daytona-iac-linux-x64";
  const executable = () => join(root, "node_modules", name, "bin/daytona-iac-provider");
  function platformPackage(its: string): void {
    mkdirSync(join(root, "node_modules", name, "bin"), { recursive: true });
    writeFileSync(join(root, "node_modules", name, "package.json"), JSON.stringify({ name, version: its }));
    writeFileSync(executable(), "ELF");
  }
  const released = (optionalDependencies: object) =>
    writeFileSync(join(root, "package.json"), JSON.stringify({ optionalDependencies }));

  test("comes first, where it is of the same version", () => {
    mkdirSync(join(root, "build"));
    writeFileSync(join(root, "build/terraform-provider-daytona"), "ELF");
    platformPackage(version);
    expect(findProvider(root, "linux", "x64", false, undefined, false)).toEqual({
      path: executable(),
      kind: "executable",
    });
    expect(findProvider(root, "linux", "arm64", false, undefined, false)?.path).toBe(
      join(root, "build/terraform-provider-daytona"),
    );
    expect(findProvider(root, "win32", "x64")).toBeUndefined();
    // One file for either provider: the name that it is copied to makes the difference.
    expect(findProvider(root, "linux", "x64", false, "pulumi-resource-daytona", false)).toEqual({
      path: executable(),
      kind: "executable",
    });
    platformPackage("0.0.9");
    expect(findProvider(root, "linux", "x64", false, undefined, false)?.path).toBe(
      join(root, "build/terraform-provider-daytona"),
    );
  });

  test("is passed over where there is no glibc", () => {
    platformPackage(version);
    expect(findProvider(root, "linux", "x64", false, undefined, true)?.kind).toBe("script");
    expect(whyNoExecutable(root, "linux", "x64", true)).toBe(
      "The executable requires glibc, which this system does not have (Alpine, for example).",
    );
  });

  // A package folder of its own for each: jest does not look again for a module that it did not find once.
  test.each<[string, object | undefined, () => void, string]>([
    [
      "in a package that names none",
      undefined,
      () => undefined,
      'This copy of the package has no executables. In a checkout, build them with "npm run build".',
    ],
    [
      "for a platform without",
      { "daytona-iac-darwin-arm64": version },
      () => undefined,
      "There are no executables for linux x64.",
    ],
    [
      "left out",
      { [name]: version },
      () => undefined,
      'which npm did not install (because of "--omit=optional", or a lock file or node_modules from another platform).',
    ],
    ["of another version", { [name]: version }, () => platformPackage("0.0.9"), "of which version 0.0.9 is installed."],
    [
      "damaged",
      { [name]: version },
      () => {
        platformPackage(version);
        rmSync(executable());
      },
      "from which it is missing.",
    ],
  ])("is named where it is missing, with why and how to get it: %s", (_case, dependencies, arrange, why) => {
    if (dependencies !== undefined) released(dependencies);
    arrange();
    expect(whyNoExecutable(root, "linux", "x64", false)).toBe(
      /^[a-z]/.test(why)
        ? `The executable is in the package ${name} ${version}, ${why} Run "npm install --no-save ${name}@${version}", then run this command again.`
        : why,
    );
  });
});

test("on Windows the file of the platform's package has an ending", () => {
  const bin = join(root, "node_modules/daytona-iac-win32-x64/bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "../package.json"), JSON.stringify({ name: "daytona-iac-win32-x64", version }));
  writeFileSync(join(bin, "daytona-iac-provider.exe"), "MZ");
  expect(findProvider(root, "win32", "x64")).toEqual({
    path: join(bin, "daytona-iac-provider.exe"),
    kind: "executable",
  });
});

test("links are followed when it is copied, and one in its place is not taken for it", async () => {
  mkdirSync(join(root, "build"));
  writeFileSync(join(root, "real"), "ELF");
  symlinkSync(join(root, "real"), join(root, "build/terraform-provider-daytona"));
  mkdirSync(folder("registry.terraform.io"), { recursive: true });
  symlinkSync(join(root, "real"), join(folder("registry.terraform.io"), file));
  expect(await install([], io(), root)).toBe(0);
  for (const host of ["registry.terraform.io", "registry.opentofu.org"]) {
    expect(lstatSync(join(folder(host), file)).isFile()).toBe(true);
    expect(readFileSync(join(folder(host), file), "utf8")).toBe("ELF");
  }
  expect(out).toContain(`replaced  ${folder("registry.terraform.io")}`);
  expect(statSync(join(root, "real")).mode & 0o111).toBe(0);
});

test.each(["somewhere", "nowhere"])(
  "a folder that is a link, leading %s, is exchanged for a folder; what it led to stays",
  async (where) => {
    const linked = join(home, where);
    if (where === "somewhere") mkdirSync(linked);
    mkdirSync(join(folder("registry.terraform.io"), ".."), { recursive: true });
    symlinkSync(linked, folder("registry.terraform.io"));
    expect(await install([], io(), root)).toBe(0);
    expect(out).toContain(`replaced  ${folder("registry.terraform.io")}`);
    expect(lstatSync(folder("registry.terraform.io")).isDirectory()).toBe(true);
    expect(readdirSync(folder("registry.terraform.io")).sort()).toEqual(["LICENSE", "package.json", file]);
    expect(existsSync(linked) ? readdirSync(linked) : []).toEqual([]);
    expect(existsSync(linked)).toBe(where === "somewhere");
  },
);

test("other versions stay and are named", async () => {
  mkdirSync(join(home, ".terraform.d/plugins/registry.terraform.io/daytona-iac/daytona/0.0.9/linux_amd64"), {
    recursive: true,
  });
  expect(await install([], io(), root)).toBe(0);
  expect(out).toContain("Other installed versions: 0.0.9\n");
  expect(
    existsSync(join(home, ".terraform.d/plugins/registry.terraform.io/daytona-iac/daytona/0.0.9/linux_amd64")),
  ).toBe(true);
});

test("--dir puts it into another mirror and says how that is used", async () => {
  const mirror = join(home, "mirror");
  expect(await install(["--dir", mirror], io(), root)).toBe(0);
  expect(existsSync(join(folder("registry.terraform.io", mirror), file))).toBe(true);
  expect(existsSync(join(home, ".terraform.d"))).toBe(false);
  expect(out).toContain(installationBlock(mirror));
});

test("a CLI configuration that says where providers come from is named", async () => {
  writeFileSync(join(home, ".tofurc"), "provider_installation {\n  direct {}\n}\n");
  expect(await install([], io(), root)).toBe(0);
  expect(out).toContain(`${join(home, ".tofurc")} configures where providers come from. Add this folder to it`);
});

test("--print-mirror explains what lies where, and what to write", async () => {
  expect(await install(["--print-mirror"], io(), root)).toBe(0);
  expect(out).toContain("Terraform and OpenTofu search this folder by default");
  expect(out).toContain(installationBlock(join(home, ".terraform.d/plugins")));
  expect(out).toContain('source  = "daytona-iac/daytona"');
});

test("where nothing can be written it says so and leaves nothing half done", async () => {
  const mirror = join(home, "file");
  writeFileSync(mirror, "");
  expect(await install(["--dir", mirror], io(), root)).toBe(1);
  expect(err).toMatch(
    new RegExp(
      `^Error: installing the provider into ${mirror}: E[A-Z]+.*Check that the folder is writable, or choose another one with --dir\\.\\n$`,
    ),
  );
  chmodSync(home, 0o755);
});

test("a package without a provider says what to do", async () => {
  rmSync(join(root, "dist"), { recursive: true });
  expect(await install([], io(), root)).toBe(1);
  expect(err).toBe(
    `Error: installing the provider: this package has no provider for ${process.platform} ${process.arch}. ` +
      'This copy of the package has no executables. In a checkout, build them with "npm run build". ' +
      "Or download the zip of the release for this platform and unpack it into the mirror.\n",
  );
});

test.each([[["--nope"]], [["extra"]], [["--dir"]], [["--dir", ""]]])("%p is wrong usage", async (argv) => {
  expect(await install(argv, io(), root)).toBe(64);
  expect(err).toMatch(/^Error: .*\nRun "daytona-iac install --help" for help\.\n$/);
});

test("folders and configuration of each system", () => {
  expect(impliedMirror("linux", { HOME: "/h", XDG_DATA_HOME: "/x" })).toBe("/h/.terraform.d/plugins");
  expect(impliedMirror("darwin", { HOME: "/h" })).toBe("/h/.terraform.d/plugins");
  expect(impliedMirror("win32", { APPDATA: "/a" })).toBe(join("/a", "terraform.d", "plugins"));
  expect(configFiles("linux", { HOME: "/h", XDG_CONFIG_HOME: "/c" })).toEqual([
    "/h/.terraformrc",
    "/h/.tofurc",
    "/c/opentofu/tofurc",
  ]);
  expect(configFiles("linux", { HOME: "/h", TF_CLI_CONFIG_FILE: "/t" })).toEqual(["/t"]);
  expect(terraformPlatform("win32", "x64")).toEqual({ os: "windows", arch: "amd64" });
  expect(terraformPlatform("darwin", "arm64")).toEqual({ os: "darwin", arch: "arm64" });
});

describe("the command line", () => {
  test("version and help", async () => {
    expect(await main(["version"], io())).toBe(0);
    expect(out).toBe(`${version}\n`);
    out = "";
    expect(await main(["help"], io())).toBe(0);
    expect(out).toContain("install     install the Terraform provider for");
    expect(await main(["install", "--help"], io())).toBe(0);
  });

  test("an unknown command, or none, is wrong usage", async () => {
    expect(await main(["bogus"], io())).toBe(64);
    expect(err).toBe('Error: unknown command "bogus". Run "daytona-iac help" for a list.\n');
    expect(await main([], io())).toBe(64);
  });
});
