import { evaluate } from "./copies";
import { normalized, refuseOtherFrontend } from "./text/directives";
import { DockerfileError } from "./text/error";
import { cleaned, hasWildcards } from "./paths";
import { isRemote } from "./remote";
import { readBuild } from "./stages";

/**
 * What a Dockerfile reads from a build context although none is sent, as instructions (`COPY app.py`): a build of it fails for certain. Whatever may
 * find something counts as found: patterns, variables that the base image may set, and all of a file that cannot be read or has another frontend.
 */
export function copiesWithoutContext(dockerfile: string): string[] {
  const text = normalized(dockerfile);
  try {
    refuseOtherFrontend(text, "");
    return evaluate(readBuild(text, {}), {}).copied.filter(isMissing).map(({ kind, source }) => `${WORDS[kind]}${source}`);
  } catch (error) {
    if (error instanceof DockerfileError) return [];
    throw error;
  }
}

const WORDS = { copy: "COPY ", add: "ADD ", bind: "RUN --mount=type=bind,source=" } as const;

function isMissing({ kind, source, parents }: { kind: keyof typeof WORDS; source: string; parents: boolean }): boolean {
  if (parents || (kind === "add" && isRemote(source))) return false;
  const path = cleaned(source);
  // What the builder gets holds the Dockerfile itself, and nothing else.
  return path !== "" && path !== "Dockerfile" && (kind === "bind" || !hasWildcards(path));
}
