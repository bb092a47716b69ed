import { closeSync, openSync, writeSync } from "node:fs";
import { type Io, USUAL_WIDTH } from "./io";
import { watchStreams } from "./output/streams";

/** Standard streams, environment and signals of this process. A second Ctrl-C ends it at once. */
export function processIo(): Io {
  watchStreams(process);
  let stop: AbortController | null = null;
  return {
    out: (text) => void process.stdout.write(text),
    drained: () =>
      process.stdout.writableNeedDrain
        ? new Promise((resolve) => process.stdout.once("drain", resolve))
        : Promise.resolve(),
    err: (text) => void process.stderr.write(text),
    env: process.env,
    get outColumns() {
      return widthOf(process.stdout);
    },
    get errColumns() {
      return widthOf(process.stderr);
    },
    read: async () => {
      const parts: Buffer[] = [];
      for await (const part of process.stdin as AsyncIterable<Buffer>) parts.push(part);
      return Buffer.concat(parts);
    },
    // Asked when it is needed: a stream for standard input that nobody reads is a tenth of a short command's time.
    get ask() {
      const terminal = process.stdin.isTTY && process.stderr.isTTY;
      return terminal ? (question: string) => ask(question, process.stdin, process.stderr) : undefined;
    },
    get askSecret() {
      return process.stdin.isTTY && hasTerminal() ? askSecret : undefined;
    },
    get askTerminal() {
      return hasTerminal() ? askTerminal : undefined;
    },
    // Other commands, such as `local`, handle signals themselves.
    get signal() {
      if (stop === null) {
        const made = (stop = new AbortController());
        for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
          process.on(name, () => (made.signal.aborted ? process.exit(1) : made.abort(new Error("interrupted"))));
        }
      }
      return stop.signal;
    },
  };
}

/** `script`, `docker exec -t` and many CI runners have a terminal of 0 columns: nobody told it its width. */
export function widthOf({
  isTTY,
  columns,
}: {
  isTTY?: boolean | undefined;
  columns?: number | undefined;
}): number | undefined {
  if (isTTY !== true) return undefined;
  return columns !== undefined && columns > 0 ? columns : USUAL_WIDTH;
}

/** Resolves with "" at the end of the input and on Ctrl-C. */
async function ask(
  question: string,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  options: { terminal?: boolean; historySize?: number } = {},
): Promise<string> {
  const { createInterface } = await import("node:readline");
  const prompt = createInterface({ input, output, ...options });
  return new Promise((resolve) => {
    prompt.once("close", () => resolve(""));
    prompt.question(question, (answer) => {
      resolve(answer);
      prompt.close();
    });
  });
}

/** The terminal of this process, whatever its standard streams are. */
const TERMINAL =
  process.platform === "win32"
    ? { input: "\\\\.\\CONIN$", output: "\\\\.\\CONOUT$" }
    : { input: "/dev/tty", output: "/dev/tty" };

function hasTerminal(): boolean {
  try {
    closeSync(openSync(TERMINAL.input, "r+"));
    return true;
  } catch {
    return false;
  }
}

async function askTerminal(question: string): Promise<string> {
  const { ReadStream, WriteStream } = await import("node:tty");
  const input = new ReadStream(openSync(TERMINAL.input, "r+"));
  const output = new WriteStream(openSync(TERMINAL.output, "r+"));
  try {
    return await ask(question, input, output);
  } finally {
    input.destroy();
    output.destroy();
  }
}

/**
 * Asks on standard input, which is a terminal: a stream of our own would keep an executable from ending. What is typed is edited as
 * everywhere, and nothing of it is shown. The question goes to the terminal wherever messages go.
 */
async function askSecret(question: string): Promise<string> {
  const { Writable } = await import("node:stream");
  const terminal = openSync(TERMINAL.output, "r+");
  try {
    // Before the question, because what is typed at once would be shown.
    process.stdin.setRawMode(true);
    writeSync(terminal, question);
    return await ask("", process.stdin, new Writable({ write: (_part, _encoding, done) => done() }), {
      terminal: true,
      historySize: 0,
    });
  } finally {
    process.stdin.setRawMode(false);
    writeSync(terminal, "\n");
    closeSync(terminal);
  }
}
