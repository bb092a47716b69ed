import { resolve } from "node:path";
import type { ContextArchive } from "../archive/context-archive";
import { ContextError } from "../context-error";
import { sortedByPath, type ContextFile } from "../hash/source-hash";

/** `FOLDER/./PATH`, as rsync and `COPY --parents` write where a path begins. */
const PIVOT = /^(.*?)[\\/]\.[\\/](.+)$/s;
/** So many paths tell what is meant. */
const MOST_NAMED = 5;

/** A folder, and what is sent of it. */
export interface Root {
  /** Absolute. */
  readonly contextDir: string;
  readonly context: readonly string[];
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
  /** The summary of a warning that has one of its own. */
  readonly summaries: ReadonlyMap<string, string>;
}

/** What was read of a folder. */
export interface RootPart {
  readonly contextDir: string;
  readonly read: ReadContext;
}

/**
 * The folders that the list `context` takes files from: `FOLDER/./PATH` is PATH in FOLDER, and is sent as PATH. All else is in the context's
 * root. Only so can files of several folders be in one context.
 */
export function listedRoots(paths: readonly string[], contextDir: string): Root[] {
  const found = new Map<string, string[]>();
  for (const path of paths) {
    const [, folder, inside] = PIVOT.exec(path) ?? [];
    const root = folder === undefined ? contextDir : resolve(contextDir, folder === "" ? "/" : folder);
    found.set(root, [...(found.get(root) ?? []), inside ?? path]);
  }
  return [...found].map(([root, context]) => ({ contextDir: root, context }));
}

/**
 * The files of several folders as one context. What is the same in two of them is sent once.
 * @throws ContextError for different files of one path, and for a path that is a file in one and a folder in another
 */
export function joined(parts: readonly RootPart[], sourceHash: (files: readonly ContextFile[]) => string): ReadContext {
  const from = new Map<string, { readonly file: ContextFile; readonly root: string }>();
  const problems: string[] = [];
  for (const { contextDir, read } of parts) {
    for (const file of read.files) {
      const other = from.get(file.path);
      if (other === undefined) from.set(file.path, { file, root: contextDir });
      else if (other.file.sha256 !== file.sha256 || other.file.executable !== file.executable)
        problems.push(
          `context: "${file.path}" is in "${other.root}" and in "${contextDir}", with different content. A build context has only one file for each path: rename one of them.`,
        );
    }
  }
  for (const [path, { root }] of from) {
    const folder = parents(path).find((parent) => from.has(parent));
    if (folder !== undefined)
      problems.push(
        `context: "${folder}" is a file in "${from.get(folder)?.root}" and a folder in "${root}". A build context has one of them: rename the other.`,
      );
  }
  if (problems.length > 0) throw new ContextError(problems.slice(0, MOST_NAMED));
  const files = sortedByPath([...from.values()].map(({ file }) => file));
  const archives = parts.flatMap(({ read }) => read.archives);
  return {
    files,
    sourceHash: sourceHash(files),
    archives: archives.filter(({ hash }, index) => archives.findIndex((other) => other.hash === hash) === index),
    totalBytes: files.reduce((sum, { size }) => sum + size, 0),
    largest: [...files].sort((a, b) => b.size - a.size).slice(0, MOST_NAMED),
    warnings: [...new Set(parts.flatMap(({ read }) => read.warnings))],
    summaries: new Map(parts.flatMap(({ read }) => [...read.summaries])),
  };
}

function parents(path: string): string[] {
  const names = path.split("/").slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join("/"));
}
