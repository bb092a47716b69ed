// `pulumi up` and `pulumi refresh` of snapshots at 50 ms latency, with both providers, and what the native one needs to start.
// `npm run bench pulumi [SIZES [PROVIDERS]]`; wants `npm run build`, and `pulumi` with its hosts for Node.js on PATH.
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { root, start, work } from "./support/ground.mjs";
import { counted, local } from "./support/local.mjs";
import { alone, median, ms, row, seconds } from "./support/table.mjs";

const executable = join(root, "build", `pulumi-resource-daytona${process.platform === "win32" ? ".exe" : ""}`);
/** Requests that a refresh of 1,000 may need, though the engine has only about 4 x CPUs reads under way. */
const REQUESTS = 12;
const START_MS = 60;

const hosts = {
  native: ["pulumi", "pulumi-language-nodejs"],
  dynamic: ["pulumi", "pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs"],
};
const missing = (kind) =>
  hosts[kind].filter((tool) => spawnSync(process.platform === "win32" ? "where" : "which", [tool]).status !== 0);

/** The same program for both: each snapshot has an image of its own, because identical sources are made one after the other. */
const program = (kind) => `const { Snapshot } = require("daytona-iac/pulumi${kind === "native" ? "/native" : ""}");
for (let i = 1; i <= Number(process.env.BENCH_SIZE); i++) new Snapshot("bench-" + i, { name: "bench-" + i, image: "registry.example.com/image-" + i + ":1.0" });
`;

/** A stack on a file backend, with the package as an installation leaves it. Copies: a build meanwhile changes nothing. */
class Project {
  dir = mkdtempSync(join(work, "pulumi-"));

  constructor(kind, size, env) {
    const modules = join(this.dir, "node_modules");
    mkdirSync(join(modules, "daytona-iac"), { recursive: true });
    // Only what is required by name, as a user has it: Pulumi's host looks through all of node_modules for plugins.
    const own = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const needed = new Set(
      ["@pulumi/pulumi", "google-protobuf", ...Object.keys(own.dependencies)].map((name) => name.split("/")[0]),
    );
    for (const name of needed) symlinkSync(join(root, "node_modules", name), join(modules, name), "junction");
    for (const name of ["package.json", "schema.json", "dist"])
      cpSync(join(root, name), join(modules, "daytona-iac", name), { recursive: true });
    const plugin = join(this.dir, "home/plugins", `resource-daytona-v${own.version}`);
    mkdirSync(plugin, { recursive: true });
    if (kind === "native") copyFileSync(executable, join(plugin, "pulumi-resource-daytona"));
    writeFileSync(
      join(this.dir, "Pulumi.yaml"),
      JSON.stringify({ name: "bench", runtime: { name: "nodejs", options: { typescript: false } } }),
    );
    writeFileSync(
      join(this.dir, "package.json"),
      JSON.stringify({ name: "bench", main: "index.js", dependencies: { "@pulumi/pulumi": "*", "daytona-iac": "*" } }),
    );
    writeFileSync(join(this.dir, "index.js"), program(kind));
    mkdirSync(join(this.dir, "state"));
    const inherited = Object.entries(process.env).filter(([name]) => !/^(DAYTONA|PULUMI)_/.test(name));
    this.env = {
      ...Object.fromEntries(inherited),
      HOME: this.dir,
      PULUMI_HOME: join(this.dir, "home"),
      PULUMI_BACKEND_URL: `file://${join(this.dir, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "only for a bench",
      PULUMI_SKIP_UPDATE_CHECK: "1",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "1",
      BENCH_SIZE: String(size),
      ...env,
    };
  }

  /** Runs `pulumi`; answers its milliseconds. */
  async run(...args) {
    const begun = performance.now();
    const child = start("pulumi", [...args, "--non-interactive", "--color", "never"], {
      cwd: this.dir,
      env: this.env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
    const code = await new Promise((resolve) => child.once("close", resolve));
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${code}:\n${output.slice(-4000)}`);
    return performance.now() - begun;
  }
}

/** Spawn to the port on standard output, which is all that the engine waits for. */
async function starts(runs) {
  const took = [];
  for (let i = 0; i <= runs; i++) {
    const begun = performance.now();
    const child = start(executable, ["127.0.0.1:1"], { stdio: ["ignore", "pipe", "ignore"] });
    await new Promise((resolve, reject) => {
      child.stdout.once("data", resolve);
      child.once("exit", (code) => reject(new Error(`the native provider ended with ${code} before its port`)));
    });
    // The first one only warms the disk.
    if (i > 0) took.push(performance.now() - begun);
    child.kill("SIGKILL");
  }
  return row("pulumi, native: spawn to handshake", ms(median(took)), {
    target: ms(START_MS),
    ok: median(took) <= START_MS,
  });
}

async function one(api, kind, size) {
  await api.control("removeAll");
  const project = new Project(kind, size, api.env);
  await project.run("stack", "init", "bench");
  await api.control("clearRequests");
  const up = await project.run("up", "--yes", "--skip-preview");
  const made = await api.control("counts");
  await api.control("clearRequests");
  const refresh = await project.run("refresh", "--yes", "--skip-preview", "--expect-no-changes");
  const asked = await api.control("counts");
  const limit = size === 1 ? 1 : REQUESTS;
  return [
    row(`pulumi up of ${size}, ${kind}`, seconds(up), {
      beside: counted(made),
      ratio: `${(made.total / size).toFixed(2)} each`,
    }),
    row(`pulumi refresh of ${size}, ${kind}`, seconds(refresh), {
      beside: counted(asked),
      target: size === 1 ? "1 request" : `${limit} requests`,
      ok: asked.total <= limit,
    }),
  ];
}

export async function run([sizes = "1,100,1000", kinds = "native,dynamic"] = []) {
  const rows = [];
  if (existsSync(executable)) rows.push(await starts(15));
  for (const kind of kinds.split(",")) {
    const lacks = [
      ...missing(kind),
      ...(kind === "native" && !existsSync(executable) ? ["build/pulumi-resource-daytona (npm run build)"] : []),
    ];
    if (lacks.length > 0) {
      rows.push(row(`pulumi, ${kind}`, "skipped", { beside: `not here: ${lacks.join(", ")}` }));
      continue;
    }
    const api = await local("--latency-ms", "50", "--pull-seconds", "0.1");
    try {
      for (const size of sizes.split(",").map(Number)) rows.push(...(await one(api, kind, size)));
    } finally {
      await api.close();
    }
  }
  return rows;
}

await alone(import.meta, run);
