/** The exit codes of every command. */
export const exitCodes = { ok: 0, error: 1, usage: 64 } as const;

/** Where a command reads and writes; passed in, so that tests need no process. */
export interface Io {
  out(text: string): void;
  err(text: string): void;
  env: NodeJS.ProcessEnv;
}
