import {
  AmbiguousAnswerError,
  ApiError,
  BadRequestError,
  ConflictError,
  NotFoundError,
  ServerError,
} from "../../api/errors";
import type { StateEvent } from "../../api/client";
import type { SandboxDto, SandboxSnapshotBody, SnapshotDto } from "../../api/types";
import { known } from "../../kit/unknown";
import { sourceOf } from "../../resources/snapshot/observed";
import type { Planned } from "../../resources/snapshot/record";
import { classify } from "../../resources/snapshot/states";
import type { Call } from "../call/call";
import { DeadlinePassed, Interrupted, SandboxUnusable } from "../call/errors";
import { byName, holderOf as lookUpHolder } from "../call/lookup";
import { sentence } from "../messages/api-failure";
import { words } from "../messages/tool-words";
import { findSandbox, goneFailure, sandboxOf, untilTakeable } from "../sandbox/read-sandbox";
import { Progress } from "../wait/progress";
import { pauseBefore } from "../wait/pauses";
import { transient } from "../wait/tolerate-outage";
import type { Watch } from "../wait/watch";
import { waitGone } from "./delete-until-gone";
import type { Posted } from "./send-create";

/** Time between reads while a snapshot is being taken, in ms. */
const POLLS = [500, 500, 1000, 1000, 1500, 2000, 3000];
/** How long after the sandbox's return the snapshot may still come, in ms: v2 gives the sandbox its state back first. */
const REST_MS = 3000;
/** The same where the sandbox may have been read from the server's cache, which keeps it for 10 s (`SANDBOX_LOOKUP_CACHE_TTL_MS` of v0.190), in ms. */
const CACHED_MS = 12_000;
/** How far apart the server writes the sandbox's return and the snapshot at most, in ms. */
const TOGETHER_MS = 2000;
/** Tolerated clock skew, in ms. */
const SKEW_MS = 60_000;
/** How often to ask again after an answer that was lost. */
const LOST_TRIES = 3;
/** Pauses before asking again after a refusal because the sandbox had changed in between, in ms: longer than the server's cache. */
const CHANGED_PAUSES = [1000, 2000, 4000, 5000];
/** How long a read by name may take after an interrupt, in ms. */
const LAST_LOOK_MS = 500;
/** How long to wait to learn whether an aborted request had been sent, in ms. */
const SETTLE_MS = 100;

export interface Take {
  name: string;
  planned: Planned;
  watch: Watch;
  label?: string | undefined;
}

/** One request, and what came of it. */
interface Try {
  readonly box: SandboxDto;
  /** ms since the epoch. */
  readonly startedAt: number;
  /** The answer to the request; null: it was lost. */
  readonly answer: SandboxDto | null;
}

/**
 * `POST /sandbox/{id or name}/snapshot`, then waits for the snapshot, which comes by its name. The server does not look at the name before it has
 * done all the work, and then makes nothing, so the name is read first.
 * @throws SandboxUnusable, Failure, ApiError, Interrupted, DeadlinePassed
 */
export async function takeSnapshot(call: Call, take: Take): Promise<Posted> {
  let lost = 0;
  let changed = 0;
  call.unanswered = null;
  for (;;) {
    const taken = await holderOf(call, take.name);
    if (taken !== null) return { holder: taken };
    const { box, busy } = await untilTakeable(call, take.planned);
    // The name again, after the sandbox: who has waited for another snapshot of it may have waited for one of this name.
    const late = busy ? await lookFor(call, take.name) : await byName(call, take.name);
    if (late !== null) return { holder: late };
    const startedAt = call.clock.now();
    const sent = await send(call, take, box);
    if ("made" in sent) return sent;
    if ("answer" in sent || sent.lost) {
      const answer = "answer" in sent ? sent.answer : null;
      const came = await untilTaken(call, take, { box, startedAt, answer });
      if (came !== null) return came;
      if (answer !== null) throw await failedFailure(call, take, box);
    }
    if (!("problem" in sent)) continue;
    const pause = sent.lost ? ((lost += 1) < LOST_TRIES ? 1000 : undefined) : CHANGED_PAUSES[changed++];
    if (pause === undefined) throw sent.problem;
    await call.deadline.sleep(pause);
  }
}

/** The snapshot that has the name; a leaving one is waited for. null: the name is free. */
async function holderOf(call: Call, name: string): Promise<SnapshotDto | null> {
  for (;;) {
    // A failed one may be hidden from a read by name, and the server would tell nobody why no snapshot comes.
    const holder = await lookUpHolder(call, name);
    if (holder === null || classify(holder.state) !== "leaving") return holder;
    await waitGone(call, holder, `the earlier "${name}"`, false);
  }
}

