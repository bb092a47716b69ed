import { AmbiguousAnswerError, ApiError, ConflictError, ServerError } from "../../api/errors";
import type { CreateSnapshotBody, SnapshotDto } from "../../api/types";
import { classify } from "../../snapshot/states";
import type { Call } from "../call/call";
import { DeadlinePassed, Interrupted } from "../call/errors";
import { byName, isOurs } from "./lookup";
import { waitGone } from "./delete-until-gone";

/** Tolerated clock skew when deciding whether this call created a snapshot, in ms. */
const SKEW_MS = 60_000;
/** How often to send a POST whose answer is lost and whose snapshot cannot be found. */
const LOST_TRIES = 3;
/** How long a read by name may take after an interrupt, in ms. */
const LAST_LOOK_MS = 500;
/** How long to wait to learn whether an aborted request had been sent, in ms. */
const SETTLE_MS = 100;
const SENT = "sent";
const NOT_SENT = "not sent";

export interface Post {
  body: CreateSnapshotBody;
  /** Whether a snapshot matches `body` exactly. */
  isSame(dto: SnapshotDto): boolean;
  /** 409, and the holder does not come from a lost answer of ours. Returns the snapshot to continue with, or throws. */
  onTaken(holder: SnapshotDto): SnapshotDto;
  label?: string | undefined;
}

/** `POST /snapshots`, repeated until it is certain whether the snapshot exists. @throws ApiError, Failure, Interrupted, DeadlinePassed */
export async function post(call: Call, request: Post): Promise<{ dto: SnapshotDto; made: boolean }> {
  const { name } = request.body;
  const startedAt = call.clock.now();
  let lost = 0;
  let unexplained = 0;
  call.unanswered = null;
  for (;;) {
    let problem: unknown;
    let answer: Promise<unknown> = Promise.resolve();
    try {
      const create = (signal: AbortSignal): Promise<SnapshotDto> => {
        const created = call.api.create(request.body, { signal });
        answer = created.then(() => SENT, (error: unknown) => (error instanceof ApiError ? SENT : NOT_SENT));
        return created;
      };
      return { dto: call.seen(await call.deadline.change(create)), made: true };
    } catch (error) {
      if (error instanceof Interrupted || error instanceof DeadlinePassed) {
        if ((await call.deadline.within(SETTLE_MS, answer)) === NOT_SENT && lost === 0) {
          call.waitingFor = "the API to accept the request";
          throw call.deadline.reason();
        }
        const dto = await lastLook(call, request, startedAt);
        if (dto) return { dto, made: true };
        throw call.deadline.reason(name);
      }
      // After a 500 or a lost answer, the snapshot may have been created.
      if (error instanceof AmbiguousAnswerError || error instanceof ServerError) lost += 1;
      else if (!(error instanceof ConflictError)) throw error;
      problem = error;
    }

    let holder: SnapshotDto | null;
    try {
      holder = await lookFor(call, name, lost > 0 && !(problem instanceof ConflictError));
      if (holder === null) {
        if (lost >= LOST_TRIES || (unexplained += 1) > 5) throw problem;
        await call.deadline.sleep(1000);
        continue;
      }
    } catch (error) {
      if (lost === 0) throw error;
      // One of the requests may have created it, and its ID must not be lost.
      if (error instanceof ApiError) {
        call.unanswered = name;
        throw error;
      }
      const dto = await lastLook(call, request, startedAt);
      if (dto) return { dto, made: true };
      throw call.deadline.reason(name);
    }
    if (lost > 0 && isOurOwn(call, request, holder, startedAt)) return { dto: holder, made: true };
    if (classify(holder.state) === "leaving") {
      // It may be somebody else's. If it stays, the next 409 is judged again.
      await waitGone(call, holder, `the earlier "${name}"`, false);
      continue;
    }
    return { dto: request.onTaken(holder), made: false };
  }
}

/** After a lost answer, the request may still be in transit, so the name is read several times before it counts as free. */
async function lookFor(call: Call, name: string, patient: boolean): Promise<SnapshotDto | null> {
  for (const delay of patient ? [0, 500, 1500] : [0]) {
    if (delay > 0) await call.deadline.sleep(delay);
    const holder = await byName(call, name);
    if (holder) return holder;
  }
  return null;
}

function isOurOwn(call: Call, request: Post, dto: SnapshotDto, startedAt: number): boolean {
  if (!isOurs(call.organizationId, dto) || dto.name !== request.body.name || !request.isSame(dto)) return false;
  const createdAt = Date.parse(dto.createdAt);
  return classify(dto.state) !== "leaving" && (Number.isNaN(createdAt) || createdAt >= startedAt - SKEW_MS);
}

/** The call is over and the POST is unanswered: reads the name once, briefly. */
async function lastLook(call: Call, request: Post, startedAt: number): Promise<SnapshotDto | null> {
  const stop = new AbortController();
  const look = call.api.get(request.body.name, { signal: stop.signal }).catch(() => undefined);
  const dto = await call.deadline.within(LAST_LOOK_MS, look);
  stop.abort();
  return dto && isOurOwn(call, request, dto, startedAt) ? call.seen(dto) : null;
}
