// npm run record:pulumi [-- native|dynamic]: runs a scenario with the real `pulumi` against the local API, and keeps what the engine
// and each provider said to each other in test/faces/pulumi/recordings/. The replay tests say it again, without an engine. Wants
// `pulumi` on PATH with its hosts for YAML (native), and for Node.js and dynamic providers (dynamic).
import { spawnSync, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pulumiExecutable } from "./build-pulumi.mjs";
import { root } from "./build-provider.mjs";

const require = createRequire(import.meta.url);
const { startLocalApi } = require(join(root, "dist/local/index.js"));
const { version } = require(join(root, "dist/version.gen.js"));
const { SHIM } = require(join(root, "dist/pulumi/dynamic/shim.js"));
const providers = process.argv.length > 2 ? process.argv.slice(2) : ["native", "dynamic"];

const agent = (properties = {}, options = {}) => ({
  agent: { type: "daytona:Snapshot", properties: { name: "agent", image: "ubuntu:24.04", ...properties }, options },
});
const built = (text, more = {}) => agent({ image: undefined, dockerfileContent: text, ...more });
const secret = (value) => ({ "fn::secret": value });
const up = ["up", "--yes", "--skip-preview"];
const refresh = ["refresh", "--yes", "--skip-preview"];
const preview = ["preview"];
const golden = "0c3fb6a5-77a4-4f0b-93a1-2d0c8f1f7a11";

/** `do`: commands for the local API before the run; `fails`: the run shall fail; `native`: a dynamic provider cannot. */
const scenario = [
  { program: agent({ cpu: 2, triggers: { commit: "a" } }), run: preview },
  { run: up },
  { run: up },
  {
    do: [
      ["setState", "agent", "inactive"],
      ["rest", "agent"],
    ],
    run: refresh,
  },
  { run: up },
  { program: agent({ cpu: 2, triggers: { commit: "a" }, active: false, timeouts: { create: "45m" } }), run: up },
  { program: agent({ image: "debian:12.5" }), do: [["rest", "agent"]], run: preview },
  { run: up },
  { program: agent({ image: "debian:12.5", replacement: "recreate", memory: 2 }), run: up },
  { program: agent({ image: "debian:12.5", name: "agent-2" }), run: up },
  { do: [["setState", "agent-2", "error", "the runner lost it"]], run: refresh },
  { run: up },
  { do: [["remove", "agent-2"]], run: [...up, "--refresh"] },
  {
    do: [["source", { dockerfile: "RUN false", outcome: "fail", times: 1, reason: "exit code 1" }]],
    program: built("FROM ubuntu:24.04\nRUN false\n"),
    run: up,
    fails: true,
  },
  { run: up },
  { program: built(secret("FROM ubuntu:24.04\nRUN echo hunter2-do-not-store\n"), { entrypoint: undefined }), run: up },
  { run: refresh },
  {
    program: {
      "my agent": {
        type: "daytona:Snapshot",
        properties: { image: "ubuntu:24.04" },
        options: { customTimeouts: { create: "10m" } },
      },
    },
    run: up,
  },
  {
    program: { "my agent": { type: "daytona:Snapshot", properties: { image: "ubuntu", cpu: 0, entrypoint: [" "] } } },
    run: up,
    fails: true,
  },
  {
    native: true,
    program: {
      "my agent": { type: "daytona:Snapshot", properties: { image: "ubuntu:24.04" } },
      second: {
        type: "daytona:Snapshot",
        properties: { image: "debian:12.5", name: "second-${my agent.snapshotId}", region: "${my agent.region}" },
      },
    },
    run: preview,
  },
  {
    native: true,
    do: [
      [
        "insert",
        {
          id: golden,
          name: "golden",
          imageName: "ubuntu:24.04",
          cpu: 2,
          mem: 4,
          disk: 10,
          createdAt: 1_767_225_600_000,
          updatedAt: 1_767_225_600_000,
          lastUsedAt: null,
        },
      ],
    ],
    run: ["import", "daytona:index:Snapshot", "golden", golden, "--yes", "--protect=false"],
  },
  {
    native: true,
    run: ["import", "daytona:index:Snapshot", "nothing", "nothing", "--yes", "--protect=false"],
    fails: true,
  },
  {
    native: true,
    program: {
      golden: {
        type: "daytona:Snapshot",
        properties: { name: "golden", image: "ubuntu:24.04", triggers: { commit: "b" } },
      },
    },
    run: up,
  },
  {
    native: true,
    program: {},
    more: {
      outputs: {
        names: {
          "fn::invoke": { function: "daytona:getSnapshots", arguments: { nameContains: "gold" }, return: "names" },
        },
      },
    },
    run: up,
  },
  { program: agent({ image: "debian:12.5" }), run: up },
  { run: ["destroy", "--yes", "--skip-preview"] },
];

/** The same as a program in Node.js, for the dynamic provider. */
const nodeProgram = `const pulumi = require("@pulumi/pulumi");
const { Snapshot } = require("daytona-iac/pulumi");
const open = (value) => value?.["fn::secret"] !== undefined ? pulumi.secret(value["fn::secret"]) : value;
for (const [name, { properties, options }] of Object.entries(JSON.parse(require("node:fs").readFileSync("resources.json", "utf8")))) {
  new Snapshot(name, Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, open(value)])), options);
}
`;

