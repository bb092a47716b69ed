import { homedir } from "node:os";
import { cacheFolder } from "./hash/cache-folder";
import { DigestCache } from "./hash/digest-cache";
import { type BuildInputs, prepareBuild, type PreparedBuild } from "./prepare";

/** Reads the files of Dockerfile builds. One for the process, so that several snapshots with one build context read it once. */
export interface SourceReader {
  /**
   * @param spell an attribute as programs of the tool spell it
   * @returns null for an image, and while an input is unknown
   * @throws SourceError, or the signal's reason
   */
  prepare(inputs: BuildInputs, spell: (name: string) => string, signal?: AbortSignal): Promise<PreparedBuild | null>;
}

/**
 * @param options.cwd folder that relative paths start from; default: the working directory of the process
 * @param options.env environment variables that name the cache folder; default: those of the process
 */
export function createSourceReader(options: { cwd?: string; env?: Readonly<Record<string, string | undefined>> } = {}): SourceReader {
  const now = (): number => Date.now();
  let cache: DigestCache | undefined;
  return {
    prepare(inputs, spell, signal) {
      const { cwd = process.cwd(), env = process.env } = options;
      const home = env["HOME"] || homedir();
      cache ??= new DigestCache({ folder: cacheFolder(env, process.platform, home), now });
      return prepareBuild(inputs, { cwd, cache, now, signal, spell, engine: { env, home, platform: process.platform } });
    },
  };
}
