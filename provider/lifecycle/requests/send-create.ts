import { AmbiguousAnswerError, ApiError, ConflictError, ServerError } from "../../api/errors";
import type { CreateSnapshotBody, SnapshotDto } from "../../api/types";
import { classify } from "../../resources/snapshot/states";
import type { Call } from "../call/call";
import { DeadlinePassed, Interrupted } from "../call/errors";
import { byName, isOurs, listed } from "../call/lookup";
import { waitGone } from "./delete-until-gone";

/** Tolerated clock skew when deciding whether this call created a snapshot, in ms. */
const SKEW_MS = 60_000;
/** How often to send a POST whose answer is lost and whose snapshot cannot be found. */
const LOST_TRIES = 3;
/** How often to send a POST that fails without a reason that can be seen. */
const MOST_UNEXPLAINED = 5;
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
  label?: string | undefined;
}

/** The snapshot that the request made, or the one that had the name before it (409), which does not come from a lost answer of ours. */
export type Posted = { readonly made: SnapshotDto } | { readonly holder: SnapshotDto };

/** What the requests of one create have met so far. */
interface Tries {
  /** ms since the epoch. */
  readonly startedAt: number;
  /** Answers that were lost, so that a request may have created the snapshot. */
  lost: number;
  /** Conflicts with a name that nothing has. */
  unexplained: number;
}

/** `POST /snapshots`, repeated until it is certain whether the snapshot exists. @throws ApiError, Failure, Interrupted, DeadlinePassed */
export async function post(call: Call, request: Post): Promise<Posted> {
  const tries: Tries = { startedAt: call.clock.now(), lost: 0, unexplained: 0 };
  call.unanswered = null;
  for (;;) {
    const sent = await send(call, request, tries);
    if ("made" in sent) return sent;
    const found = await lookAfter(call, request, tries, sent.problem);
    if (found === null) continue;
    if ("made" in found) return found;
    const { holder } = found;
    if (tries.lost > 0 && isOurOwn(call, request, holder, tries.startedAt)) return { made: holder };
    if (classify(holder.state) !== "leaving") return found;
    // It may be somebody else's. If it stays, the next 409 is judged again.
    await waitGone(call, holder, `the earlier "${request.body.name}"`, false);
  }
}

/** One request. Resolves with a problem that leaves open who has the name. @throws every other problem */
async function send(
  call: Call,
  request: Post,
  tries: Tries,
): Promise<{ readonly made: SnapshotDto } | { readonly problem: unknown }> {
  let answer: Promise<unknown> = Promise.resolve();
  const create = (signal: AbortSignal): Promise<SnapshotDto> => {
    const created = call.api.create(request.body, { signal });
    answer = created.then(
      () => SENT,
      (error: unknown) => (error instanceof ApiError ? SENT : NOT_SENT),
    );
    return created;
  };
  try {
    return { made: call.seen(await call.deadline.change(create)) };
  } catch (error) {
    if (error instanceof Interrupted || error instanceof DeadlinePassed) {
      if ((await call.deadline.within(SETTLE_MS, answer)) === NOT_SENT && tries.lost === 0) {
        call.waitingFor = "the API to accept the request";
        throw call.deadline.reason();
      }
      return lastLook(call, request, tries.startedAt);
    }
    // After a 500 or a lost answer, the snapshot may have been created.
    if (error instanceof AmbiguousAnswerError || error instanceof ServerError) tries.lost += 1;
    else if (!(error instanceof ConflictError)) throw error;
    return { problem: error };
  }
}

/** Who has the name after a request that did not tell; null: nobody, so the request can be sent again. @throws what the request met, after too many of them */
async function lookAfter(call: Call, request: Post, tries: Tries, problem: unknown): Promise<Posted | null> {
  const { name } = request.body;
  try {
    const taken = problem instanceof ConflictError;
    // A server may answer 404 for the name of a failed snapshot that it lists, and 409 to a create.
    const holder = (await lookFor(call, name, tries.lost > 0 && !taken)) ?? (taken ? await listed(call, name) : null);
    if (holder !== null) return { holder };
    if (tries.lost >= LOST_TRIES || (tries.unexplained += 1) > MOST_UNEXPLAINED) throw problem;
    await call.deadline.sleep(1000);
    return null;
  } catch (error) {
    if (tries.lost === 0) throw error;
    // One of the requests may have created it, and its ID must not be lost.
    if (error instanceof ApiError) {
      call.unanswered = name;
      throw error;
    }
    return lastLook(call, request, tries.startedAt);
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

/** The call is over and the POST is unanswered: reads the name once, briefly. @throws Interrupted, DeadlinePassed unless the request made a snapshot */
async function lastLook(call: Call, request: Post, startedAt: number): Promise<{ readonly made: SnapshotDto }> {
  const stop = new AbortController();
  const look = call.api.get(request.body.name, { signal: stop.signal }).catch(() => undefined);
  const dto = await call.deadline.within(LAST_LOOK_MS, look);
  stop.abort();
  if (dto && isOurOwn(call, request, dto, startedAt)) return { made: call.seen(dto) };
  throw call.deadline.reason(request.body.name);
}
