import { cleanPath } from "../ignore/clean-path";
import { BadPattern, fileMatch, hasWildcards } from "../ignore/file-match";
import type { Pace } from "../pace";
import { ContextError } from "../context-error";
import { below, parent, type ContextTree, type Entry } from "./context-tree";

/** A path of COPY or ADD, in the two parts that BuildKit treats apart. */
export interface Wildcard {
  /** The folders before the first wildcard. Links in it are followed; a backslash in it is a character like any other. */
  readonly folder: string;
  /** The rest; undefined when the path has no wildcards. */
  readonly pattern: string | undefined;
}

/** Splits a path as `ResolveWildcards` of `github.com/tonistiigi/fsutil/copy` does. */
export function splitWildcards(path: string): Wildcard {
  const parts = rooted(path).split("/");
  const first = parts.findIndex(hasWildcards);
  return first < 0
    ? { folder: parts.join("/"), pattern: undefined }
    : { folder: parts.slice(0, first).join("/"), pattern: parts.slice(first).join("/") };
}

/** The path from the context's root, clean, without a leading slash; `..` above the root means the root, as in BuildKit. */
export const rooted = (path: string): string => cleanPath(`/${path}`).slice(1);

/**
 * The entries of a folder that a pattern matches, as BuildKit finds them: Go's `filepath.Match` on the path within the folder, links not followed, nothing
 * looked for in a folder that matches.
 * @param real the folder, links followed
 * @param ignored whether to find also what the ignore rules leave out
 * @returns paths within the folder, sorted; undefined when the pattern is malformed
 */
export async function expand(
  tree: ContextTree,
  real: string,
  pattern: string,
  pace: Pace,
  ignored = false,
): Promise<string[] | undefined> {
  const found: string[] = [];
  const parts = pattern.split("/");
  // A class can match a slash, so only a pattern without one tells what its folders look like; each can go one folder deeper.
  const plain = !pattern.includes("[");
  const deepest = parts.length + pattern.split("[").length - 1;
  const goesOn = (within: string, depth: number): boolean =>
    depth < deepest && (!plain || fileMatch(parts.slice(0, depth).join("/"), within));
  const visit = async (folder: string, relative: string, depth: number): Promise<void> => {
    for (const { name, kind, valid } of ignored ? readable(tree, folder) : tree.entries(folder)) {
      if (pace.due) await pace.rest();
      const path = below(folder, name);
      const within = below(relative, name);
      const matches = valid && fileMatch(pattern, within);
      const out = !ignored && tree.level(folder).matches(path);
      if (kind !== "folder") {
        if (matches && !out) found.push(within);
      } else if (out && !tree.level(folder).hasExceptionsIn(path)) continue;
      else if (matches) {
        if (!out || (await holdsFiles(tree, path, pace))) found.push(within);
      } else if (goesOn(within, depth)) await visit(path, within, depth + 1);
    }
  };
  try {
    await visit(real, "", 1);
  } catch (error) {
    if (error instanceof BadPattern) return undefined;
    throw error;
  }
  return found.sort();
}

/** Nobody needs to be able to read what is ignored. */
function readable(tree: ContextTree, folder: string): readonly Entry[] {
  try {
    return tree.entries(folder);
  } catch (error) {
    if (error instanceof ContextError) return [];
    throw error;
  }
}

/** Whether exceptions leave anything in a folder that the ignore rules leave out. */
export async function holdsFiles(tree: ContextTree, folder: string, pace: Pace): Promise<boolean> {
  if (tree.ignoredBy(folder) === undefined) return true;
  if (!tree.level(parent(folder)).hasExceptionsIn(folder)) return false;
  for (const { name, kind } of tree.entries(folder)) {
    if (pace.due) await pace.rest();
    const path = below(folder, name);
    if (tree.ignoredBy(path) === undefined || (kind === "folder" && (await holdsFiles(tree, path, pace)))) return true;
  }
  return false;
}
