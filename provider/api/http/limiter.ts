import { abortReason } from "../clock";

/** Lets at most `limit` holders in at once, first come, first served. */
export class Limiter {
  private held = 0;
  private readonly queue: { enter(): void }[] = [];

  constructor(private limit: number) {}

  /** Waits for a place; the answer gives it back (calling it twice does no harm). */
  acquire(signal?: AbortSignal): Promise<() => void> {
    if (signal?.aborted) return Promise.reject(abortReason(signal));
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.queue.splice(this.queue.indexOf(waiting), 1);
        if (signal !== undefined) reject(abortReason(signal));
      };
      const waiting = {
        enter: (): void => {
          signal?.removeEventListener("abort", leave);
          this.held++;
          let given = true;
          resolve(() => {
            if (!given) return;
            given = false;
            this.held--;
            this.admit();
          });
        },
      };
      signal?.addEventListener("abort", leave, { once: true });
      this.queue.push(waiting);
      this.admit();
    });
  }

  /** Changes how many may be in at once. */
  setLimit(limit: number): void {
    this.limit = limit;
    this.admit();
  }

  private admit(): void {
    while (this.held < this.limit) {
      const next = this.queue.shift();
      if (next === undefined) return;
      next.enter();
    }
  }
}
