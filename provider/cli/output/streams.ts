import { systemErrorText } from "../../kit/text/system-error";
import { exitCodes } from "../io";

/** How long a command that has printed everything may take to end with its own exit code, in ms. */
const END_MS = 100;

/**
 * Ends the process when its output goes nowhere. A reader that has enough, such as `head`, is no error; a full disk is. Without this, Node
 * prints a stack trace.
 */
export function watchStreams(process: NodeJS.Process): void {
  let over = false;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (over) return;
    over = true;
    if (error.code === "EPIPE") return void setTimeout(() => process.exit(), END_MS);
    process.stderr.write(`daytona-iac: the output cannot be written: ${systemErrorText(error)}.\n`);
    process.exit(exitCodes.error);
  });
  // There is no place left to say it. What the command does goes on, and its exit code says how it went.
  process.stderr.on("error", () => undefined);
}
