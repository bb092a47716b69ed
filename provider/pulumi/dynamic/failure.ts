import { capital } from "../../kit/words";
import { reports } from "../../version.gen";
import { type Redactor, Refused } from "../shared";

/**
 * A failure in the form that the host expects: it sends `message` to the engine, which shows it with the resource. The host also prints
 * `<error>: <stack>`; the stack only refers to the message, so that it does not appear twice.
 */
class CallFailure extends Error {
  readonly #doing: string;

  constructor(message: string, doing: string) {
    super(message);
    this.#doing = doing;
    this.stack = "The error is shown with the resource.";
  }

  override toString(): string {
    return `${capital(this.#doing)} failed`;
  }
}

/** The call failed and nothing is kept. `doing` begins the message: `reading snapshot "x"`. */
export function callFailure(doing: string, error: unknown, redactor: Redactor): Error {
  if (error instanceof CallFailure) return error;
  if (error instanceof Refused) return new CallFailure(redactor.text(error.message), doing);
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  const place = (stack ?? "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 6)
    .join("\n");
  return new CallFailure(
    redactor.text(
      `${doing}: the Daytona provider failed: ${name}: ${message}\n${place}\nThis is a bug in the Daytona provider, not in your program. Please report it with the text above: ${reports}`,
    ),
    doing,
  );
}

/** The call failed but the resource exists: the engine keeps `properties`, and the next `up` calls Update. */
export function partlyDone(id: string, properties: Record<string, unknown>, reason: string): Error {
  return Object.assign(new CallFailure(reason, `Snapshot "${id}"`), { id, properties, reasons: [reason] });
}
