import type { Clock } from "../contract";
import type { Deadline } from "./deadline";

/** Time between two messages of one wait, in ms. */
const EVERY_MS = 10_000;

/** What a wait needs of a call. */
interface Waiter {
  readonly clock: Clock;
  readonly deadline: Deadline;
  waitingFor: string | null;
  progress(message: string): void;
}

/** A wait for something that is not a state of the snapshot: told at once and every 10 s, and named by the message of a deadline that passes meanwhile. */
export class Waiting {
  private readonly startedAt: number;
  private toldAt = -Infinity;

  constructor(
    private readonly call: Waiter,
    private readonly what: string,
  ) {
    this.startedAt = call.clock.now();
  }

  /** ms so far. */
  get waitedMs(): number {
    return this.call.clock.now() - this.startedAt;
  }

  /** Waits for `ms`. @throws Interrupted, DeadlinePassed */
  async sleep(ms: number): Promise<void> {
    const { clock, deadline } = this.call;
    const until = clock.now() + ms;
    do {
      const due = this.tell();
      await deadline.sleep(Math.min(until - clock.now(), due));
    } while (clock.now() < until);
  }

  /** Tells until `signal` is aborted, or the call is over. */
  async tellUntil(signal: AbortSignal): Promise<void> {
    const { deadline } = this.call;
    const over = AbortSignal.any([signal, deadline.signal]);
    while (!over.aborted) await deadline.pause(this.tell(), over);
  }

  /** It is over, so that a deadline that passes later is not blamed on it. */
  end(): void {
    this.call.waitingFor = null;
  }

  /** @returns when the next message is due, in ms from now */
  private tell(): number {
    const { call, what } = this;
    call.waitingFor = what;
    const now = call.clock.now();
    if (now - this.toldAt < EVERY_MS) return this.toldAt + EVERY_MS - now;
    this.toldAt = now;
    const seconds = Math.round(this.waitedMs / 1000);
    call.progress(`waiting for ${what}${seconds === 0 ? "" : `, ${seconds} s`}`);
    return EVERY_MS;
  }
}
