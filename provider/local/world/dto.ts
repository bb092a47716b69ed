import type { BuildRow, RegionRow, SnapshotRow } from "./rows";

/** What an answer shows of a snapshot beside its own row. */
interface Around {
  readonly builds: ReadonlyMap<string, BuildRow>;
  readonly regions: ReadonlyMap<string, RegionRow>;
  readonly settings: { readonly newFields: Record<string, unknown> };
}

const date = (ms: number) => new Date(ms).toISOString();

/**
 * A snapshot as the API answers it. `created` and `removed` leave out what the server's entity does not hold at
 * that moment: no runner and no ref yet, no id any more.
 */
export function snapshotDto(
  world: Around,
  row: SnapshotRow,
  view: "read" | "created" | "event" | "removed",
  contextHashes?: unknown,
) {
  const build = row.buildRef === null ? undefined : world.builds.get(row.buildRef);
  const created = view === "created";
  return {
    id: view === "removed" ? undefined : row.id,
    organizationId: row.organizationId || null,
    general: row.general,
    name: row.name,
    imageName: row.imageName,
    state: row.state,
    size: row.size,
    entrypoint: row.entrypoint,
    cpu: row.cpu,
    gpu: row.gpu,
    gpuType: row.gpuType ?? undefined,
    mem: row.mem,
    disk: row.disk,
    errorReason: row.errorReason,
    createdAt: date(row.createdAt),
    updatedAt: date(row.updatedAt),
    lastUsedAt: row.lastUsedAt === null ? null : date(row.lastUsedAt),
    buildInfo: build && {
      dockerfileContent: build.dockerfileContent,
      contextHashes: contextHashes === undefined ? build.contextHashes : contextHashes,
      createdAt: date(build.createdAt),
      updatedAt: date(build.updatedAt),
      snapshotRef: build.snapshotRef,
    },
    regionIds: view === "removed" ? undefined : view === "read" ? usable(world, row) : row.regionIds,
    initialRunnerId: created ? (row.initialRunnerId ?? undefined) : row.initialRunnerId,
    ref: created ? (row.ref ?? undefined) : row.ref,
    sandboxClass: row.sandboxClass,
    // Servers up to v0.190 do not send it. Newer clients insist on it, and older ones ignore it.
    sourceSandboxId: null,
    ...world.settings.newFields,
    ...row.extra,
  };
}

/** Regions that the reader's organization may no longer use are left out. */
function usable(world: Around, row: SnapshotRow): string[] {
  return row.regionIds.filter((id) => {
    const region = world.regions.get(id);
    return (
      region !== undefined &&
      (region.regionType === "custom" ? region.organizationId === row.organizationId : region.quota)
    );
  });
}
