import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { attach } from "./attach";

/** A diagnostic as `-json` prints it. `snippet.code` is the line of the program that it is about. */
export interface Diagnostic {
  severity: "error" | "warning";
  summary: string;
  detail: string;
  address?: string;
  snippet?: { code: string; context: string | null };
}

export interface Result {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** The lines of `-json` output; empty without it. */
  messages: Record<string, unknown>[];
  errors: Diagnostic[];
  warnings: Diagnostic[];
  /** `<action> <address>` of every change of a plan, `no-op`s left out. */
  changes: string[];
}

export interface ProjectOptions {
  /** Environment of Terraform and the provider, `DAYTONA_…` among it. Nothing else of that name is passed on. */
  env: Record<string, string>;
  /**
   * A directory with the executable `terraform-provider-daytona`, which Terraform then starts by itself. Default: the
   * provider runs in this process, which is quicker, and keeps nothing from one command to the next.
   */
  executable?: string;
  /** Other source addresses (`registry.terraform.io/…`) under which the same provider is to be found. */
  aliases?: string[];
}

/** The Terraform to test with: `DAYTONA_IAC_TERRAFORM`, else `terraform`, else `tofu`; null where there is none. */
export function terraformBinary(): string | null {
  for (const name of [process.env["DAYTONA_IAC_TERRAFORM"], "terraform", "tofu"]) {
    if (!name) continue;
    try {
      execFileSync(name, ["version"], {
        stdio: "ignore",
        env: { ...process.env, CHECKPOINT_DISABLE: "1", TF_CLI_CONFIG_FILE: "" },
      });
      return name;
    } catch {
      // not here: the next one
    }
  }
  return null;
}

let found: string | null | undefined;
function binary(): string {
  found ??= terraformBinary();
  if (found === null)
    throw new Error("neither terraform nor tofu is here: install one, or name it in DAYTONA_IAC_TERRAFORM");
  return found;
}

export interface RunOptions {
  env?: Record<string, string>;
  /** For this command only; see `ProjectOptions`. */
  executable?: string;
  during?: (child: ChildProcess) => void | Promise<void>;
}

function cliConfiguration(executable: string | undefined): string {
  const overrides =
    executable === undefined ? "" : `dev_overrides { "daytona-iac/daytona" = ${JSON.stringify(executable)} }\n  `;
  return `provider_installation {\n  ${overrides}direct {}\n}\n`;
}

/** One working directory with a program, and the commands on it. */
export class Project {
  readonly dir = mkdtempSync(join(tmpdir(), "daytona-iac-tf-"));
  readonly env: Record<string, string>;
  private readonly running = new Set<ChildProcess>();

