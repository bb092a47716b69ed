import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { BuildRow, SnapshotRow } from "../world/rows";
import type { World } from "../world/world";

/** How long changes are gathered before they are written. */
const GATHER_MS = 20;

export interface Kept {
  version: 1;
  organizationId: string;
  apiKey: string;
  runnerId: string;
  snapshots: SnapshotRow[];
  builds: BuildRow[];
}

/** What the file holds; undefined: there is none yet. @throws Error when it is of another kind */
export function load(file: string): Kept | undefined {
  if (!existsSync(file)) return undefined;
  let kept: unknown;
  try {
    kept = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(`reading ${file}: not the data of a local API (${error instanceof Error ? error.message : String(error)})`);
  }
  const { version, organizationId, snapshots } = (kept ?? {}) as Partial<Kept>;
  if (version !== 1 || typeof organizationId !== "string" || !Array.isArray(snapshots)) throw new Error(`reading ${file}: not the data of a local API`);
  return kept as Kept;
}

/** Puts the kept rows back; what was pulling or building starts again. @returns rows that have to be started */
export function restore(world: World, kept: Kept): SnapshotRow[] {
  for (const build of kept.builds) world.builds.set(build.snapshotRef, build);
  const rows = [...kept.snapshots].sort((a, b) => a.seq - b.seq).map((row) => {
    const again = row.state === "pulling" || row.state === "building" ? { state: "pending" } : {};
    return world.insert({ ...row, ...again });
  });
  return rows.filter((row) => row.state === "pending" || row.state === "removing");
}

/** Writes the organization's snapshots after every change. The function that it returns writes at once. @throws Error from the file system */
export function keep(world: World, file: string): () => void {
  let cancel: (() => void) | undefined;
  const write = () => {
    cancel?.();
    cancel = undefined;
    const kept: Kept = {
      version: 1, organizationId: world.own.id, apiKey: world.apiKey.value, runnerId: world.runnerId,
      snapshots: [...world.snapshots.values()].filter((row) => row.organizationId === world.own.id), builds: [...world.builds.values()],
    };
    // Replaced in one step: a kill never leaves half a file.
    const part = `${file}.${process.pid}.tmp`;
    writeFileSync(part, JSON.stringify(kept), { mode: 0o600 });
    renameSync(part, file);
  };
  world.changed = () => {
    // A file that cannot be written now is tried again with the next change, and at the end, where the error is told.
    cancel ??= world.clock.later(GATHER_MS, () => {
      try {
        write();
      } catch {
        cancel = undefined;
      }
    });
  };
  return write;
}
