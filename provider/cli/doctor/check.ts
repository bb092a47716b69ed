/** What one check found. `failed` makes the command end with 1, `warning` is worth knowing, and `skipped` is what could not be checked or is not there. */
export type Status = "ok" | "warning" | "failed" | "skipped";

/** One check, for people and for scripts. */
export interface Check {
  /** For scripts, the same in every release: `api`, `permission:write:snapshots`. The lock file has one check for each provider and place, so an `id` can occur twice. */
  readonly id: string;
  readonly status: Status;
  /** What the line is about, for people. */
  readonly subject: string;
  /** What was found. */
  readonly text: string;
  /** What to do; null: nothing, or `text` has it. */
  readonly action: string | null;
}

/** A check for which nothing has to be done. */
export const good = (id: string, subject: string, text: string): Check => ({
  id,
  status: "ok",
  subject,
  text,
  action: null,
});

/** @param action what to do; null: nothing */
export const skipped = (id: string, subject: string, text: string, action: string | null = null): Check => ({
  id,
  status: "skipped",
  subject,
  text,
  action,
});

/** @param action what to do; null: nothing */
export const warning = (id: string, subject: string, text: string, action: string | null = null): Check => ({
  id,
  status: "warning",
  subject,
  text,
  action,
});

/** @param action what to do; null: `text` has it */
export const failed = (id: string, subject: string, text: string, action: string | null): Check => ({
  id,
  status: "failed",
  subject,
  text,
  action,
});
