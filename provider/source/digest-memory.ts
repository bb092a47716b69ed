import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { sha256 } from "../kit/sha256";
import { cacheFolder } from "./hash/cache-folder";

/** One run of the tool, and one process in it. */
export interface Process {
  readonly run: string;
  readonly pid: number;
}

const KEPT_MS = 7 * 86_400_000;

/**
 * What the processes of one run of the tool have planned of tags, in the user's cache folder: a file for each process, to which it adds a line for
 * each resource. (A file for each resource took as long as asking the registry.) Whatever happens to these files, nothing here ever fails.
 */
export class DigestMemory {
  private readonly folder: string | undefined;
  private readonly own = new Map<string, string | null>();
  /** Of the other processes of this run, read once: they have ended by the time that this one plans. */
  private others: ReadonlyMap<string, string | null> | undefined;
  /** undefined: not open yet; null: it cannot be written. */
  private handle: number | null | undefined;

  /**
   * @param env names the cache folder; none: nothing is kept
   * @param by this process
   */
  constructor(
    env: Readonly<Record<string, string | undefined>>,
    private readonly by: Process,
    private readonly now: () => number,
  ) {
    const digests = cacheFolder(env, process.platform, env["HOME"] ?? "");
    this.folder = digests === undefined ? undefined : join(dirname(digests), "planned-digests");
  }

  /** What another process of this run has planned; undefined: none has told. */
  planned(key: string): string | null | undefined {
    this.others ??= this.read();
    return this.others.get(key);
  }

  /** @param digest null: none was planned */
  remember(key: string, digest: string | null): void {
    // Before anything is written, so that what was there is not taken for this process's own.
    this.others ??= this.read();
    if (this.own.has(key) && this.own.get(key) === digest) return;
    this.own.set(key, digest);
    if (this.handle === undefined) this.handle = this.open();
    try {
      if (this.handle !== null) writeSync(this.handle, `${JSON.stringify([key, digest])}\n`);
    } catch {
      this.close();
    }
  }

  private open(): number | null {
    if (this.folder === undefined) return null;
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      this.sweep();
      // A process of an earlier run can have had the same number.
      return openSync(join(this.folder, this.fileOf(this.by.pid)), "w", 0o600);
    } catch {
      return null;
    }
  }

  private close(): void {
    try {
      if (this.handle) closeSync(this.handle);
    } catch {
      // It is closed.
    }
    this.handle = null;
  }

  /** The lines of all other processes of the run; of a resource that several have planned, the last one to write counts. */
  private read(): Map<string, string | null> {
    const found = new Map<string, string | null>();
    if (this.folder === undefined) return found;
    const own = this.fileOf(this.by.pid);
    const files: { readonly at: number; readonly text: string }[] = [];
    for (const name of namesIn(this.folder)) {
      if (!name.startsWith(`${this.prefix}-`) || name === own) continue;
      const path = join(this.folder, name);
      try {
        const at = statSync(path).mtimeMs;
        if (this.now() - at < KEPT_MS) files.push({ at, text: readFileSync(path, "utf8") });
      } catch {
        // Another process has removed it meanwhile. The others still count.
      }
    }
    for (const { text } of files.sort((one, other) => one.at - other.at))
      for (const line of text.split("\n")) {
        const entry = entryOf(line);
        if (entry !== null) found.set(...entry);
      }
    return found;
  }

  private get prefix(): string {
    return sha256(this.by.run).slice(0, 32);
  }

  private fileOf(pid: number): string {
    return `${this.prefix}-${pid}.jsonl`;
  }

  private sweep(): void {
    for (const name of namesIn(this.folder as string)) {
      const path = join(this.folder as string, name);
      try {
        if (this.now() - statSync(path).mtimeMs > KEPT_MS) rmSync(path, { force: true });
      } catch {
        // Another process has removed it meanwhile.
      }
    }
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** null: the line was cut off, or is none of these. */
function entryOf(line: string): [string, string | null] | null {
  try {
    const [key, digest] = JSON.parse(line) as unknown[];
    return typeof key === "string" && (typeof digest === "string" || digest === null) ? [key, digest] : null;
  } catch {
    return null;
  }
}
