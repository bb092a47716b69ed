import type { SnapshotDto } from "../../api/types";
import { knownOf, recordAfter } from "../../resources/snapshot/observed";
import type { Planned, SnapshotRecord } from "../../resources/snapshot/record";
import { classify } from "../../resources/snapshot/states";

/** The record of a snapshot that is not ready yet: as planned, but with the actual `id`, `state` and `active`. */
export function recordOnTheWay(planned: Planned, dto: SnapshotDto): SnapshotRecord {
  const record = recordAfter(planned, dto);
  const phase = classify(dto.state);
  const active = phase === "ready" ? true : phase === "idle" ? false : record.active;
  return {
    ...record,
    id: dto.id,
    state: dto.state,
    errorReason: phase === "failed" ? (dto.errorReason ?? null) : null,
    active,
  };
}

/** The record after an apply without a request: the prior record with the planned values. */
export function recordWithout(planned: Planned, prior: SnapshotRecord): SnapshotRecord {
  return { ...prior, ...knownOf(planned) };
}
