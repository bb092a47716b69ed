// `npm run quickstart`: the main job end to end on the embedded local API, with real Terraform (or OpenTofu). With `--drift`: a small fleet
// drifts in four ways, and `daytona-iac drift` reports it.
// Everything happens in a temporary folder on this machine; nothing is installed and nothing is sent anywhere.
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
refuseOldNode();
const cli = join(root, "dist/cli/main.js");
const work = mkdtempSync(join(tmpdir(), "daytona-iac-quickstart-"));
const drift = process.argv.includes("--drift");
const steps = drift ? 6 : 11;
let step = 0;
let api;

process.on("exit", () => {
  api?.kill();
  rmSync(work, { recursive: true, force: true });
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));

/** Prints one step's line when it is done, with its seconds. */
async function tell(text, work) {
  const begun = Date.now();
  process.stdout.write(` ${++step}/${steps}  ${text} … `);
  const ending = await work();
  console.log(`${ending} (${((Date.now() - begun) / 1000).toFixed(1)} s)`);
}

function fail(message) {
  console.log("failed");
  console.error(`\n${message}`);
  process.exit(1);
}

/** Runs a command to its end; `accepts` are the exit codes that are no failure. */
function run(command, args, options = {}, accepts = [0]) {
  const done = spawnSync(command, args, { encoding: "utf8", cwd: root, ...options });
  if (done.error || !accepts.includes(done.status)) {
    fail(
      `${command} ${args.join(" ")} ended with ${done.status ?? done.error}:\n${done.stdout ?? ""}${done.stderr ?? ""}`,
    );
  }
  return { code: done.status, output: done.stdout };
}

/** Nothing is built yet that could say it. */
function refuseOldNode() {
  const { engines } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const numbers = (text) => text.match(/\d+/g).map(Number);
  const [major, minor] = numbers(engines.node);
  const [here, below] = numbers(process.versions.node);
  if (here > major || (here === major && below >= minor)) return;
  console.error(
    `daytona-iac requires Node.js ${major}.${minor} or later; this is ${process.versions.node} (${process.execPath}). Install a newer Node.js, or put one first on PATH.`,
  );
  process.exit(1);
}

function findTool() {
  for (const tool of [process.env.DAYTONA_IAC_TERRAFORM, "terraform", process.env.DAYTONA_IAC_TOFU, "tofu"]) {
    if (tool && spawnSync(tool, ["version"], { encoding: "utf8" }).status === 0) return tool;
  }
  console.error(
    "Neither `terraform` nor `tofu` was found on PATH. Install Terraform 1.8 or later (developer.hashicorp.com/terraform/install) " +
      "or OpenTofu 1.8 or later (opentofu.org/docs/intro/install), then run `npm run quickstart` again.",
  );
  process.exit(1);
}

