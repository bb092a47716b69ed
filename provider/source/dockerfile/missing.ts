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

/** What a Dockerfile reads from a build context, and finds nothing there. No source is in both. */
export interface CopiesWithoutFiles {
  /**
   * A build fails for certain. Whatever may find something counts as found: patterns, variables that the base image may set, and all of a file that
   * cannot be read or has another frontend.
   */
  readonly missing: readonly MissingCopy[];
  /**
   * Patterns of COPY and ADD that match nothing: a build copies nothing there, and need not fail. A pattern with a variable, of `--parents` or with a
   * broken class counts as matching.
   */
  readonly empty: readonly MissingCopy[];
}

/** @param sent clean paths of the files and folders of the context; default: it is empty. What the builder gets holds the Dockerfile itself */
export function copiesWithoutFiles(dockerfile: string, sent: ReadonlySet<string> = new Set()): CopiesWithoutFiles {
  const text = normalized(dockerfile);
  let copied: readonly Copied[];
  try {
    refuseOtherFrontend(text, "");
    copied = evaluate(readBuild(text, {}), {}).copied;
  } catch (error) {
    if (error instanceof DockerfileError) return { missing: [], empty: [] };
    throw error;
  }
  const missing = copied.filter((one) => isMissing(one, (path) => sent.has(path)));
  const paths = ["Dockerfile", ...sent];
  const empty = copied.filter((one) => !missing.includes(one) && isEmptyPattern(one, paths));
  return { missing: missing.map(asInstruction), empty: empty.map(asInstruction) };
}

const asInstruction = ({ kind, source }: Copied): MissingCopy => ({ kind, text: `${WORDS[kind]}${source}` });

function isEmptyPattern({ kind, source, parents }: Copied, paths: readonly string[]): boolean {
  const path = cleaned(source);
  if (parents || source.includes("$") || (kind === "add" && isRemote(source))) return false;
  if (kind === "bind" || !hasWildcards(path)) return false;
  try {
    return !paths.some((one) => fileMatch(path, one));
  } catch (error) {
    if (error instanceof BadPattern) return false;
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
