import type { SnapshotDto } from "../lifecycle";

/** A snapshot in the form of the official SDK. Times are `Date` objects. */
export interface Snapshot extends Omit<SnapshotDto, "createdAt" | "updatedAt" | "lastUsedAt"> {
  createdAt: Date | null;
  updatedAt: Date | null;
  /** Time of the last use by a sandbox; null if it has not been used yet. */
  lastUsedAt: Date | null;
}

export function snapshotOf(dto: SnapshotDto): Snapshot {
  const date = (text: string | null | undefined): Date | null => (text ? new Date(text) : null);
  return { ...dto, createdAt: date(dto.createdAt), updatedAt: date(dto.updatedAt), lastUsedAt: date(dto.lastUsedAt) };
}

/** The states of a snapshot, with the names of the official SDK. A newer server may have additional states. */
export const SnapshotState = {
  PENDING: "pending",
  PULLING: "pulling",
  BUILDING: "building",
  SNAPSHOTTING: "snapshotting",
  ACTIVE: "active",
  INACTIVE: "inactive",
  ERROR: "error",
  BUILD_FAILED: "build_failed",
  REMOVING: "removing",
} as const;
export type SnapshotState = (typeof SnapshotState)[keyof typeof SnapshotState];