for (const provider of providers) await record(provider);

async function record(provider) {
  const dir = mkdtempSync(join(tmpdir(), "daytona-iac-record-"));
  const api = await startLocalApi({
    pullSeconds: 0.1,
    buildSeconds: 0.1,
    activationCooldownSeconds: 0,
    cronSeconds: 0.05,
  });
  const log = join(dir, "grpc.jsonl");
  const lines = [];
  try {
    const env = {
      ...Object.fromEntries(Object.entries(process.env).filter(([key]) => !/^(DAYTONA|PULUMI)_/.test(key))),
      HOME: dir,
      PULUMI_HOME: join(dir, "home"),
      PULUMI_BACKEND_URL: `file://${dir}`,
      PULUMI_CONFIG_PASSPHRASE: "only for tests",
      PULUMI_SKIP_UPDATE_CHECK: "1",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "1",
      DAYTONA_API_URL: api.apiUrl,
      DAYTONA_API_KEY: api.apiKey,
      // No registry of the network says anything to a recording.
      DAYTONA_RESOLVE_TAGS: "false",
    };
    const project = provider === "native" ? yamlProject(dir) : nodeProject(dir);
    project({});
    if (spawnSync("pulumi", ["stack", "init", "dev", "--non-interactive"], { cwd: dir, env }).status !== 0)
      throw new Error("pulumi stack init failed");

    for (const step of scenario.filter(({ native }) => provider === "native" || !native)) {
      if (step.program) project(step.program, step.more);
      for (const [command, ...args] of step.do ?? []) {
        lines.push({ control: [command, ...args] });
        if (command === "rest") api.control.update(args[0], { updatedAt: Date.now() - 11 * 60_000 });
        else api.control[command](...args);
      }
      lines.push({ command: step.run.join(" ") });
      rmSync(log, { force: true });
      const { code, text } = await pulumi(dir, [...step.run, "--non-interactive", "--color", "never"], {
        ...env,
        PULUMI_DEBUG_GRPC: log,
      });
      if ((code !== 0) !== (step.fails ?? false))
        throw new Error(`pulumi ${step.run.join(" ")} ended with ${code}:\n${text}`);
      lines.push(...calls(log, provider));
      console.log(`${provider}: pulumi ${step.run.join(" ")}: ${code}`);
    }
    const kept = join(root, `test/faces/pulumi/recordings/${provider}.jsonl`);
    // The shim is the same in every line, and held to the byte by a test of its own.
    const shim = JSON.stringify(SHIM).slice(1, -1);
    writeFileSync(kept, `${lines.map((line) => JSON.stringify(line).replaceAll(shim, "<shim>")).join("\n")}\n`);
    console.log(`${lines.length} lines in ${kept}`);
  } finally {
    await api.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

function yamlProject(dir) {
  pulumiExecutable(join(dir, "home/plugins", `resource-daytona-v${version}`));
  return (resources, more) =>
    writeFileSync(join(dir, "Pulumi.yaml"), JSON.stringify({ name: "agents", runtime: "yaml", resources, ...more }));
}

function nodeProject(dir) {
  const modules = join(dir, "node_modules");
  mkdirSync(join(modules, "daytona-iac"), { recursive: true });
  for (const name of readdirSync(join(root, "node_modules")))
    if (!name.startsWith(".")) symlinkSync(join(root, "node_modules", name), join(modules, name), "junction");
  for (const name of ["package.json", "schema.json", "dist"])
    cpSync(join(root, name), join(modules, "daytona-iac", name), { recursive: true });
  writeFileSync(
    join(dir, "Pulumi.yaml"),
    JSON.stringify({ name: "agents", runtime: { name: "nodejs", options: { typescript: false } } }),
  );
  writeFileSync(
    join(dir, "package.json"),
    JSON.stringify({ name: "agents", main: "index.js", dependencies: { "@pulumi/pulumi": "*", "daytona-iac": "*" } }),
  );
  writeFileSync(join(dir, "index.js"), nodeProgram);
  return (resources) => writeFileSync(join(dir, "resources.json"), JSON.stringify(resources));
}

function pulumi(dir, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn("pulumi", args, { cwd: dir, env, stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (text += chunk));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, text }));
  });
}

/** What was said to the provider, answers beside; what only the engine of that moment knows is left out. */
function calls(log, provider) {
  if (!existsSync(log)) return [];
  const name = { native: "daytona", dynamic: "pulumi-nodejs" }[provider];
  const skipped = [
    "Handshake",
    "GetSchema",
    "GetPluginInfo",
    "Cancel",
    ...(provider === "dynamic" ? ["CheckConfig", "DiffConfig"] : []),
  ];
  return readFileSync(log, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line))
    .filter(
      ({ method, progress, metadata }) =>
        method.startsWith("/pulumirpc.ResourceProvider/") &&
        progress === "response_completed" &&
        metadata?.name === name,
    )
    .map(({ method, request, response, errors }) => ({
      method: method.split("/").pop(),
      request,
      ...(response ? { response } : {}),
      ...(errors ? { errors } : {}),
    }))
    .filter(({ method }) => !skipped.includes(method));
}
