import type { SnapshotDto } from "../../api/types";
import { known } from "../../kit/unknown";
import { sourceKeyOf } from "../../resources/snapshot/desired";
import { observe, recordAfter } from "../../resources/snapshot/observed";
import { isSuccessorOf } from "../../resources/snapshot/names";
import type { Planned, SnapshotRecord } from "../../resources/snapshot/record";
import { differences } from "../../resources/snapshot/same";
import { classify } from "../../resources/snapshot/states";
import { activate, deactivate } from "../requests/activate";
import type { Call } from "../call/call";
import { Kept } from "../call/errors";
import { recordOnTheWay } from "../call/settling-record";
import { assertOwn, remove, waitGone } from "../requests/delete-until-gone";
import { assertTakeable, sandboxOf } from "../sandbox/read-sandbox";
import { permitted } from "./permissions";
import { createSuccessor, isFailedOrLeaving, mayWork } from "./successor";
import { takeOver } from "./takeover";
import { finalOf, successorOf } from "./unfinished";

export interface Swapping {
  prior: SnapshotRecord;
  planned: Planned;
  name: string;
  /** The snapshot with the ID of the state; null: 404. */
  present: SnapshotDto | null;
  /** The snapshot with the name of this ID's successor. */
  successor: SnapshotDto | null;
}

/**
 * Creates a successor and waits until it is active, deletes the old snapshot, creates the name again, then deletes the successor. Resumes an
 * interrupted swap at any step. Holds one lock at a time.
 */
export async function swap(call: Call, swapping: Swapping): Promise<void> {
  const { prior, planned, name, present, successor } = swapping;
  call.doing = `replacing snapshot "${name}"`;
  await permitted(call, planned);
  const lone = present === null ? successor : isSuccessorOf(present.name, name) ? present : null;
  if (lone) return resumeSwap(call, swapping, lone);
  if (!present) throw new Error("there is nothing to replace");

  assertOwn(call, present);
  // Its successor, perhaps of another program, is all that works. It stays until the new source works as well.
  if (successor !== null && isFailedOrLeaving(present) && mayWork(successor)) {
    const leaving = classify(present.state) === "leaving";
    call.progress(
      leaving
        ? `waiting until the old snapshot (${present.id}) is deleted`
        : `deleting the failed snapshot (${present.id})`,
    );
    await call.locked("remove", sourceKeyOf(present), async () => {
      await (leaving ? waitGone(call, present, "old snapshot") : remove(call, present, { label: "failed snapshot" }));
    });
    return resumeSwap(call, swapping, successor);
  }
  const proven = await createSuccessor(call, planned, name, present.id);
  const unfinished = (): void => call.keep({ ...observe(proven, prior), name }, { successor: true });
  call.progress(`deleting the old snapshot (${present.id})`);
  try {
    await call.locked("remove", sourceKeyOf(present), () =>
      remove(call, present, { label: "old snapshot", onAccepted: unfinished }),
    );
  } catch (error) {
    // Another resource has turned out to manage it, so nothing is replaced.
    if (error instanceof Kept && call.record?.id === present.id)
      await call.locked("remove", sourceKeyOf(proven), () => remove(call, proven, { label: "successor" }));
    throw error;
  }
  unfinished();
  await finish(call, planned, name, proven, proven, null);
}

/**
 * Resumes a swap that was interrupted after the old snapshot was gone. The successor stays until everything else is done, even if the program
 * has changed: its name leads a later apply to everything that exists, however often this is interrupted.
 */
async function resumeSwap(call: Call, { prior, planned, name }: Swapping, lone: SnapshotDto): Promise<void> {
  call.keep({ ...observe(lone, prior), name }, { successor: true });
  const same = (dto: SnapshotDto): boolean => differences(planned, dto, { exact: true }).length === 0;
  let second = await successorOf(call, { name, id: lone.id });
  const final = (await finalOf(call, name, lone)) ?? (second && (await finalOf(call, name, second)));
  if (final && !same(final)) {
    await assertTakeable(call, planned);
    // The final snapshot of an earlier program. It has the name and works, so its replacement is proven first.
    if (!same(lone)) second = await createSuccessor(call, planned, name, lone.id);
    await call.locked("remove", sourceKeyOf(final), () => remove(call, final, { label: "earlier snapshot" }));
  }
  // If the name is free, it can be created at once.
  const proven = [lone, second].find((dto) => dto && same(dto)) ?? null;
  await finish(call, planned, name, lone, proven, second);
}

/** Steps 3 and 4. `anchor`: the successor that the state refers to, deleted last. `proven`: the snapshot that proves the source. */
async function finish(
  call: Call,
  planned: Planned,
  name: string,
  anchor: SnapshotDto,
  proven: SnapshotDto | null,
  second: SnapshotDto | null,
): Promise<void> {
  const final = await takeOver(call, planned, name, anchor);
  // Of a sandbox, every snapshot is an image of its own.
  if (sandboxOf(planned) === null && proven && final.ref && proven.ref && final.ref !== proven.ref) {
    call.warnings.push({
      summary: `replacing snapshot "${name}": the image changed during the swap`,
      detail: `The successor used ${proven.ref}, but "${name}" now uses ${final.ref}: the tag was moved in between. To pin the image, use a digest in \`image\`.`,
    });
  }

  if (second)
    await call.locked("remove", sourceKeyOf(second), () => remove(call, second, { label: "second successor" }));
  call.progress(`deleting the successor (${anchor.id})`);
  // Once the delete is accepted, a later apply only has to deal with the final snapshot.
  const done = (): void => call.keep(recordOnTheWay(planned, final));
  await call.locked("remove", sourceKeyOf(anchor), () =>
    remove(call, anchor, { label: "successor", onAccepted: done }),
  );

  const onSeen = (dto: SnapshotDto): void => call.keep(recordOnTheWay(planned, dto));
  const wanted = known(planned.active) !== false;
  const idle = classify(final.state) === "idle";
  const last =
    wanted === !idle ? final : await (wanted ? activate(call, final, onSeen) : deactivate(call, final, onSeen));
  call.keep(recordAfter({ ...planned, id: last.id }, last));
}
