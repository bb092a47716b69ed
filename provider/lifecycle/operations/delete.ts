import type { SnapshotDto } from "../../api/types";
import { sourceKey, sourceKeyOf } from "../../snapshot/desired";
import { timeoutOf } from "../../snapshot/durations";
import type { Marks, SnapshotRecord } from "../../snapshot/record";
import type { Call, Shared } from "../call/call";
import type { CallContext, Outcome } from "../contract";
import { assertOrganization, holderNotice } from "../messages/missing-snapshot";
import { byId, byName } from "../requests/lookup";
import { run } from "../call/run-call";
import { remove } from "../requests/delete-until-gone";
import { finalOf, successorOf } from "../swap/unfinished";

/** `DELETE /snapshots/{uuid}`, then wait for 404. Also deletes what an unfinished swap created. */
export function deleteSnapshot(shared: Shared, record: SnapshotRecord, marks: Marks, context: CallContext): Promise<Outcome> {
  const start = { doing: `deleting snapshot "${record.name}"`, verb: "delete", limitMs: timeoutOf(record.timeouts, "delete"), record, marks } as const;
  return run(shared, context, start, async (call) => {
    await assertOrganization(call, record, false);
    if (spared(call, record, marks)) return call.keep(null);

    // The successor of an unfinished swap is deleted last: as long as it exists, the rest can be found again.
    const lone = marks.successor === true ? await byId(call, record.id) : null;
    if (lone) await deleteRest(call, record, lone);
    const there = await gone(call, lone ? sourceKeyOf(lone) : sourceKey(record) || (await keyOf(call, record)), record.id, record.name ?? "");
    if (!there) await assertOrganization(call, record, true);
    const successor = await successorOf(call, record);
    if (successor) {
      await deleteRest(call, record, successor);
      await gone(call, sourceKeyOf(successor), successor.id, successor.name);
    }
    // The result of an interrupted swap with another program looks like anybody's snapshot. It is kept and named.
    const holder = record.name !== null && (lone || successor || !there) ? await byName(call, record.name) : null;
    if (holder && call.shared.made.get(holder.name)?.id !== holder.id) call.warnings.push(holderNotice(call, record, holder));
    forget(call, record);
    call.keep(null);
  });
}

/** Finds what an unfinished swap created besides its successor: the final snapshot, and a second successor if the program changed. */
async function deleteRest(call: Call, record: SnapshotRecord, successor: SnapshotDto): Promise<void> {
  const { name } = record;
  if (name === null) return;
  const second = await successorOf(call, { name, id: successor.id });
  const final = (await finalOf(call, name, successor)) ?? (second && (await finalOf(call, name, second)));
  if (final && final.id !== record.id) await gone(call, sourceKeyOf(final), final.id, final.name);
  if (second) await gone(call, sourceKeyOf(second), second.id, second.name);
}

/** The key of the source lock. The state of a build with files does not contain its text, so the API has to tell. */
async function keyOf(call: Call, record: SnapshotRecord): Promise<string> {
  const present = await byId(call, record.id);
  return present ? sourceKeyOf(present) : "";
}

/** Holds the lock of the source: nothing is deleted while another snapshot of the same source settles. */
async function gone(call: Call, source: string, id: string, name: string): Promise<boolean> {
  return call.locked("remove", source, () =>
    remove(call, { id, name }, { onAccepted: () => call.record && call.record.id === id && call.keep({ ...call.record, state: "removing" }, call.marks) }),
  );
}

/**
 * A forced replacement creates first, then deletes with the older state. It must not delete what this process created or adopted under the
 * same name.
 */
function spared(call: Call, record: SnapshotRecord, marks: Marks): boolean {
  const made = record.name === null ? undefined : call.shared.made.get(record.name);
  if (!made || marks.successor || (made.id === record.id && !made.adopted)) return false;
  call.warnings.push({
    summary: `${call.doing}: not deleted`,
    detail:
      made.id === record.id
        ? `The state to delete is an older one of snapshot "${record.name}" (${record.id}), which this run has just adopted.`
        : `The state to delete is out of date: it refers to ${record.id}, but this run created "${record.name}" as ${made.id}. If ${record.id} still exists, delete it by hand.`,
  });
  return true;
}

function forget(call: Call, record: SnapshotRecord): void {
  if (record.name !== null && call.shared.made.get(record.name)?.id === record.id) call.shared.made.delete(record.name);
}
