import type { SnapshotDto } from "../../api/types";
import { sourceKey, toCreateBody } from "../../snapshot/desired";
import type { Planned } from "../../snapshot/record";
import { differences } from "../../snapshot/same";
import type { Call } from "../call/call";
import { SnapshotFailed } from "../call/errors";
import { post } from "./send-create";
import { remove } from "./delete-until-gone";
import { waitFor } from "../wait/wait";
import { published } from "../publish/prepare-source";
import { Watch } from "../wait/watch";

/** The longest pause before retrying a create that failed because of another operation on the same source, in ms. */
const CLASH_PAUSE_MS = 15_000;

export interface Making {
  name: string;
  planned: Planned;
  label?: string;
  /** Called with every reading of the snapshot, beginning with the first answer. */
  onSeen(dto: SnapshotDto): void;
  /** A failed snapshot has been removed, so there is none now. */
  onRemoved?(): void;
  /** The name is taken by `holder`. Returns the snapshot to continue with, or throws. */
  onTaken(holder: SnapshotDto): SnapshotDto;
}

/**
 * Uploads the files of the build or pushes the local image, then POST, then wait until active, while no other snapshot of this source settles.
 * @throws SnapshotFailed, Failure, ApiError, Interrupted, DeadlinePassed
 */
export async function make(call: Call, making: Making): Promise<SnapshotDto> {
  let sent = call.archives === null ? making.planned : await published(call, making.planned);
  return call.locked("settle", sourceKey(making.planned), async () => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        // The server may remove a pushed image after one create.
        if (attempt > 1 && call.localImage !== null) sent = await published(call, making.planned);
        return await once(call, { ...making, planned: sent });
      } catch (error) {
        const pause = Math.min(1000 * 2 ** attempt, CLASH_PAUSE_MS);
        // Pulls of other organizations count too. Without time for another attempt, the failed snapshot is kept and reported.
        if (!(error instanceof SnapshotFailed) || !isClash(error.dto) || call.deadline.remaining() < 2 * pause) throw error;
        call.progress("another operation on the same source was in progress; trying again");
        // The source lock is already held, so nothing of this source settles.
        await remove(call, error.dto, { label: making.label ?? "failed snapshot" });
        making.onRemoved?.();
        await call.deadline.sleep(pause);
      }
    }
  });
}

/** Whether a snapshot failed only because a runner was busy with the same source. */
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
