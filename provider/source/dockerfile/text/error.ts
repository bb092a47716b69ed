/**
 * What is wrong with a Dockerfile, or cannot be known from it. `line` is 1-based; `instruction` is the instruction in one line, such as `COPY $A /app`.
 * The message has both.
 */
export class DockerfileError extends Error {
  override readonly name = "DockerfileError";

  constructor(
    readonly line: number,
    readonly instruction: string,
    readonly reason: string,
  ) {
    super(`Dockerfile line ${line}${instruction === "" ? "" : ` (${instruction})`}: ${reason}`);
  }
}

/** What BuildKit would refuse, before it is known in which line it stands. */
export class SyntaxProblem extends Error {}

/** A value that the Dockerfile's text does not determine. */
export class UnknownValue extends Error {}

const LONGEST = 100;

/** An instruction in one line, for messages. */
export function inOneLine(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}

/** Runs `read` and says, for whatever is wrong, where it is. */
export function at<T>(place: { readonly line: number; readonly text: string }, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof SyntaxProblem) throw new DockerfileError(place.line, inOneLine(place.text), error.message);
    if (error instanceof UnknownValue) {
      throw new DockerfileError(place.line, inOneLine(place.text), `${error.message} To build anyway, list the files that the build reads in context.`);
    }
    throw error;
  }
}
