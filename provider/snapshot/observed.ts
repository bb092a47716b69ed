import type { SnapshotDto } from "../api/types";
import type { Marks, Planned, SnapshotRecord } from "./record";
import { isSuccessorOf } from "./names";
import { needsReading, sameText, sourceHash, stripTriggers } from "./source";
import type { Source } from "./source";
import { classify } from "./states";
import { hasUnknown, isUnknown } from "./unknown";

/** The source of a snapshot, as the API reports it; null if it does not. */
export function sourceOf(dto: SnapshotDto): Source | null {
  const text = dto.buildInfo?.dockerfileContent;
  if (typeof text === "string") return { image: null, dockerfileContent: stripTriggers(text) };
  return dto.imageName ? { image: dto.imageName, dockerfileContent: null } : null;
}

/** `active` of a state: only `inactive` says no, only `active` says yes, everything else says nothing. */
function activeOf(state: string, otherwise: boolean): boolean {
  const phase = classify(state);
  return phase === "ready" ? true : phase === "idle" ? false : otherwise;
}

/**
 * What a refresh stores: the prior record, with what really changed.
 * A field that changes by itself (behaviour.md) follows only when `state` or the id changed, so that an untouched fleet never shows a change.
 */
export function observe(dto: SnapshotDto, prior: SnapshotRecord | null): SnapshotRecord {
  if (prior === null) return firstSight(dto);
  const record: SnapshotRecord = { ...prior };
  const successor = dto.name !== prior.name && isSuccessorOf(dto.name, prior.name ?? "");
  const same = prior.id === dto.id && prior.state === dto.state;

  record.id = dto.id;
  record.state = dto.state;
  record.active = activeOf(dto.state, prior.active ?? true);
  record.organizationId = dto.organizationId ?? prior.organizationId;
  record.createdAt = dto.createdAt ?? prior.createdAt;
  record.imageName = dto.imageName ?? prior.imageName;
  if (!same) {
    record.ref = dto.ref ?? (prior.id === dto.id ? prior.ref : null);
    record.size = dto.size ?? (prior.id === dto.id ? prior.size : null);
    record.gpuType = dto.gpuType ?? (prior.id === dto.id ? prior.gpuType : null);
    record.regionIds = regionsOf(dto) ?? prior.regionIds;
    record.errorReason = errorOf(dto);
  }
  // An unfinished swap: the next apply resumes from the state, so it must keep the old values.
  if (successor) return record;

  // The state has neither the text of a build with files, build arguments or a target, nor where a local image was pushed. The API never changes them.
  const source = needsReading(prior) ? null : sourceOf(dto);
  if (source !== null && !sameSource(source, prior)) Object.assign(record, source);
  record.cpu = dto.cpu ?? prior.cpu;
  record.memory = dto.mem ?? prior.memory;
  record.disk = dto.disk ?? prior.disk;
  record.gpu = dto.gpu ?? prior.gpu;
  record.sandboxClass = dto.sandboxClass ?? prior.sandboxClass;
  if (prior.entrypoint !== null || !same) record.entrypoint = dto.entrypoint ?? prior.entrypoint;
  const regions = regionsOf(dto);
  // A snapshot keeps its region: one that is missing here is one that the organization may no longer use, and no reason to make another snapshot.
  if (prior.region === null && !same) record.region = regions?.[0] ?? null;
  return record;
}

/** A snapshot that no state knows yet: all that the API says, and the static defaults. */
function firstSight(dto: SnapshotDto): SnapshotRecord {
  const regions = regionsOf(dto);
  return {
    ...(sourceOf(dto) ?? { image: null, dockerfileContent: null }),
    dockerfile: null,
    localImage: null,
    contextDir: null,
    context: null,
    buildArgs: null,
    target: null,
    sourceHash: null,
    name: dto.name,
    namePrefix: null,
    entrypoint: dto.entrypoint ?? null,
    cpu: dto.cpu ?? null,
    memory: dto.mem ?? null,
    disk: dto.disk ?? null,
    gpu: dto.gpu ?? null,
    gpuTypes: null,
    sandboxClass: dto.sandboxClass ?? null,
    region: regions?.[0] ?? null,
    active: activeOf(dto.state, true),
    replacement: "swap",
    adoptExisting: false,
    triggers: null,
    timeouts: null,
    id: dto.id,
    state: dto.state,
    imageName: dto.imageName ?? null,
    ref: dto.ref ?? null,
    size: dto.size ?? null,
    regionIds: regions,
    gpuType: dto.gpuType ?? null,
    errorReason: errorOf(dto),
    createdAt: dto.createdAt ?? null,
    organizationId: dto.organizationId ?? null,
  };
}

/** Record and marks of an imported snapshot: what the API does not store is taken over from the program by the next apply, without a call. */
export function fromImport(dto: SnapshotDto): { record: SnapshotRecord; marks: Marks } {
  return { record: firstSight(dto), marks: { imported: true } };
}

/**
 * What an apply stores: every known value of the plan as it was planned (Terraform insists), everything unknown from the API.
 * Wholly known. `dto` may be the final snapshot, or one that has only just been accepted.
 */
export function recordAfter(planned: Planned, dto: SnapshotDto): SnapshotRecord {
  const seen = firstSight(dto);
  const record = { ...seen } as { [key: string]: unknown };
  const { prepared, ...attributes } = planned;
  for (const [key, value] of Object.entries(attributes)) if (!hasUnknown(value)) record[key] = value;
  const result = record as unknown as SnapshotRecord;
  // After an interrupt, the state must not claim what has not been done.
  result.active = activeOf(dto.state, isUnknown(planned.active) ? true : (planned.active ?? true));
  if (isUnknown(planned.sourceHash)) result.sourceHash = prepared?.hash ?? sourceHash(result);
  return result;
}

/** Whether what the API tells is the source that a record has (line ends and the comment line of triggers aside). */
export function sameSource(source: Source, other: Source): boolean {
  if (source.image !== other.image) return false;
  if (source.dockerfileContent === null || other.dockerfileContent === null) return source.dockerfileContent === other.dockerfileContent;
  return sameText(source.dockerfileContent, other.dockerfileContent);
}

function regionsOf(dto: SnapshotDto): string[] | null {
  // Missing and empty both say nothing: the API leaves out regions that the organization may no longer use.
  return dto.regionIds && dto.regionIds.length > 0 ? [...new Set(dto.regionIds)].sort() : null;
}

function errorOf(dto: SnapshotDto): string | null {
  // The API keeps the reason after a recovery.
  const phase = classify(dto.state);
  return phase === "failed" || phase === "unknown" ? (dto.errorReason ?? null) : null;
}
