import { type Redactor, Refused } from "../shared";

/** A failure as the host hands it on: its `message` to the engine, and `<it>: <stack>` to the stack's messages. */
class CallFailure extends Error {
  constructor(message: string, stack: string) {
    super(message);
    this.name = "daytona";
    this.stack = stack;
  }
}

/** The call failed, and nothing is kept of it. */
export function failed(_doing: string, error: unknown, redactor: Redactor): Error {
  if (error instanceof CallFailure) return error;
  if (error instanceof Refused) return new CallFailure(redactor.text(error.message), "");
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  const place = (stack ?? "").split("\n").filter((line) => /^\s+at /.test(line)).slice(0, 6).join("\n");
  return new CallFailure(redactor.text(`The Daytona provider failed: ${name}: ${message}\n${place}\nThis is a fault of the provider, not of your program. Please report it with the text above.`), "");
}

/** The call failed, and the resource is there: the engine keeps `properties`, and the next `up` calls Update. */
export function partlyDone(id: string, properties: Record<string, unknown>, reason: string): Error {
  return Object.assign(new CallFailure(reason, ""), { id, properties, reasons: [reason] });
}
