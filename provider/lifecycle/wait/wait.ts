import type { StateEvent } from "../../api/client";
import type { SnapshotDto } from "../../api/types";
import { classify } from "../../resources/snapshot/states";
import { capital } from "../../kit/words";
import { BuildLog } from "./build-log";
import type { Call } from "../call/call";
import { Elsewhere, SnapshotFailed } from "../call/errors";
import { reachedTheBuilder } from "../messages/failure-advice";
import { deletedNotice, GONE } from "../messages/missing-snapshot";
import { words } from "../messages/tool-words";
import { byId } from "../call/lookup";
import { pauseBefore } from "./pauses";
import { transient } from "./tolerate-outage";
import { Progress } from "./progress";
import type { Watch } from "./watch";

/** Time between reads, in ms. Events arrive over the socket, but a socket can stay open and silent. */
const QUICK_POLLS = [1000, 1000, 1000, 1000, 1500, 2000, 3000, 4000];
const LIVE_POLLS = [5000];
const SLOWEST_LIVE_POLL = 30_000;
/** How long to wait for the rest of the log of a failed build, in ms. */
const LOG_GRACE_MS = 1500;
/** How long to wait for the last lines of the log of a finished build, in ms. */
const LOG_REST_MS = 500;

/** A build's record and its snapshot's are made in one request, 13 to 112 ms apart in the recordings. */
const SAME_REQUEST_MS = 1000;

export interface WaitOptions {
  until: "active" | "inactive";
  /** The answer to the request that started the operation, or to a read. */
  first: SnapshotDto;
  watch: Watch;
  label?: string | undefined;
  /** Whether to read before the first pause, because `first` is outdated. */
  readAtOnce?: boolean;
  /** Called with every reading. */
  onSeen?(dto: SnapshotDto): void;
}

/**
 * Waits for `active` or `inactive`, using events if they arrive and polling otherwise. Keeps waiting in unknown states. Resolves with the last
 * reading. @throws SnapshotFailed, Elsewhere (someone else deleted or deactivated it), Interrupted, DeadlinePassed
 */
export async function waitFor(call: Call, options: WaitOptions): Promise<SnapshotDto> {
  if (call.context.wait === false) return options.first;
  const { id, name } = options.first;
  const progress = new Progress(call, options.label);
  const log = isBuild(options.first)
    ? new BuildLog(call.api, call.clock, call.context.log, id, isFirst(options.first))
    : null;
  options.watch.bind(id, name);
  try {
    return await new Wait(call, options, progress, log).toEnd();
  } finally {
    log?.close();
  }
}

/** What is known of the snapshot, and when to read it next. */
class Wait {
  private state: string;
  /** An event told the state, and no read has confirmed it. */
  private unconfirmed: boolean;
  private poll = 0;
  /** ms since the epoch. */
  private nextPoll: number;
  private readonly startedAt: number;

  constructor(
    private readonly call: Call,
    private readonly options: WaitOptions,
    private readonly progress: Progress,
    private readonly log: BuildLog | null,
  ) {
    this.state = options.first.state;
    this.unconfirmed = !options.readAtOnce;
    this.nextPoll = this.startedAt = call.clock.now();
    if (!options.readAtOnce) this.planRead(options.watch.live, this.poll++);
  }

  async toEnd(): Promise<SnapshotDto> {
    const { call, options, progress } = this;
    for (;;) {
      this.tell();
      if (call.clock.now() >= this.nextPoll || (this.unconfirmed && verdict(this.state, options.until) !== "wait")) {
        const end = await this.read();
        if (end !== null) return end;
      }
      const pause = Math.min(Math.max(0, this.nextPoll - call.clock.now()), progress.due());
      const event = await options.watch.next(pause, call.deadline);
      progress.tick();
      if (event) this.take(event);
    }
  }

  private tell(): void {
    this.progress.state(this.state);
    // Also after a read: the next event may be the last.
    if (this.state !== "pending" && classify(this.state) === "settling") this.log?.start();
  }

  /** Events are always confirmed by a read: an event from before our request can arrive after it. null: it goes on. @throws SnapshotFailed, Elsewhere */
  private async read(): Promise<SnapshotDto | null> {
    const { call, options, log } = this;
    const dto = await transient(call, () => byId(call, options.first.id));
    if (dto === null) throw new Elsewhere(deletedNotice(call, options.first.id), GONE);
    if (dto) {
      options.onSeen?.(dto);
      this.state = dto.state;
      this.tell();
      const now = verdict(dto.state, options.until);
      if (now === "done") {
        await log?.rest(LOG_REST_MS);
        return dto;
      }
      if (now === "failed")
        throw new SnapshotFailed(dto, log && reachedTheBuilder(dto) ? await log.tail(LOG_GRACE_MS) : []);
      if (now === "elsewhere") throw elsewhere(call, dto);
    }
    this.unconfirmed = false;
    this.planRead(options.watch.live && dto !== undefined, this.poll++);
    return null;
  }

  private planRead(live: boolean, poll: number): void {
    const now = this.call.clock.now();
    const pause = live ? (LIVE_POLLS[poll] ?? SLOWEST_LIVE_POLL) : pauseBefore(QUICK_POLLS, poll, now - this.startedAt);
    this.nextPoll = now + pause;
  }

  private take(event: StateEvent): void {
    const { clock } = this.call;
    const { watch, onSeen } = this.options;
    switch (event.kind) {
      case "state":
        this.state = event.state;
        if (classify(event.state) === "settling") onSeen?.(event.dto);
        this.unconfirmed = true;
        // An event arrived, so the socket is not silent.
        this.planRead(watch.live, (this.poll = LIVE_POLLS.length));
        return;
      case "disconnected":
        this.planRead(false, (this.poll = 0));
        return;
      // Events are not replayed.
      case "connected":
        this.poll = 0;
        this.nextPoll = clock.now();
        return;
      // Removed: only a 404 is certain.
      default:
        this.nextPoll = clock.now();
    }
  }
}

function verdict(state: string, until: "active" | "inactive"): "done" | "failed" | "elsewhere" | "wait" {
  const phase = classify(state);
  if (phase === (until === "active" ? "ready" : "idle")) return "done";
  if (phase === "failed") return "failed";
  return phase === "leaving" || phase === "idle" ? "elsewhere" : "wait";
}

/** The error for a snapshot that someone else deleted or deactivated during a call. */
export function elsewhere(call: Call, dto: SnapshotDto): Elsewhere {
  const what = classify(dto.state) === "leaving" ? "deleted" : "deactivated";
  return new Elsewhere({
    summary: `${call.doing}: someone else ${what} the snapshot`,
    detail: `Snapshot ${dto.id} is \`${dto.state}\`. ${capital(words(call).refreshAndRun)}.`,
  });
}

function isBuild(dto: SnapshotDto): boolean {
  return !!dto.buildInfo;
}

/** Whether no build of this text was before: its record was made with the snapshot. */
function isFirst({ buildInfo, createdAt }: SnapshotDto): boolean {
  return Date.parse(createdAt) - Date.parse(buildInfo?.createdAt ?? "") < SAME_REQUEST_MS;
}
