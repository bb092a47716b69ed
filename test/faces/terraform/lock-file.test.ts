import { execFile, execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { doctor } from "../../../provider/cli/doctor/command";
import { install } from "../../../provider/cli/install/install";
import { h1Of, packageFiles, zipName } from "../../../provider/cli/install/package";
import { platformNamed, terraformPlatform } from "../../../provider/cli/install/platforms";
import { zip } from "../../../provider/cli/install/zip";
import { createServerCertificate } from "../../../provider/kit/certificate";
import { version } from "../../../provider/version.gen";
import { buildExecutable } from "../support/executable";
import { terraformBinary } from "../support/terraform";
import { agent, setup } from "./setup";

// A team with machines of two platforms: what one of them locks, the others take.
jest.setTimeout(240_000);

const { api } = setup();
const root = resolve(__dirname, "../../..");
const here = terraformPlatform(process.platform, process.arch);
const HERE = `${here.os}_${here.arch}`;
const OTHER = HERE === "darwin_arm64" ? "linux_amd64" : "darwin_arm64";
/** By their paths: a test takes PATH away. */
const tools = [
  ...new Set([terraformBinary()!, ...[process.env["DAYTONA_IAC_TOFU"]].filter((name) => !!name)]),
] as string[];

const pathOf = (tool: string): string =>
  execFileSync("sh", ["-c", `command -v "${tool}"`], { encoding: "utf8" }).trim();

let work: string;
/** The package as npm installs it, with an executable of this machine. */
let packageRoot: string;
/** What somebody downloaded: the other platform from npm. */
let downloads: string;
/** The release's zip of this platform. */
let zips: string;
let machines = 0;

beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), "daytona-iac-lock-"));
  packageRoot = join(work, "package");
  downloads = join(work, "downloads");
  const provider = buildExecutable();
  mkdirSync(join(packageRoot, "build"), { recursive: true });
  const [file] = readdirSync(provider.dir);
  renameSync(join(provider.dir, file!), join(packageRoot, "build", file!));
  provider.remove();
  const script = join(packageRoot, "dist/provider/terraform-provider-daytona");
  mkdirSync(join(script, ".."), { recursive: true });
  execFileSync(
    process.execPath,
    [
      "-e",
      `import(${JSON.stringify(join(root, "scripts/build-provider.mjs"))}).then((build) => build.bundleScript(${JSON.stringify(script)}))`,
    ],
    { cwd: root },
  );
  zips = join(work, "zips");
  mkdirSync(zips);
  writeFileSync(join(zips, zipName(version, here)), zip(packageFiles(executable(), version, here, false)));
  // npm's tarball of the other platform: nobody runs its executable here.
  const [os, cpu] = OTHER === "darwin_arm64" ? ["darwin", "arm64"] : ["linux", "x64"];
  mkdirSync(join(work, "packed/package/bin"), { recursive: true });
  mkdirSync(downloads);
  writeFileSync(join(work, "packed/package/bin/daytona-iac-provider"), "of the other platform");
  writeFileSync(join(work, "packed/package/package.json"), "{}");
  execFileSync("tar", [
    "-czf",
    join(downloads, `daytona-iac-${os}-${cpu}-${version}.tgz`),
    "-C",
    join(work, "packed"),
    "package",
  ]);
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** A machine: a home, where the command line installs and `tool` runs. */
function machine(tool: string) {
  const home = join(work, `home-${(machines += 1)}`);
  mkdirSync(home);
  const env: Record<string, string> = {
    PATH: process.env["PATH"]!,
    HOME: home,
    CHECKPOINT_DISABLE: "1",
    TF_IN_AUTOMATION: "1",
    DAYTONA_API_URL: api().apiUrl,
    DAYTONA_API_KEY: api().apiKey,
  };
  const written = async (
    run: (io: { out(text: string): void; err(text: string): void; env: NodeJS.ProcessEnv }) => Promise<number>,
  ) => {
    let text = "";
    const add = (more: string): void => void (text += more);
    return { code: await run({ out: add, err: add, env }), text };
  };
  return {
    home,
    env,
    mirror: join(home, ".terraform.d/plugins"),
    install: (...argv: string[]) => written((io) => install(argv, io, packageRoot)),
    doctor: (folder: string) => written((io) => doctor(["--terraform", folder], io)),
    /** Runs the tool in a fresh checkout of the program: nothing but its files and the lock file. */
    run: async (folder: string, ...args: string[]): Promise<{ code: number; text: string }> => {
      const made = promisify(execFile)(pathOf(tool), [...args, "-no-color"], { cwd: folder, env });
      return made.then(
        ({ stdout, stderr }) => ({ code: 0, text: stdout + stderr }),
        (error: { code: number; stdout: string; stderr: string }) => ({
          code: error.code,
          text: error.stdout + error.stderr,
        }),
      );
    },
    /** Runs a line that the command line printed, with the tool that is tested. */
    line: async (folder: string, text: string): Promise<void> => {
      const line = /^ +(?:terraform|tofu) (providers lock .*)$/m.exec(text)?.[1];
      if (line === undefined) throw new Error(`no line to lock with in:\n${text}`);
      await promisify(execFile)("sh", ["-c", `"${tool}" ${line}`], { cwd: folder, env });
    },
  };
}