/** Starts `daytona-iac local` and answers its ready line. */
function startLocalApi() {
  return new Promise((resolve, reject) => {
    api = spawn(process.execPath, [cli, "local", "--format", "json", "--pull-seconds", "1"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    api.stdout.on("data", (chunk) => {
      text += chunk;
      if (text.includes("\n")) resolve(JSON.parse(text.split("\n")[0]));
    });
    api.on("exit", (code) => reject(new Error(`the local API ended with ${code}`)));
  });
}

/** Builds what this needs, with a dot every two seconds: it takes a minute on a small machine. */
function build() {
  return new Promise((resolve) => {
    const dots = setInterval(() => process.stdout.write("."), 2000);
    const child = spawn(process.execPath, [join(root, "scripts/build.mjs"), "--library"], { cwd: root });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (text += chunk));
    child.on("error", (error) => fail(`the build could not be started: ${error.message}`));
    child.on("close", (code) => {
      clearInterval(dots);
      if (code !== 0) fail(`the build ended with ${code}:\n${text}`);
      process.stdout.write(" ");
      resolve();
    });
  });
}

const tool = findTool();
const name = tool.replace(/.*[/\\]/, "");
console.log(
  `daytona-iac: ${drift ? "a fleet of snapshots that drifts, and the report of it" : "a Daytona snapshot as code, from nothing to active, drifted, repaired and gone"}\n`,
);

await tell("Building the package and the provider", async () => {
  // Without an executable, the Node script is installed, which takes a fraction of the time to build.
  if (!existsSync(cli)) await build();
  return "done";
});

let ready;
await tell("Starting a local Daytona API (pulls and builds are simulated)", async () => {
  ready = await startLocalApi().catch((error) => fail(error.message));
  return ready.apiUrl;
});
const env = {
  ...process.env,
  DAYTONA_API_URL: ready.apiUrl,
  DAYTONA_API_KEY: ready.apiKey,
  TF_CLI_CONFIG_FILE: join(work, "cli.tfrc"),
  CHECKPOINT_DISABLE: "1",
  TF_IN_AUTOMATION: "1",
};
const call = async (path, method = "GET") => {
  const answer = await fetch(ready.apiUrl + path, { method, headers: { Authorization: `Bearer ${ready.apiKey}` } });
  return answer.headers.get("content-type")?.includes("json") ? answer.json() : null;
};

if (drift) {
  const { quickstartDrift } = await import("./quickstart-drift.mjs");
  await quickstartDrift({ tool, name, cli, work, env, ready, tell, run, fail });
  process.exit(0);
}

const stack = join(work, "example/cdktf.out/stacks/quickstart");
await tell("Synthesizing the CDKTF program in examples/cdktf", () => {
  const example = join(work, "example");
  cpSync(join(root, "examples/cdktf"), example, {
    recursive: true,
    filter: (path) => !/node_modules|cdktf\.out/.test(path),
  });
  mkdirSync(join(example, "node_modules"));
  symlinkSync(root, join(example, "node_modules/daytona-iac"), "junction");
  for (const dependency of ["cdktf", "constructs"])
    symlinkSync(join(root, "node_modules", dependency), join(example, "node_modules", dependency), "junction");
  run(
    process.execPath,
    [join(root, "node_modules/typescript/bin/tsc"), "-p", example, "--outDir", join(example, "compiled")],
    { cwd: example },
  );
  run(process.execPath, [join(example, "compiled/main.js")], { cwd: example, env });
  return "one Snapshot named agent";
});

const terraform = (...args) =>
  run(tool, [`-chdir=${stack}`, ...args, "-no-color"], { env }, args.includes("-detailed-exitcode") ? [0, 2] : [0]);
await tell(`${name} init`, () => {
  const mirror = join(work, "mirror");
  run(process.execPath, [cli, "install", "--dir", mirror], { env });
  writeFileSync(
    env.TF_CLI_CONFIG_FILE,
    `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`,
  );
  terraform("init");
  return "the provider was found without any registry";
});

const snapshots = async () => (await call("/snapshots")).items.filter((snapshot) => !snapshot.general);
await tell(`${name} apply`, async () => {
  terraform("apply", "-auto-approve");
  const [snapshot] = await snapshots();
  return `snapshot "${snapshot.name}" is ${snapshot.state}`;
});
await tell(`${name} plan`, () =>
  terraform("plan", "-detailed-exitcode").code === 0
    ? "no changes: what runs is what is written"
    : fail("the second plan was not empty"),
);
await tell(`The snapshot went idle, as after two weeks unused; ${name} plan`, async () => {
  const [snapshot] = await snapshots();
  const body = JSON.stringify([snapshot.id, { state: "inactive", updatedAt: Date.now() - 3_600_000 }]);
  await fetch(new URL("/_control/update", ready.apiUrl), {
    method: "POST",
    body,
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${ready.apiKey}` },
  });
  const plan = terraform("plan", "-detailed-exitcode");
  if (plan.code !== 2) fail(`the drift was not seen:\n${plan.output}`);
  const line = plan.output.split("\n").find((text) => /\bactive\s+=.*->/.test(text));
  return `drift found: ${line?.trim().replace(/\s+/g, " ").replace(/^~ /, "") ?? "see the plan"}`;
});
await tell(`${name} apply`, async () => {
  terraform("apply", "-auto-approve");
  const [snapshot] = await snapshots();
  return `repaired: "${snapshot.name}" is ${snapshot.state} again`;
});
await tell(`A Dockerfile with its files is added; ${name} apply`, async () => {
  mkdirSync(join(stack, "tools"));
  writeFileSync(join(stack, "tools/Dockerfile"), "FROM ubuntu:24.04\nCOPY hello.sh /usr/local/bin/\n");
  writeFileSync(join(stack, "tools/hello.sh"), "#!/bin/sh\necho hello\n");
  writeFileSync(
    join(stack, "tools.tf"),
    'resource "daytona_snapshot" "tools" {\n  name       = "tools"\n  dockerfile = "tools/Dockerfile"\n}\n',
  );
  terraform("apply", "-auto-approve");
  const snapshot = await call("/snapshots/tools");
  return `"${snapshot.name}" was built with ${snapshot.buildInfo.contextHashes.length} file and is ${snapshot.state}`;
});
await tell(`hello.sh becomes executable; ${name} plan`, () => {
  chmodSync(join(stack, "tools/hello.sh"), 0o755);
  const plan = terraform("plan", "-detailed-exitcode");
  if (plan.code !== 2) fail(`the change was not seen:\n${plan.output}`);
  return `${/Plan: (.*)\./.exec(plan.output)?.[1] ?? "see the plan"}: the snapshot would be rebuilt`;
});
await tell(`${name} destroy`, async () => {
  terraform("destroy", "-auto-approve");
  return `${(await snapshots()).length} snapshots left`;
});
console.log("\nNext: README.md shows the same against your own Daytona account.");
api.removeAllListeners("exit");
process.exit(0);
