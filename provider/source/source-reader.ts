import { homedir } from "node:os";
import { cacheFolder } from "./hash/cache-folder";
import type { HashProgress } from "./context/hash-files";
import { DigestCache } from "./hash/digest-cache";
import { foundSourceOf, type FoundSource } from "./changed-files";
import { PlanMemory } from "./plan-memory";
import { type BuildInputs, prepareBuild, type PreparedBuild } from "./prepare";

/** How many sources the process remembers. */
const MOST_RECALLED = 200;
/** How long the machine remembers a source that nobody plans, and the bytes that all of them may take. */
const KEPT = { keptMs: 90 * 86_400_000, bytes: 64 * 2 ** 20 };

/** Reads the files of Dockerfile builds. One for the process, so that several snapshots with one build context read it once. */
export interface SourceReader {
  /**
   * @param spell an attribute as programs of the tool spell it
   * @param onProgress told often while a large build context is read
   * @returns null for an image, and while an input is unknown
   * @throws SourceError, or the signal's reason
   */
  prepare(
    inputs: BuildInputs,
    spell: (name: string) => string,
    signal?: AbortSignal,
    onProgress?: HashProgress,
  ): Promise<PreparedBuild | null>;
  /** What was read on this machine as the source with this hash, to name the files that have changed since. null: it was not, or long ago. */
  recall?(hash: string): FoundSource | null;
  /** Remembers what is known of a source from elsewhere. What this machine has read itself is better, and stays. */
  learn?(found: FoundSource): void;
}

/**
 * @param options.cwd folder that relative paths start from; default: the working directory of the process
 * @param options.env environment variables that name the cache folder; default: those of the process
 */
export function createSourceReader(
  options: { cwd?: string; env?: Readonly<Record<string, string | undefined>> } = {},
): SourceReader {
  const now = (): number => Date.now();
  let cache: DigestCache | undefined;
  const read = new Map<string, FoundSource>();
  /** What is known from elsewhere. */
  const learned = new Map<string, FoundSource>();
  let kept: PlanMemory | undefined;
  const memory = (): PlanMemory => {
    const { env = process.env } = options;
    return (kept ??= new PlanMemory({ ...env, HOME: env["HOME"] || homedir() }, "sources", now, KEPT));
  };
  const keep = (found: FoundSource, sources: Map<string, FoundSource>): void => {
    for (const oldest of sources.size < MOST_RECALLED ? [] : [...sources.keys()].slice(0, 1)) sources.delete(oldest);
    sources.set(found.hash, found);
  };
  const remember = (build: PreparedBuild | null): PreparedBuild | null => {
    if (build === null || read.has(build.source.hash)) return build;
    const found = foundSourceOf(build);
    keep(found, read);
    // The layers of an image are no files that somebody edits.
    if (build.image === null) memory().rememberSource(found);
    return build;
  };
  return {
    recall: (hash) => read.get(hash) ?? memory().recallSource(hash) ?? learned.get(hash) ?? null,
    learn(found) {
      if (read.has(found.hash)) return;
      // In a read-only home folder, the machine remembers nothing.
      keep(found, learned);
      memory().rememberSource(found);
    },
    async prepare(inputs, spell, signal, onProgress) {
      const { cwd = process.cwd(), env = process.env } = options;
      const home = env["HOME"] || homedir();
      cache ??= new DigestCache({ folder: cacheFolder(env, process.platform, home), now });
      return remember(
        await prepareBuild(inputs, {
          cwd,
          cache,
          now,
          signal,
          onProgress,
          spell,
          engine: { env, home, platform: process.platform },
        }),
      );
    },
  };
}
