/** What a state means to a waiting call. `unknown`: a state that this release has never heard of. */
export type Phase = "settling" | "ready" | "idle" | "failed" | "leaving" | "unknown";

const PHASES: Readonly<Record<string, Phase>> = {
  pending: "settling",
  pulling: "settling",
  building: "settling",
  snapshotting: "settling",
  active: "ready",
  inactive: "idle",
  error: "failed",
  build_failed: "failed",
  removing: "leaving",
};

/** The API's states, as this release knows them. */
export const states: readonly string[] = Object.keys(PHASES);

/** Sorts the API's states; never fails. */
export function classify(state: string | null | undefined): Phase {
  if (state === null || state === undefined || !Object.hasOwn(PHASES, state)) return "unknown";
  return PHASES[state] ?? "unknown";
}
