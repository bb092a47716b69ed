import type { CreateSnapshotBody, SnapshotDto } from "../api/types";
import { snapshotTable } from "./attributes";
import { imageKey } from "./local-image";
import type { Planned, PreparedSource, SnapshotRecord, Written } from "./record";
import { buildText, isPlainText, normalizeText } from "./source";
import { hasUnknown } from "./unknown";

/** The value, where it is known and written. */
export function known<T>(value: T): Exclude<T, symbol | null> | null {
  return value === null || hasUnknown(value) ? null : (value as Exclude<T, symbol | null>);
}

/** A program that writes nothing yet. */
export function nothingWritten(): Written {
  return Object.fromEntries(snapshotTable.inputs.map(({ name }) => [name, null])) as unknown as Written;
}

/** A program that says what a record says. */
export function writtenAs(record: SnapshotRecord): Written {
  return Object.fromEntries(snapshotTable.inputs.map(({ name }) => [name, record[name as keyof SnapshotRecord] ?? null])) as unknown as Written;
}

/** The build that is asked for: its text and the hashes of its files. null: an image, or the files have not been read. */
export function buildOf(desired: (Planned | SnapshotRecord) & { prepared?: PreparedSource | undefined }): Pick<PreparedSource, "text" | "contextHashes"> | null {
  if (desired.localImage !== null) return null;
  if (desired.prepared) return desired.prepared;
  const text = known(desired.dockerfileContent);
  return text === null || !isPlainText(desired) ? null : { text, contextHashes: [] };
}

/**
 * Body of `POST /snapshots`. What is null or unknown is left out: the API decides.
 * @param name instead of the planned one (a successor's, a generated one)
 * @throws Error where no name or no source is known: the caller has to make them known before
 */
export function toCreateBody(planned: Planned | SnapshotRecord, name?: string): CreateSnapshotBody {
  const finalName = name ?? known(planned.name);
  if (finalName === null) throw new Error("a snapshot's name has to be known before it is created");
  const body: CreateSnapshotBody = { name: finalName };

  const image = known(planned.image);
  const build = buildOf(planned);
  if (image !== null) {
    body.imageName = image;
    // With a Dockerfile even an empty entrypoint is refused by the API.
    const entrypoint = known(planned.entrypoint);
    if (entrypoint !== null && entrypoint.length > 0) body.entrypoint = [...entrypoint];
  } else if (build !== null) {
    const { text, contextHashes } = build;
    body.buildInfo = { dockerfileContent: buildText(text, known(planned.triggers)), ...(contextHashes.length > 0 ? { contextHashes: [...contextHashes] } : {}) };
  } else {
    throw new Error(`the source of snapshot "${finalName}" has to be known before it is created`);
  }

  // A null for a resource makes the API answer 500.
  const [cpu, memory, disk, gpu] = [known(planned.cpu), known(planned.memory), known(planned.disk), known(planned.gpu)];
  if (cpu !== null) body.cpu = cpu;
  if (memory !== null) body.memory = memory;
  if (disk !== null) body.disk = disk;
  if (gpu !== null) body.gpu = gpu;
  const gpuTypes = known(planned.gpuTypes);
  if (gpuTypes !== null && gpuTypes.length > 0) body.gpuType = [...gpuTypes];
  const sandboxClass = known(planned.sandboxClass);
  if (sandboxClass !== null) body.sandboxClass = sandboxClass;
  const region = known(planned.region);
  if (region !== null) body.regionId = region;
  return body;
}

/** The content hash of a local image; null while it has not been read. A given `sourceHash` is not the content's. */
export function imageHashOf(desired: (Planned | SnapshotRecord) & { prepared?: PreparedSource | undefined }): string | null {
  return desired.prepared?.hash ?? known(desired.sourceHash);
}

/**
 * The same for two snapshots that would be pulled or built from the same source: those must not settle at the same time,
 * and none of them may be deleted while another one settles.
 */
export function sourceKey(record: Planned | SnapshotRecord): string {
  const image = known(record.image);
  if (image !== null) return `image ${image}`;
  if (record.localImage !== null) return `image ${imageHashOf(record) ?? known(record.localImage)}`;
  const build = buildOf(record);
  return build === null ? "" : buildKey(buildText(build.text, known(record.triggers)), build.contextHashes);
}

const buildKey = (text: string, hashes: readonly string[]): string => ["dockerfile", ...[...hashes].sort(), text].join(" ");

/** The same of a snapshot that is there, whatever a program says now. The comment line of triggers belongs to it: it makes another build. */
export function sourceKeyOf(dto: SnapshotDto): string {
  const text = dto.buildInfo?.dockerfileContent;
  if (typeof text === "string") return buildKey(normalizeText(text), dto.buildInfo?.contextHashes ?? []);
  return dto.imageName ? imageKey(dto) : "";
}
