import { execFile, execFileSync, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { type LocalApi, startLocalApi } from "../../../provider/local";
import { version } from "../../../provider/version.gen";
import { describeWithPulumi, ok, Stack } from "../pulumi/setup";
import { terraformBinary } from "../support/terraform";
import { type Registry, serveRegistry } from "./registry";
import { packRelease } from "./release-tarballs";

// Real npm with a registry of its own: what `npm run release` packs, installed as a user installs it.
jest.setTimeout(300_000);

const root = join(__dirname, "../../..");
const ending = process.platform === "win32" ? ".exe" : "";
const pulumi = `pulumi-resource-daytona${ending}`;
/** What lies in the platform's package: both of them in one file. */
const packaged = `daytona-iac-provider${ending}`;
const own = `daytona-iac-${process.platform}-${process.arch}`;
const dir = mkdtempSync(join(tmpdir(), "daytona-iac-npm-"));
const tarballs = join(dir, "tarballs");
let registry: Registry;
let api: LocalApi;

/** An empty folder, which is its user's home as well, and commands in it. */
function user(name: string, registryUrl: string) {
  const home = join(dir, name);
  mkdirSync(home);
  writeFileSync(join(home, "package.json"), '{"private":true}');
  const inherited = Object.entries(process.env).filter(([key]) => !/^(npm_|DAYTONA|TF_|PULUMI_)/i.test(key));
  const env: NodeJS.ProcessEnv = {
    ...Object.fromEntries(inherited),
    HOME: home,
    APPDATA: home,
    CHECKPOINT_DISABLE: "1",
    TF_CLI_CONFIG_FILE: join(home, "none"),
    PULUMI_HOME: join(home, ".pulumi"),
    npm_config_registry: registryUrl,
    npm_config_cache: join(dir, "npm-cache"),
    npm_config_userconfig: join(home, ".npmrc"),
    npm_config_audit: "false",
    npm_config_fund: "false",
    npm_config_update_notifier: "false",
    npm_config_noproxy: "127.0.0.1",
    npm_config_fetch_retries: "0",
  };
  writeFileSync(join(home, "none"), "");
  return {
    home,
    env,
    async run(command: string, args: string[], more: NodeJS.ProcessEnv = {}): Promise<string> {
      const windows = process.platform === "win32" && /^np[mx]$/.test(command);
      const { stdout } = await promisify(execFile)(windows ? `${command}.cmd` : command, args, {
        cwd: home,
        env: { ...env, ...more },
        shell: windows,
      });
      return stdout;
    },
    installed: () =>
      readdirSync(join(home, "node_modules"))
        .filter((entry) => entry.startsWith("daytona-iac"))
        .sort(),
    /** The one file that Terraform can start. */
    mirrored: () => {
      const os = process.platform === "win32" ? "windows" : process.platform;
      const arch = process.arch === "x64" ? "amd64" : process.arch;
      const base =
        process.platform === "win32" ? join(home, "terraform.d/plugins") : join(home, ".terraform.d/plugins");
      return join(
        base,
        "registry.terraform.io/daytona-iac/daytona",
        version,
        `${os}_${arch}`,
        `terraform-provider-daytona_v${version}${ending}`,
      );
    },
    program(): void {
      const required =
        'terraform {\n  required_providers {\n    daytona = { source = "daytona-iac/daytona" }\n  }\n}\n';
      writeFileSync(
        join(home, "main.tf"),
        `${required}resource "daytona_snapshot" "agent" {\n  name  = ${JSON.stringify(name)}\n  image = "ubuntu:24.04"\n}\n`,
      );
    },
  };
}

const same = (one: string, other: string): boolean => readFileSync(one).equals(readFileSync(other));

/** Its path, so that it is found with an empty PATH too: then nothing starts a Node script. */
function terraformPath(): string {
  const name = terraformBinary() ?? "terraform";
  const found = (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, name + ending))
    .find((path) => existsSync(path));
  return found ?? name;
}

beforeAll(async () => {
  if (!existsSync(join(root, "dist/index.js"))) throw new Error('There is no dist/: run "npm run build" first.');
  registry = await serveRegistry(packRelease(dir));
  api = await startLocalApi({ pullSeconds: 0.1 });
});
afterAll(async () => {
  registry?.close();
  await api?.close();
  rmSync(dir, { recursive: true, force: true });
});

