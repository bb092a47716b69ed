import type { SnapshotDto } from "../../api/types";
import { recordAfter } from "../../snapshot/observed";
import type { Planned, SnapshotRecord } from "../../snapshot/record";
import { classify } from "../../snapshot/states";
import { hasUnknown } from "../../snapshot/unknown";

/** The record of a snapshot on its way: as planned, but `id`, `state` and `active` say what is there. */
export function recordOnTheWay(planned: Planned, dto: SnapshotDto): SnapshotRecord {
  const record = recordAfter(planned, dto);
  const phase = classify(dto.state);
  const active = phase === "ready" ? true : phase === "idle" ? false : record.active;
  return { ...record, id: dto.id, state: dto.state, errorReason: phase === "failed" ? (dto.errorReason ?? null) : null, active };
}

/** After an apply without a call: the prior record with what is planned. */
export function recordWithout(planned: Planned, prior: SnapshotRecord): SnapshotRecord {
  const record: Record<string, unknown> = { ...prior };
  for (const [key, value] of Object.entries(planned)) if (!hasUnknown(value)) record[key] = value;
  return record as unknown as SnapshotRecord;
}
