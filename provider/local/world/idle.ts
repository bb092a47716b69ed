import type { SnapshotRow } from "./rows";
import type { World } from "./world";

/** Active snapshots unused for too long, as the server's job finds them: not when one of the same image was used or made since. */
export function idleSnapshots(world: World, days?: number): SnapshotRow[] {
  const now = world.clock.now();
  const since = (row: SnapshotRow) =>
    now - (days ?? (world.organizations.get(row.organizationId)?.deactivationMinutes ?? 20_160) / 1440) * 86_400_000;
  const fresh = (row: SnapshotRow, cutoff: number) => (row.lastUsedAt ?? 0) >= cutoff || row.createdAt >= cutoff;
  return [...world.snapshots.values()].filter((row) => {
    if (row.general || row.state !== "active" || fresh(row, since(row))) return false;
    return !world.withRef(row.ref).some((other) => other.state === "active" && fresh(other, since(row)));
  });
}

const EVERY_MS = 600_000;

/** Runs the job every ten minutes from now on. */
export function watchIdle(world: World, deactivate: () => void): void {
  world.clock.later(EVERY_MS - (world.clock.ticks() % EVERY_MS), () => {
    deactivate();
    watchIdle(world, deactivate);
  });
}
