import type { SnapshotDto } from "../../api/types";
import { snapshotTable } from "./attributes";
import { activeOf } from "./attributes/read";
import type { AnyTable } from "./attributes/rows";
import { isSuccessorOf } from "./names";
import { refreshedEntrypoint } from "./own/entrypoint";
import { firstRegion, refreshedRegion } from "./own/region";
import { contextHashesOf } from "./own/source/files";
import { refreshedSource, sourceOf } from "./own/source/observe";
import type { Marks, Planned, SnapshotRecord } from "./record";
import { sourceHash } from "./source";
import { firstValues, refreshedInputs, refreshedOutputs } from "./table/observe";
import { hasUnknown, isUnknown } from "../../kit/unknown";

export { sameSource, sourceOf } from "./own/source/observe";

/**
 * What a refresh stores: the prior record, with what really changed.
 * A field that changes by itself (behaviour.md) follows only when `state` or the id changed, so that an untouched fleet never shows a change.
 */
export function observe(
  dto: SnapshotDto,
  prior: SnapshotRecord | null,
  table: AnyTable = snapshotTable,
): SnapshotRecord {
  if (prior === null) return firstSight(dto, table);
  const successor = dto.name !== prior.name && isSuccessorOf(dto.name, prior.name ?? "");
  const sameId = prior.id === dto.id;
  const same = sameId && prior.state === dto.state;
  // An unfinished swap: the next apply resumes from the state, so it must keep the old source and resources.
  const rows = successor ? table.inputs.filter(({ change }) => change === "active") : table.inputs;
  const record = {
    ...prior,
    ...refreshedInputs(rows, dto, prior),
    ...refreshedOutputs(table.outputs, dto, prior, { same, sameId }),
  };
  if (successor) return record;
  return {
    ...record,
    ...refreshedSource(dto, prior),
    entrypoint: refreshedEntrypoint(dto, prior, same),
    region: refreshedRegion(dto, prior, same),
  };
}

/** A snapshot that no state knows yet: all that the API says, and the static defaults. */
function firstSight(dto: SnapshotDto, table: AnyTable): SnapshotRecord {
  const values = firstValues(table, dto) as SnapshotRecord;
  return {
    ...values,
    ...sourceOf(dto),
    sourceSandbox: dto.sourceSandboxId ?? null,
    name: dto.name,
    entrypoint: dto.entrypoint ?? null,
    region: firstRegion(dto),
  };
}

/** Record and marks of an imported snapshot: what the API does not store is taken over from the program by the next apply, without a call. */
export function fromImport(
  dto: SnapshotDto,
  table: AnyTable = snapshotTable,
): { record: SnapshotRecord; marks: Marks } {
  return { record: firstSight(dto, table), marks: importMarks(dto) };
}

/** The marks of an import: also the hashes of a build's files, which the next plan compares with those of the program. */
export function importMarks(dto: SnapshotDto): Marks {
  const hashes = typeof sourceOf(dto)?.dockerfileContent === "string" ? contextHashesOf(dto) : undefined;
  return { imported: true, ...(hashes === undefined ? {} : { builtWith: hashes }) };
}

/**
 * What an apply stores: every known value of the plan as it was planned (Terraform insists), everything unknown from the API.
 * Wholly known. `dto` may be the final snapshot, or one that has only just been accepted.
 */
export function recordAfter(planned: Planned, dto: SnapshotDto, table: AnyTable = snapshotTable): SnapshotRecord {
  const record = { ...firstSight(dto, table), ...knownOf(planned) };
  // After an interrupt, the state must not claim what has not been done.
  record.active = activeOf(dto.state, isUnknown(planned.active) ? true : (planned.active ?? true));
  if (isUnknown(planned.sourceHash)) record.sourceHash = planned.prepared?.hash ?? sourceHash(record);
  return record;
}

/** The attributes of a plan that are known. */
export function knownOf({
  prepared: _prepared,
  unread: _unread,
  places: _places,
  sandboxId: _sandboxId,
  resolution: _resolution,
  ...attributes
}: Planned): Partial<SnapshotRecord> {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => !hasUnknown(value)));
}
