import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { BuildRow, SnapshotRow } from "../world/rows";
import type { World } from "../world/world";

/** How long changes are collected before they are written, in ms. */
const GATHER_MS = 20;

export interface Kept {
  version: 1;
  organizationId: string;
  apiKey: string;
  runnerId: string;
  snapshots: SnapshotRow[];
  builds: BuildRow[];
}

/** The content of the file; undefined if it does not exist. @throws Error if it is not a data file of the local API */
export function load(file: string): Kept | undefined {
  if (!existsSync(file)) return undefined;
  let kept: unknown;
  try {
    kept = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(`${file} is not a data file of the local API (${error instanceof Error ? error.message : String(error)}). Choose another file, or delete it`);
  }
  const wrong = problem((kept ?? {}) as Partial<Kept>);
  if (wrong !== null) throw new Error(`${file} is not a data file of the local API (${wrong}). Choose another file, or delete it`);
  return kept as Kept;
}

/** What is wrong with the content of a data file; null: nothing. */
function problem(kept: Partial<Kept>): string | null {
  if (kept.version !== 1) return "version is not 1";
  for (const name of ["organizationId", "apiKey", "runnerId"] as const) if (typeof kept[name] !== "string") return `${name} is missing`;
  const rows = (name: "snapshots" | "builds", key: "id" | "snapshotRef"): string | null => {
    const list = kept[name] as unknown;
    if (!Array.isArray(list)) return `${name} is missing`;
    const odd = list.findIndex((row: unknown) => typeof row !== "object" || row === null || typeof (row as Record<string, unknown>)[key] !== "string");
    return odd === -1 ? null : `${name}[${odd}] has no ${key}`;
  };
  return rows("snapshots", "id") ?? rows("builds", "snapshotRef");
}

/** Restores the rows of a data file. Pulls and builds start again. @returns rows that have to be started */
export function restore(world: World, kept: Kept): SnapshotRow[] {
  for (const build of kept.builds) world.builds.set(build.snapshotRef, build);
  const rows = [...kept.snapshots].sort((a, b) => a.seq - b.seq).map((row) => {
    const again = row.state === "pulling" || row.state === "building" ? { state: "pending" } : {};
    return world.insert({ ...row, ...again });
  });
  return rows.filter((row) => row.state === "pending" || row.state === "removing");
}

/** Writes the organization's snapshots after every change. Returns a function that writes at once. @throws Error of the file system */
export function keep(world: World, file: string): () => void {
  let cancel: (() => void) | undefined;
  const write = () => {
    cancel?.();
    cancel = undefined;
    const kept: Kept = {
      version: 1, organizationId: world.own.id, apiKey: world.apiKey.value, runnerId: world.runnerId,
      snapshots: [...world.snapshots.values()].filter((row) => row.organizationId === world.own.id), builds: [...world.builds.values()],
    };
    // Replaced by a rename, so that a kill never leaves half a file.
    const part = `${file}.${process.pid}.tmp`;
    writeFileSync(part, JSON.stringify(kept), { mode: 0o600 });
    renameSync(part, file);
  };
  world.changed = () => {
    // A failed write is repeated with the next change, and at the end, where the error is reported.
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
