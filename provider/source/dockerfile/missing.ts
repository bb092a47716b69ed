import { evaluate, type Copied } from "./copies";
import { normalized, refuseOtherFrontend } from "./text/directives";
import { DockerfileError } from "./error";
import { cleaned, hasWildcards, pivoted } from "./paths";
import { isRemote } from "./remote";
import { BadPattern, fileMatch } from "../ignore/file-match";
import { readBuild } from "./stages";

/** A source of an instruction that the build context does not have. */
export interface MissingCopy {
  readonly kind: "copy" | "add" | "bind";
  /** As an instruction: `COPY app.py`. */
  readonly text: string;
}

/**
 * What a Dockerfile reads from a build context that does not have it: a build of it fails for certain. Whatever may find something counts as
 * found: patterns, variables that the base image may set, and all of a file that cannot be read or has another frontend.
 * @param isSent whether the context has a file or a folder, by its clean path; default: it is empty
 */
export function missingCopies(dockerfile: string, isSent: (path: string) => boolean = () => false): MissingCopy[] {
  return copiedThat(dockerfile, (copied) => isMissing(copied, isSent));
}

/**
 * Patterns of COPY and ADD that match nothing of a build context: a build copies nothing there, and does not fail if the instruction has other sources.
 * A pattern with a variable, of `--parents` or with a broken class counts as matching.
 * @param sent clean paths of the files and folders that are sent; default: none. What the builder gets holds the Dockerfile itself
 */
export function emptyPatterns(dockerfile: string, sent: Iterable<string> = []): MissingCopy[] {
  const paths = ["Dockerfile", ...sent];
  return copiedThat(dockerfile, ({ kind, source, parents }) => {
    const path = cleaned(source);
    if (parents || source.includes("$") || (kind === "add" && isRemote(source))) return false;
    if (kind === "bind" || !hasWildcards(path)) return false;
    try {
      return !paths.some((one) => fileMatch(path, one));
    } catch (error) {
      if (error instanceof BadPattern) return false;
      throw error;
    }
  });
}

/** In a file that cannot be read, or has another frontend, there is none. */
function copiedThat(dockerfile: string, filter: (copied: Copied) => boolean): MissingCopy[] {
  const text = normalized(dockerfile);
  try {
    refuseOtherFrontend(text, "");
    return evaluate(readBuild(text, {}), {})
      .copied.filter(filter)
      .map(({ kind, source }) => ({ kind, text: `${WORDS[kind]}${source}` }));
  } catch (error) {
    if (error instanceof DockerfileError) return [];
    throw error;
  }
}

const WORDS = { copy: "COPY ", add: "ADD ", bind: "RUN --mount=type=bind,source=" } as const;

function isMissing({ kind, source, parents }: Copied, isSent: (path: string) => boolean): boolean {
  if (kind === "add" && isRemote(source)) return false;
  const path = parents ? pivoted(source) : cleaned(source);
  // What the builder gets holds the Dockerfile itself.
  if (path === "" || path === "Dockerfile") return false;
  if (kind === "bind" || !hasWildcards(path)) return !isSent(path.replace("/./", "/"));
  // A pattern need not match anything, but the folder where it begins has to be there.
  const begin = parents ? path.slice(0, Math.max(0, path.indexOf("/./"))) : path;
  const names = begin.split("/");
  const wild = names.findIndex(hasWildcards);
  const folder = names.slice(0, wild < 0 ? names.length : wild).join("/");
  return folder !== "" && !isSent(folder);
}
