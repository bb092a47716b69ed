const LONGEST = 100;
const LONGEST_REASON = 1000;

/**
 * What is wrong with a Dockerfile, or cannot be known from it. `line` is 1-based; `instruction` is the instruction in one line, such as `COPY $A /app`.
 * The message has both.
 */
export class DockerfileError extends Error {
  override readonly name = "DockerfileError";

  readonly reason: string;

  constructor(
    readonly line: number,
    readonly instruction: string,
    reason: string,
  ) {
    // A word of the file can be as long as the file.
    const short = reason.length > LONGEST_REASON ? `${reason.slice(0, LONGEST_REASON)}…` : reason;
    super(`Dockerfile line ${line}${instruction === "" ? "" : ` (${instruction})`}: ${short}`);
    this.reason = short;
  }
}

/** What BuildKit would refuse, before it is known in which line it stands. */
export class SyntaxProblem extends Error {}

/** What BuildKit would work through, but takes more time or memory than a file of somebody else is given here. */
export class TooMuch extends SyntaxProblem {}

/** A value that the Dockerfile's text does not determine. */
export class UnknownValue extends Error {
  constructor(
    message: string,
    /** How the text begins in any case: what stands before the first variable that is not known. */
    readonly before = "",
  ) {
    super(message);
  }
}

/** An instruction in one line, for messages. */
export function inOneLine(text: string): string {
  // Each of many errors in a line shows it.
  const line = text
    .slice(0, LONGEST * 10)
    .replace(/\s+/g, " ")
    .trim();
  return line.length > LONGEST || text.length > LONGEST * 10 ? `${line.slice(0, LONGEST)}…` : line;
}

/** Runs `read` and says, for whatever is wrong, where it is. */
export function at<T>(place: { readonly line: number; readonly text: string }, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof SyntaxProblem) throw new DockerfileError(place.line, inOneLine(place.text), error.message);
    if (error instanceof UnknownValue) {
      throw new DockerfileError(
        place.line,
        inOneLine(place.text),
        `${error.message} To build anyway, list the files that the build reads in context.`,
      );
    }
    throw error;
  }
}