describe("a user of the npm package", () => {
  test("gets one executable, of this platform and no other's, and Terraform and Pulumi run them", async () => {
    const { home, env, run, installed, mirrored, program } = user("released", registry.url);
    await run("npm", ["install", "daytona-iac"]);
    expect(installed()).toEqual(["daytona-iac", own]);
    expect(registry.fetched.filter((name) => name.startsWith("daytona-iac"))).toEqual(
      expect.arrayContaining([`daytona-iac@${version}`, `${own}@${version}`]),
    );
    expect(registry.fetched.filter((name) => name.startsWith("daytona-iac-"))).toEqual([`${own}@${version}`]);
    // A lock file that was written here serves colleagues on other platforms.
    const lock = JSON.parse(readFileSync(join(home, "package-lock.json"), "utf8")) as { packages: object };
    expect(Object.keys(lock.packages).filter((path) => path.startsWith("node_modules/daytona-iac-"))).toHaveLength(6);
    expect(readdirSync(join(home, "node_modules", own)).sort()).toEqual([
      "LICENSE",
      "README.md",
      "bin",
      "package.json",
    ]);
    expect(readdirSync(join(home, "node_modules", own, "bin"))).toEqual([packaged]);
    if (process.platform !== "win32")
      expect(statSync(join(home, "node_modules", own, "bin", packaged)).mode & 0o111).toBe(0o111);

    const said = await run("npx", ["daytona-iac", "install"]);
    expect(said).toContain(`Provider daytona-iac/daytona ${version} (executable):`);
    expect(said).not.toContain("starts faster");
    expect(same(mirrored(), join(dir, packaged))).toBe(true);
    program();
    const connection = {
      DAYTONA_API_URL: api.apiUrl,
      DAYTONA_RESOLVE_TAGS: "false",
      DAYTONA_API_KEY: api.apiKey,
      PATH: "",
    };
    await run(terraformPath(), ["init", "-no-color"], connection);
    expect(await run(terraformPath(), ["apply", "-auto-approve", "-no-color"], connection)).toContain("1 added");

    expect(await run("npx", ["daytona-iac", "install", "--pulumi"])).toContain(
      `Pulumi provider daytona ${version} (executable) in `,
    );
    const plugin = join(home, ".pulumi/plugins", `resource-daytona-v${version}`, pulumi);
    expect(same(plugin, join(dir, packaged))).toBe(true);
    const child = spawn(plugin, [], { env: { ...env, PATH: "" }, stdio: ["ignore", "pipe", "inherit"] });
    try {
      expect(
        await new Promise((resolve) => child.stdout.once("data", (data: Buffer) => resolve(data.toString()))),
      ).toMatch(/^\d+\n$/);
    } finally {
      child.kill();
    }
  });

  test("who leaves optional packages out gets the Node script, is told so, and gets the executable as told", async () => {
    const { run, installed, mirrored } = user("omitted", registry.url);
    await run("npm", ["install", "daytona-iac", "--omit=optional"]);
    expect(installed()).toEqual(["daytona-iac"]);
    const said = await run("npx", ["daytona-iac", "install"]);
    expect(said).toContain(`Provider daytona-iac/daytona ${version} (Node script, requires node on PATH):`);
    expect(said).toContain(`The executable is in the package ${own} ${version}, which npm did not install`);
    expect(same(mirrored(), join(root, "dist/provider/terraform-provider-daytona"))).toBe(true);

    const [, told = ""] = /"npm (install [^"]*)"/.exec(said.slice(said.indexOf("starts faster"))) ?? [];
    await run("npm", told.split(" "), { npm_config_omit: "optional" });
    expect(installed()).toEqual(["daytona-iac", own]);
    expect(await run("npx", ["daytona-iac", "install"])).toContain("(executable)");
    expect(same(mirrored(), join(dir, packaged))).toBe(true);
  });

  test("`npm pack` of the repository alone makes a package that works, by the Node script", async () => {
    const { home, run, mirrored, program } = user("repository", registry.url);
    execFileSync("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", home], {
      cwd: root,
      shell: process.platform === "win32",
    });
    await run("npm", ["install", `./daytona-iac-${version}.tgz`]);
    const said = await run("npx", ["daytona-iac", "install"]);
    expect(said).toContain(
      'An executable starts faster. This copy of the package has no executables. In a checkout, build them with "npm run build".',
    );
    expect(same(mirrored(), join(root, "dist/provider/terraform-provider-daytona"))).toBe(true);
    program();
    await run(terraformPath(), ["init", "-no-color"]);
    expect(await run(terraformPath(), ["validate", "-no-color"])).toContain("Success!");
  });
});

describeWithPulumi("a user of the npm package, under pulumi", ["yaml"], () => {
  test("runs the installed executable", async () => {
    const { env, run } = user("pulumi", registry.url);
    // From the tarballs themselves, as they lie in a release.
    await run("npm", [
      "install",
      join(tarballs, `daytona-iac-${version}.tgz`),
      join(tarballs, `${own}-${version}.tgz`),
    ]);
    expect(await run("npx", ["daytona-iac", "install", "--pulumi"])).toContain("(executable)");
    const stack = new Stack(env["PULUMI_HOME"] as string, { DAYTONA_API_URL: api.apiUrl, DAYTONA_API_KEY: api.apiKey });
    try {
      stack.yaml({ agent: { type: "daytona:Snapshot", properties: { name: "by-pulumi", image: "ubuntu:24.04" } } });
      await stack.init();
      ok(await stack.up());
      ok(await stack.destroy());
    } finally {
      stack.remove();
    }
  });
});
