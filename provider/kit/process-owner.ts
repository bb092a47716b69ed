import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** Which process something belongs to, so that another process can tell whether it still runs. */
export interface Owner {
  readonly pid: number;
  /** When the process started, as the system counts it; null where it does not tell. Tells a process from a later one with the same ID. */
  readonly started: string | null;
}

/** Where the ID of a process means something. */
export interface Place {
  readonly host: string;
  /** Since the machine started; null where the system does not tell. */
  readonly boot: string | null;
  /** Containers number their processes each for itself; null where there is no such thing. */
  readonly namespace: string | null;
}

/** This process. */
export const thisProcess = (): Owner => ({ pid: process.pid, started: startOf(process.pid) });

/** Where this process runs. */
export const thisPlace = (): Place => ({
  host: hostname(),
  boot: told(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()),
  namespace: told(() => readlinkSync("/proc/self/ns/pid")),
});

function told(read: () => string): string | null {
  try {
    return read();
  } catch {
    return null;
  }
}

/** Whether a process of this place still runs. What cannot be told counts as running. */
export function isAlive({ pid, started }: Owner): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: another user's process.
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  const now = startOf(pid);
  // It has ended, and its parent has not asked how: in a container, it may stay so for ever.
  if (now === "ended") return false;
  return started === null || now === null || started === now;
}

/** When a process started, in clock ticks since boot: field 22 of `/proc/<pid>/stat` (Linux), or that it has ended. null elsewhere. */
export function startOf(pid: number): string | "ended" | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field, the command, may hold blanks and parentheses.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? "ended" : (fields[19] ?? null);
  } catch {
    return null;
  }
}
