import { counted } from "../../kit/text/numbers";
import { type Candidate, freed } from "../../fleet/prune";

/** What became of one candidate. */
export interface Result {
  readonly id: string;
  readonly name: string;
  /** `gone`: somebody else had deleted it. */
  readonly outcome: "deleted" | "gone" | "kept" | "failed";
  /** Why it is kept, or what failed. */
  readonly why?: string;
}

export function summary(found: readonly Candidate[]): string {
  const { quota, gib } = freed(found);
  return `${counted(found.length, "snapshot")} can be deleted. This frees ${counted(quota, "slot")} of the snapshot quota (inactive and failed snapshots do not count) and ${gib.toFixed(2)} GiB.`;
}

/** What a run found, as an object. @param total snapshots of the organization @param results with --delete: what became of each candidate */
export function report(found: readonly Candidate[], total: number, now: number, results?: readonly Result[]): object {
  const of = (outcome: Result["outcome"]): object[] =>
    (results ?? [])
      .filter((it) => it.outcome === outcome)
      .map(({ name, id, why }) => ({ name, id, ...(why === undefined ? {} : { why }) }));
  return {
    generatedAt: new Date(now).toISOString(),
    snapshots: total,
    frees: freed(found),
    candidates: found.map(({ reason, dto: { id, name, state, size, createdAt, lastUsedAt } }) => ({
      name,
      id,
      reason,
      state,
      size: size ?? null,
      createdAt,
      lastUsedAt: lastUsedAt ?? null,
    })),
    ...(results === undefined
      ? {}
      : { deleted: of("deleted"), gone: of("gone"), kept: of("kept"), failed: of("failed") }),
  };
}
