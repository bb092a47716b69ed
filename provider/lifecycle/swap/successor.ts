import type { SnapshotDto } from "../../api/types";
import { sourceKey, sourceKeyOf } from "../../resources/snapshot/desired";
import { successorName } from "../../resources/snapshot/names";
import type { Planned, SnapshotRecord } from "../../resources/snapshot/record";
import { differences } from "../../resources/snapshot/same";
import { classify } from "../../resources/snapshot/states";
import type { Call } from "../call/call";
import { DeadlinePassed, Failure, Interrupted, SnapshotFailed } from "../call/errors";
import { byId, byName } from "../call/lookup";
import { createUntilActive, type OnTaken } from "../requests/create-until-active";
import { passingTrouble } from "../messages/failure-advice";
import { apiNotice, failureIn, isQuota, lines, snapshotFailure, takenFailure } from "../messages/notices";
import { failureOf } from "../requests/run-call";
import { remove, waitGone } from "../requests/delete-until-gone";
import { ApiError } from "../../api/errors";
import { waitFor } from "../wait/wait";
import { Watch } from "../wait/watch";
import { words } from "../messages/tool-words";
import { capital } from "../../kit/words";

/** The successor belongs to another program, and nothing else works. */
class Contested extends Failure {}

const UNTOUCHED = "The old snapshot is unchanged and still usable.";
/** Time limit for the last request of a call that has timed out, in ms. */
const LAST_REQUEST_MS = 2000;

/** Step 1: creates the successor and waits until it is active. A failed one is removed; the old snapshot is never touched. */
export async function createSuccessor(call: Call, planned: Planned, name: string, oldId: string): Promise<SnapshotDto> {
  const next = successorName(name, oldId);
  let seen: SnapshotDto | null = null;
  const onSeen = (dto: SnapshotDto): void => void (seen = dto);
  try {
    const there = await usable(call, planned, next, oldId);
    if (there && classify(there.state) === "ready") return there;
    call.progress(there ? `continuing with the successor "${next}"` : `creating the successor "${next}"`);
    if (there) {
      try {
        return await call.locked("settle", sourceKey(planned), () => waitForSuccessor(call, there, onSeen));
      } catch (error) {
        if (!(error instanceof SnapshotFailed) || passingTrouble(error.dto) === null) throw error;
        // As in `createUntilActive`: this says nothing about the source.
        await deleteSuccessor(call, error.dto);
        seen = null;
      }
    }
    const onTaken = (holder: SnapshotDto): OnTaken<never> => {
      const found = differences(planned, holder, { spell: words(call).attribute, exact: true });
      if (found.length > 0) throw takenFailure(call, holder, found);
      return { goOnWith: holder };
    };
    const created = await createUntilActive<never>(call, {
      name: next,
      planned,
      label: "successor",
      onSeen,
      onRemoved: () => (seen = null),
      onTaken,
    });
    return "active" in created ? created.active : created.leftWith;
  } catch (error) {
    throw await withdrawSuccessor(call, next, seen, error);
  }
}

/** The successor of an earlier attempt, if it matches and is healthy. Any other is removed. @throws Failure if it is all that works */
async function usable(call: Call, planned: Planned, next: string, oldId: string): Promise<SnapshotDto | null> {
  const there = await byName(call, next);
  if (!there) return null;
  const phase = classify(there.state);
  const same = differences(planned, there, { exact: true }).length === 0;
  if (same && (phase === "ready" || phase === "settling")) return there;
  if (mayWork(there)) await assertOldWorks(call, there, oldId);
  call.progress(`removing the successor of an earlier attempt (${there.id}, ${there.state})`);
  await deleteSuccessor(call, there);
  return null;
}

/** Whether a snapshot may be of use: it is ready, or was, or is in a state that this release does not know. */
export function mayWork({ state }: SnapshotDto): boolean {
  return !isFailedOrLeaving({ state }) && classify(state) !== "settling";
}

/** Whether there is nothing to protect. */
export function isFailedOrLeaving({ state }: Pick<SnapshotRecord, "state">): boolean {
  const phase = classify(state);
  return phase === "failed" || phase === "leaving";
}

