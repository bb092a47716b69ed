import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FleetError } from "../../fleet/resource";

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
}

/**
 * Runs a tool to its end. Files that it makes are readable by this user only: a plan may hold secrets. On Ctrl-C it is asked to end, then killed.
 * @throws FleetError if it cannot be started; the signal's reason
 */
export function runTool(command: string, args: readonly string[], { cwd, env, signal }: RunOptions): Promise<Ran> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const mask = process.umask(0o077);
    // A group of its own: a terminal's Ctrl-C reaches it once, through us.
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: process.platform !== "win32" });
    process.umask(mask);
    const [out, err]: Buffer[][] = [[], []];
    let size = 0;
    const keep = (parts: Buffer[]) => (part: Buffer): void => {
      size += part.length;
      if (size <= MOST) parts.push(part);
    };
    child.stdout.on("data", keep(out!));
    child.stderr.on("data", keep(err!));
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
    signal.addEventListener("abort", stop, { once: true });
    const ended = (): void => {
      signal.removeEventListener("abort", stop);
      clearTimeout(kill);
    };
    child.once("error", (error: NodeJS.ErrnoException) => {
      ended();
      reject(error.code === "ENOENT" ? new FleetError(`${command} was not found`, `Install it, or put it on PATH.`) : new FleetError(`${command} could not be started`, error.message));
    });
    child.once("close", (code) => {
      ended();
      if (signal.aborted) return reject(signal.reason as Error);
      if (size > MOST) return reject(new FleetError(`${command} wrote too much`, `More than ${MOST / 2 ** 20} MiB.`));
      resolve({ code, out: Buffer.concat(out!).toString(), err: Buffer.concat(err!).toString() });
    });
  });
}

/** A folder for files that may hold secrets, gone when `body` ends, also by Ctrl-C. */
export async function withTemporaryFolder<T>(body: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "daytona-iac-drift-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);
  try {
    return await body(folder);
  } finally {
    process.off("exit", remove);
    remove();
  }
}
