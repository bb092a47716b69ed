import type { SnapshotDto } from "../../api/types";
import { sourceKey, sourceKeyOf } from "../../resources/snapshot/desired";
import { timeoutOf } from "../../resources/snapshot/durations";
import type { Notice } from "../../kit/notice";
import type { Marks, SnapshotRecord } from "../../resources/snapshot/record";
import type { Call, Shared } from "../call/call";
import type { CallContext, Outcome } from "../contract";
import { Kept } from "../call/errors";
import { assertOrganization, holderNotice } from "../messages/missing-snapshot";
import { madeHere } from "../messages/notices";
import { keptNotice } from "../messages/shared-snapshot";
import { classify } from "../../resources/snapshot/states";
import { byId, byName } from "../call/lookup";
import { run } from "../requests/run-call";
import { remove } from "../requests/delete-until-gone";
import { finalOf, successorOf } from "../swap/unfinished";

/** `DELETE /snapshots/{uuid}`, then wait for 404. Also deletes what an unfinished swap created. */
export function deleteSnapshot(
  shared: Shared,
  record: SnapshotRecord,
  marks: Marks,
  context: CallContext,
): Promise<Outcome> {
  const start = {
    doing: `deleting snapshot "${record.name}"`,
    verb: "delete",
    limitMs: timeoutOf(record.timeouts, "delete"),
    record,
    marks,
  } as const;
  // Before anything is waited for, so that a create that needs the name knows.
  const end = shared.owners.depart(record.id);
  return run(shared, context, start, async (call) => {
    await call.assertNamedOrganization();
    await assertOrganization(call, record, false);
    if (isSpared(call, record, marks)) return call.keep(null);
    // What replaces it in this process needs no second upload.
    if (record.imageName && BEFORE_ACTIVE.has(classify(record.state))) shared.pushes.leaves(record.imageName);

    // The successor of an unfinished swap is deleted last: as long as it exists, the rest can be found again.
    const lone = marks.successor === true ? await byId(call, record.id) : null;
    if (lone) await deleteRest(call, record, lone);
    const there = await deleteUnderLock(
      call,
      lone ? sourceKeyOf(lone) : sourceKey(record) || (await keyOf(call, record)),
      record.id,
      record.name ?? "",
    );
    if (!there) await assertOrganization(call, record, true);
    const successor = await successorOf(call, record);
    if (successor) {
      await deleteRest(call, record, successor);
      await deleteUnderLock(call, sourceKeyOf(successor), successor.id, successor.name);
    }
    if (lone || successor || !there) await warnOfHolder(call, record);
    forget(call, record);
    call.keep(null);
  }).finally(end);
}

/** Of a snapshot that was never active. */
const BEFORE_ACTIVE: ReadonlySet<string> = new Set(["settling", "failed"]);

/** The result of an interrupted swap with another program looks like anybody's snapshot. It is kept and named. */
async function warnOfHolder(call: Call, record: SnapshotRecord): Promise<void> {
  const holder = record.name === null ? null : await byName(call, record.name);
  if (holder && !madeHere(call, holder) && !isKept(call, holder.id))
    call.warnings.push(holderNotice(call, record, holder));
}

/** Finds what an unfinished swap created besides its successor: the final snapshot, and a second successor if the program changed. */
async function deleteRest(call: Call, record: SnapshotRecord, successor: SnapshotDto): Promise<void> {
  const { name } = record;
  if (name === null) return;
  const second = await successorOf(call, { name, id: successor.id });
  const final = (await finalOf(call, name, successor)) ?? (second && (await finalOf(call, name, second)));
  if (final && final.id !== record.id) await deleteUnderLock(call, sourceKeyOf(final), final.id, final.name);
  if (second) await deleteUnderLock(call, sourceKeyOf(second), second.id, second.name);
}

/** The key of the source lock. The state of a build with files does not contain its text, so the API has to tell. */
async function keyOf(call: Call, record: SnapshotRecord): Promise<string> {
  const present = await byId(call, record.id);
  return present ? sourceKeyOf(present) : "";
}

/**
 * Holds the lock of the source: nothing is deleted while another snapshot of the same source settles. What another resource manages by then
 * is kept, with a warning. Resolves with whether the snapshot existed.
 */
async function deleteUnderLock(call: Call, source: string, id: string, name: string): Promise<boolean> {
  try {
    return await call.locked("remove", source, () =>
      remove(
        call,
        { id, name },
        {
          onAccepted: () =>
            call.record && call.record.id === id && call.keep({ ...call.record, state: "removing" }, call.marks),
        },
      ),
    );
  } catch (error) {
    if (!(error instanceof Kept)) throw error;
    call.warnings.push(sparedNotice(call, { id, name }));
    return true;
  }
}

/**
 * What another resource manages is kept. A forced replacement creates first, then deletes with the older state: it must not delete what this
 * process created or adopted under the same name.
 */
function isSpared(call: Call, record: SnapshotRecord, marks: Marks): boolean {
  const made = call.shared.owners.madeUnder(record.name);
  if (marks.shared === true || call.shared.owners.managedByOther(record.id, call)) {
    call.warnings.push(sparedNotice(call, record));
    return true;
  }
  if (!made || marks.successor || made.id === record.id) return false;
  call.warnings.push({
    summary: `${call.doing}: not deleted`,
    detail: `The state to delete is out of date: it refers to ${record.id}, but this run created "${record.name}" as ${made.id}. If ${record.id} still exists, delete it manually.`,
  });
  return true;
}

function sparedNotice(call: Call, { id, name }: { id: string; name: string | null }): Notice {
  const made = call.shared.owners.madeUnder(name);
  if (made?.id !== id || made.owner !== call.owner) return keptNotice(call, { id, name });
  return {
    summary: `${call.doing}: not deleted`,
    detail: `The state to delete is an older one of snapshot "${name}" (${id}), which this run has just adopted.`,
  };
}

function isKept(call: Call, id: string): boolean {
  return call.shared.owners.managedByOther(id, call);
}

function forget(call: Call, record: SnapshotRecord): void {
  if (record.name !== null && call.shared.owners.madeUnder(record.name)?.id === record.id && !isKept(call, record.id))
    call.shared.owners.forget(record.name);
}
