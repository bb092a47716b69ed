import { AmbiguousAnswerError, BadRequestError, NotFoundError, ServerError, UnreachableError } from "../../api/errors";
import type { SnapshotDto } from "../../api/types";
import { sourceKeyOf } from "../../resources/snapshot/desired";
import { formatDuration } from "../../resources/snapshot/durations";
import { classify } from "../../resources/snapshot/states";
import type { Call } from "../call/call";
import { Failure } from "../call/errors";
import { goneWhile } from "../messages/missing-snapshot";
import { byId } from "../call/lookup";
import { elsewhere, waitFor } from "../wait/wait";
import { Watch } from "../wait/watch";
import { words } from "../messages/tool-words";

/** How long after its last change the server refuses to activate a snapshot, in ms. */
const COOLDOWN_MS = 10 * 60_000;
/** Pause between attempts while the server reports that the deactivation is in progress, in ms. */
const STILL_MS = 15_000;
const PROGRESS_MS = 60_000;
/** After a longer wait for the source lock, the snapshot is read again, in ms. */
const STALE_MS = 1000;

type OnSeen = (dto: SnapshotDto) => void;

/**
 * `POST /snapshots/{uuid}/activate`, then wait until active. The server pulls or builds again, so it can fail like a create.
 * @throws SnapshotFailed, Failure, ApiError, Interrupted, DeadlinePassed
 */
export async function activate(call: Call, inactive: SnapshotDto, onSeen: OnSeen): Promise<SnapshotDto> {
  let dto = inactive;
  let lost = 0;
  for (;;) {
    dto = await cooledDown(call, dto, onSeen);
    if (classify(dto.state) === "ready") return dto;
    const tried = await call.locked("settle", sourceKeyOf(dto), () => requestActivation(call, dto, onSeen));
    if (typeof tried === "object") return tried;
    if (tried === "lost" && (lost += 1) > 3)
      throw new Failure({
        summary: `${call.doing}: the API does not respond`,
        detail: `Snapshot ${dto.id} is still \`inactive\`. Run ${words(call).run} again later.`,
      });
    if (tried === "refused") {
      call.progress("the API is still processing the deactivation");
      await call.deadline.sleep(STILL_MS);
    }
    dto = (await byId(call, dto.id)) ?? goneWhile(call, dto);
  }
}

/** Waits until the server accepts the request. Does not hold the lock, because nothing settles in the meantime. */
async function cooledDown(call: Call, dto: SnapshotDto, onSeen: OnSeen): Promise<SnapshotDto> {
  const from = Date.parse(dto.updatedAt ?? "") + COOLDOWN_MS;
  const left = (): number => (Number.isNaN(from) ? 0 : from - call.clock.now());
  if (classify(dto.state) !== "idle" || left() <= 0) return dto;
  const when = new Date(from).toISOString().replace(/\.\d+Z$/, "Z");
  if (left() > call.deadline.remaining()) {
    throw new Failure({
      summary: `${call.doing}: not possible before ${when}`,
      detail: `The API does not activate a snapshot within ten minutes of its last change, and this operation times out after ${formatDuration(call.deadline.limitMs)}. Run ${words(call).run} again after ${when} (${formatDuration(left())} from now), or set a longer timeout: ${words(call).timeout(call.verb)}.`,
      attribute: ["timeouts", call.verb],
    });
  }
  while (left() > 0) {
    call.progress(
      `inactive; waiting until ${when} (${formatDuration(left())} from now), when the API allows the activation`,
    );
    await call.deadline.sleep(Math.min(left(), PROGRESS_MS));
  }
  const now = (await byId(call, dto.id)) ?? goneWhile(call, dto);
  onSeen(now);
  // It may have changed during the sleep, which restarts the ten minutes.
  return now.updatedAt !== dto.updatedAt ? cooledDown(call, now, onSeen) : now;
}

async function requestActivation(
  call: Call,
  dto: SnapshotDto,
  onSeen: OnSeen,
): Promise<SnapshotDto | "refused" | "lost"> {
  const watch = new Watch(call.api.events);
  try {
    let first = dto;
    if (classify(dto.state) === "idle") {
      try {
        first = call.seen(await call.deadline.change(() => call.api.activate(dto.id)));
      } catch (error) {
        if (error instanceof NotFoundError) goneWhile(call, dto);
        if (error instanceof BadRequestError && /deactivation is still in progress/i.test(error.reason))
          return "refused";
        const unclear =
          error instanceof AmbiguousAnswerError || error instanceof ServerError || error instanceof UnreachableError;
        const already =
          error instanceof BadRequestError && /already active|cannot be activated|only.*inactive/i.test(error.reason);
        if (!unclear && !already) throw error;
        first = (await byId(call, dto.id)) ?? goneWhile(call, dto);
        if (classify(first.state) === "idle") {
          if (already) throw error;
          return "lost";
        }
      }
    }
    onSeen(first);
    return await waitFor(call, { until: "active", first, watch, onSeen });
  } finally {
    watch.close();
  }
}

/**
 * `POST /snapshots/{uuid}/deactivate`, then wait until `inactive`. Never during a removal: that would cancel the delete. Uses the lock of a
 * delete, because it also removes the image from the runners, even while another snapshot of the same source is settling.
 */
export async function deactivate(call: Call, active: SnapshotDto, onSeen: OnSeen): Promise<SnapshotDto> {
  const asked = call.clock.now();
  return call.locked("remove", sourceKeyOf(active), async () => {
    if (call.clock.now() - asked < STALE_MS) return deactivated(call, active, onSeen);
    const now = (await byId(call, active.id)) ?? goneWhile(call, active);
    onSeen(now);
    if (classify(now.state) === "leaving") throw elsewhere(call, now);
    return classify(now.state) === "idle" ? now : deactivated(call, now, onSeen);
  });
}

async function deactivated(call: Call, active: SnapshotDto, onSeen: OnSeen): Promise<SnapshotDto> {
  const watch = new Watch(call.api.events);
  try {
    watch.bind(active.id, active.name);
    try {
      await call.deadline.change(() => call.api.deactivate(active.id));
    } catch (error) {
      if (error instanceof NotFoundError) goneWhile(call, active);
      throw error;
    }
    return await waitFor(call, { until: "inactive", first: active, watch, readAtOnce: true, onSeen });
  } finally {
    watch.close();
  }
}
