import type { SnapshotDto } from "../api/types";
import { snapshotTable } from "../snapshot/attributes";
import { known, sourceKey, sourceKeyOf } from "../snapshot/desired";
import { recordAfter } from "../snapshot/observed";
import type { Planned } from "../snapshot/record";
import { classify } from "../snapshot/states";
import { UNKNOWN } from "../snapshot/unknown";
import { activate, deactivate } from "./activate";
import type { Call } from "./call";
import { createIn } from "./create";
import { SnapshotFailed } from "./flow";
import { recordOnTheWay } from "./records";
import { remove, waitGone } from "./remove";
import { waitFor } from "./wait";
import { Watch } from "./watch";

export interface Converging {
  /** A failed one may be deleted and made again: the id may change. */
  rebuild: boolean;
  /** Nothing is there for a moment: what the call would answer then. */
  nothing(): void;
}

/** Brings a snapshot of the right source to `active`, or to `inactive` where that is wanted, from whatever state it is in. */
export async function converge(call: Call, planned: Planned, name: string, present: SnapshotDto, how: Converging): Promise<void> {
  const onSeen = (dto: SnapshotDto): void => call.keep(recordOnTheWay(planned, dto));
  const wanted = known(planned.active) !== false;
  let dto = present;
  onSeen(dto);
  try {
    if (classify(dto.state) === "failed") throw new SnapshotFailed(dto, []);
    if (classify(dto.state) === "settling") {
      call.doing = doing(call, "waiting for", name);
      dto = await call.locked("settle", sourceKey(planned), () => settled(call, dto, onSeen));
    }
    if (classify(dto.state) === "idle" && wanted) {
      call.doing = doing(call, "activating", name);
      dto = await activate(call, planned, dto, onSeen);
    } else if (classify(dto.state) === "ready" && !wanted) {
      call.doing = doing(call, "deactivating", name);
      dto = await deactivate(call, dto, onSeen);
    }
    call.keep(recordAfter({ ...planned, id: dto.id }, dto));
  } catch (error) {
    if (!(error instanceof SnapshotFailed) || !how.rebuild) throw error;
    await rebuild(call, planned, name, error.dto, how.nothing);
  }
}

/** Deletes what failed or is leaving, waits until it is gone, and makes it again. */
export async function rebuild(call: Call, planned: Planned, name: string, present: SnapshotDto, nothing: () => void): Promise<void> {
  call.doing = doing(call, "rebuilding", name);
  const leaving = classify(present.state) === "leaving";
  call.progress(leaving ? `waiting until the old one (${present.id}) is gone` : `deleting the failed one (${present.id})`);
  // Its own source, which a program may have left behind.
  await call.locked("remove", sourceKeyOf(present), async () => {
    await (leaving ? waitGone(call, present) : remove(call, present));
  });
  call.shared.made.delete(name);
  nothing();
  // A plan to activate knows the old one's outputs; the new one has its own.
  const open = Object.fromEntries(snapshotTable.outputs.map((output) => [output.name, UNKNOWN]));
  await createIn(call, { ...planned, ...open }, name, nothing);
}

async function settled(call: Call, first: SnapshotDto, onSeen: (dto: SnapshotDto) => void): Promise<SnapshotDto> {
  const watch = new Watch(call.api.events);
  try {
    return await waitFor(call, { until: "active", first, watch, readAtOnce: true, onSeen });
  } finally {
    watch.close();
  }
}

/** An apply that creates keeps saying so; an update says what it does. */
function doing(call: Call, verb: string, name: string): string {
  return call.verb === "update" ? `${verb} snapshot "${name}"` : call.doing;
}
