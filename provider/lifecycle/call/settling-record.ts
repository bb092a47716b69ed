import type { SnapshotDto } from "../../api/types";
import { recordAfter } from "../../snapshot/observed";
import type { Planned, SnapshotRecord } from "../../snapshot/record";
import { classify } from "../../snapshot/states";
import { hasUnknown } from "../../snapshot/unknown";

/** The record of a snapshot that is not ready yet: as planned, but with the actual `id`, `state` and `active`. */
export function recordOnTheWay(planned: Planned, dto: SnapshotDto): SnapshotRecord {
  const record = recordAfter(planned, dto);
  const phase = classify(dto.state);
  const active = phase === "ready" ? true : phase === "idle" ? false : record.active;
  return { ...record, id: dto.id, state: dto.state, errorReason: phase === "failed" ? (dto.errorReason ?? null) : null, active };
}

/** The record after an apply without a request: the prior record with the planned values. */
export function recordWithout(planned: Planned, prior: SnapshotRecord): SnapshotRecord {
  const record: Record<string, unknown> = { ...prior };
  const { prepared: _, ...attributes } = planned;
  for (const [key, value] of Object.entries(attributes)) if (!hasUnknown(value)) record[key] = value;
  return record as unknown as SnapshotRecord;
}
