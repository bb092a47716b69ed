import { ApiError, NotFoundError, ServerError } from "../../api/errors";
import type { SnapshotDto } from "../../api/types";
import { classify } from "../../resources/snapshot/states";
import type { Call } from "../call/call";
import { Kept } from "../call/errors";
import type { Removal } from "../call/owners";
import { notReplacedNotice } from "../messages/shared-snapshot";
import { byId } from "../call/lookup";
import { pauseBefore } from "../wait/pauses";
import { transient } from "../wait/tolerate-outage";
import { Progress } from "../wait/progress";
import { Watch } from "../wait/watch";

/** After this time in `removing`, the delete is sent again, in ms: the server may have lost it. */
const FORGOTTEN_MS = 60_000;
/** Time between reads, in ms; the first ones are quick. */
const POLLS = [500, 1000, 1000, 2000, 3000];

/** The snapshot to remove. */
export type Target = Pick<SnapshotDto, "id" | "name">;

/** Reporting of `remove`. */
export interface RemoveOptions {
  label?: string;
  /** The first DELETE was answered, so the snapshot counts as leaving. */
  onAccepted?(): void;
}

/**
 * `DELETE /snapshots/{uuid}`, then wait for 404. Resolves with whether the snapshot existed.
 * @throws Kept if another resource manages the snapshot; also while waiting, before a repeated DELETE
 */
export async function remove(call: Call, target: Target, options: RemoveOptions = {}): Promise<boolean> {
  const watch = new Watch(call.api.events);
  const claim = claimed(call, target);
  try {
    watch.bind(target.id, target.name);
    const asked = await ask(call, target);
    options.onAccepted?.();
    if (!asked) return false;
    if (call.context.wait === false) return true;
    await untilGone(call, target, watch, { again: true, label: options.label });
    return true;
  } finally {
    claim.release();
    watch.close();
  }
}

/** Before a change that would delete the snapshot in the end. @throws Kept if another resource manages it */
export function assertOwn(call: Call, target: Target): void {
  if (call.isOthers(target.id)) throw new Kept(target.id, notReplacedNotice(call, target));
}

/** From here until it is released, no create of this process adopts the snapshot. @throws Kept */
function claimed(call: Call, target: Target): Removal {
  const claim = call.claimRemoval(target.id);
  if (claim === null) throw new Kept(target.id, notReplacedNotice(call, target));
  return claim;
}

/**
 * Waits until the API answers 404 for a leaving snapshot. With `repeat`, a lost delete is sent again; only for a snapshot that is ours to
 * delete. Without it, the wait also ends when the snapshot is no longer leaving.
 */
export async function waitGone(call: Call, target: Target, label?: string, repeat = true): Promise<void> {
  const watch = new Watch(call.api.events);
  try {
    watch.bind(target.id, target.name);
    await untilGone(call, target, watch, { again: repeat, label });
  } finally {
    watch.close();
  }
}

async function ask(call: Call, target: Target): Promise<boolean> {
  // Checked again for every request: the wait between two of them is long.
  const claim = claimed(call, target);
  let doubtful = true;
  try {
    await call.deadline.change(() => call.api.delete(target.id));
    doubtful = false;
    return true;
  } catch (error) {
    // Anything else than a clear refusal may still take effect.
    doubtful = !(error instanceof ApiError) || error instanceof ServerError || error.status < 400;
    if (error instanceof NotFoundError) return false;
    throw error;
  } finally {
    claim.release(doubtful);
  }
}

async function untilGone(
  call: Call,
  target: Target,
  watch: Watch,
  options: { again: boolean; label?: string | undefined },
): Promise<void> {
  const progress = new Progress(call, options.label);
  const { clock, deadline } = call;
  const startedAt = clock.now();
  let askedAt = startedAt;
  let poll = 0;
  let nextPoll = clock.now();
  for (;;) {
    if (clock.now() >= nextPoll) {
      const dto = await transient(call, () => byId(call, target.id));
      if (dto === null) return;
      if (dto) {
        progress.state(dto.state);
        // A delete can be lost. The state then continues as if it had not been sent.
        const lost = classify(dto.state) !== "leaving";
        if (lost && !options.again) return;
        if (options.again && ((lost && clock.now() - askedAt >= 500) || clock.now() - askedAt >= FORGOTTEN_MS)) {
          if (!(await ask(call, target))) return;
          askedAt = clock.now();
        }
      }
      nextPoll = clock.now() + pauseBefore(POLLS, poll++, clock.now() - startedAt);
    }
    const event = await watch.next(Math.min(nextPoll - clock.now(), progress.due()), deadline);
    progress.tick();
    if (event && event.kind !== "disconnected") nextPoll = clock.now();
  }
}
