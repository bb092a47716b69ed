import { readFileSync, realpathSync } from "node:fs";
import { join, relative } from "node:path";
import { contextArchive, type ContextArchive, type PackedFile } from "../archive/context-archive";
import type { ContextSource } from "../context-source";
import type { DigestCache } from "../hash/digest-cache";
import { executableBits } from "../hash/executable-bits";
import { digestFile, FileChanging, type FileDigest } from "../hash/file-digest";
import { sortedByPath, sourceHash, type ContextFile } from "../hash/source-hash";
import { readIgnoreFile } from "../ignore/ignore-file";
import { PatternError } from "../ignore/pattern";
import { PatternMatcher } from "../ignore/pattern-matcher";
import { Pace } from "../pace";
import { judgeBuilderFiles } from "./builder-files";
import { ContextError, reason } from "./context-error";
import { ContextTree } from "./context-tree";
import { listedSources } from "./listed-sources";
import { selectFiles, type SelectedFile } from "./select-files";
import { sizeWarning } from "./size-warning";

export interface ContextInput {
  /** Root of the build context, absolute. */
  readonly contextDir: string;
  /** The Dockerfile as sent. */
  readonly dockerfileText: string;
  /** The Dockerfile on disk, absolute, if there is one: `<Dockerfile>.dockerignore` beside it wins over `.dockerignore` in the context's root. */
  readonly dockerfile?: string | undefined;
  /** What the Dockerfile's instructions name. Not used when `context` is given. */
  readonly sources: readonly ContextSource[];
  /** Files and folders to send instead, inside `contextDir`: relative to it, or absolute. */
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
}

/** The files of a build context as the builder will see them. */
export interface ReadContext {
  /** Sorted by path. The Dockerfile is not among them: the builder gets its text apart. */
  readonly files: readonly ContextFile[];
  /** `v2:` and 64 hex digits; see `docs/source-hash.md`. */
  readonly sourceHash: string;
  /** One for each path that an instruction names, in their order; each file is in one only, and there are no empty ones. */
  readonly archives: readonly ContextArchive[];
  /** Bytes of all files. */
  readonly totalBytes: number;
  /** The largest files, at most five, largest first. */
  readonly largest: readonly ContextFile[];
  /** What the user should know, each a sentence or more. */
  readonly warnings: readonly string[];
}

/**
 * Finds, reads and hashes what a Dockerfile takes from its build context, as `docker build` would see it.
 * @throws ContextError with all problems found, each naming the file or the line; the signal's reason when it aborts
 */
export async function readContext(input: ContextInput, deps: ContextDeps): Promise<ReadContext> {
  deps.signal?.throwIfAborted();
  const platform = deps.platform ?? process.platform;
  const pace = new Pace(deps.signal);
  const ignore = readRules(input);
  const tree = new ContextTree(input.contextDir, ignore.matcher, platform);
  const sources = input.context === undefined ? input.sources : listedSources(input.context, input.contextDir);
  const selection = await selectFiles(tree, sources, ignore.name, pace).catch((error: unknown) => {
    throw error instanceof PatternError ? new ContextError([error.message]) : error;
  });
  const warnings = [...selection.warnings, ...judgeBuilderFiles(tree, selection.builderFiles, input.dockerfileText, isRoots(input))];
  const groups = await hashed(selection.groups, tree, { ...deps, platform }, pace);
  const all = sortedByPath(groups.flat());
  const files: ContextFile[] = all.map(({ path, executable, size, sha256 }) => ({ path, executable, size, sha256 }));
  const totalBytes = files.reduce((sum, { size }) => sum + size, 0);
  const largest = [...files].sort((a, b) => b.size - a.size).slice(0, 5);
  const large = sizeWarning(totalBytes, files.length, largest, ignore);
  return {
    files,
    sourceHash: sourceHash(input.dockerfileText, files),
    archives: groups.filter((group) => group.length > 0).map(contextArchive),
    totalBytes,
    largest,
    warnings: large === undefined ? warnings : [...warnings, large],
  };
}

async function hashed(groups: readonly (readonly SelectedFile[])[], tree: ContextTree, deps: ContextDeps & { platform: NodeJS.Platform }, pace: Pace): Promise<PackedFile[][]> {
  const isExecutable = await executableBits(tree.onDisk(""), deps.platform, deps.signal);
  const kept = await deps.cache?.of(tree.onDisk(""));
  const problems: string[] = [];
  const packed: PackedFile[][] = [];
  try {
    for (const group of groups) {
      const files: PackedFile[] = [];
      packed.push(files);
      for (const { path, real } of group) {
        if (pace.due) await pace.rest();
        const onDisk = tree.onDisk(real);
        let digest: FileDigest;
        try {
          digest = await digestFile(onDisk, kept, deps.now, deps.signal);
        } catch (error) {
          deps.signal?.throwIfAborted();
          problems.push(unreadable(path, error));
          continue;
        }
        files.push({ path, onDisk, executable: isExecutable(real, digest.mode), size: digest.size, sha256: digest.sha256 });
      }
    }
  } finally {
    await kept?.save();
  }
  if (problems.length > 0) throw new ContextError(problems);
  return packed;
}

function unreadable(path: string, error: unknown): string {
  if (error instanceof FileChanging) return `"${path}" in the build context keeps changing while it is being read. Stop the process that writes to it, or add it to the ignore file.`;
  return `"${path}" in the build context cannot be read: ${reason(error)}. Make it readable, or add it to the ignore file.`;
}

function readRules({ contextDir, dockerfile }: ContextInput): { readonly matcher: PatternMatcher; readonly name: string; readonly exists: boolean } {
  const beside = dockerfile === undefined ? [] : [`${dockerfile}.dockerignore`];
  for (const file of [...beside, join(contextDir, ".dockerignore")]) {
    const name = relative(contextDir, file).startsWith("..") ? file : relative(contextDir, file).replaceAll("\\", "/");
    let content: Buffer;
    try {
      content = readFileSync(file);
    } catch (error) {
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
