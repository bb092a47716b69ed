/** Time of the embedded API: real timers, and a wall clock that control commands may shift. */
export class LocalClock {
  #shift = 0;
  #closed = false;
  readonly #timers = new Map<NodeJS.Timeout, (() => void) | undefined>();

  now(): number {
    return Date.now() + this.#shift;
  }

  /** Moves the wall clock; timers under way keep their pace. */
  advance(ms: number): void {
    this.#shift += ms;
  }

  /** Runs `work` after `ms` unless the API is closed before. */
  later(ms: number, work: () => void): () => void {
    if (this.#closed) return () => {};
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, ms);
    this.#timers.set(timer, undefined);
    return () => {
      clearTimeout(timer);
      this.#timers.delete(timer);
    };
  }

  /** Resolves after `ms`, or at once when the API is closed. */
  sleep(ms: number): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        resolve();
      }, ms);
      this.#timers.set(timer, resolve);
    });
  }

  close(): void {
    this.#closed = true;
    for (const [timer, resolve] of this.#timers) {
      clearTimeout(timer);
      resolve?.();
    }
    this.#timers.clear();
  }
}
