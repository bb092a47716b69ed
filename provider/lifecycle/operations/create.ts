import type { SnapshotDto } from "../../api/types";
import { snapshotTable } from "../../resources/snapshot/attributes";
import { known } from "../../kit/unknown";
import { sourceKeyOf } from "../../resources/snapshot/desired";
import { timeoutOf } from "../../resources/snapshot/durations";
import { generateName } from "../../resources/snapshot/names";
import { recordAfter } from "../../resources/snapshot/observed";
import type { Planned } from "../../resources/snapshot/record";
import { classify } from "../../resources/snapshot/states";
import { UNKNOWN } from "../../kit/unknown";
import { deactivate } from "../requests/activate";
import { adopt, judge, type Verdict } from "./adopt";
import { AwaitDelete } from "./await-delete";
import { doingNow } from "./converge";
import { remove, waitGone } from "../requests/delete-until-gone";
import type { Call, Shared } from "../call/call";
import type { CallContext, Outcome } from "../contract";
import { type Created, createUntilActive } from "../requests/create-until-active";
import { needsMore, sourceToMake } from "../publish/pin-source";
import { assertTakeable } from "../sandbox/read-sandbox";
import { run } from "../requests/run-call";
import { recordOnTheWay } from "../call/settling-record";

/** Creates a snapshot and waits until it is active; adopts it if asked to. An unknown name is generated from the prefix. */
export function create(shared: Shared, asked: Planned, context: CallContext): Promise<Outcome> {
  const name = known(asked.name) ?? generateName(known(asked.namePrefix) ?? "", shared.clock.now(), Math.random);
  const planned = { ...asked, name };
  const limitMs = timeoutOf(known(planned.timeouts), "create");
  return run(
    shared,
    context,
    { doing: `creating snapshot "${name}"`, verb: "create", limitMs, record: null, marks: {} },
    async (call) => {
      await call.assertNamedOrganization();
      await createIn(call, planned, name, () => call.keep(null));
    },
  );
}

/** The same within another call, after a delete. `nothing` sets the outcome for as long as there is no snapshot. */
export async function createIn(call: Call, asked: Planned, name: string, nothing: () => void): Promise<void> {
  const planned = needsMore(asked) ? await sourceToMake(call, asked) : asked;
  const deletes = new AwaitDelete(call, planned);
  let created = await createUnlessTaken(call, planned, name, nothing);
  while ("leftWith" in created) {
    // The source lock is released by now: adoption takes it again, and a delete of the holder needs it.
    const { holder, verdict } = created.leftWith;
    if (verdict === "adopt")
      return adopt(call, planned, name, holder, (failed) =>
        rebuild(call, planned, name, failed, () => call.keep(null)),
      );
    await deletes.of(holder);
    created = await createUnlessTaken(call, planned, name, nothing);
  }
  let dto = created.active;
  const seen = (now: SnapshotDto): void => call.keep(recordOnTheWay(planned, now));
  if (known(planned.active) === false) dto = await deactivate(call, dto, seen);
  call.keep(recordAfter({ ...planned, id: dto.id }, dto));
}

/** Another snapshot has the name. */
interface Taken {
  readonly holder: SnapshotDto;
  readonly verdict: Verdict;
}

function createUnlessTaken(call: Call, planned: Planned, name: string, nothing: () => void): Promise<Created<Taken>> {
  return createUntilActive<Taken>(call, {
    name,
    planned,
    onSeen: (seen) => {
      call.shared.owners.created(name, seen.id, call.owner);
      call.keep(recordOnTheWay(planned, seen));
    },
    onRemoved: () => {
      call.shared.owners.forget(name);
      nothing();
    },
    onTaken: (holder) => ({ leaveWith: { holder, verdict: judge(call, planned, holder) } }),
  });
}

/** Deletes a failed or leaving snapshot, waits until it is gone, and creates it again. */
export async function rebuild(
  call: Call,
  asked: Planned,
  name: string,
  present: SnapshotDto,
  nothing: () => void,
): Promise<void> {
  call.doing = doingNow(call, "rebuilding", name);
  // Before anything is deleted.
  const planned = needsMore(asked) ? await sourceToMake(call, asked) : asked;
  await assertTakeable(call, planned);
  const leaving = classify(present.state) === "leaving";
  call.progress(
    leaving
      ? `waiting until the old snapshot (${present.id}) is deleted`
      : `deleting the failed snapshot (${present.id})`,
  );
  // The lock of its actual source: the program may have changed it.
  await call.locked("remove", sourceKeyOf(present), async () => {
    await (leaving ? waitGone(call, present) : remove(call, present));
  });
  call.shared.owners.forget(name);
  nothing();
  // A plan to activate has the outputs of the old snapshot; the new one has others.
  const open = Object.fromEntries(snapshotTable.outputs.map((output) => [output.name, UNKNOWN]));
  await createIn(call, { ...planned, ...open, imageDigest: planned.imageDigest }, name, nothing);
}
