import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { configFiles, configuredInstallation, installationBlock } from "../../../../provider/cli/install/config";
import { exchangeFolder } from "../../../../provider/cli/install/exchange";
import { install } from "../../../../provider/cli/install/install";
import { impliedMirror, otherVersions, placeProvider } from "../../../../provider/cli/install/mirror";
import { pluginFolder } from "../../../../provider/cli/install/pulumi";
import { packageFiles } from "../../../../provider/cli/install/package";
import { terraformPlatform } from "../../../../provider/cli/install/platforms";
import { findProvider, ownExecutable, whyNoExecutable } from "../../../../provider/cli/install/source";
import { version } from "../../../../provider/version.gen";

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "daytona-install-"))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const write = (path: string, text: string): string => {
  mkdirSync(join(dir, path, ".."), { recursive: true });
  writeFileSync(join(dir, path), text);
  return join(dir, path);
};
const mirror = (): string => join(dir, "mirror");
const HOSTS = ["registry.terraform.io", "registry.opentofu.org"];
const versions = (host = HOSTS[0]!): string => join(mirror(), host, "daytona-iac/daytona");
const placed = (host = HOSTS[0]!, os = "linux_amd64"): string => join(versions(host), "1.2.3", os);

describe("a version in the mirror", () => {
  const place = (text = "ELF", script = false, target = { os: "linux", arch: "amd64" }): string[] =>
    placeProvider(mirror(), packageFiles(write("provider", text), "1.2.3", target, script), "1.2.3", target).map(
      ({ outcome }) => outcome,
    );

  test("is there for both tools, as one file on the disk", () => {
    expect(place()).toEqual(["installed", "installed"]);
    const [one, two] = HOSTS.map((host) => statSync(join(placed(host), "terraform-provider-daytona_v1.2.3")));
    expect(one!.ino).toBe(two!.ino);
    expect(one!.ino).not.toBe(statSync(join(dir, "provider")).ino);
  });

  test("has an ending on Windows", () => {
    place("MZ", false, { os: "windows", arch: "amd64" });
    for (const host of HOSTS)
      expect(readdirSync(placed(host, "windows_amd64"))).toEqual(["LICENSE", "terraform-provider-daytona_v1.2.3.exe"]);
  });

  test.each<[string, (folder: string) => void]>([
    [
      "has other content of the same size",
      (folder) => writeFileSync(join(folder, "terraform-provider-daytona_v1.2.3"), "elf"),
    ],
    ["has a file too many", (folder) => writeFileSync(join(folder, "core.1"), "")],
    ["has a changed package.json", (folder) => writeFileSync(join(folder, "package.json"), "{}")],
    ["has no package.json", (folder) => rmSync(join(folder, "package.json"))],
  ])("is replaced where it %s; the other one is left alone", (_what, change) => {
    place("ELF", true);
    rmSync(join(placed(HOSTS[1]), "terraform-provider-daytona_v1.2.3"));
    writeFileSync(join(placed(HOSTS[1]), "terraform-provider-daytona_v1.2.3"), "ELF");
    change(placed());
    expect(place("ELF", true)).toEqual(["replaced", "unchanged"]);
    expect(readdirSync(placed()).sort()).toEqual(["LICENSE", "package.json", "terraform-provider-daytona_v1.2.3"]);
    expect(readFileSync(join(placed(), "terraform-provider-daytona_v1.2.3"), "utf8")).toBe("ELF");
  });

  test("is complete or absent: what fails leaves nothing behind", () => {
    const platform = { os: "linux", arch: "amd64" };
    const files = packageFiles(join(dir, "missing"), "1.2.3", platform, false);
    expect(() => placeProvider(mirror(), files, "1.2.3", platform)).toThrow("ENOENT");
    expect(existsSync(mirror())).toBe(false);
  });
});

