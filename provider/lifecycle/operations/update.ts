import type { SnapshotDto } from "../../api/types";
import { snapshotTable } from "../../resources/snapshot/attributes";
import { known } from "../../kit/unknown";
import { timeoutOf } from "../../resources/snapshot/durations";
import { observe } from "../../resources/snapshot/observed";
import type { Marks, Planned, SnapshotInputs, SnapshotRecord } from "../../resources/snapshot/record";
import { needsReading } from "../../resources/snapshot/source";
import { classify } from "../../resources/snapshot/states";
import { isUnknown } from "../../kit/unknown";
import { isPinned } from "../../resources/snapshot/own/source/image-build";
import { imageMadeFrom, imageToSend } from "../../resources/snapshot/own/source/pin";
import type { Call, Shared } from "../call/call";
import type { CallContext, Outcome } from "../contract";
import { converge } from "./converge";
import { createIn, rebuild } from "./create";
import { assertOrganization, goneSincePlan } from "../messages/missing-snapshot";
import { byId } from "../call/lookup";
import { needsMore, sourceToMake } from "../publish/pin-source";
import { run } from "../requests/run-call";
import { recordWithout } from "../call/settling-record";
import { swap } from "../swap/swap";
import { isFailedOrLeaving } from "../swap/successor";
import { isUnfinished, successorOf } from "../swap/unfinished";

/**
 * Carries out a planned change. The unknown values of the plan tell what was planned (`id`: another snapshot; `state`: the same snapshot;
 * none: no request). The current state, which is read again, decides how.
 */
export function update(
  shared: Shared,
  prior: SnapshotRecord,
  marks: Marks,
  asked: Planned,
  context: CallContext,
): Promise<Outcome> {
  const name = known(asked.name) ?? prior.name ?? "";
  const planned = { ...asked, name };
  const limitMs = timeoutOf(known(planned.timeouts), "update");
  return run(
    shared,
    context,
    { doing: `updating snapshot "${name}"`, verb: "update", limitMs, record: prior, marks },
    async (call) => {
      await assertOrganization(call, prior, false);
      if (!isUnknown(planned.id) && !isUnknown(planned.state)) return call.keep(recordWithout(planned, prior));
      await call.assertNamedOrganization();

      // Before any request: without a digest that it needs, there is no other snapshot.
      const making =
        isUnknown(planned.id) && !needsReading(planned) && needsMore(planned)
          ? await sourceToMake(call, planned)
          : planned;
      const present = await byId(call, prior.id);
      if (isUnknown(planned.id)) return replaceContent(call, prior, marks, making, name, present);
      if (!present) return goneSincePlan(call, prior);
      call.keep(observe(present, prior), marks);
      if (classify(present.state) === "leaving") return goneSincePlan(call, prior);
      const nothing = (): void => call.keep({ ...prior, state: "removing" }, { removing: true });
      await converge(
        call,
        planned,
        name,
        present,
        context.idMayChange === true ? (failed) => rebuild(call, planned, name, failed, nothing) : null,
      );
    },
  );
}

/** Replaces the snapshot: by a swap, or by a rebuild if there is nothing to protect. */
async function replaceContent(
  call: Call,
  prior: SnapshotRecord,
  marks: Marks,
  asked: Planned,
  name: string,
  present: SnapshotDto | null,
): Promise<void> {
  const planned = needsMore(asked) ? await sourceToMake(call, asked) : asked;
  const nothing = (): void => call.keep({ ...prior, state: "removing" }, { removing: true });
  const isSuccessor = present !== null && isUnfinished(prior, present);
  const unfinished = marks.successor === true || isSuccessor;
  if (present && !unfinished && !isFailedOrLeaving(present) && !contentChanged(prior, planned)) {
    // It was failed or leaving during the plan and has recovered. A working snapshot is not deleted.
    return converge(call, planned, name, present, (failed) => rebuild(call, planned, name, failed, nothing));
  }
  const successor = isSuccessor ? null : await successorOf(call, prior);

  if (successor || unfinished) {
    if (!present && !successor) return goneSincePlan(call, prior);
    return swap(call, { prior, planned, name, present, successor });
  }
  if (!present) return replaceMissing(call, prior, marks, planned, name, nothing);
  if (isFailedOrLeaving(present)) return rebuild(call, planned, name, present, nothing);
  await swap(call, { prior, planned, name, present, successor });
}

/** Creates what is not there any more, if it was to be deleted anyway. */
async function replaceMissing(
  call: Call,
  prior: SnapshotRecord,
  marks: Marks,
  planned: Planned,
  name: string,
  nothing: () => void,
): Promise<void> {
  await assertOrganization(call, prior, true);
  if (marks.removing !== true && !isFailedOrLeaving(prior)) return goneSincePlan(call, prior);
  await createIn(call, planned, name, nothing);
}

/** Whether the plan requires another snapshot than the prior record. */
export function contentChanged(prior: SnapshotRecord, planned: Planned): boolean {
  const image = imageToSend(planned);
  if (image !== null && isPinned(image) && image !== imageMadeFrom(prior)) return true;
  return snapshotTable.inputs.some((input) => {
    if (input.change !== "content") return false;
    const key = input.name as keyof SnapshotInputs;
    return !isUnknown(planned[key]) && JSON.stringify(planned[key] ?? null) !== JSON.stringify(prior[key] ?? null);
  });
}
