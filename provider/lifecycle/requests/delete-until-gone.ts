import { NotFoundError } from "../../api/errors";
import type { SnapshotDto } from "../../api/types";
import { classify } from "../../snapshot/states";
import type { Call } from "../call/call";
import { byId } from "./lookup";
import { transient } from "../wait/tolerate-outage";
import { Progress } from "../wait/progress";
import { Watch } from "../wait/watch";

/** After this time in `removing`, the delete is sent again, in ms: the server may have lost it. */
const FORGOTTEN_MS = 60_000;
/** Time between reads, in ms; the first ones are quick. */
const POLLS = [500, 1000, 1000, 2000, 3000];
const SLOWEST_POLL = 5000;

/** The snapshot to remove. */
export type Target = Pick<SnapshotDto, "id" | "name">;

/** Reporting of `remove`. */
export interface RemoveOptions {
  label?: string;
  /** The first DELETE was answered, so the snapshot counts as leaving. */
  onAccepted?(): void;
}

/** `DELETE /snapshots/{uuid}`, then wait for 404. Resolves with whether the snapshot existed. */
export async function remove(call: Call, target: Target, options: RemoveOptions = {}): Promise<boolean> {
  const watch = new Watch(call.api.events);
  try {
    watch.bind(target.id, target.name);
    const asked = await ask(call, target);
    options.onAccepted?.();
    if (!asked) return false;
    if (call.context.wait === false) return true;
    await untilGone(call, target, watch, { again: true, label: options.label });
    return true;
  } finally {
    watch.close();
  }
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
  try {
    await call.deadline.change(() => call.api.delete(target.id));
    return true;
  } catch (error) {
    if (error instanceof NotFoundError) return false;
    throw error;
  }
}

async function untilGone(call: Call, target: Target, watch: Watch, options: { again: boolean; label?: string | undefined }): Promise<void> {
  const progress = new Progress(call, options.label);
  const { clock, deadline } = call;
  let askedAt = clock.now();
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
      nextPoll = clock.now() + (POLLS[poll++] ?? SLOWEST_POLL);
    }
    const event = await watch.next(Math.min(nextPoll - clock.now(), progress.due()), deadline);
    progress.tick();
    if (event && event.kind !== "disconnected") nextPoll = clock.now();
  }
}
