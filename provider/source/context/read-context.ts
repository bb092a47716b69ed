import { realpathSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { contextArchive, contextFile } from "../archive/context-archive";
import type { ContextSource } from "../context-source";
import type { DigestCache } from "../hash/digest-cache";
import { sortedByPath, sourceHash } from "../hash/source-hash";
import { readIgnoreFile } from "../ignore/ignore-file";
import { PatternError } from "../ignore/pattern";
import { PatternMatcher } from "../ignore/pattern-matcher";
import { readNamedFile, UnsafeFile } from "../../kit/text/named-file";
import { Pace } from "../pace";
import { judgeBuilderFiles } from "./builder-files";
import { ContextError, reason } from "../context-error";
import { ContextTree } from "./context-tree";
import { hashFiles, type HashProgress } from "./hash-files";
import { listedSources } from "./listed-sources";
import { joined, listedRoots, type ReadContext, type RootPart } from "./several-roots";
import { selectFiles } from "./select-files";
import { sizeWarning } from "./size-warning";

export type { ReadContext };

export interface ContextInput {
  /** Root of the build context, absolute. */
  readonly contextDir: string;
  /** The Dockerfile as sent. */
  readonly dockerfileText: string;
  /** The Dockerfile on disk, absolute, if there is one: `<Dockerfile>.dockerignore` beside it wins over `.dockerignore` in the context's root. */
  readonly dockerfile?: string | undefined;
  /** What the Dockerfile's instructions name. Not used when `context` is given. */
  readonly sources: readonly ContextSource[];
  /** Files and folders to send instead, inside `contextDir`: relative to it, or absolute. `FOLDER/./PATH`: PATH in another folder, sent as PATH. */
  readonly context?: readonly string[] | undefined;
}

export interface ContextDeps {
  /** Cancels the work within a fraction of a second. */
  readonly signal?: AbortSignal | undefined;
  /** One for the process, so that several snapshots on a context read it once. Without it every file is read. */
  readonly cache?: DigestCache | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Default: that of the process. */
  readonly platform?: NodeJS.Platform | undefined;
  /** Files and folders that tools keep for themselves besides those that are known by their names, absolute. */
  readonly toolPaths?: readonly string[] | undefined;
  /** Told often while files are read, from the first second on. */
  readonly onProgress?: HashProgress | undefined;
}

/**
 * Finds, reads and hashes what a Dockerfile takes from its build context, as `docker build` would see it.
 * @throws ContextError with all problems found, each naming the file or the line; the signal's reason when it aborts
 */
export async function readContext(input: ContextInput, deps: ContextDeps): Promise<ReadContext> {
  if (input.context === undefined) return readRoot(input, deps);
  const parts: RootPart[] = [];
  for (const { contextDir, context } of listedRoots(input.context, input.contextDir))
    parts.push({ contextDir, read: await readRoot({ ...input, contextDir, context }, deps) });
  return joined(parts, (files) => sourceHash(input.dockerfileText, files));
}

async function readRoot(input: ContextInput, deps: ContextDeps): Promise<ReadContext> {
  deps.signal?.throwIfAborted();
  const platform = deps.platform ?? process.platform;
  const pace = new Pace(deps.signal);
  const ignore = readRules(input);
  const tree = new ContextTree(input.contextDir, ignore.matcher, platform, [
    ...(deps.toolPaths ?? []),
    ...(deps.cache?.ownFolder === undefined ? [] : [deps.cache.ownFolder]),
  ]);
  const sources = input.context === undefined ? input.sources : listedSources(input.context, input.contextDir);
  const selection = await selectFiles(tree, sources, ignore.name, pace).catch((error: unknown) => {
    throw error instanceof PatternError ? new ContextError([error.message]) : error;
  });
  const warnings = [
    ...selection.warnings,
    ...judgeBuilderFiles(tree, selection.builderFiles, input.dockerfileText, isRoots(input)),
  ];
  const { groups, warnings: ofFiles } = await hashFiles(
    selection,
    tree,
    { ...deps, platform, dockerfile: input.dockerfile },
    pace,
  );
  const own = [...selection.lostFiles.warnings(), ...selection.leftOut.warnings(ignore.name), ...ofFiles];
  warnings.push(...own.map(({ detail }) => detail));
  const all = sortedByPath(groups.flat());
  const files = all.map(contextFile);
  const totalBytes = files.reduce((sum, { size }) => sum + size, 0);
  const largest = [...files].sort((a, b) => b.size - a.size).slice(0, 5);
  const large = sizeWarning(totalBytes, files.length, largest, ignore);
  return {
    files,
    sourceHash: sourceHash(input.dockerfileText, files),
    archives: groups.flatMap((group, index) =>
      group.length === 0 ? [] : [contextArchive(group, selection.names[index] ?? "")],
    ),
    totalBytes,
    largest,
    warnings: large === undefined ? warnings : [...warnings, large],
    summaries: new Map(own.map(({ summary, detail }) => [detail, summary])),
  };
}

/** Bytes that an ignore file may have. */
const MOST_IGNORE_FILE = 2 ** 20;

function readRules({ contextDir, dockerfile }: ContextInput): {
  readonly matcher: PatternMatcher;
  readonly name: string;
  readonly exists: boolean;
} {
  const beside = dockerfile === undefined ? [] : [`${dockerfile}.dockerignore`];
  for (const file of [...beside, join(contextDir, ".dockerignore")]) {
    const name = relative(contextDir, file).startsWith("..") ? file : relative(contextDir, file).replaceAll("\\", "/");
    let content: Buffer;
    try {
      content = readNamedFile(file, MOST_IGNORE_FILE, [contextDir, dirname(file)]);
    } catch (error) {
      if (error instanceof UnsafeFile)
        throw new ContextError([
          `The ignore file "${name}" ${error.message}. Put a regular file there, in the build context.`,
        ]);
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT" || code === "ENOTDIR") continue;
      throw new ContextError([`The ignore file "${name}" cannot be read: ${reason(error)}.`]);
    }
    try {
      return { matcher: new PatternMatcher(readIgnoreFile(content, name), name), name, exists: true };
    } catch (error) {
      throw new ContextError([(error as Error).message]);
    }
  }
  return { matcher: new PatternMatcher([], ".dockerignore"), name: ".dockerignore", exists: false };
}

/** Whether the Dockerfile that is built is the one at the context's root. */
function isRoots({ contextDir, dockerfile }: ContextInput): boolean {
  if (dockerfile === undefined) return false;
  try {
    return realpathSync(dockerfile) === realpathSync(join(contextDir, "Dockerfile"));
  } catch {
    return false;
  }
}