test("other versions are those of either tool, each once, in order; what is no version is none", () => {
  for (const path of [
    `${HOSTS[0]}/daytona-iac/daytona/1.9.0/x`,
    `${HOSTS[1]}/daytona-iac/daytona/0.0.9/x`,
    `${HOSTS[1]}/daytona-iac/daytona/1.9.0/x`,
    `${HOSTS[0]}/daytona-iac/daytona/1.2.3/x`,
    `${HOSTS[0]}/daytona-iac/daytona/v2/x`,
    `${HOSTS[0]}/daytona-iac/daytona/.tmp1/x`,
  ])
    write(join("mirror", path), "");
  expect(otherVersions(mirror(), "1.2.3")).toEqual(["0.0.9", "1.9.0"]);
  expect(otherVersions(join(dir, "nowhere"), "1.2.3")).toEqual([]);
});

test("where the new folder cannot be moved into place, the old one is there as before", () => {
  write("old/file", "old");
  mkdirSync(join(dir, "scratch"));
  expect(() => exchangeFolder(join(dir, "scratch"), join(dir, "old"))).toThrow("ENOENT");
  expect(readFileSync(join(dir, "old/file"), "utf8")).toBe("old");
  expect(() => exchangeFolder(join(dir, "scratch"), join(dir, "none"))).toThrow("ENOENT");
  expect(existsSync(join(dir, "none"))).toBe(false);
});

test("the configuration takes this provider from the mirror, and everything else as before", () => {
  expect(installationBlock('/mirror with "quotes"')).toBe(`provider_installation {
  filesystem_mirror {
    path    = "/mirror with \\"quotes\\""
    include = ["registry.terraform.io/daytona-iac/daytona", "registry.opentofu.org/daytona-iac/daytona"]
  }
  direct {
    exclude = ["registry.terraform.io/daytona-iac/daytona", "registry.opentofu.org/daytona-iac/daytona"]
  }
}
`);
});

describe("a CLI configuration", () => {
  test.each<[string, boolean]>([
    ["provider_installation {\n}\n", true],
    ['plugin_cache_dir = "x"\n\n  provider_installation   {\n}\n', true],
    ["# provider_installation {\n", false],
    ['plugin_cache_dir = "x"\n', false],
    ["", false],
  ])("%j says where providers come from: %p", (text, says) => {
    const file = write("terraformrc", text);
    expect(configuredInstallation([join(dir, "missing"), dir, file])).toBe(says ? file : undefined);
  });

  test("lies where the tools look, on each system", () => {
    expect(configFiles("win32", { APPDATA: "/a" })).toEqual([join("/a", "terraform.rc"), join("/a", "tofu.rc")]);
    expect(configFiles("win32", {})).toEqual([
      join(homedir(), "AppData/Roaming/terraform.rc"),
      join(homedir(), "AppData/Roaming/tofu.rc"),
    ]);
    expect(configFiles("linux", {})).toEqual([join(homedir(), ".terraformrc"), join(homedir(), ".tofurc")]);
    expect(impliedMirror("linux", {})).toBe(join(homedir(), ".terraform.d/plugins"));
    expect(impliedMirror("win32", {})).toBe(join(homedir(), "AppData/Roaming/terraform.d/plugins"));
    expect(pluginFolder({}, "1.2.3")).toBe(join(homedir(), ".pulumi/plugins/resource-daytona-v1.2.3"));
  });
});

describe("the file to install", () => {
  test("is the executable that runs, unless the script is asked for", () => {
    expect(ownExecutable({ executable: "/opt/daytona-iac" })).toEqual({ path: "/opt/daytona-iac", kind: "executable" });
    expect(ownExecutable({ executable: "/opt/daytona-iac" }, true)).toBeUndefined();
    expect(ownExecutable({})).toBeUndefined();
  });

  test("on other systems than Linux is never passed over for the kind of its libc", () => {
    write("build/terraform-provider-daytona", "x");
    for (const platform of ["darwin", process.platform] as const)
      expect(findProvider(dir, platform, "arm64")?.kind).toBe("executable");
  });

  test("is not looked for in a package that names none of ours", () => {
    write("package.json", JSON.stringify({ optionalDependencies: { fsevents: "*" } }));
    expect(whyNoExecutable(dir, "linux", "x64", false)).toBe(
      'This copy of the package has no executables. In a checkout, build them with "npm run build".',
    );
  });

  test("is for the machine, in Go's words", () => {
    expect([
      terraformPlatform("linux", "ia32"),
      terraformPlatform("linux", "x64"),
      terraformPlatform("linux", "riscv64"),
    ]).toEqual([
      { os: "linux", arch: "386" },
      { os: "linux", arch: "amd64" },
      { os: "linux", arch: "riscv64" },
    ]);
  });
});

