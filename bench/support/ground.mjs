// What the benches stand on: a temporary folder each, processes that end with the bench, Terraform, the built provider.
import { spawn, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { cpus, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { here } from "../../scripts/build-provider.mjs";

export const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
export const work = mkdtempSync(join(tmpdir(), "daytona-iac-bench-"));
const children = new Set();

process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(work, { recursive: true, force: true });
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));

export const cores = cpus().length;
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Starts a process that ends with this one, and is listed while it runs. */
export function start(command, args, options) {
  const child = spawn(command, args, options);
  children.add(child);
  child.once("exit", () => children.delete(child));
  return child;
}

/** A folder of its own inside the bench's. */
const folder = (name) => mkdtempSync(join(work, `${name}-`));

const built = {
  executable: join(root, "build", `terraform-provider-daytona${process.platform === "win32" ? ".exe" : ""}`),
  script: join(root, "dist/provider/terraform-provider-daytona"),
};
const kept = new Map();

/**
 * The folder with the provider: `executable` (by Bun) or `script` (for Node). A copy, so that a build meanwhile changes nothing.
 * Run under its own name: Terraform looks for that.
 */
export function provider(kind) {
  if (kept.has(kind)) return kept.get(kind);
  if (!existsSync(built[kind])) {
    console.error(`${built[kind].slice(root.length + 1)} is not built: run "npm run build" first.`);
    process.exit(1);
  }
  const dir = join(work, kind);
  mkdirSync(dir);
  copyFileSync(built[kind], join(dir, "terraform-provider-daytona"));
  kept.set(kind, dir);
  return dir;
}

export function terraform() {
  for (const name of [process.env["DAYTONA_IAC_TERRAFORM"], "terraform", "tofu"]) {
    if (
      name &&
      spawnSync(name, ["version"], { env: { ...process.env, TF_CLI_CONFIG_FILE: "", CHECKPOINT_DISABLE: "1" } })
        .status === 0
    )
      return name;
  }
  console.error("Neither terraform nor tofu is here; install one, or name it in DAYTONA_IAC_TERRAFORM.");
  process.exit(1);
}

/** VmHWM of a process in MB; null where the system does not tell (other than Linux) or it has ended. */
export function peakMemory(pid) {
  try {
    const line = readFileSync(`/proc/${pid}/status`, "utf8").match(/^VmHWM:\s+(\d+) kB$/m);
    return line ? Number(line[1]) / 1024 : null;
  } catch {
    return null;
  }
}

/**
 * Milliseconds of CPU, user and system, that a process has taken so far, and those of its children that have ended;
 * null where the system does not tell (other than Linux) or the process has ended.
 */
function cpuOf(pid) {
  try {
    // After the name, which may hold blanks: the times are the fields 14 to 17, in hundredths of a second.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1).split(" ").map(Number);
    return { own: (fields[11] + fields[12]) * 10, children: (fields[13] + fields[14]) * 10 };
  } catch {
    return null;
  }
}

/** Ids of the processes whose command line names a file of this folder; none where the system does not tell (other than Linux). */
export function processesOf(dir) {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc").filter((name) => {
    try {
      return (
        /^\d+$/.test(name) &&
        readFileSync(`/proc/${name}/cmdline`, "utf8")
          .split("\0")
          .slice(0, 2)
          .some((part) => part.startsWith(dir))
      );
    } catch {
      return false;
    }
  });
}

let host;
/** The registry whose name the tool uses for providers. */
const registry = () =>
  (host ??= `registry.${/^OpenTofu/.test(spawnSync(terraform(), ["version"], { encoding: "utf8", env: { ...process.env, TF_CLI_CONFIG_FILE: "" } }).stdout) ? "opentofu.org" : "terraform.io"}`);

/** Where a state says that the provider of a resource comes from. */
const originOf = (type) =>
  ({
    terraform_data: "terraform.io/builtin/terraform",
    daytona_snapshot: `${registry()}/daytona-iac/daytona`,
    bare_thing: `${registry()}/daytona-iac/bare`,
  })[type];

