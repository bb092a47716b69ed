import type { SnapshotDto } from "../api/types";
import { known, sourceKey, sourceKeyOf } from "../snapshot/desired";
import { observe, recordAfter } from "../snapshot/observed";
import { isSuccessorOf } from "../snapshot/names";
import type { Planned, SnapshotRecord } from "../snapshot/record";
import { differences } from "../snapshot/same";
import { classify } from "../snapshot/states";
import { activate, deactivate } from "./activate";
import type { Call } from "./call";
import { recordOnTheWay } from "./records";
import { remove } from "./remove";
import { permitted } from "./permissions";
import { prove } from "./swap-prove";
import { takeOver } from "./swap-final";
import { finalOf } from "./unfinished";

export interface Swapping {
  prior: SnapshotRecord;
  planned: Planned;
  name: string;
  /** What has the state's id; null: 404. */
  present: SnapshotDto | null;
  /** What has the name of this id's successor. */
  successor: SnapshotDto | null;
}

/**
 * Makes a successor and proves it, deletes the old one, makes the name again, deletes the successor. Goes on from wherever an
 * earlier try was cut off. Holds one lock at a time.
 */
export async function swap(call: Call, swapping: Swapping): Promise<void> {
  const { prior, planned, name } = swapping;
  call.doing = `replacing snapshot "${name}"`;
  await permitted(call);

  const { old, proven } = startOf(swapping);
  const successor = proven ?? (await prove(call, planned, name, old?.id ?? prior.id));
  const unfinished = (): void => call.keep({ ...observe(successor, prior), name }, { successor: true });
  if (old) {
    // An earlier swap's last step, which this program no longer wants: it holds the name.
    const final = old.name === name ? null : await finalOf(call, name, old);
    if (final) await call.locked("remove", sourceKeyOf(final), () => remove(call, final, { label: "earlier one" }));
    call.progress(`deleting the old one (${old.id})`);
    await call.locked("remove", sourceKeyOf(old), () => remove(call, old, { label: "old one", onAccepted: unfinished }));
  }
  unfinished();

  const final = await takeOver(call, planned, name, successor);
  if (final.ref && successor.ref && final.ref !== successor.ref) {
    call.warnings.push({
      summary: `replacing snapshot "${name}": the image changed on the way`,
      detail: `The successor was proven with ${successor.ref}, "${name}" has ${final.ref}: the tag was moved in between. A digest in \`image\` cannot move.`,
    });
  }

  call.progress(`deleting the successor (${successor.id})`);
  // Once the delete is accepted nothing is left to be done by a later apply but this snapshot itself.
  const done = (): void => call.keep(recordOnTheWay(planned, final));
  await call.locked("remove", sourceKey(planned), () => remove(call, successor, { label: "successor", onAccepted: done }));

  const onSeen = (dto: SnapshotDto): void => call.keep(recordOnTheWay(planned, dto));
  const wanted = known(planned.active) !== false;
  const idle = classify(final.state) === "idle";
  const last = wanted === !idle ? final : await (wanted ? activate(call, planned, final, onSeen) : deactivate(call, final, onSeen));
  call.keep(recordAfter({ ...planned, id: last.id }, last));
}

/** Where to begin: with a successor that is proven, because the old one is gone, or with one still to be made. */
function startOf({ planned, name, present, successor }: Swapping): { old: SnapshotDto | null; proven: SnapshotDto | null } {
  const lone = present === null ? successor : isSuccessorOf(present.name, name) ? present : null;
  if (!lone) return { old: present, proven: null };
  // The program may have changed since: then the lone successor is itself what has to be replaced.
  const same = differences(planned, lone, { exact: true }).length === 0;
  return same ? { old: null, proven: lone } : { old: lone, proven: null };
}
