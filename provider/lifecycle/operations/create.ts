import type { SnapshotDto } from "../../api/types";
import { snapshotTable } from "../../snapshot/attributes";
import { known, sourceKeyOf } from "../../snapshot/desired";
import { timeoutOf } from "../../snapshot/durations";
import { generateName } from "../../snapshot/names";
import { recordAfter } from "../../snapshot/observed";
import type { Planned } from "../../snapshot/record";
import { needsReading } from "../../snapshot/source";
import { classify } from "../../snapshot/states";
import { UNKNOWN } from "../../snapshot/unknown";
import { deactivate } from "./activate";
import { adopt, adoptable } from "./adopt";
import { doingNow } from "./converge";
import { remove, waitGone } from "../requests/delete-until-gone";
import type { Call, Shared } from "../call/call";
import type { CallContext, Outcome } from "../contract";
import { make } from "../requests/create-until-active";
import { prepared } from "../publish/prepare-source";
import { run } from "../call/run-call";
import { recordOnTheWay } from "../call/settling-record";

/** Creates a snapshot and waits until it is active; adopts it if asked to. An unknown name is generated from the prefix. */
export function create(shared: Shared, asked: Planned, context: CallContext): Promise<Outcome> {
  const name = known(asked.name) ?? generateName(known(asked.namePrefix) ?? "", shared.clock.now(), Math.random);
  const planned = { ...asked, name };
  const limitMs = timeoutOf(known(planned.timeouts), "create");
  return run(shared, context, { doing: `creating snapshot "${name}"`, verb: "create", limitMs, record: null, marks: {} }, (call) =>
    createIn(call, planned, name, () => call.keep(null)),
  );
}

/** The same within another call, after a delete. `nothing` sets the outcome for as long as there is no snapshot. */
export async function createIn(call: Call, asked: Planned, name: string, nothing: () => void): Promise<void> {
  const planned = needsReading(asked) ? await prepared(call, asked) : asked;
  let taken: SnapshotDto | null = null;
  let dto: SnapshotDto;
  try {
    dto = await make(call, {
      name,
      planned,
      onSeen: (seen) => {
        call.shared.made.set(name, { id: seen.id, adopted: false });
        call.keep(recordOnTheWay(planned, seen));
      },
      onRemoved: () => {
        call.shared.made.delete(name);
        nothing();
      },
      onTaken: (holder) => {
        taken = adoptable(call, planned, holder);
        throw new Taken();
      },
    });
  } catch (error) {
    // After the source lock is released, because adoption takes it again.
    if (!(error instanceof Taken) || taken === null) throw error;
    return adopt(call, planned, name, taken, (failed) => rebuild(call, planned, name, failed, () => call.keep(null)));
  }
  const seen = (now: SnapshotDto): void => call.keep(recordOnTheWay(planned, now));
  if (known(planned.active) === false) dto = await deactivate(call, dto, seen);
  call.keep(recordAfter({ ...planned, id: dto.id }, dto));
}

/** Deletes a failed or leaving snapshot, waits until it is gone, and creates it again. */
export async function rebuild(call: Call, asked: Planned, name: string, present: SnapshotDto, nothing: () => void): Promise<void> {
  call.doing = doingNow(call, "rebuilding", name);
  // Before anything is deleted.
  const planned = needsReading(asked) ? await prepared(call, asked) : asked;
  const leaving = classify(present.state) === "leaving";
  call.progress(leaving ? `waiting until the old snapshot (${present.id}) is gone` : `deleting the failed snapshot (${present.id})`);
  // The lock of its actual source: the program may have changed it.
  await call.locked("remove", sourceKeyOf(present), async () => {
    await (leaving ? waitGone(call, present) : remove(call, present));
  });
  call.shared.made.delete(name);
  nothing();
  // A plan to activate has the outputs of the old snapshot; the new one has others.
  const open = Object.fromEntries(snapshotTable.outputs.map((output) => [output.name, UNKNOWN]));
  await createIn(call, { ...planned, ...open }, name, nothing);
}

/** Leaves `make`: the snapshot already exists. */
class Taken extends Error {}
