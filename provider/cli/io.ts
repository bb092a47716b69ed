/** The exit codes of every command. */
export const exitCodes = { ok: 0, error: 1, usage: 64 } as const;

/** Columns of a terminal that does not say how wide it is. */
export const USUAL_WIDTH = 80;

/** Where a command reads and writes; passed in, so that tests need no process. */
export interface Io {
  out(text: string): void;
  err(text: string): void;
  env: NodeJS.ProcessEnv;
  /** Path of this executable, which contains the providers; undefined: it is a script for Node. */
  executable?: string | undefined;
  /** Resolves when stdout has taken what was written; undefined: it takes everything at once. */
  drained?: (() => Promise<void>) | undefined;
  /** Width of the terminal that stdout is, in columns; undefined: it is none. 0: unknown. */
  outColumns?: number | undefined;
  /** The same for stderr. */
  errColumns?: number | undefined;
  /** All of standard input, as bytes or decoded; undefined: there is none. */
  read?: (() => Promise<Uint8Array | string>) | undefined;
  /** Asks a question on the terminal; undefined: there is none to answer it. */
  ask?: ((question: string) => Promise<string>) | undefined;
  /** The same where standard input is taken by something else; undefined: this process has no terminal. */
  askTerminal?: ((question: string) => Promise<string>) | undefined;
  /** Asks for a secret, which is not shown, on the terminal that standard input is; undefined: it is none. */
  askSecret?: ((question: string) => Promise<string>) | undefined;
  /** Aborted when the user presses Ctrl-C. */
  signal?: AbortSignal | undefined;
}
