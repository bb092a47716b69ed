import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

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
  external?: boolean;
}

/** One project with one stack on a file backend, and the commands on it. */
export class Stack {
  readonly dir = mkdtempSync(join(tmpdir(), "daytona-iac-pulumi-"));
  readonly program = join(this.dir, "program");
  readonly env: Record<string, string>;

  constructor(
    readonly home: string,
    env: Record<string, string>,
    readonly name = "dev",
  ) {
    mkdirSync(this.program);
    mkdirSync(join(this.dir, "state"));
    const inherited = Object.entries(process.env).filter(
      ([key, value]) => value !== undefined && !/^(DAYTONA|PULUMI)_/.test(key),
    ) as [string, string][];
    this.env = {
      ...Object.fromEntries(inherited),
      PULUMI_HOME: home,
      PULUMI_STACK: name,
      PULUMI_BACKEND_URL: `file://${join(this.dir, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "only for tests",
      PULUMI_SKIP_UPDATE_CHECK: "1",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "1",
      HOME: this.dir,
      // No test asks registries of the internet.
      DAYTONA_RESOLVE_TAGS: "false",
      ...env,
    };
  }

  /** Writes `Pulumi.yaml`, as JSON, which YAML is as well. */
  yaml(resources: Record<string, unknown>, more: Record<string, unknown> = {}): this {
    writeFileSync(
      join(this.program, "Pulumi.yaml"),
      JSON.stringify({ name: "agents", runtime: "yaml", resources, ...more }, null, 2),
    );
    return this;
  }

  /** Copies a program's folder. */
  copy(folder: string): this {
    cpSync(folder, this.program, { recursive: true });
    return this;
  }

  /** Runs `pulumi` to its end. `during` gets the process, to signal it. */
  async run(
    args: string[],
    more: { env?: Record<string, string>; during?: (child: ChildProcess) => void | Promise<void> } = {},
  ): Promise<Result> {
    const child = spawn("pulumi", [...args, "--non-interactive", "--color", "never"], {
      cwd: this.program,
      env: { ...this.env, ...more.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
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

  /** Makes the stack. The first one of a file of tests is made by Pulumi, later ones of the same project and name are copies of its files. */
  async init(): Promise<this> {
    const made = join(this.home, "stacks-made", this.project(), this.name);
    const files: [inStack: string, kept: string][] = [
      [join(this.dir, "state"), join(made, "state")],
      [join(this.program, `Pulumi.${this.name}.yaml`), join(made, "settings.yaml")],
    ];
    if (existsSync(made)) {
      for (const [inStack, kept] of files) cpSync(kept, inStack, { recursive: true });
      return this;
    }
    ok(await this.run(["stack", "init", this.name]));
    for (const [inStack, kept] of files) cpSync(inStack, kept, { recursive: true });
    return this;
  }

  private project(): string {
    return /^[\s{]*"?name"?:\s*"?([^\s",]+)/m.exec(readFileSync(join(this.program, "Pulumi.yaml"), "utf8"))?.[1] ?? "";
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

  /** Custom resources that are no providers, by logical name: from the backend's file, without another run of the CLI. */
  state(): Promise<Record<string, StateResource>> {
    const file = join(this.dir, "state/.pulumi/stacks", this.project(), `${this.name}.json`);
    const { checkpoint } = JSON.parse(readFileSync(file, "utf8")) as {
      checkpoint: { latest?: { resources?: StateResource[] } };
    };
    const own = (checkpoint.latest?.resources ?? []).filter((resource) => !resource.type.startsWith("pulumi:"));
    return Promise.resolve(
      Object.fromEntries(
        own.map((resource) => [
          `${resource.urn.split("::").pop()}${resource.delete ? " (to be deleted)" : ""}`,
          resource,
        ]),
      ),
    );
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** Fails with what Pulumi printed. */
export function ok(result: Result, code = 0): Result {
  if (result.code !== code) throw new Error(`exit code ${result.code}, not ${code}:\n${result.text}`);
  return result;
}

/** A snapshot `agent` of `ubuntu:24.04`, with other or more properties. */
export function agent(
  properties: Record<string, unknown> = {},
  options: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    agent: { type: "daytona:Snapshot", properties: { name: "agent", image: "ubuntu:24.04", ...properties }, options },
  };
}
