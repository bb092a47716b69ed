import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { dirname, join, resolve } from "node:path";
import type { DriftReport } from "../../../../provider/fleet/report/report";
import { drift } from "../../../unit/cli/drift/run";
import { idle, setup } from "../setup";
import { binary, ground, head } from "./drift-project";

jest.setTimeout(180_000);

const { api } = setup();
const root = resolve(__dirname, "../../../..");
const project = ground(api);
let dir: string;
let env: Record<string, string>;
beforeEach(() => ({ dir, env } = project()));

const program = `
variable "release" { default = "24.04" }
resource "daytona_snapshot" "agent" {
  for_each = toset(["idle", "failed", "gone", "fine"])
  name     = each.key
  image    = "ubuntu:24.04"
}
resource "daytona_snapshot" "changed" {
  name  = "changed"
  image = "ubuntu:\${var.release}"
}
resource "terraform_data" "other" { input = var.release }
`;

/** Every file of the project, with its content. */
const files = (): Record<string, string> =>
  Object.fromEntries(
    readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => [join(entry.parentPath, entry.name), readFileSync(join(entry.parentPath, entry.name), "latin1")]),
  );
const exec = promisify(execFile);
const run = (...args: string[]) => project().run(...args);
const applied = () => project().applied(program);

function drifts(): void {
  idle(api(), "idle");
  api().control.update("failed", { state: "error", errorReason: "no space" });
  api().control.remove("gone");
}

test("four snapshots of five, one of which the program changes: drift and what is not applied, from one plan that writes nothing", async () => {
  await applied();
  expect(await run()).toMatchObject({ code: 0, report: { verdict: "No drift in 5 snapshots." } });
  drifts();
  const before = files();
  api().control.clearRequests();
  const { code, report } = await run("--", "-var", "release=22.04");
  expect(code).toBe(2);
  expect(report.verdict).toBe("3 of 5 snapshots have drifted, 1 unapplied change.");
  expect(
    Object.fromEntries(report.snapshots.map(({ name, happened, notApplied }) => [name, [happened, notApplied]])),
  ).toEqual({
    idle: ["idle", false],
    failed: ["failed", false],
    gone: ["gone", false],
    changed: [null, true],
    fine: [null, false],
  });
  expect(report.sources).toMatchObject([
    { kind: /tofu$/.test(binary) ? "opentofu" : "terraform", name: ".", others: { drifted: 0, notApplied: 1 } },
  ]);
  expect(report.snapshots[0]!.command).toBe(`${binary.replace(/.*\//, "")} apply -var "release=\${release:?}"`);
  expect(report.snapshots.find(({ name }) => name === "idle")!.since).not.toBeNull();
  expect(files()).toEqual(before);
  expect(
    api()
      .control.requests()
      .filter(({ method }) => method !== "GET"),
  ).toEqual([]);

  writeFileSync("prod.tfvars", 'release = "22.04"\n');
  expect(
    (await run("--ignore", "idle:active", "--ignore", "failed:*", "--ignore", "gone:*", "--", "-var-file=prod.tfvars"))
      .code,
  ).toBe(3);
});

test("a project that was never initialized is planned beside itself: no .terraform, no lock file", async () => {
  await applied();
  rmSync(".terraform", { recursive: true });
  const before = files();
  expect((await run()).code).toBe(0);
  expect(files()).toEqual(before);
  rmSync(".terraform.lock.hcl");
  expect((await run()).code).toBe(0);
  expect([existsSync(".terraform.lock.hcl"), existsSync(".terraform")]).toEqual([false, false]);
});

test("errors of the tool end with 1 and say what it said", async () => {
  writeFileSync("main.tf", head + program);
  expect(await run("--", "-var", "nope=1")).toMatchObject({
    code: 1,
    report: {
      status: "error",
      sources: [
        {
          error: {
            summary: expect.stringContaining("plan` failed in ."),
            detail: expect.stringContaining("Value for undeclared variable"),
          },
        },
      ],
    },
  });
  env["DAYTONA_API_KEY"] = "dtn_wrong";
  await appliedState();
  expect(await run()).toMatchObject({
    code: 1,
    report: { sources: [{ error: { detail: expect.stringContaining("rejected the credentials") } }] },
  });
  rmSync("terraform.tfstate");
  rmSync(".terraform", { recursive: true });
  rmSync(".terraform.lock.hcl");
  writeFileSync("main.tf", (head + program).replace("daytona-iac/daytona", "nobody/daytona"));
  expect(await run()).toMatchObject({
    code: 1,
    report: { sources: [{ error: { summary: expect.stringContaining("init` failed in .") } }] },
  });
  expect((await drift(api(), ["--binary", "no-such-terraform"], { env })).out).toContain(
    "Error in .: no-such-terraform was not found",
  );
});

