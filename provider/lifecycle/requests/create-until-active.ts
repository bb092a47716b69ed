import { AmbiguousAnswerError, ApiError } from "../../api/errors";
import type { SnapshotDto } from "../../api/types";
import { known } from "../../kit/unknown";
import { sourceKey, toCreateBody } from "../../resources/snapshot/desired";
import type { Planned } from "../../resources/snapshot/record";
import { differences } from "../../resources/snapshot/same";
import type { Call } from "../call/call";
import { SnapshotFailed } from "../call/errors";
import { Waiting } from "../call/waiting";
import { post } from "./send-create";
import { passingTrouble } from "../messages/failure-advice";
import { remove } from "./delete-until-gone";
import { type Growth, pauseBefore } from "../wait/pauses";
import { waitFor } from "../wait/wait";
import { sandboxOf } from "../sandbox/read-sandbox";
import { takeSnapshot } from "./take-snapshot";
import { publishSource } from "../publish/prepare-source";
import { Watch } from "../wait/watch";

/** Pauses before retrying a create that failed for a reason that passes by itself, in ms. A runner's job that was lost lasts for up to two hours. */
const PAUSES = [2000, 4000, 8000];
const LATER_PAUSES: Growth = { share: 1 / 10, least: 15_000, most: 60_000 };

/** What becomes of a create whose name another snapshot has: it goes on with that one, or it leaves with an answer of the caller's. */
export type OnTaken<Answer> = { readonly goOnWith: SnapshotDto } | { readonly leaveWith: Answer };

/** The snapshot, which is active, or the caller's answer to a name that is taken. */
export type Created<Answer> = { readonly active: SnapshotDto } | { readonly leftWith: Answer };

export interface Making<Answer> {
  name: string;
  planned: Planned;
  label?: string;
  /** Called with every reading of the snapshot, beginning with the first answer. */
  onSeen(dto: SnapshotDto): void;
  /** A failed snapshot has been removed, so there is none now. */
  onRemoved?(): void;
  /** The name is taken by `holder`. May throw. */
  onTaken(holder: SnapshotDto): OnTaken<Answer>;
}

/**
 * Uploads the files of the build or pushes the local image, then POST (or takes the sandbox), then wait until active, while no other snapshot of
 * this source settles.
 * @throws SnapshotFailed, Failure, ApiError, Interrupted, DeadlinePassed
 */
export async function createUntilActive<Answer>(call: Call, making: Making<Answer>): Promise<Created<Answer>> {
  let sent = call.archives === null ? making.planned : await publishSource(call, making.planned);
  return call.locked("settle", sourceKey(making.planned), async () => {
    const startedAt = call.clock.now();
    for (let attempt = 1; ; attempt += 1) {
      try {
        // The server may remove a pushed image after one create.
        if (attempt > 1 && call.localImage !== null) sent = await publishSource(call, making.planned);
        return await createOnce(call, { ...making, planned: sent });
      } catch (error) {
        releasePush(call, sent, error);
        const pause = pauseBefore(PAUSES, attempt - 1, call.clock.now() - startedAt, LATER_PAUSES);
        // Pulls of other organizations count too. Without time for another attempt, the failed snapshot is kept and reported.
        const trouble = error instanceof SnapshotFailed ? passingTrouble(error.dto) : null;
        if (!(error instanceof SnapshotFailed)) throw error;
        if (trouble === null || call.deadline.remaining() < 2 * pause)
          throw afterTries(error, attempt, call, startedAt);
        call.progress(`${trouble}; trying again`);
        // The source lock is already held, so nothing of this source settles.
        await remove(call, error.dto, { label: making.label ?? "failed snapshot" });
        making.onRemoved?.();
        const waiting = new Waiting(call, `the next attempt (${trouble})`);
        await waiting.sleep(pause);
        waiting.end();
      }
    }
  });
}

/** The same failure, which tells of the tries before it. */
function afterTries({ dto, tail }: SnapshotFailed, count: number, call: Call, startedAt: number): SnapshotFailed {
  return new SnapshotFailed(dto, tail, count > 1 ? { count, ms: call.clock.now() - startedAt } : null);
}

/** A push that no snapshot has become active from is used by the next create: the server has not removed it. */
function releasePush(call: Call, { image }: Planned, error: unknown): void {
  const refused =
    error instanceof ApiError && !(error instanceof AmbiguousAnswerError) && error.status >= 400 && error.status < 500;
  if (call.localImage !== null && (refused || error instanceof SnapshotFailed))
    call.shared.pushes.release(known(image) ?? "");
}

async function createOnce<Answer>(call: Call, making: Making<Answer>): Promise<Created<Answer>> {
  const watch = new Watch(call.api.events);
  try {
    const { planned, name, label } = making;
    const posted =
      sandboxOf(planned) !== null
        ? await takeSnapshot(call, { name, planned, watch, label })
        : await post(call, {
            body: toCreateBody(planned, name),
            isSame: (found) => differences(planned, found, { exact: true }).length === 0,
            label,
          });
    const next = "made" in posted ? { goOnWith: posted.made } : making.onTaken(posted.holder);
    if ("leaveWith" in next) return { leftWith: next.leaveWith };
    const first = next.goOnWith;
    making.onSeen(first);
    const onSeen = (seen: SnapshotDto): void => making.onSeen(seen);
    return { active: await waitFor(call, { until: "active", first, watch, label: making.label, onSeen }) };
  } finally {
    watch.close();
  }
}
