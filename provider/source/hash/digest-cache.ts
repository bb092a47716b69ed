import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Identity } from "./identity";

interface Kept {
  readonly identity: Identity;
  readonly sha256: string;
  /** Day of the last use, counted from 1970. */
  day: number;
}

const HEAD = "daytona-iac digests 1";
const DAY_MS = 86_400_000;
const KEPT_DAYS = 30;
// So that a plan every day does not write the file every day.
const FRESHNESS_DAYS = 7;
const MOST_ENTRIES = 400_000;

/**
 * Digests of files whose identity (size, times, inode, mode) has not changed: one object for a process, one file in the user's cache folder for each build
 * context. Whatever happens to that file, only time is lost: a damaged one is ignored, several processes replace it as a whole.
 */
export class DigestCache {
  private readonly contexts = new Map<string, Promise<ContextDigests>>();

  constructor(
    private readonly options: {
      /** undefined: nothing is kept beyond the process. */
      readonly folder?: string | undefined;
      /** Milliseconds since 1970. */
      readonly now: () => number;
    },
  ) {}

  /** What of the cache folder is this program's, absolute; undefined: nothing is kept. */
  get ownFolder(): string | undefined {
    const { folder } = this.options;
    if (folder === undefined) return undefined;
    return basename(dirname(folder)) === "daytona-iac" ? dirname(folder) : folder;
  }

  /** Digests of the context with this root, read once. */
  of(root: string): Promise<ContextDigests> {
    let digests = this.contexts.get(root);
    if (digests === undefined) {
      digests = ContextDigests.read(
        this.options.folder,
        createHash("sha256").update(root).digest("hex").slice(0, 32),
        this.options.now,
      );
      this.contexts.set(root, digests);
    }
    return digests;
  }
}

export class ContextDigests {
  private readonly underWay = new Map<string, Promise<string>>();
  private changed = false;

  private constructor(
    private readonly folder: string | undefined,
    private readonly name: string,
    private readonly now: () => number,
    private readonly kept: Map<string, Kept>,
  ) {}

  static async read(folder: string | undefined, name: string, now: () => number): Promise<ContextDigests> {
    return new ContextDigests(folder, name, now, folder === undefined ? new Map() : await load(join(folder, name)));
  }

  /** The digest, if the file is still the same. */
  get(path: string, identity: Identity): string | undefined {
    const kept = this.kept.get(path);
    if (kept?.identity !== identity) return undefined;
    const today = this.today();
    if (today - kept.day >= FRESHNESS_DAYS) this.changed = true;
    kept.day = today;
    return kept.sha256;
  }

  set(path: string, identity: Identity, sha256: string): void {
    this.kept.set(path, { identity, sha256, day: this.today() });
    this.changed = true;
  }

  /** Reads a file once for all who ask for it at the same time. */
  once(path: string, identity: Identity, read: () => Promise<string>): Promise<string> {
    const key = `${identity} ${path}`;
    let digest = this.underWay.get(key);
    if (digest === undefined) {
      digest = read().finally(() => this.underWay.delete(key));
      this.underWay.set(key, digest);
    }
    return digest;
  }

  /** Writes what is new, together with what other processes have written. Never fails. */
  async save(): Promise<void> {
    if (this.folder === undefined || !this.changed) return;
    this.changed = false;
    const file = join(this.folder, this.name);
    const temporary = `${file}.${randomBytes(6).toString("hex")}.tmp`;
    try {
      const all = await load(file);
      for (const [path, kept] of this.kept) all.set(path, kept);
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      await writeFile(temporary, serialized(all, this.today()), { mode: 0o600 });
      await rename(temporary, file);
      await this.sweep();
    } catch {
      await rm(temporary, { force: true }).catch(() => undefined);
    }
  }

  /** Files of contexts that nobody has planned for long, and what killed processes left. */
  private async sweep(): Promise<void> {
    for (const name of await readdir(this.folder!)) {
      if (name === this.name) continue;
      const path = join(this.folder!, name);
      const age = (this.now() - (await stat(path)).mtimeMs) / DAY_MS;
      if (age > (name.endsWith(".tmp") ? 1 : KEPT_DAYS)) await rm(path, { force: true });
    }
  }

  private today(): number {
    return Math.floor(this.now() / DAY_MS);
  }
}

function serialized(all: ReadonlyMap<string, Kept>, today: number): string {
  let entries = [...all].filter(([, { day }]) => today - day <= KEPT_DAYS);
  if (entries.length > MOST_ENTRIES) entries = entries.sort(([, a], [, b]) => b.day - a.day).slice(0, MOST_ENTRIES);
  const body = entries
    .map(([path, { identity, sha256, day }]) => `${sha256} ${day} ${identity} ${JSON.stringify(path)}\n`)
    .join("");
  return `${HEAD} ${createHash("sha256").update(body).digest("hex")}\n${body}`;
}

async function load(file: string): Promise<Map<string, Kept>> {
  const kept = new Map<string, Kept>();
  try {
    const text = await readFile(file, "utf8");
    const end = text.indexOf("\n");
    const body = text.slice(end + 1);
    // The sum is over all lines, so that a file cut short or mixed up is never believed.
    if (text.slice(0, end) !== `${HEAD} ${createHash("sha256").update(body).digest("hex")}`) return kept;
    for (const line of body.split("\n")) {
      const [sha256, day, identity] = line.split(" ", 3);
      if (sha256 === undefined || day === undefined || identity === undefined) continue;
      const path = JSON.parse(line.slice(sha256.length + day.length + identity.length + 3)) as string;
      kept.set(path, { sha256, identity: identity as Identity, day: Number(day) });
    }
  } catch {
    kept.clear();
  }
  return kept;
}
