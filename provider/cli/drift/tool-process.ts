import { spawn } from "node:child_process";
import { closeSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { FleetError } from "../../fleet/resource";
import { makeOwnFolder, removeLeftOver } from "../../kit/own-folder";
import { capital } from "../../kit/words";
import { systemErrorText } from "../../kit/text/system-error";

/** How long a tool has to end after Ctrl-C, in ms. */
const GRACE_MS = 1_500;
/** Of a tool's output that is kept: a plan in JSON can be large, but not this large. */
const MOST = 2 ** 29;

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** A file that takes what the tool writes to stdout, of any length. Only this user can read it. */
  readonly outFile?: string;
}

/**
 * Runs a tool to its end. On Ctrl-C it is asked to end, then killed; it never outlives this process.
 * @throws FleetError if it cannot be started; the signal's reason
 */
export function runTool(
  command: string,
  args: readonly string[],
  { cwd, env, signal, outFile }: RunOptions,
): Promise<Ran> {
  signal.throwIfAborted();
  const file = outFile === undefined ? null : openSync(outFile, "wx", 0o600);
  return new Promise((resolve, reject) => {
    // A group of its own: a terminal's Ctrl-C reaches it once, through us.
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: ["ignore", file ?? "pipe", "pipe"],
      detached: process.platform !== "win32",
    });
    if (file !== null) closeSync(file);
    const [out, err]: Buffer[][] = [[], []];
    let size = 0;
    const keep =
      (parts: Buffer[]) =>
      (part: Buffer): void => {
        size += part.length;
        if (size <= MOST) parts.push(part);
      };
    child.stdout?.on("data", keep(out!));
    child.stderr!.on("data", keep(err!));
    const tell = (name: NodeJS.Signals): void => {
      try {
        if (process.platform === "win32" || child.pid === undefined) child.kill(name);
        else process.kill(-child.pid, name);
      } catch {
        // It has ended.
      }
    };
    let kill: NodeJS.Timeout | undefined;
    const stop = (): void => {
      tell("SIGINT");
      kill = setTimeout(() => tell("SIGKILL"), GRACE_MS);
    };
    // A second signal ends this process at once. What runs on would write files that are cleaned up already.
    const killed = (): void => tell("SIGKILL");
    process.prependOnceListener("exit", killed);
    signal.addEventListener("abort", stop, { once: true });
    const ended = (): void => {
      process.off("exit", killed);
      signal.removeEventListener("abort", stop);
      clearTimeout(kill);
    };
    child.once("error", (error: NodeJS.ErrnoException) => {
      ended();
      reject(
        error.code === "ENOENT"
          ? new FleetError(`${command} was not found`, notFound(command))
          : new FleetError(`${command} could not be started`, `${capital(systemErrorText(error))}.`),
      );
    });
    child.once("close", (code) => {
      ended();
      if (signal.aborted) return reject(signal.reason as Error);
      if (size > MOST)
        return reject(new FleetError(`${command} wrote too much output`, `More than ${MOST / 2 ** 20} MiB.`));
      resolve({ code, out: Buffer.concat(out!).toString(), err: Buffer.concat(err!).toString() });
    });
  });
}

/** How the folder of a plan begins. */
const FOLDER = "daytona-iac-drift-";

/** Only Terraform's binary can be named. */
const notFound = (command: string): string =>
  `Install it, or put it on PATH${/^(?:.*[\\/])?(?:terraform|tofu)(?:\.exe)?$/.test(command) ? ", or specify another one with --binary" : ""}.`;

/** A folder that only this user can read, for files that may hold secrets, gone when `body` ends, however it ends. */
export async function withTemporaryFolder<T>(body: (folder: string) => Promise<T>): Promise<T> {
  let folder: string;
  try {
    removeLeftOver(FOLDER);
    folder = makeOwnFolder(FOLDER);
  } catch (error) {
    throw new FleetError(
      "a temporary folder cannot be created",
      `The folder ${tmpdir()} cannot be used: ${systemErrorText(error)}. Set TMPDIR (on Windows TEMP) to a writable folder.`,
    );
  }
  return withCleanup(
    () => rmSync(folder, { recursive: true, force: true }),
    () => body(folder),
  );
}

/** Cleans up when `body` ends, also when the process ends before. */
export async function withCleanup<T>(clean: () => void, body: () => Promise<T>): Promise<T> {
  process.once("exit", clean);
  try {
    return await body();
  } finally {
    process.off("exit", clean);
    clean();
  }
}
