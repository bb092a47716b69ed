import type { SnapshotDto } from "../../api/types";
import { classify } from "../../snapshot/states";
import { capital } from "../../snapshot/tool-words";
import { BuildLog } from "./build-log";
import type { Call } from "../call/call";
import { Elsewhere, SnapshotFailed } from "../call/errors";
import { deletedNotice } from "../messages/missing-snapshot";
import { words } from "../messages/tool-words";
import { byId } from "../requests/lookup";
import { transient } from "./tolerate-outage";
import { Progress } from "./progress";
import type { Watch } from "./watch";

/** Time between reads, in ms. Events arrive over the socket, but a socket can stay open and silent. */
const QUICK_POLLS = [1000, 1000, 1000, 1000, 1500, 2000, 3000, 4000];
const SLOWEST_QUICK_POLL = 5000;
const LIVE_POLLS = [5000];
const SLOWEST_LIVE_POLL = 30_000;
/** How long to wait for the rest of the log of a failed build, in ms. */
const LOG_GRACE_MS = 1500;
/** How long to wait for the last lines of the log of a finished build, in ms. */
const LOG_REST_MS = 500;

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
  const { watch, until } = options;
  const { id, name } = options.first;
  const { clock, deadline } = call;
  const progress = new Progress(call, options.label);
  const log = isBuild(options.first) ? new BuildLog(call.api, clock, call.context.log, id) : null;
  const told = (now: string): void => {
    progress.state(now);
    // Also after a read: the next event may be the last.
    if (now !== "pending" && classify(now) === "settling") log?.start();
  };
  watch.bind(id, name);
  let state = options.first.state;
  let unconfirmed = !options.readAtOnce;
  let poll = 0;
  let nextPoll = options.readAtOnce ? clock.now() : clock.now() + interval(watch.live, poll++);
  try {
    for (;;) {
      told(state);
      if (clock.now() >= nextPoll || (unconfirmed && verdict(state, until) !== "wait")) {
        // Events are always confirmed by a read: an event from before our request can arrive after it.
        const dto = await transient(call, () => byId(call, id));
        if (dto === null) throw new Elsewhere(deletedNotice(call, id));
        if (dto) {
          options.onSeen?.(dto);
          state = dto.state;
          told(state);
          const now = verdict(state, until);
          if (now === "done") {
            await log?.rest(LOG_REST_MS);
            return dto;
          }
          if (now === "failed") throw new SnapshotFailed(dto, log ? await log.tail(LOG_GRACE_MS) : []);
          if (now === "elsewhere") throw elsewhere(call, dto);
        }
        unconfirmed = false;
        nextPoll = clock.now() + interval(watch.live && dto !== undefined, poll++);
      }
      const event = await watch.next(Math.min(Math.max(0, nextPoll - clock.now()), progress.due()), deadline);
      progress.tick();
      if (event?.kind === "state") {
        state = event.state;
        if (classify(state) === "settling") options.onSeen?.(event.dto);
        unconfirmed = true;
        // An event arrived, so the socket is not silent.
        nextPoll = clock.now() + interval(watch.live, (poll = LIVE_POLLS.length));
      } else if (event?.kind === "disconnected") {
        nextPoll = clock.now() + interval(false, (poll = 0));
      } else if (event) {
        // Connected: events are not replayed. Removed: only a 404 is certain.
        if (event.kind === "connected") poll = 0;
        nextPoll = clock.now();
      }
    }
  } finally {
    log?.close();
  }
}

function interval(live: boolean, poll: number): number {
  return live ? (LIVE_POLLS[poll] ?? SLOWEST_LIVE_POLL) : (QUICK_POLLS[poll] ?? SLOWEST_QUICK_POLL);
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
