import type { ApiClock } from "../../../provider/api";

/** Time that moves only when everybody waits for it. */
export class VirtualClock implements ApiClock {
  private time = 1_000_000;
  private timers: { at: number; wake(): void }[] = [];
  /** Every sleep that was asked for, in ms. */
  readonly sleeps: number[] = [];

  now(): number {
    return this.time;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.sleeps.push(ms);
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const timer = { at: this.time + ms, wake: resolve };
      this.timers.push(timer);
      signal?.addEventListener("abort", () => {
        this.timers = this.timers.filter((other) => other !== timer);
        reject(signal.reason);
      });
    });
  }

  /** Lets time pass until `work` is settled. Without `real`, nothing but this clock may be waited for. */
  async run<T>(work: Promise<T>, real = false): Promise<T> {
    let settled = false;
    const watched = work.finally(() => (settled = true));
    watched.catch(() => undefined);
    while (!settled) {
      await new Promise((resolve) => (real ? setTimeout(resolve, 2) : setImmediate(resolve)));
      if (settled) break;
      this.timers.sort((a, b) => a.at - b.at);
      const next = this.timers.shift();
      if (next === undefined) continue;
      this.time = Math.max(this.time, next.at);
      next.wake();
    }
    return watched;
  }
}
