import type { SnapshotDto } from "../lifecycle";
import { isSuccessorName, isSuccessorOf } from "../snapshot/names";
import { classify } from "../snapshot/states";

/** Why a snapshot can go. */
export type PruneReason = "left over from a replacement" | "failed" | "inactive" | "not used";

export interface PruneRules {
  /** IDs and names of the given states. */
  readonly managed: readonly { readonly id: string; readonly name: string | null }[];
  /** Kept if it was used within so many ms. */
  readonly minIdleMs: number;
  /** Kept if it was created within so many ms. */
  readonly minAgeMs: number;
  /** Of the name. */
  readonly filter: (name: string) => boolean;
  /** ms since the epoch. */
  readonly now: number;
}

export interface Candidate {
  readonly dto: SnapshotDto;
  readonly reason: PruneReason;
}

/** What deleting candidates frees. */
export interface Freed {
  /** Places of the snapshot quota, which counts what is active or on its way. */
  readonly quota: number;
  /** GiB; snapshots whose size the API does not tell aside. */
  readonly gib: number;
}

/** Snapshots that can go, the longest unused first. What is used, in flight, general, young, or in a state is kept. Pure. */
export function candidates(snapshots: readonly SnapshotDto[], rules: PruneRules): Candidate[] {
  return snapshots
    .flatMap((dto) => {
      const reason = reasonFor(dto, snapshots, rules);
      return reason === null ? [] : [{ dto, reason }];
    })
    .sort((a, b) => lastUse(a.dto) - lastUse(b.dto) || (a.dto.name < b.dto.name ? -1 : 1));
}

/** @returns null: it is kept */
export function reasonFor(dto: SnapshotDto, all: readonly SnapshotDto[], { managed, minIdleMs, minAgeMs, filter, now }: PruneRules): PruneReason | null {
  const phase = classify(dto.state);
  // A state that this release does not know says nothing, so it is kept.
  if (dto.general || !["ready", "idle", "failed"].includes(phase) || !filter(dto.name)) return null;
  // By name, too: a snapshot that was made again has the name that programs refer to.
  if (managed.some(({ id, name }) => id === dto.id || name === dto.name)) return null;
  // A date that cannot be read is no proof of age.
  if (!(now - Date.parse(dto.createdAt) >= minAgeMs)) return null;
  if (dto.lastUsedAt && !(now - Date.parse(dto.lastUsedAt) >= minIdleMs)) return null;
  if (isSuccessorName(dto.name)) {
    const of = managed.find(({ name }) => isSuccessorOf(dto.name, name ?? ""));
    // The replacement is unfinished: this is the only snapshot that the resource has.
    if (of !== undefined && !all.some(({ id }) => id === of.id)) return null;
    return "left over from a replacement";
  }
  return phase === "failed" ? "failed" : phase === "idle" ? "inactive" : "not used";
}

export function freed(found: readonly Candidate[]): Freed {
  return { quota: found.filter(({ dto }) => classify(dto.state) === "ready").length, gib: found.reduce((sum, { dto }) => sum + (dto.size ?? 0), 0) };
}

function lastUse({ lastUsedAt, createdAt }: SnapshotDto): number {
  return Date.parse(lastUsedAt ?? createdAt);
}