function checkout(lock?: string): string {
  const folder = mkdtempSync(join(work, "checkout-"));
  writeFileSync(
    join(folder, "main.tf"),
    `terraform {\n  required_providers {\n    daytona = {\n      source  = "daytona-iac/daytona"\n      version = "${version}"\n    }\n  }\n}\n${agent()}`,
  );
  if (lock !== undefined) writeFileSync(join(folder, ".terraform.lock.hcl"), lock);
  return folder;
}
const lockOf = (folder: string): string => readFileSync(join(folder, ".terraform.lock.hcl"), "utf8");
function ok(result: { code: number; text: string }): string {
  if (result.code !== 0) throw new Error(`exit code ${result.code}:\n${result.text}`);
  return result.text;
}
const executable = () => join(packageRoot, "build", readdirSync(join(packageRoot, "build"))[0]!);
const problems = (text: string): string[] =>
  text.split("\n").filter((line) => line.startsWith("PROBLEM") && line.includes("lock file"));

describe.each(tools)("%s", (tool) => {
  /** What the first machine of the team commits: checksums of both platforms. */
  let committed: string;
  beforeAll(async () => {
    const one = machine(tool);
    const folder = checkout();
    const text = ok(await one.install("--platform", HERE, "--platform", OTHER, "--from", downloads));
    await one.line(folder, text);
    committed = lockOf(folder);
  });

  test("checksums of both platforms are locked by the line that is printed: those of the release's zips", () => {
    const other = packageFiles(
      join(work, "packed/package/bin/daytona-iac-provider"),
      version,
      platformNamed(OTHER)!,
      false,
    );
    const own = packageFiles(executable(), version, here, false);
    expect([...committed.matchAll(/"(h1:.*)"/g)].map(([, hash]) => hash).sort()).toEqual(
      [h1Of(own), h1Of(other)].sort(),
    );
  });

  test("a second machine takes the lock file as it is, from the release's zip, and plans", async () => {
    const two = machine(tool);
    ok(await two.install("--from", zips));
    const folder = checkout(committed);
    ok(await two.run(folder, "init", "-lockfile=readonly"));
    expect(ok(await two.run(folder, "plan"))).toContain("Plan: 1 to add");
    expect(lockOf(folder)).toBe(committed);
    const told = await two.doctor(folder);
    expect(problems(told.text)).toEqual([]);
    expect(told.text).toMatch(/ok +lock file +.*matches the installed provider \(h1:/);
  });

  test("a machine of the other platform finds its checksum in the file", async () => {
    const other = machine(tool);
    ok(await other.install("--platform", OTHER, "--from", downloads));
    const folder = checkout(committed);
    const mirror = `-fs-mirror=${other.mirror}`;
    ok(await other.run(folder, "providers", "lock", mirror, `-platform=${OTHER}`, "daytona-iac/daytona"));
    expect(lockOf(folder)).toBe(committed);
  });

  test("a machine with the script is told by doctor what differs, and the line that it prints adds the checksum", async () => {
    const alpine = machine(tool);
    ok(await alpine.install("--script"));
    const folder = checkout(committed);
    const refused = await alpine.run(folder, "init", "-lockfile=readonly");
    expect([refused.code, refused.text]).toEqual([1, expect.stringMatching(/checksums/)]);
    const told = await alpine.doctor(folder);
    expect(told.code).toBe(1);
    // OpenTofu leaves in the folder what it has refused.
    const left = problems(told.text).filter((problem) =>
      /\.terraform\/providers\S* does not contain the version that/.test(problem),
    );
    expect(left).toHaveLength(/tofu/.test(tool) ? 1 : 0);
    expect(problems(told.text)).toEqual([expect.stringContaining(join(folder, ".terraform.lock.hcl")), ...left]);
    const script = packageFiles(join(packageRoot, "dist/provider/terraform-provider-daytona"), version, here, true);
    expect(told.text).toContain(`installed: ${h1Of(script)}`);
    expect(told.text).toContain(`locked: h1:`);
    await alpine.line(folder, told.text);
    ok(await alpine.run(folder, "init", "-lockfile=readonly"));
    expect(ok(await alpine.run(folder, "plan"))).toContain("Plan: 1 to add");
    expect(problems((await alpine.doctor(folder)).text)).toEqual([]);
    // The machines with the executable go on with the same file.
    const one = machine(tool);
    ok(await one.install());
    ok(await one.run(checkout(lockOf(folder)), "init", "-lockfile=readonly"));
  });

  test("the script has one checksum on every platform that runs it", async () => {
    const one = machine(tool);
    const folder = checkout();
    await one.line(folder, ok(await one.install("--script", "--platform", HERE, "--platform", OTHER)));
    expect(lockOf(folder).match(/"h1:/g)).toHaveLength(1);
  });

  test("a package that has changed since init is a problem, and so is a lock file of another version", async () => {
    const one = machine(tool);
    ok(await one.install());
    const folder = checkout(committed);
    ok(await one.run(folder, "init", "-lockfile=readonly"));
    writeFileSync(join(folder, ".terraform.lock.hcl"), committed.replaceAll(version, "0.0.1"));
    expect(problems((await one.doctor(folder)).text)).toEqual([
      expect.stringMatching(
        new RegExp(`0\\.0\\.1, but these versions are installed on this machine: ${version.replaceAll(".", "\\.")}$`),
      ),
      expect.stringContaining("does not contain the version that"),
    ]);
  });

  test.each([
    ["--dir", (mirror: string) => ["--dir", mirror, "--script"]],
    ["--mirror, read as a folder", (mirror: string) => ["--mirror", mirror, "--script"]],
  ])("the CLI configuration that is printed is taken: %s", async (_what, argv) => {
    const one = machine(tool);
    const mirror = join(one.home, "mirror");
    const text = ok(await one.install(...argv(mirror)));
    const block = /^provider_installation \{\n[^]*?^\}\n/m.exec(text)![0];
    const local = block.replace(
      /network_mirror \{\n.*\n/,
      `filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n`,
    );
    one.env["TF_CLI_CONFIG_FILE"] = join(one.home, "cli.rc");
    writeFileSync(one.env["TF_CLI_CONFIG_FILE"], local);
    const folder = checkout();
    // The first init of a folder says that other platforms are not in the lock file yet; of the CLI configuration it says nothing.
    const warnings = [...ok(await one.run(folder, "init")).matchAll(/^\W*(?:Warning|Error): (.*)$/gm)];
    expect(warnings.map(([, summary]) => summary)).toEqual(["Incomplete lock file information for providers"]);
    expect(problems((await one.doctor(folder)).text)).toEqual([]);
  });

  test("a network mirror: static files behind HTTPS, for both platforms, one after the other", async () => {
    const one = machine(tool);
    const mirror = join(one.home, "public");
    ok(await one.install("--mirror", mirror, "--platform", OTHER, "--from", downloads));
    const text = ok(await one.install("--mirror", mirror, "--from", zips));
    const { server, url, authority } = await serveStatic(mirror);
    try {
      const airGapped = machine(tool);
      airGapped.env["SSL_CERT_FILE"] = join(airGapped.home, "ca.pem");
      writeFileSync(airGapped.env["SSL_CERT_FILE"], authority);
      const block = /^provider_installation \{\n[^]*?^\}\n/m.exec(text)![0];
      writeFileSync(join(airGapped.home, ".terraformrc"), block.replace("https://mirror.example.com/providers/", url));
      const folder = checkout(committed);
      ok(await airGapped.run(folder, "init", "-lockfile=readonly"));
      expect(ok(await airGapped.run(folder, "plan"))).toContain("Plan: 1 to add");
      // A lock file from the mirror alone has the same checksums.
      const fresh = checkout();
      const locks = ["providers", "lock", `-net-mirror=${url}`, `-platform=${HERE}`, `-platform=${OTHER}`];
      ok(await airGapped.run(fresh, ...locks, "daytona-iac/daytona"));
      expect(lockOf(fresh)).toBe(committed);
    } finally {
      await new Promise((done) => server.close(done));
    }
  });

  test.each([
    ["no node", ""],
    ["an old node", "#!/bin/sh\necho v18.20.8\n"],
  ])("the script with %s: one sentence of the tool's error says so", async (what, node) => {
    const one = machine(tool);
    ok(await one.install("--script"));
    const bin = join(one.home, "bin");
    mkdirSync(bin);
    if (node !== "") {
      writeFileSync(join(bin, "node"), node);
      chmodSync(join(bin, "node"), 0o755);
    }
    const folder = checkout();
    ok(await one.run(folder, "init"));
    one.env["PATH"] = bin;
    const { code, text } = await one.run(folder, "plan");
    expect(code).toBe(1);
    expect(text.replace(/\s+/g, " ")).toContain(
      `"The Daytona provider is a Node script and requires Node.js 20.19 or later, but ${what === "no node" ? "there is no node on PATH" : "node on PATH is v18.20.8"}. Install Node.js, or an executable of the provider: run npx daytona-iac install on this machine"`,
    );
    expect(text).not.toContain("not compiled for this architecture");
    expect(text).not.toContain("panic");
  });
});

/** The folder behind a plain web server with HTTPS. */
async function serveStatic(folder: string): Promise<{ server: Server; url: string; authority: string }> {
  const { server: own, authorityPem } = await createServerCertificate(new Date());
  const server = createServer({ cert: own.certPem, key: own.keyPem }, (request, response) => {
    const path = join(folder, new URL(request.url!, "https://x").pathname.replace(/^\/providers\//, ""));
    if (!existsSync(path)) return void response.writeHead(404).end();
    // A web server knows types by their endings; Terraform insists on that of JSON.
    response.setHeader("content-type", path.endsWith(".json") ? "application/json" : "application/zip");
    response.end(readFileSync(path));
  }).listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  return {
    server,
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/providers/`,
    authority: authorityPem,
  };
}
