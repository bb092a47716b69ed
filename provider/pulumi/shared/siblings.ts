import { appendFileSync, lstatSync, mkdirSync, readFileSync, readdirSync, rmSync, rmdirSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

/**
 * What the provider processes of one run of the engine keep: it starts one for each `Provider` resource, and one for the dynamic provider,
 * so that a resource that changes hands between two of them is created in one and deleted in the other. Each process writes what it
 * keeps into a file of its own, in a private folder of this engine. Where that is not possible, each knows only of itself.
 */
export class Siblings {
  readonly #folder: string;
  readonly #file: string;
  #usable: boolean | null = null;

  /** @param engine the engine's address, the same for all processes that it starts @param parent folder that is private to the user; made if missing */
  constructor(
    engine: string,
    private readonly parent = join(tmpdir(), `daytona-iac-${userId()}`),
    private readonly pid = process.pid,
  ) {
    this.#folder = join(this.parent, `pulumi-${engine.replace(/[^\w.-]+/g, "_")}`);
    this.#file = join(this.#folder, String(pid));
  }

  /** This process keeps a snapshot, or keeps it no longer. */
  tell(id: string, kept: boolean): void {
    if (!this.#ready()) return;
    try {
      // Another process may have found the folder empty, and removed it.
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      appendFileSync(this.#file, `${kept ? "+" : "-"}${id}\n`, { mode: 0o600 });
    } catch {
      this.#usable = false;
    }
  }

  /** Whether another process of this engine keeps a snapshot. */
  keep(id: string): boolean {
    if (!this.#ready()) return false;
    try {
      return readdirSync(this.#folder).some(
        (name) =>
          Number(name) !== this.pid &&
          alive(Number(name)) &&
          count(readFileSync(join(this.#folder, name), "utf8"), id) > 0,
      );
    } catch {
      return false;
    }
  }

  /** Forgets what this process has told. */
  close(): void {
    const used = this.#usable === true;
    this.#usable = null;
    if (!used) return;
    rmSync(this.#file, { force: true });
    try {
      rmdirSync(this.#folder);
    } catch {
      // Others are still there.
    }
  }

  #ready(): boolean {
    if (this.#usable === null) {
      try {
        mkdirSync(this.parent, { recursive: true, mode: 0o700 });
        // The name can be guessed, and the folder of temporary files is everybody's.
        this.#usable = isPrivate(this.parent);
        if (this.#usable) {
          for (const engine of readdirSync(this.parent)) sweep(join(this.parent, engine));
          mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
        }
      } catch {
        this.#usable = false;
      }
    }
    return this.#usable;
  }
}

/** Removes what processes left that were killed: their engine's port, and their own number, will be others' some day. */
function sweep(folder: string): void {
  try {
    for (const name of readdirSync(folder)) if (!alive(Number(name))) rmSync(join(folder, name), { force: true });
    rmdirSync(folder);
  } catch {
    // Somebody is there, or has just gone.
  }
}

function isPrivate(folder: string): boolean {
  const found = lstatSync(folder);
  return (
    found.isDirectory() &&
    (process.getuid === undefined || (found.uid === process.getuid() && (found.mode & 0o022) === 0))
  );
}

function userId(): string {
  return process.getuid === undefined ? userInfo().username.replace(/[^\w.-]+/g, "_") : String(process.getuid());
}

function count(log: string, id: string): number {
  return log.split("\n").reduce((sum, line) => sum + (line === `+${id}` ? 1 : line === `-${id}` ? -1 : 0), 0);
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
