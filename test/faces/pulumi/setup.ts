import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalApi, type LocalApiOptions, startLocalApi } from "../../../provider/local";
import { version } from "../../../provider/version.gen";

const root = join(__dirname, "../../..");

/** Whether an executable is on PATH. */
export function onPath(name: string): boolean {
  try {
    execFileSync(name === "pulumi" ? "pulumi" : "sh", name === "pulumi" ? ["version"] : ["-c", `command -v ${name}`], { stdio: "ignore", env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "1" } });
    return true;
  } catch {
    return false;
  }
}

/** `describe` where `pulumi` and these language hosts are on PATH; elsewhere the tests are reported as skipped, with what is missing. */
export function describeWithPulumi(name: string, languages: string[], body: () => void): void {
  const missing = ["pulumi", ...languages.map((language) => `pulumi-language-${language}`)].filter((tool) => !onPath(tool));
  if (missing.length === 0) describe(name, body);
  else describe.skip(`${name} (not on PATH: ${missing.join(", ")})`, body);
}

export interface Result {
  code: number | null;
  stdout: string;
  stderr: string;
  /** Both, without colours. */
  text: string;
}

export interface StateResource {
  urn: string;
  type: string;
  id?: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  initErrors?: string[];
  delete?: boolean;
}

/** One project with one stack on a file backend, and the commands on it. */
export class Stack {
  readonly dir = mkdtempSync(join(tmpdir(), "daytona-iac-pulumi-"));
  readonly program = join(this.dir, "program");
  readonly env: Record<string, string>;

  constructor(readonly home: string, env: Record<string, string>, readonly name = "dev") {
    mkdirSync(this.program);
    mkdirSync(join(this.dir, "state"));
    const inherited = Object.entries(process.env).filter(([key, value]) => value !== undefined && !/^(DAYTONA|PULUMI)_/.test(key)) as [string, string][];
    this.env = {
      ...Object.fromEntries(inherited),
      PULUMI_HOME: home,
      PULUMI_BACKEND_URL: `file://${join(this.dir, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "only for tests",
      PULUMI_SKIP_UPDATE_CHECK: "1",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "1",
      HOME: this.dir,
      ...env,
    };
  }

  /** Writes `Pulumi.yaml`, as JSON, which YAML is as well. */
  yaml(resources: Record<string, unknown>, more: Record<string, unknown> = {}): this {
    writeFileSync(join(this.program, "Pulumi.yaml"), JSON.stringify({ name: "agents", runtime: "yaml", resources, ...more }, null, 2));
    return this;
  }

  /** Copies a program's folder. */
  copy(folder: string): this {
    cpSync(folder, this.program, { recursive: true });
    return this;
  }

  /** Runs `pulumi` to its end. `during` gets the process, to signal it. */
  async run(args: string[], more: { env?: Record<string, string>; during?: (child: ChildProcess) => void | Promise<void> } = {}): Promise<Result> {
    const child = spawn("pulumi", [...args, "--non-interactive", "--color", "never"], { cwd: this.program, env: { ...this.env, ...more.env }, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    const ended = new Promise<number | null>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", resolve);
    });
    await more.during?.(child);
    const code = await ended;
    return { code, stdout, stderr, text: `${stdout}\n${stderr}` };
  }

  async init(): Promise<this> {
    ok(await this.run(["stack", "init", this.name]));
    return this;
  }

  up(...args: string[]): Promise<Result> {
    return this.run(["up", "--yes", "--skip-preview", ...args]);
  }

  preview(...args: string[]): Promise<Result> {
    return this.run(["preview", "--diff", ...args]);
  }

  refresh(...args: string[]): Promise<Result> {
    return this.run(["refresh", "--yes", "--skip-preview", ...args]);
  }

  /** Exit status 0: nothing has drifted. */
  drift(): Promise<Result> {
    return this.run(["refresh", "--preview-only", "--expect-no-changes", "--diff"]);
  }

  destroy(...args: string[]): Promise<Result> {
    return this.run(["destroy", "--yes", "--skip-preview", ...args]);
  }

  /** The exported state as text, secrets as the engine stores them. */
  async exported(): Promise<string> {
    return ok(await this.run(["stack", "export"])).stdout;
  }

  /** Custom resources that are no providers, by logical name. */
  async state(): Promise<Record<string, StateResource>> {
    const { deployment } = JSON.parse(await this.exported()) as { deployment: { resources?: StateResource[] } };
    const own = (deployment.resources ?? []).filter((resource) => !resource.type.startsWith("pulumi:"));
    return Object.fromEntries(own.map((resource) => [`${resource.urn.split("::").pop()}${resource.delete ? " (to be deleted)" : ""}`, resource]));
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** Quick pulls and builds, no rest after a deactivation: what is waited for here is Pulumi. */
export const quick: LocalApiOptions = { pullSeconds: 0.1, buildSeconds: 0.1, activationCooldownSeconds: 0, cronSeconds: 0.05 };

/** One API and one built plugin for a file of tests; every test has stacks of its own. */
export function setup(options: LocalApiOptions = {}): { api: () => LocalApi; home: () => string; stack: (more?: { env?: Record<string, string>; name?: string }) => Promise<Stack> } {
  let api: LocalApi | undefined;
  let home = "";
  let stacks: Stack[] = [];
  beforeAll(async () => {
    api = await startLocalApi({ ...quick, ...options });
    home = mkdtempSync(join(tmpdir(), "daytona-iac-pulumi-home-"));
    const plugin = join(home, "plugins", `resource-daytona-v${version}`);
    execFileSync(process.execPath, [join(root, "scripts/build-pulumi.mjs"), "--out", plugin], { stdio: ["ignore", "ignore", "inherit"] });
  }, 120_000);
  afterEach(() => {
    for (const stack of stacks) stack.remove();
    stacks = [];
    api?.control.reset();
  });
  afterAll(async () => {
    await api?.close();
    rmSync(home, { recursive: true, force: true });
  });
  const running = (): LocalApi => {
    if (api === undefined) throw new Error("the local API is not up yet");
    return api;
  };
  return {
    api: running,
    home: () => home,
    async stack({ env = {}, name } = {}) {
      const stack = new Stack(home, { DAYTONA_API_URL: running().apiUrl, DAYTONA_API_KEY: running().apiKey, ...env }, name);
      stacks.push(stack);
      stack.yaml({});
      return stack.init();
    },
  };
}

/** Fails with what Pulumi printed. */
export function ok(result: Result, code = 0): Result {
  if (result.code !== code) throw new Error(`exit code ${result.code}, not ${code}:\n${result.text}`);
  return result;
}

/** A snapshot `agent` of `ubuntu:24.04`, with other or more properties. */
export function agent(properties: Record<string, unknown> = {}, options: Record<string, unknown> = {}): Record<string, unknown> {
  return { agent: { type: "daytona:Snapshot", properties: { name: "agent", image: "ubuntu:24.04", ...properties }, options } };
}

