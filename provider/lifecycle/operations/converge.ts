import type { SnapshotDto } from "../../api/types";
import { known } from "../../kit/unknown";
import { sourceKeyOf } from "../../resources/snapshot/desired";
import { recordAfter } from "../../resources/snapshot/observed";
import type { Planned } from "../../resources/snapshot/record";
import { classify } from "../../resources/snapshot/states";
import { activate, deactivate } from "../requests/activate";
import type { Call } from "../call/call";
import { SnapshotFailed } from "../call/errors";
import { recordOnTheWay } from "../call/settling-record";
import { waitFor } from "../wait/wait";
import { Watch } from "../wait/watch";

/**
 * Recreates a failed snapshot. Null: the ID must not change in this call, so the call fails.
 */
export type Rebuild = ((failed: SnapshotDto) => Promise<void>) | null;

/** Brings a snapshot with the right source from any state to `active`, or to `inactive` if that is planned. */
export async function converge(
  call: Call,
  planned: Planned,
  name: string,
  present: SnapshotDto,
  rebuild: Rebuild,
): Promise<void> {
  const onSeen = (dto: SnapshotDto): void => call.keep(recordOnTheWay(planned, dto));
  const wanted = known(planned.active) !== false;
  let dto = present;
  onSeen(dto);
  try {
    if (classify(dto.state) === "failed") throw new SnapshotFailed(dto, []);
    // A state that this release does not know is neither active nor inactive, so it is waited on as well.
    if (["settling", "unknown"].includes(classify(dto.state))) {
      call.doing = doingNow(call, "waiting for", name);
      dto = await call.locked("settle", sourceKeyOf(dto), () => settled(call, dto, onSeen));
    }
    if (classify(dto.state) === "idle" && wanted) {
      call.doing = doingNow(call, "activating", name);
      dto = await activate(call, dto, onSeen);
    } else if (classify(dto.state) === "ready" && !wanted) {
      call.doing = doingNow(call, "deactivating", name);
      dto = await deactivate(call, dto, onSeen);
    }
    call.keep(recordAfter({ ...planned, id: dto.id }, dto));
  } catch (error) {
    if (!(error instanceof SnapshotFailed) || rebuild === null) throw error;
    await rebuild(error.dto);
  }
}

async function settled(call: Call, first: SnapshotDto, onSeen: (dto: SnapshotDto) => void): Promise<SnapshotDto> {
  const watch = new Watch(call.api.events);
  try {
    return await waitFor(call, { until: "active", first, watch, readAtOnce: true, onSeen });
  } finally {
    watch.close();
  }
}

/** The beginning of messages: a create keeps its own, an update names the current step. */
export function doingNow(call: Call, verb: string, name: string): string {
  return call.verb === "update" ? `${verb} snapshot "${name}"` : call.doing;
}