/**
 * Another program may be swapping the same snapshot: once it has deleted the old one, its successor is all that works. So the old one is looked at
 * again, directly before the successor is removed. @throws Failure
 */
async function assertOldWorks(call: Call, there: SnapshotDto, oldId: string): Promise<void> {
  const old = await byId(call, oldId);
  if (old !== null && !isFailedOrLeaving(old)) return;
  throw new Contested(
    {
      summary: `${call.doing}: someone else is replacing it, too`,
      detail: lines(
        `The old snapshot (${oldId}) is ${old === null ? "deleted" : `\`${old.state}\``} now. "${there.name}" (${there.id}, \`${there.state}\`) differs from the requested snapshot, but is the only one that works. It was not removed, and nothing was changed.`,
        `Wait until the other program has finished. ${capital(words(call).refreshAndRun)}.`,
      ),
    },
    { code: "conflict" },
  );
}

async function deleteSuccessor(call: Call, dto: SnapshotDto): Promise<void> {
  const leaving = classify(dto.state) === "leaving";
  await call.locked("remove", sourceKeyOf(dto), async () => {
    await (leaving ? waitGone(call, dto, "successor") : remove(call, dto, { label: "successor" }));
  });
}

async function waitForSuccessor(
  call: Call,
  first: SnapshotDto,
  onSeen: (dto: SnapshotDto) => void,
): Promise<SnapshotDto> {
  const watch = new Watch(call.api.events);
  try {
    onSeen(first);
    return await waitFor(call, { until: "active", first, watch, label: "successor", readAtOnce: true, onSeen });
  } finally {
    watch.close();
  }
}

/** The error for a successor that did not become active. Removes the successor where appropriate. */
async function withdrawSuccessor(call: Call, next: string, seen: SnapshotDto | null, error: unknown): Promise<unknown> {
  if (error instanceof Interrupted) {
    // It was the state of the successor, which is not in the tool's state.
    call.lastState = null;
    if (seen)
      call.warnings.push({
        summary: `${call.doing}: the successor is not finished`,
        detail: `"${next}" (${seen.id}) is kept, and the next ${words(call).run} continues with it. ${UNTOUCHED}`,
      });
    return error;
  }
  if (error instanceof Contested) return error;
  if (error instanceof DeadlinePassed) {
    const failure = failureOf(call, error);
    // The call has timed out: the delete is sent but not awaited.
    if (seen)
      await call.deadline.within(
        LAST_REQUEST_MS,
        call.api.delete(seen.id).catch(() => undefined),
      );
    return failure.saying({
      detail: lines(
        seen ? `The successor "${next}" (${seen.id}) did not become active in time and is being deleted.` : "",
        UNTOUCHED,
        failure.notice.detail,
      ),
    });
  }
  const failed = error instanceof SnapshotFailed ? error.dto : seen;
  const left = failed ? await tidied(call, failed) : "";
  const advice = lines(left, UNTOUCHED, `Fix the cause and run ${words(call).run} again.`);
  if (error instanceof SnapshotFailed) return snapshotFailure(call, error, advice);
  if (isQuota(error)) {
    const notice = apiNotice(call, error);
    return failureIn(call, error).saying({
      summary: `${call.doing}: snapshot quota exceeded: no room for the successor`,
      detail: lines(
        notice.detail,
        UNTOUCHED,
        words(call).recreate === ""
          ? `Delete a snapshot that you no longer need. If there is none, delete "${call.record?.name}" first: then no sandbox can be created from it until the new one is active.`
          : `Delete a snapshot that you no longer need, or set ${words(call).recreate}, which deletes the old snapshot first.`,
      ),
      attribute: ["replacement"],
    });
  }
  if (error instanceof ApiError) return failureIn(call, error, left, UNTOUCHED);
  if (error instanceof Failure) return error.saying({ detail: lines(error.notice.detail, UNTOUCHED) });
  return error;
}

async function tidied(call: Call, dto: SnapshotDto): Promise<string> {
  try {
    await deleteSuccessor(call, dto);
    return "";
  } catch {
    return `Its successor "${dto.name}" (${dto.id}) could not be removed. The next ${words(call).run} removes it.`;
  }
}