/** A state with one snapshot, made with a good key. */
async function appliedState(): Promise<void> {
  const bad = env["DAYTONA_API_KEY"];
  env["DAYTONA_API_KEY"] = api().apiKey;
  await applied();
  env["DAYTONA_API_KEY"] = bad!;
}

test("several roots make one report; one that cannot be read makes it an error", async () => {
  await applied();
  mkdirSync("broken");
  writeFileSync("broken/main.tf", "resource {");
  idle(api(), "idle");
  const { code, report } = await run("--terraform", ".", "--terraform", "broken");
  expect({ code, verdict: report.verdict }).toEqual({
    code: 1,
    verdict: "1 error: the check is incomplete. 1 of 5 snapshots has drifted so far.",
  });
});

test("a warning about the tool's own configuration, which OpenTofu prints before the plan, hides nothing", async () => {
  await applied();
  idle(api(), "idle");
  // Without a configuration, the tool looks for the provider in this folder.
  mkdirSync(".terraform.d", { recursive: true });
  symlinkSync(join(dirname(env["TF_CLI_CONFIG_FILE"]!), "mirror"), ".terraform.d/plugins");
  env["TF_CLI_CONFIG_FILE"] = join(dir, "none.tfrc");
  expect(await run()).toMatchObject({ code: 2, report: { verdict: "1 of 5 snapshots has drifted." } });
  const { stdout } = await project().tool("state", "pull");
  writeFileSync("state.json", stdout);
  const compared = await run("--state", "state.json");
  expect(compared).toMatchObject({ code: 2, report: { verdict: "1 of 5 snapshots has drifted." } });
});

test("the plan file can be read by its owner only, and is gone after Ctrl-C", async () => {
  await applied();
  const wrapper = join(dir, "wrapper.sh");
  // Outside of the project, of which nothing else may be left.
  const modes = `${dir}-modes`;
  writeFileSync(
    wrapper,
    `#!/bin/sh\n"${binary}" "$@"\ncode=$?\nfor it in "$@"; do case "$it" in -out=*) ls -l "\${it#-out=}" > ${modes}; [ -n "$HANG" ] && sleep 60;; esac; done\nexit $code\n`,
  );
  chmodSync(wrapper, 0o755);
  expect((await drift(api(), ["--binary", wrapper], { env })).code).toBe(0);
  const plans = [readFileSync(modes, "utf8")];
  expect(plans[0]).toMatch(/^-rw------- /);
  rmSync(modes);
  const stop = new AbortController();
  const ended = drift(api(), ["--binary", wrapper], { env: { ...env, HANG: "1" }, signal: stop.signal });
  while (!existsSync(modes) || statSync(modes).size === 0) await new Promise((resume) => setTimeout(resume, 50));
  plans.push(readFileSync(modes, "utf8"));
  const begun = Date.now();
  stop.abort(new Error("interrupted"));
  expect(await ended).toMatchObject({
    code: 1,
    err: expect.stringContaining("checking for drift: interrupted\n  Nothing was changed.\n") as string,
  });
  expect(Date.now() - begun).toBeLessThan(2_500);
  for (const line of plans) expect(existsSync(dirname(/ (\/\S+)\s*$/.exec(line)![1]!))).toBe(false);
});