async function lookFor(call: Call, name: string): Promise<SnapshotDto | null> {
  for (const delay of [500, 1500]) {
    await call.deadline.sleep(delay);
    const found = await byName(call, name);
    if (found !== null) return found;
  }
  return null;
}

/** One request. A problem that leaves open whether it took effect is `lost`; one that does not may have passed by the next try. @throws every other problem */
async function send(
  call: Call,
  take: Take,
  box: SandboxDto,
): Promise<
  | { readonly answer: SandboxDto }
  | { readonly problem: unknown; readonly lost: boolean }
  | { readonly made: SnapshotDto }
> {
  const { name, planned } = take;
  const body: SandboxSnapshotBody = {
    name,
    ...(known(planned.includeMemory ?? null) === true ? { includeMemory: true } : {}),
  };
  let unsent: Promise<boolean> = Promise.resolve(false);
  const request = (signal: AbortSignal): Promise<SandboxDto> => {
    const answer = call.api.createFromSandbox(box.id, body, { signal });
    // An ApiError was answered, or lost on the way; anything else never left.
    unsent = answer.then(
      () => false,
      (error: unknown) => !(error instanceof ApiError),
    );
    return answer;
  };
  call.progress(`${take.label ? `${take.label}: ` : ""}creating the snapshot from sandbox "${box.name}"`);
  try {
    return { answer: await call.deadline.change(request) };
  } catch (error) {
    if (error instanceof Interrupted || error instanceof DeadlinePassed) {
      if ((await call.deadline.within(SETTLE_MS, unsent)) === true) {
        call.waitingFor = "the API to accept the request";
        throw call.deadline.reason();
      }
      const made = await lastLook(call, take, { box, startedAt: call.clock.now(), answer: null });
      if (made !== null) return { made };
      throw call.deadline.reason(name);
    }
    if (error instanceof NotFoundError) throw goneFailure(call, sandboxOf(planned) ?? box.name);
    if (error instanceof AmbiguousAnswerError || error instanceof ServerError) return { problem: error, lost: true };
    if (hasChanged(error)) return { problem: error, lost: false };
    throw error;
  }
}

/** Whether the sandbox's state has changed since it was read: who else takes or stops it is waited for. */
function hasChanged(error: unknown): boolean {
  return (
    error instanceof ConflictError ||
    (error instanceof BadRequestError && /must be in started or stopped state/i.test(error.reason))
  );
}

/** Waits until the snapshot is there, or until it is certain that none comes: null. @throws Interrupted, DeadlinePassed */
async function untilTaken(call: Call, take: Take, sent: Try): Promise<Posted | null> {
  const sandbox = sent.box.name;
  call.waitingFor = `the snapshot of sandbox "${sandbox}"`;
  call.taking = { name: take.name, sandbox };
  const over = <T>(end: T): T => {
    call.taking = null;
    call.waitingFor = null;
    return end;
  };
  try {
    return over(await new Taking(call, take, sent).toEnd());
  } catch (error) {
    if (!(error instanceof Interrupted || error instanceof DeadlinePassed)) throw over(error);
    const made = await lastLook(call, take, sent);
    if (made === null) throw error;
    return over({ made });
  }
}

/** A snapshot on its way. */
class Taking {
  private readonly progress: Progress;
  private box: SandboxDto | null;
  /** Since when the sandbox is not being taken, in ms since the epoch; null: it is. */
  private idleSince: number | null = null;

  constructor(
    private readonly call: Call,
    private readonly take: Take,
    private readonly sent: Try,
  ) {
    this.progress = new Progress(call, take.label);
    this.box = sent.answer;
  }

  async toEnd(): Promise<Posted | null> {
    const startedAt = this.call.clock.now();
    for (let poll = 0; ; poll += 1) {
      this.progress.state(this.box?.state ?? "snapshotting");
      const ms = pauseBefore(POLLS, poll, this.call.clock.now() - startedAt);
      await pause(this.call, this.take, ms, this.progress);
      const end = await this.look();
      if (end !== undefined) return end;
    }
  }

  /** undefined: it goes on. */
  private async look(): Promise<Posted | null | undefined> {
    const { call, take, sent } = this;
    const box = await transient(call, () => findSandbox(call, sent.box.id));
    const found = await transient(call, () => byName(call, take.name));
    if (box === undefined || found === undefined) return undefined;
    this.box = box;
    const whose = found === null ? "open" : judgeFound(call, sent, found, box);
    if (found !== null && whose !== "open") return whose === "ours" ? { made: call.seen(found) } : { holder: found };
    if (box?.state === "snapshotting") this.idleSince = null;
    else this.idleSince ??= call.clock.now();
    if (this.idleSince === null || call.clock.now() - this.idleSince < restOf(sent, box)) return undefined;
    return found === null ? null : { holder: found };
  }
}

