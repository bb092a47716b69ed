import type { SnapshotDto } from "../../../api/types";
import { classify } from "../states";

/** `active` of a state: only `inactive` says no, only `active` says yes, everything else says nothing. */
export function activeOf(state: string, otherwise: boolean): boolean {
  const phase = classify(state);
  return phase === "ready" ? true : phase === "idle" ? false : otherwise;
}

/** Missing and empty both say nothing: the API leaves out regions that the organization may no longer use. */
export function regionsOf({ regionIds }: Pick<SnapshotDto, "regionIds">): string[] | undefined {
  return regionIds && regionIds.length > 0 ? [...new Set(regionIds)].sort() : undefined;
}

/** Why a snapshot failed; null for one that has not. The API keeps the reason after a recovery. */
export function errorOf({ state, errorReason }: Pick<SnapshotDto, "state" | "errorReason">): string | null {
  const phase = classify(state);
  return phase === "failed" || phase === "unknown" ? (errorReason ?? null) : null;
}