describe("the command", () => {
  const root = (): string => join(dir, "package");
  const run = async (argv: string[], more: { executable?: string } = {}) => {
    let [out, err] = ["", ""];
    const code = await install(
      argv,
      {
        out: (text) => void (out += text),
        err: (text) => void (err += text),
        env: { HOME: join(dir, "home"), APPDATA: join(dir, "home"), PULUMI_HOME: join(dir, "pulumi") },
        ...more,
      },
      root(),
    );
    return { code, out, err };
  };
  const plugins = (): string => join(dir, "pulumi/plugins");
  const plugin = (): string => join(plugins(), `resource-daytona-v${version}`);
  beforeEach(() => {
    write("package/dist/provider/terraform-provider-daytona", "script");
    write("package/dist/provider/pulumi-resource-daytona", "script");
  });

  test("installs the executable that runs, for either tool", async () => {
    const executable = write("daytona-iac", "ELF");
    expect((await run(["--dir", mirror()], { executable })).out).toMatch(/\(executable\):\n {2}installed {2}/);
    expect((await run(["--pulumi"], { executable })).out).toContain("(executable) in ");
    expect(readFileSync(join(plugin(), readdirSync(plugin())[0]!), "utf8")).toBe("ELF");
    expect((await run(["--pulumi", "--script"], { executable })).out).toContain(
      "(Node script, requires node on PATH) in ",
    );
    expect((await run(["--dir", mirror(), "--script"], { executable })).out).toContain(
      "(Node script, requires node on PATH)",
    );
  });

  test.each([
    ["--pulumi", "--print-mirror"],
    ["--pulumi", "--dir=x"],
    ["--script", "--script"],
  ])("%s %s is wrong usage, and nothing is installed", async (...argv) => {
    expect(await run(argv)).toMatchObject({ code: 64, out: "" });
    expect(existsSync(plugins())).toBe(false);
  });

  test("says what a changed provider means also where it changed for one tool only", async () => {
    await run(["--dir", mirror()]);
    const { os, arch } = terraformPlatform(process.platform, process.arch);
    writeFileSync(join(versions(HOSTS[1]), version, `${os}_${arch}`, "extra"), "");
    const { out } = await run(["--dir", mirror()]);
    expect(out).toMatch(
      / {2}already installed {2}.*registry\.terraform\.io.*\n {2}replaced {2}.*registry\.opentofu\.org/,
    );
    expect(out).toContain('The provider has changed. If "terraform init" rejects its checksum');
  });

  test("with --dir and --print-mirror says that neither tool searches there by itself", async () => {
    expect((await run(["--dir", mirror(), "--print-mirror"])).out).toContain(
      "Neither tool searches this folder by default: add it to the CLI configuration.",
    );
    expect((await run(["--print-mirror"])).out).toContain(
      "Terraform and OpenTofu search this folder by default, unless their CLI configuration has a provider_installation block.",
    );
  });

  test("makes the Pulumi plugin a program, whatever its file was, and leaves nothing besides", async () => {
    await run(["--pulumi"]);
    expect(statSync(join(plugin(), "pulumi-resource-daytona")).mode & 0o777).toBe(0o755);
    expect(readdirSync(plugins())).toEqual([`resource-daytona-v${version}`]);
  });

  test.each<[string, () => void]>([
    ["an interrupted download lies beside it", () => writeFileSync(`${plugin()}.partial`, "")],
    ["it has a file too many", () => writeFileSync(join(plugin(), "core.1"), "")],
    ["its content is another", () => writeFileSync(join(plugin(), "pulumi-resource-daytona"), "SCRIPT")],
  ])("installs the Pulumi plugin again where %s", async (_what, change) => {
    await run(["--pulumi"]);
    change();
    expect((await run(["--pulumi"])).out).toMatch(/^replaced: /);
    expect((await run(["--pulumi"])).out).toMatch(/^already installed: /);
    expect(readdirSync(plugins())).toEqual([`resource-daytona-v${version}`]);
  });
});
