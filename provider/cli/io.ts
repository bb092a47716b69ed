/** The exit codes of every command. */
export const exitCodes = { ok: 0, error: 1, usage: 64 } as const;

/** Where a command reads and writes; passed in, so that tests need no process. */
export interface Io {
  out(text: string): void;
  err(text: string): void;
  env: NodeJS.ProcessEnv;
  /** Path of this executable, which contains the providers; undefined: it is a script for Node. */
  executable?: string | undefined;
  /** Resolves when stdout has taken what was written; undefined: it takes everything at once. */
  drained?: (() => Promise<void>) | undefined;
  /** Width of the terminal that stdout is; undefined: it is none. */
  outColumns?: number | undefined;
  /** The same for stderr. */
  errColumns?: number | undefined;
  /** All of standard input; undefined: there is none. */
  read?: (() => Promise<string>) | undefined;
  /** Asks a question on the terminal; undefined: there is none to answer it. */
  ask?: ((question: string) => Promise<string>) | undefined;
  /** Aborted when the user presses Ctrl-C. */
  signal?: AbortSignal | undefined;
}
