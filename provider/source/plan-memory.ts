import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cacheFolder } from "./hash/cache-folder";
import type { BuildInputs, PreparedBuild } from "./prepare";

/** What a source was when it was read, to tell later which files have changed since. */
export interface FoundSource {
  /** The source hash. */
  readonly hash: string;
  /** Digest of the Dockerfile as sent. */
  readonly text: string;
  /** Mode and digest by path; null: there were too many to keep. */
  readonly files: Readonly<Record<string, string>> | null;
}

/** What a plan found. */
export interface RememberedSource extends FoundSource {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The run of the tool that planned. */
  readonly run: string;
  /** The process that planned. */
  readonly pid: number;
}

const MOST_FILES = 20_000;
const KEPT_MS = 7 * 86_400_000;
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
   */
  constructor(
    env: Readonly<Record<string, string | undefined>>,
    name: string,
    private readonly now: () => number,
  ) {
    const digests = cacheFolder(env, process.platform, env["HOME"] ?? "");
    this.folder = digests === undefined ? undefined : join(dirname(digests), name);
  }

  /** @param key what identifies the source: the same for the plan and the apply of one resource */
  remember(key: string, build: PreparedBuild, by: Pick<RememberedSource, "run" | "pid">): void {
    this.write(key, { ...foundSourceOf(build), at: this.now(), ...by } satisfies RememberedSource);
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
    if (this.folder === undefined) return null;
    try {
      const kept = JSON.parse(readFileSync(this.file(key), "utf8")) as T;
      return typeof kept.at === "number" && this.now() - kept.at < KEPT_MS ? kept : null;
    } catch {
      return null;
    }
  }

  private file(key: string): string {
    return join(this.folder as string, `${createHash("sha256").update(key).digest("hex").slice(0, 32)}.json`);
  }

  private sweep(): void {
    for (const name of readdirSync(this.folder as string)) {
      const path = join(this.folder as string, name);
      if (this.now() - statSync(path).mtimeMs > KEPT_MS) rmSync(path, { force: true });
    }
  }
}

export function foundSourceOf(build: PreparedBuild): FoundSource {
  const files = filesOf(build);
  return {
    hash: build.source.hash,
    text: digest(build.source.text),
    files: Object.keys(files).length > MOST_FILES ? null : files,
  };
}

/** The sentence that lists what differs. @param dockerfile how the program writes the Dockerfile: a path, or the attribute */
export function changeText(before: FoundSource, build: PreparedBuild, dockerfile: string): string {
  const lines = changedSince(before, build, dockerfile);
  return `Changed since then:${lines.length === 0 ? " some of its files." : `\n${lines.map((line) => `  ${line}`).join("\n")}\n`}`;
}

/** What differs, one line each, at most `most`; empty: nothing that can be named. */
function changedSince(before: FoundSource, build: PreparedBuild, dockerfile: string, most = 10): string[] {
  if (build.image !== null) return [`the image "${build.image.written}"`];
  const now = filesOf(build);
  const lines: string[] = before.text === digest(build.source.text) ? [] : [`${dockerfile} (changed)`];
  for (const path of before.files === null
    ? []
    : [...new Set([...Object.keys(before.files), ...Object.keys(now)])].sort()) {
    const [was, is] = [before.files?.[path], now[path]];
    if (was === is) continue;
    const mode = was?.slice(1) === is?.slice(1);
    lines.push(
      `${path} (${was === undefined ? "added" : is === undefined ? "removed" : mode ? "executable bit changed" : "changed"})`,
    );
  }
  return lines.length > most ? [...lines.slice(0, most), `and ${lines.length - most} more`] : lines;
}

function filesOf(build: PreparedBuild): Record<string, string> {
  return Object.fromEntries(
    build.archives.flatMap(({ files }) =>
      files.map(({ path, executable, sha256 }) => [path, `${executable ? "x" : "-"}${sha256}`]),
    ),
  );
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
