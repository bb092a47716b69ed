import { linkSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { isAlive, type Owner, thisProcess } from "../../kit/process-owner";

/** Who uses a data file, as its lock file says. */
interface Holder extends Owner {
  /** RFC 3339. */
  since: string;
  /** Address of its API, once it listens. */
  apiUrl: string | null;
}

/** The only user of a data file. */
export interface FileLock {
  /** Adds the address that the next one to ask is told. */
  listening(apiUrl: string): void;
  release(): void;
}

/**
 * Reserves a data file for this process with a lock file beside it (`<file>.lock`). The lock of a process that is gone is taken
 * over. `proper-lockfile`, the usual library, has had no release since 2021 and cannot say who holds a lock.
 * @throws Error that names the holder, or the reason why the folder cannot be written
 */
export function lockDataFile(file: string): FileLock {
  const path = `${canonical(file)}.lock`;
  const mine: Holder = {
    ...thisProcess(),
    since: new Date().toISOString(),
    apiUrl: null,
  };
  for (let attempt = 0; attempt < 10; attempt += 1) {
    if (create(path, mine)) return held(path, mine);
    const holder = read(path);
    if (holder !== null && isAlive(holder))
      throw new Error(
        `${file} is in use by another local API (process ${holder.pid}, since ${holder.since}${holder.apiUrl === null ? "" : `, ${holder.apiUrl}`}). Use that one, stop it, or choose another file.`,
      );
    removeStale(path, holder);
  }
  throw new Error(`${file} cannot be locked: its lock file ${path} keeps changing`);
}

function held(path: string, mine: Holder): FileLock {
  return {
    listening: (apiUrl) => {
      mine.apiUrl = apiUrl;
      const part = `${path}.${process.pid}`;
      writeFileSync(part, JSON.stringify(mine), { mode: 0o600 });
      renameSync(part, path);
    },
    release: () => {
      const now = read(path);
      if (now?.pid === mine.pid && now.since === mine.since) rmSync(path, { force: true });
    },
  };
}

/** Creates the lock file with its content in one step. false: there is one. */
function create(path: string, mine: Holder): boolean {
  const part = `${path}.${process.pid}`;
  try {
    writeFileSync(part, JSON.stringify(mine), { mode: 0o600 });
    linkSync(part, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(part, { force: true });
  }
}

function read(path: string): Holder | null {
  try {
    const holder = JSON.parse(readFileSync(path, "utf8")) as Partial<Holder> | null;
    return typeof holder?.pid === "number"
      ? { pid: holder.pid, started: holder.started ?? null, since: String(holder.since), apiUrl: holder.apiUrl ?? null }
      : null;
  } catch {
    return null;
  }
}

/** Moves the stale lock aside. If somebody else has replaced it meanwhile, theirs is put back. */
function removeStale(path: string, stale: Holder | null): void {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
    const moved = read(aside);
    if (moved !== null && (moved.pid !== stale?.pid || moved.since !== stale.since)) linkSync(aside, path);
  } catch {
    // Somebody else was quicker.
  } finally {
    rmSync(aside, { force: true });
  }
}

/** One name for one file, whatever links lead to it. @throws Error if the folder is not there */
function canonical(file: string): string {
  const absolute = resolve(file);
  try {
    return realpathSync(absolute);
  } catch {
    return join(realpathSync(dirname(absolute)), basename(absolute));
  }
}
