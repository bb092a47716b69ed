import { abortReason } from "../clock";

/** Allows at most `limit` concurrent holders, in the order of their requests. */
export class Limiter {
  private held = 0;
  private readonly queue: { enter(): void }[] = [];

  constructor(private limit: number) {}

  /** Waits for a slot. Returns a function that releases it; calling that twice is harmless. */
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

  /** Changes the limit. */
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
