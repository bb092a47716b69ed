import type { SnapshotDto } from "../../api/types";
import { sourceKey, toCreateBody } from "../../snapshot/desired";
import type { Planned } from "../../snapshot/record";
import { differences } from "../../snapshot/same";
import type { Call } from "../call/call";
import { SnapshotFailed } from "../call/errors";
import { post } from "./send-create";
import { remove } from "./delete-until-gone";
import { waitFor } from "../wait/wait";
import { Watch } from "../wait/watch";

/** The longest pause before a snapshot is made again that failed because another operation on its source was under way, in ms. */
const CLASH_PAUSE_MS = 15_000;

export interface Making {
  name: string;
  planned: Planned;
  label?: string;
  /** Every reading of the snapshot, from the first answer on: what the call would answer if it ended now. */
  onSeen(dto: SnapshotDto): void;
  /** A failed one has been removed, and nothing is there. */
  onRemoved?(): void;
  /** The name is taken by this one: answers the snapshot to go on with, or throws. */
  onTaken(holder: SnapshotDto): SnapshotDto;
}

/**
 * POST, then wait until active, alone among the snapshots of this source.
 * @throws SnapshotFailed, Failure, ApiError, Interrupted, DeadlinePassed
 */
export async function make(call: Call, making: Making): Promise<SnapshotDto> {
  return call.locked("settle", sourceKey(making.planned), async () => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await once(call, making);
      } catch (error) {
        const pause = Math.min(1000 * 2 ** attempt, CLASH_PAUSE_MS);
        // Other organizations' pulls count, too, and take as long as they take. Without time for another try the failed one is kept, and told.
        if (!(error instanceof SnapshotFailed) || !isClash(error.dto) || call.deadline.remaining() < 2 * pause) throw error;
        call.progress("another operation on the same source was in progress; trying again");
        // Under the lock of the source already: nothing of it settles here.
        await remove(call, error.dto, { label: making.label ?? "failed snapshot" });
        making.onRemoved?.();
        await call.deadline.sleep(pause);
      }
    }
  });
}

/** Whether a snapshot failed only because the runner was busy with the same source. */
export function isClash(dto: SnapshotDto): boolean {
  return /already in progress/i.test(dto.errorReason ?? "");
}

async function once(call: Call, making: Making): Promise<SnapshotDto> {
  const watch = new Watch(call.api.events);
  try {
    const { dto } = await post(call, {
      body: toCreateBody(making.planned, making.name),
      isSame: (found) => differences(making.planned, found, { exact: true }).length === 0,
      onTaken: (holder) => making.onTaken(holder),
      label: making.label,
    });
    making.onSeen(dto);
    return await waitFor(call, { until: "active", first: dto, watch, label: making.label, onSeen: (seen) => making.onSeen(seen) });
  } finally {
    watch.close();
  }
}
