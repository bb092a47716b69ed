import type { Io } from "./io";

/** Standard streams, environment and signals of this process. A second Ctrl-C ends it at once. */
export function processIo(): Io {
  // `head` closes the pipe when it has enough.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  let stop: AbortController | null = null;
  const terminal = process.stdin.isTTY && process.stderr.isTTY;
  return {
    out: (text) => void process.stdout.write(text),
    drained: () => (process.stdout.writableNeedDrain ? new Promise((resolve) => process.stdout.once("drain", resolve)) : Promise.resolve()),
    err: (text) => void process.stderr.write(text),
    env: process.env,
    outColumns: process.stdout.isTTY ? process.stdout.columns : undefined,
    errColumns: process.stderr.isTTY ? process.stderr.columns : undefined,
    read: async () => {
      const parts: Buffer[] = [];
      for await (const part of process.stdin as AsyncIterable<Buffer>) parts.push(part);
      return Buffer.concat(parts).toString();
    },
    ask: terminal ? ask : undefined,
    // Other commands, such as `local`, handle signals themselves.
    get signal() {
      if (stop === null) {
        const made = (stop = new AbortController());
        for (const name of ["SIGINT", "SIGTERM"] as const) {
          process.on(name, () => (made.signal.aborted ? process.exit(1) : made.abort(new Error("interrupted"))));
        }
      }
      return stop.signal;
    },
  };
}

async function ask(question: string): Promise<string> {
  const { createInterface } = await import("node:readline/promises");
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await prompt.question(question);
  } finally {
    prompt.close();
  }
}