/** Until the next poll, or an event of the snapshot. */
async function pause(call: Call, { watch, name }: Take, ms: number, progress: Progress): Promise<void> {
  const until = call.clock.now() + ms;
  const isOurs = (event: StateEvent): boolean => event.kind === "state" && event.dto.name === name;
  for (;;) {
    const event = await watch.next(Math.min(Math.max(0, until - call.clock.now()), progress.due()), call.deadline);
    progress.tick();
    if (call.clock.now() >= until || (event !== null && isOurs(event))) return;
  }
}

/** How long after the sandbox's return the snapshot may still come, in ms. */
function restOf({ answer }: Try, box: SandboxDto | null): number {
  const [asked, now] = [Date.parse(answer?.updatedAt ?? ""), Date.parse(box?.updatedAt ?? "")];
  return now > asked ? REST_MS : CACHED_MS;
}

/**
 * Whose a snapshot of the name is. Newer servers tell the sandbox. Of v0.190, it is the one whose row was written together with the
 * sandbox's return: another program could have taken the name meanwhile. `open`: the sandbox has not returned yet.
 */
function judgeFound(call: Call, sent: Try, found: SnapshotDto, box: SandboxDto | null): "ours" | "another" | "open" {
  if (isAnothers(call, sent, found)) return "another";
  if (found.sourceSandboxId) return found.sourceSandboxId === sent.box.id ? "ours" : "another";
  if (box === null) return "another";
  if (box.state === "snapshotting") return "open";
  const returned = Date.parse(box.updatedAt ?? "");
  const together = Number.isNaN(returned) || Math.abs(returned - Date.parse(found.createdAt)) <= TOGETHER_MS;
  return together && isLike(found, box) ? "ours" : "another";
}

/** Whether a snapshot is certainly not the one that was asked for: of another resource, of another source, or there before. */
function isAnothers(call: Call, sent: Try, found: SnapshotDto): boolean {
  const { owners } = call.shared;
  if (owners.madeUnder(found.name)?.id === found.id || owners.managedByOther(found.id, call)) return true;
  if (sourceOf(found) !== null || classify(found.state) === "leaving") return true;
  // By the server's own clock, if it has answered: another program may have taken the same sandbox just before.
  const asked = Date.parse(sent.answer?.updatedAt ?? "");
  return Date.parse(found.createdAt) < (Number.isNaN(asked) ? sent.startedAt - SKEW_MS : asked);
}

/** Whether a snapshot has what it would have of the sandbox, as far as the API tells of both. */
function isLike(found: SnapshotDto, box: SandboxDto): boolean {
  const pairs: [unknown, unknown][] = [
    [found.cpu, box.cpu],
    [found.mem, box.memory],
    [found.disk, box.disk],
    [found.gpu, box.gpu],
    [found.sandboxClass, box.sandboxClass],
    [found.initialRunnerId, box.runnerId],
  ];
  return pairs.every(([one, other]) => (one ?? null) === null || (other ?? null) === null || one === other);
}

/** The call is over: reads the name once more, briefly. null: the snapshot is not there yet. */
async function lastLook(call: Call, { name }: Take, sent: Try): Promise<SnapshotDto | null> {
  const stop = new AbortController();
  const look = Promise.all([
    call.api.sandbox(sent.box.id, { signal: stop.signal }),
    call.api.get(name, { signal: stop.signal }),
  ]).catch(() => undefined);
  const [box, found] = (await call.deadline.within(LAST_LOOK_MS, look)) ?? [];
  stop.abort();
  if (found === undefined || box === undefined || found.name !== name || found.general === true) return null;
  return judgeFound(call, sent, found, box) === "ours" ? call.seen(found) : null;
}

/** The sandbox is back and no snapshot came: the API tells nobody why. */
async function failedFailure(call: Call, take: Take, { id, name }: SandboxDto): Promise<SandboxUnusable> {
  const box = await findSandbox(call, id);
  if (box === null) return goneFailure(call, name);
  const reason = box.errorReason ? ` Reason: ${sentence(box.errorReason)}` : "";
  return new SandboxUnusable(
    {
      summary: `${call.doing}: the runner could not create the snapshot from sandbox "${name}"`,
      detail: `The sandbox is \`${box.state}\` again, and no snapshot "${take.name}" has appeared.${reason || " The API gives no reason."} Check the sandbox and its disk, then run ${words(call).run} again.`,
      attribute: ["sourceSandbox"],
    },
    { code: "failed" },
    true,
  );
}
