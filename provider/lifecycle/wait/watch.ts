import type { StateEvent, StateEvents } from "../../api/client";
import type { Deadline } from "../call/deadline";

/**
 * Receives the events of one snapshot. Opened before the request that creates it, so that no event is missed: until `bind`, all events are
 * kept.
 */
export class Watch {
  private readonly heard: StateEvent[] = [];
  private readonly end: () => void;
  private wake: (() => void) | null = null;
  private target: { id: string; name: string } | null = null;

  constructor(private readonly events: StateEvents) {
    this.end = events.subscribe((event) => {
      if (this.target && !concerns(event, this.target)) return;
      this.heard.push(event);
      this.wake?.();
    });
    // In the background: the request must not wait for a socket that may never connect.
    void events.ready(0).catch(() => false);
  }

  get live(): boolean {
    return this.events.live;
  }

  /** From now on, only keeps the events of this snapshot and of the socket. */
  bind(id: string, name: string): void {
    const target = { id, name };
    this.target = target;
    const kept = this.heard.filter(
      (event) => concerns(event, target) && event.kind !== "connected" && event.kind !== "disconnected",
    );
    this.heard.splice(0, this.heard.length, ...kept);
  }

  /** The next event, or null after `ms`. @throws Interrupted, DeadlinePassed */
  async next(ms: number, deadline: Deadline): Promise<StateEvent | null> {
    const first = this.heard.shift();
    if (first) return first;
    if (ms > 0) {
      const woken = new AbortController();
      this.wake = () => woken.abort();
      const stop = (): void => woken.abort();
      deadline.signal.addEventListener("abort", stop);
      if (!deadline.signal.aborted) await deadline.pause(ms, woken.signal);
      deadline.signal.removeEventListener("abort", stop);
      this.wake = null;
    }
    deadline.check();
    return this.heard.shift() ?? null;
  }

  close(): void {
    this.end();
  }
}

function concerns(event: StateEvent, target: { id: string; name: string }): boolean {
  if (event.kind === "state") return event.id === target.id;
  return event.kind === "removed" ? event.name === target.name : true;
}
