import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { systemErrorText } from "../../kit/text/system-error";
import type { BuildRow, RegistryRow, SandboxRow, SnapshotRow } from "../world/rows";
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
  /** Missing in files of earlier releases. */
  registries?: RegistryRow[];
  /** Missing in files of earlier releases. */
  sandboxes?: SandboxRow[];
}

/** The content of the file; undefined if it does not exist. @throws Error if it is not a data file of the local API */
export function load(file: string): Kept | undefined {
  if (!existsSync(file)) return undefined;
  let kept: unknown;
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    // Nothing is known of its content: no advice to delete it.
    throw new Error(
      `the data file ${file} cannot be read: ${systemErrorText(error)}. Choose another path, or make it a file that this user can read`,
    );
  }
  try {
    kept = JSON.parse(text);
  } catch (error) {
    throw new Error(
      `${file} is not a data file of the local API (${error instanceof Error ? error.message : String(error)}). Choose another file, or delete it`,
    );
  }
  const wrong = problem((kept ?? {}) as Partial<Kept>);
  if (wrong !== null)
    throw new Error(`${file} is not a data file of the local API (${wrong}). Choose another file, or delete it`);
  return kept as Kept;
}

/** What is wrong with the content of a data file; null: nothing. */
function problem(kept: Partial<Kept>): string | null {
  if (kept.version !== 1) return "version is not 1";
  for (const name of ["organizationId", "apiKey", "runnerId"] as const)
    if (typeof kept[name] !== "string") return `${name} is missing`;
  const rows = (
    name: "snapshots" | "builds" | "registries" | "sandboxes",
    key: "id" | "snapshotRef",
  ): string | null => {
    const list = kept[name] as unknown;
    if (!Array.isArray(list)) return `${name} is missing`;
    const odd = list.findIndex(
      (row: unknown) =>
        typeof row !== "object" || row === null || typeof (row as Record<string, unknown>)[key] !== "string",
    );
    return odd === -1 ? null : `${name}[${odd}] has no ${key}`;
  };
  return (
    rows("snapshots", "id") ??
    rows("builds", "snapshotRef") ??
    (kept.registries === undefined ? null : rows("registries", "id")) ??
    (kept.sandboxes === undefined ? null : rows("sandboxes", "id"))
  );
}

/** Restores the rows of a data file. Pulls and builds start again. @returns rows that have to be started */
export function restore(world: World, kept: Kept): SnapshotRow[] {
  for (const build of kept.builds) world.builds.set(build.snapshotRef, build);
  for (const registry of [...(kept.registries ?? [])].sort((a, b) => a.seq - b.seq)) world.addRegistry(registry);
  for (const sandbox of [...(kept.sandboxes ?? [])].sort((a, b) => a.seq - b.seq)) world.addSandbox(sandbox);
  const rows = [...kept.snapshots]
    .sort((a, b) => a.seq - b.seq)
    .map((row) => {
      const again = row.state === "pulling" || row.state === "building" ? { state: "pending" } : {};
      return world.insert({ ...row, ...again });
    });
  return rows.filter((row) => row.state === "pending" || row.state === "removing");
}

/** The data file, which is written after every change. */
export interface Keeper {
  /** Writes at once. @throws Error of the file system */
  save(): void;
  /** Resolves when every change so far is in the file. @throws Error of the file system */
  saved(): Promise<void>;
  /** Whether the last write failed. */
  readonly failing: boolean;
  /** No write follows. */
  stop(): void;
}

/**
 * Writes the organization's snapshots after every change.
 * @param onFailure called with the first failure of a row of them
 */
export function keep(world: World, file: string, onFailure: (error: unknown) => void = () => undefined): Keeper {
  let timer: NodeJS.Timeout | undefined;
  let failing = false;
  let stopped = false;
  let waiting: { resolve(): void; reject(error: unknown): void }[] = [];
  const write = (): void => {
    const kept: Kept = {
      version: 1,
      organizationId: world.own.id,
      apiKey: world.apiKey.value,
      runnerId: world.runnerId,
      snapshots: [...world.snapshots.values()].filter((row) => row.organizationId === world.own.id),
      builds: [...world.builds.values()],
      sandboxes: [...world.sandboxes.values()].filter((row) => row.organizationId === world.own.id),
      registries: [...world.registries.values()].filter((row) => row.organizationId === world.own.id),
    };
    // Replaced by a rename, so that a kill never leaves half a file.
    const part = `${file}.${process.pid}.tmp`;
    try {
      writeFileSync(part, JSON.stringify(kept), { mode: 0o600 });
      renameSync(part, file);
    } catch (error) {
      // On a full disk, half a file would take the space that is left.
      rmSync(part, { force: true });
      throw error;
    }
  };
  const save = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const told = waiting;
    waiting = [];
    try {
      write();
      failing = false;
      for (const { resolve } of told) resolve();
    } catch (error) {
      if (!failing) onFailure(error);
      failing = true;
      for (const { reject } of told) reject(error);
      throw error;
    }
  };
  world.changed = () => {
    // Not on the world's clock, which can stand still. A failed write is repeated with the next change.
    if (stopped) return;
    timer ??= setTimeout(() => {
      try {
        save();
      } catch {
        // Whoever waits has been told.
      }
    }, GATHER_MS);
  };
  return {
    save,
    saved: () =>
      timer === undefined ? Promise.resolve() : new Promise((resolve, reject) => waiting.push({ resolve, reject })),
    get failing() {
      return failing;
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
