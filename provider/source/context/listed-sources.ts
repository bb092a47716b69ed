import { isAbsolute, relative, sep } from "node:path";
import type { ContextSource } from "../context-source";
import { cleanPath } from "../ignore/clean-path";
import { ContextError } from "../context-error";

/**
 * The list `context` as sources: each path is a file or folder inside the context's root, without wildcards.
 * @throws ContextError for a path outside of it, and for a blank one
 */
export function listedSources(paths: readonly string[], contextDir: string): ContextSource[] {
  const problems: string[] = [];
  const inside = paths.map((path) => {
    const slashed = (isAbsolute(path) ? relative(contextDir, path) : path).split(sep).join("/");
    const clean = cleanPath(slashed);
    if (path.trim() === "")
      problems.push('context: an item is blank. Specify a file or a folder, or "." for the whole build context.');
    else if (clean === ".." || clean.startsWith("../") || clean.startsWith("/") || /^[A-Za-z]:/.test(clean)) {
      problems.push(
        `context: "${path}" is outside of the build context "${contextDir}". A build can only use files inside of it; set contextDir to a folder that contains all of them.`,
      );
    }
    return clean;
  });
  if (problems.length > 0) throw new ContextError(problems);
  return inside.map((path) => ({
    line: 0,
    instruction: "context",
    kind: "copy",
    paths: [path],
    exclude: [],
    parents: false,
    wildcards: false,
    required: true,
  }));
}