  constructor(private readonly options: ProjectOptions) {
    const inherited = Object.entries(process.env).filter(
      ([name, value]) => value !== undefined && !/^(DAYTONA|TF)_/.test(name),
    ) as [string, string][];
    this.env = {
      ...Object.fromEntries(inherited),
      CHECKPOINT_DISABLE: "1",
      TF_IN_AUTOMATION: "1",
      TF_CLI_CONFIG_FILE: join(this.dir, "cli.rc"),
      HOME: this.dir,
      ...options.env,
    };
    this.write(
      "versions.tf",
      `terraform {\n  required_providers {\n    daytona = { source = "daytona-iac/daytona" }\n  }\n}\n`,
    );
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.dir, file), text);
  }

  /** Replaces `main.tf`. */
  program(text: string): this {
    this.write("main.tf", text);
    return this;
  }

  read(file: string): string {
    return readFileSync(join(this.dir, file), "utf8");
  }

  /** Runs a command to its end. `during` gets the process, to signal it. */
  async run(args: string[], more: RunOptions = {}): Promise<Result> {
    const executable = more.executable ?? this.options.executable;
    this.write("cli.rc", cliConfiguration(executable));
    const attached = executable === undefined ? await attach(this.options.env, this.options.aliases) : null;
    try {
      const child = spawn(binary(), args, {
        cwd: this.dir,
        env: { ...this.env, ...(attached === null ? {} : { TF_REATTACH_PROVIDERS: attached.variable }), ...more.env },
        stdio: ["ignore", "pipe", "pipe"],
      });
      this.running.add(child);
      let stdout = "";
      let stderr = "";
      child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
      child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
      const ended = new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
        child.on("error", reject);
        child.on("close", (code, signal) => {
          this.running.delete(child);
          resolve([code, signal]);
        });
      });
      await more.during?.(child);
      const [code, signal] = await ended;
      return result(code, signal, stdout, stderr);
    } finally {
      await attached?.close();
    }
  }

  validate(): Promise<Result> {
    return this.run(["validate", "-json"]);
  }

  /** `-detailed-exitcode`: 0 nothing to do, 1 an error, 2 changes. */
  plan(...args: string[]): Promise<Result> {
    return this.run(["plan", "-json", "-detailed-exitcode", ...args]);
  }

  apply(...args: string[]): Promise<Result> {
    return this.run(["apply", "-json", "-auto-approve", ...args]);
  }

  destroy(...args: string[]): Promise<Result> {
    return this.run(["destroy", "-json", "-auto-approve", ...args]);
  }

  /** Values of every managed resource in the state file, by address; `tainted` and `private` beside them. */
  state(): Record<string, StateObject> {
    let parsed: StateFile;
    try {
      parsed = JSON.parse(this.read("terraform.tfstate")) as StateFile;
    } catch {
      return {};
    }
    const objects: Record<string, StateObject> = {};
    for (const resource of parsed.resources) {
      for (const instance of resource.instances) {
        const key = instance.index_key === undefined ? "" : `[${JSON.stringify(instance.index_key)}]`;
        const deposed = instance.deposed === undefined ? "" : ` (deposed ${instance.deposed})`;
        const mode = resource.mode === "data" ? "data." : "";
        const hidden =
          instance.private === undefined
            ? {}
            : (JSON.parse(Buffer.from(instance.private, "base64").toString() || "{}") as Record<string, unknown>);
        objects[`${mode}${resource.type}.${resource.name}${key}${deposed}`] = {
          values: instance.attributes,
          tainted: instance.status === "tainted",
          private: hidden,
        };
      }
    }
    return objects;
  }

  /** Everything that Terraform left in the directory, as one text, to look for what must not be there. */
  everything(): string {
    return execFileSync("find", [this.dir, "-type", "f", "-size", "-20M", "-exec", "cat", "{}", "+"], {
      maxBuffer: 1 << 28,
    }).toString("latin1");
  }

  /** Ends what still runs, and removes the directory. */
  remove(): void {
    for (const child of this.running) child.kill("SIGKILL");
    if (dirname(this.dir) === tmpdir()) rmSync(this.dir, { recursive: true, force: true });
  }
}

export interface StateObject {
  values: Record<string, unknown>;
  tainted: boolean;
  private: Record<string, unknown>;
}

interface StateFile {
  resources: {
    mode: string;
    type: string;
    name: string;
    instances: {
      index_key?: string | number;
      deposed?: string;
      status?: string;
      attributes: Record<string, unknown>;
      private?: string;
    }[];
  }[];
}

function result(code: number | null, signal: NodeJS.Signals | null, stdout: string, stderr: string): Result {
  const messages: Record<string, unknown>[] = [];
  let diagnostics: Diagnostic[] = [];
  const document = parse(stdout);
  if (document !== null && Array.isArray(document["diagnostics"]))
    diagnostics = document["diagnostics"] as Diagnostic[];
  else for (const line of stdout.split("\n")) messages.push(...[parse(line)].filter((message) => message !== null));
  diagnostics.push(
    ...messages
      .filter((message) => message["type"] === "diagnostic")
      .map((message) => message["diagnostic"] as Diagnostic),
  );
  const changes = messages
    .filter((message) => message["type"] === "planned_change")
    .map((message) => message["change"] as { action: string; resource: { addr: string } })
    .map((change) => `${change.action} ${change.resource.addr}`);
  const of = (severity: string): Diagnostic[] =>
    diagnostics.filter(
      (diagnostic) =>
        diagnostic.severity === severity && diagnostic.summary !== "Provider development overrides are in effect",
    );
  return { code, signal, stdout, stderr, messages, errors: of("error"), warnings: of("warning"), changes };
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