/**
 * A Terraform working directory of its own, with the given provider; `file` is an executable of another one, `bare`. Installed by
 * dev_overrides, or with `mirror` as users have it: from a folder, with a lock file whose checksum each command verifies.
 */
export class Project {
  dir = folder("project");

  constructor({ kind = "executable", file, mirror = false, env = {} } = {}) {
    this.provider = file === undefined ? provider(kind) : folder("bare");
    if (file !== undefined) copyFileSync(file, join(this.provider, "terraform-provider-bare"));
    this.name = file === undefined ? "daytona" : "bare";
    const inherited = Object.entries(process.env).filter(([name]) => !/^(DAYTONA|TF)_/.test(name));
    this.mirror = mirror;
    if (mirror) {
      const place = join(this.dir, "mirror", registry(), "daytona-iac", this.name, `1.0.0/${here().os}_${here().arch}`);
      mkdirSync(place, { recursive: true });
      copyFileSync(
        join(this.provider, `terraform-provider-${this.name}`),
        join(place, `terraform-provider-${this.name}_v1.0.0`),
      );
    }
    const methods = mirror
      ? `filesystem_mirror { path = ${JSON.stringify(join(this.dir, "mirror"))} }`
      : `dev_overrides { "daytona-iac/${this.name}" = ${JSON.stringify(this.provider)} }\n  direct {}`;
    writeFileSync(join(this.dir, "cli.rc"), `provider_installation {\n  ${methods}\n}\n`);
    this.env = {
      ...Object.fromEntries(inherited),
      CHECKPOINT_DISABLE: "1",
      TF_IN_AUTOMATION: "1",
      TF_CLI_CONFIG_FILE: join(this.dir, "cli.rc"),
      HOME: this.dir,
      ...env,
    };
  }

  /** The program, and the objects that the state begins with: `[type, values of each, name]`. */
  write(program, ...state) {
    const needs = program.includes(`"${this.name}_`)
      ? `terraform {\n  required_providers {\n    ${this.name} = { source = "daytona-iac/${this.name}" }\n  }\n}\n`
      : "";
    writeFileSync(join(this.dir, "main.tf"), needs + program);
    if (state.length === 0) return this;
    const resources = state.map(([type, instances, name = "it"]) => ({
      mode: "managed",
      type,
      name,
      provider: `provider["${originOf(type)}"]`,
      instances: instances.map((attributes, i) => ({
        index_key: i,
        schema_version: 0,
        attributes,
        sensitive_attributes: [],
      })),
    }));
    const head = {
      version: 4,
      terraform_version: "1.8.0",
      serial: 1,
      lineage: "00000000-0000-4000-8000-000000000000",
      outputs: {},
    };
    writeFileSync(join(this.dir, "terraform.tfstate"), JSON.stringify({ ...head, resources, check_results: null }));
    return this;
  }

  /** Runs a command; `watch` is called with the child every 20 ms. Answers its milliseconds. Any other exit code than `code` throws. */
  async run(args, { code = 0, watch, env } = {}) {
    const begun = performance.now();
    const child = start(terraform(), args, {
      cwd: this.dir,
      env: { ...this.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    const timer = watch && setInterval(() => watch(child), 20);
    const ended = await new Promise((resolve) => child.once("close", resolve));
    clearInterval(timer);
    const ms = performance.now() - begun;
    if (ended !== code)
      throw new Error(`terraform ${args.join(" ")} ended with ${ended}, not ${code}:\n${output.slice(-4000)}`);
    return { ms, output };
  }

  /** A plan that must find nothing to do. */
  plan(more = {}) {
    return this.run(["plan", "-input=false", "-no-color", "-detailed-exitcode", ...(more.args ?? [])], more);
  }

  /** The same, with the CPU of Terraform (`own`) and of the providers that it started (`children`), which end well before it. */
  async measuredPlan() {
    let cpu = null;
    const { ms } = await this.plan({ watch: (child) => (cpu = cpuOf(child.pid) ?? cpu) });
    return { ms, cpu };
  }

  apply(more = {}) {
    return this.run(["apply", "-input=false", "-no-color", "-auto-approve", ...(more.args ?? [])], more);
  }
}
