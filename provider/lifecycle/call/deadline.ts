import type { Clock } from "../contract";
import { DeadlinePassed, Interrupted } from "./errors";

/** How long to wait for the answer to a write after an interrupt, in ms. */
export const GRACE_MS = 1000;

/** Combines the time limit of a whole call with the user's interrupt in one signal. */
export class Deadline {
  private readonly over = new AbortController();
  private readonly disposed = new AbortController();
  private readonly endsAt: number;
  private readonly onInterrupt = (): void => this.over.abort();

  constructor(
    private readonly clock: Clock,
    /** ms */
    readonly limitMs: number,
    private readonly interrupt: AbortSignal,
  ) {
    this.endsAt = clock.now() + limitMs;
    if (interrupt.aborted) this.over.abort();
    interrupt.addEventListener("abort", this.onInterrupt);
    void this.clock.sleep(limitMs, this.disposed.signal).then(
      () => this.over.abort(),
      () => undefined,
    );
  }

  /** Aborted by the interrupt or by the time limit. */
  get signal(): AbortSignal {
    return this.over.signal;
  }

  get interrupted(): boolean {
    return this.interrupt.aborted;
  }

  /** Remaining time in ms; never negative. */
  remaining(): number {
    return Math.max(0, this.endsAt - this.clock.now());
  }

  /** @throws Interrupted, DeadlinePassed */
  check(): void {
    if (this.over.signal.aborted) throw this.reason();
  }

  reason(mayExist?: string): Interrupted | DeadlinePassed {
    return this.interrupt.aborted ? new Interrupted(mayExist) : new DeadlinePassed(mayExist);
  }

  /** @throws Interrupted, DeadlinePassed */
  async sleep(ms: number): Promise<void> {
    await this.clock.sleep(ms, this.over.signal).catch(() => undefined);
    this.check();
  }

  /** Runs a read, and abandons it when the time is over, even if it ignores the signal. */
  async read<T>(start: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.check();
    try {
      return await this.race(start(this.over.signal));
    } catch (error) {
      this.check();
      throw error;
    }
  }

  /**
   * Runs a write. It is not aborted with the call, but awaited a little longer (`GRACE_MS`) when the time is
   * over. The signal passed to `start` fires after that, so that queued requests are never sent late.
   */
  async change<T>(start: (enough: AbortSignal) => Promise<T>): Promise<T> {
    this.check();
    const enough = new AbortController();
    const answer = start(enough.signal);
    answer.catch(() => undefined);
    try {
      return await this.race(answer);
    } catch (error) {
      if (!(error instanceof Interrupted || error instanceof DeadlinePassed)) throw error;
      const late = await this.within(
        GRACE_MS,
        answer.then((value) => ({ value })),
      );
      if (late) return late.value;
      enough.abort();
      throw error;
    }
  }

  /** Sleeps even if the time is over, for the last request of a call. */
  async pause(ms: number, signal?: AbortSignal): Promise<undefined> {
    await this.clock.sleep(ms, signal).catch(() => undefined);
    return undefined;
  }

  /** Waits for `work` for at most `ms`, even if the time is over; undefined if it takes longer. */
  async within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
    const enough = new AbortController();
    try {
      return await Promise.race([work, this.pause(ms, enough.signal)]);
    } finally {
      enough.abort();
    }
  }

  dispose(): void {
    this.disposed.abort();
    this.interrupt.removeEventListener("abort", this.onInterrupt);
  }

  private race<T>(answer: Promise<T>): Promise<T> {
    const signal = this.over.signal;
    return new Promise<T>((resolve, reject) => {
      const end = (): void => reject(this.reason());
      if (signal.aborted) end();
      signal.addEventListener("abort", end);
      const done = (): void => signal.removeEventListener("abort", end);
      answer.then(
        (value) => (done(), resolve(value)),
        (error: unknown) => (done(), reject(error instanceof Error ? error : new Error(String(error)))),
      );
    });
  }
}