test("a CDKTF project: every stack, synthesized by its own command", async () => {
  mkdirSync("node_modules");
  for (const name of ["cdktf", "constructs"])
    symlinkSync(join(root, "node_modules", name), join("node_modules", name), "junction");
  symlinkSync(root, "node_modules/daytona-iac", "junction");
  writeFileSync("cdktf.json", JSON.stringify({ language: "typescript", app: "node main.js" }));
  writeFileSync(
    "main.js",
    `
const { App, TerraformStack } = require("cdktf");
const { DaytonaProvider, Snapshot } = require("daytona-iac/cdktf");
const app = new App();
for (const name of ["one", "two"]) {
  const stack = new TerraformStack(app, name);
  new DaytonaProvider(stack, "daytona");
  new Snapshot(stack, "agent", { name: "agent-" + name, image: "ubuntu:24.04" });
}
app.synth();
`,
  );
  await exec(process.execPath, ["main.js"], { env });
  for (const name of ["one", "two"]) {
    const cwd = join(dir, "cdktf.out/stacks", name);
    for (const args of [["init"], ["apply", "-auto-approve"]]) await exec(binary, args, { cwd, env });
  }
  idle(api(), "agent-two");
  const { code, report } = await run("--cdktf", ".");
  expect(code).toBe(2);
  expect(report.sources.map(({ kind, name, snapshots }) => [kind, name, snapshots])).toEqual([
    ["cdktf", ". (one)", 1],
    ["cdktf", ". (two)", 1],
  ]);
  expect(report.snapshots[0]).toMatchObject({ name: "agent-two", happened: "idle", command: "cdktf deploy two" });
  writeFileSync("main.js", "throw new Error('does not compile')");
  expect((await run("--cdktf", ".", "--no-synth")).code).toBe(2);
  expect(await run("--cdktf", ".")).toMatchObject({
    code: 1,
    report: {
      sources: [
        { error: { summary: "`node main.js` failed in .", detail: expect.stringContaining("does not compile") } },
      ],
    },
  });
});

test("the plan asks the API that the flags name, with their credentials, which are in no argument and in no other step", async () => {
  await applied();
  drifts();
  const { apiUrl: url, apiKey: key } = api();
  writeFileSync(join(dir, "key"), `${key}\n`);
  mkdirSync(join(dir, "config"));
  writeFileSync(
    join(dir, "config/config.json"),
    JSON.stringify({ profiles: [{ id: "1", name: "work", api: { url, key } }] }),
  );
  // Says how it is called, and is Terraform otherwise.
  const log = join(dir, "calls.log");
  writeFileSync(
    join(dir, "terraform"),
    `#!/bin/sh\n{ echo "arguments $*"; env | sed -n "s/^\\(DAYTONA_[A-Z_]*\\)=/$1 \\1 /p"; } >> ${log}\nexec ${binary} "$@"\n`,
    { mode: 0o755 },
  );
  const connected = async (...flags: string[]) => {
    rmSync(log, { force: true });
    const { code, out } = await drift(
      api(),
      [...flags, "--terraform", dir, "--binary", join(dir, "terraform"), "--format", "json"],
      {
        env: {
          ...env,
          DAYTONA_API_URL: "http://127.0.0.1:1/api",
          DAYTONA_API_KEY: "dtn_of_the_environment",
          DAYTONA_CONFIG_DIR: "config",
        },
      },
    );
    const lines = readFileSync(log, "utf8").trim().split("\n");
    const steps = lines.filter((line) => line.startsWith("arguments "));
    expect(steps.join("\n")).not.toContain(key);
    expect(steps.length).toBeGreaterThan(1);
    return {
      code,
      verdict: (JSON.parse(out) as DriftReport).verdict,
      // There is a second plan, of what is gone.
      plan: [...new Set(lines.filter((line) => /^plan DAYTONA_(API|PROFILE|JWT|CONFIG)/.test(line)))].sort(),
      others: lines.filter((line) => !line.startsWith("plan ") && line.includes(key)),
    };
  };
  const verdict = "3 of 5 snapshots have drifted.";
  expect(await connected("--api-url", url, "--api-key-file", "key")).toEqual({
    code: 2,
    verdict,
    plan: [`plan DAYTONA_API_KEY ${key}`, `plan DAYTONA_API_URL ${url}`, "plan DAYTONA_CONFIG_DIR config"],
    others: [],
  });
  expect(await connected("--profile", "work")).toEqual({
    code: 2,
    verdict,
    plan: [
      `plan DAYTONA_API_URL ${url}`,
      `plan DAYTONA_CONFIG_DIR ${join(realpathSync(dir), "config")}`,
      "plan DAYTONA_PROFILE work",
    ],
    others: [],
  });
});
