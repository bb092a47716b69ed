import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type FoundSource, foundSourceOf, isFoundSource } from "./changed-files";
import { cacheFolder } from "./hash/cache-folder";
import type { BuildInputs, PreparedBuild } from "./prepare";

/** What a plan found. */
export interface RememberedSource extends FoundSource {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The run of the tool that planned. */
  readonly run: string;
  /** The process that planned. */
  readonly pid: number;
}

const KEPT_MS = 7 * 86_400_000;
/** How often a source that is still used is marked as used. */
const FRESH_MS = 86_400_000;
const INPUTS = [
  "localImage",
  "dockerfile",
  "dockerfileContent",
  "contextDir",
  "context",
  "buildArgs",
  "target",
] as const satisfies readonly (keyof BuildInputs)[];

/** All that a source is written with: the same at the same time is the same source, whichever resource has it. */
export function keyOf(inputs: BuildInputs): string {
  return JSON.stringify([process.cwd(), ...INPUTS.map((name) => inputs[name])]);
}

/**
 * What the last plans on this machine found, in the user's cache folder. Whatever happens to these files, only words of an error are lost:
 * nothing here ever fails.
 */
export class PlanMemory {
  private readonly folder: string | undefined;
  /** Looking at each file for each file that is written would take seconds of a plan of 1,000. */
  private swept = false;

  /**
   * @param env names the cache folder; none: nothing is kept
   * @param name of the folder in it, which belongs to one tool
   * @param limits how long what is not used is kept, in ms, and how many bytes all of it may have. Default: 7 days, and no limit
   */
  constructor(
    env: Readonly<Record<string, string | undefined>>,
    name: string,
    private readonly now: () => number,
    private readonly limits: { readonly keptMs: number; readonly bytes: number } = { keptMs: KEPT_MS, bytes: Infinity },
  ) {
    const digests = cacheFolder(env, process.platform, env["HOME"] ?? "");
    this.folder = digests === undefined ? undefined : join(dirname(digests), name);
  }

  /** @param key what identifies the source: the same for the plan and the apply of one resource */
  remember(key: string, build: PreparedBuild, by: Pick<RememberedSource, "run" | "pid">): void {
    this.write(key, { ...foundSourceOf(build), at: this.now(), ...by } satisfies RememberedSource);
  }

  /** A source by its hash, whoever has it. */
  rememberSource(found: FoundSource): void {
    if (this.folder === undefined) return;
    try {
      const file = this.file(found.hash);
      const now = this.now();
      if (now - statSync(file).mtimeMs > FRESH_MS) utimesSync(file, now / 1000, now / 1000);
    } catch {
      this.write(found.hash, found);
    }
  }

  /** The source that had this hash. null: none is known. */
  recallSource(hash: string): FoundSource | null {
    const kept = this.parsed<unknown>(hash);
    return isFoundSource(kept) && kept.hash === hash ? kept : null;
  }

  private write(key: string, value: object): void {
    if (this.folder === undefined) return;
    const file = this.file(key);
    const temporary = `${file}.${randomBytes(6).toString("hex")}.tmp`;
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      writeFileSync(temporary, JSON.stringify(value), { mode: 0o600 });
      renameSync(temporary, file);
      if (!this.swept) this.sweep();
      this.swept = true;
    } catch {
      try {
        rmSync(temporary, { force: true });
      } catch {
        // The folder is none.
      }
    }
  }

  recall(key: string): RememberedSource | null {
    const kept = this.read<RememberedSource>(key);
    return typeof kept?.hash === "string" && typeof kept.text === "string" ? kept : null;
  }

  private read<T extends { at: number }>(key: string): T | null {
    const kept = this.parsed<T>(key);
    return typeof kept?.at === "number" && this.now() - kept.at < this.limits.keptMs ? kept : null;
  }

  private parsed<T>(key: string): T | null {
    if (this.folder === undefined) return null;
    try {
      return JSON.parse(readFileSync(this.file(key), "utf8")) as T;
    } catch {
      return null;
    }
  }

  private file(key: string): string {
    return join(this.folder as string, `${createHash("sha256").update(key).digest("hex").slice(0, 32)}.json`);
  }

  private sweep(): void {
    const { keptMs, bytes } = this.limits;
    const all = readdirSync(this.folder as string).map((name) => {
      const path = join(this.folder as string, name);
      const { mtimeMs, size } = statSync(path);
      return { path, mtimeMs, size };
    });
    let left = bytes;
    for (const { path, mtimeMs, size } of all.sort((a, b) => b.mtimeMs - a.mtimeMs))
      if ((left -= size) < 0 || this.now() - mtimeMs > keptMs) rmSync(path, { force: true });
  }
}
