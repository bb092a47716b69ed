interface Timer {
  /** On `ticks()`. */
  due: number;
  work: () => void;
  /** Runs when the API is closed before. */
  onClose: (() => void) | undefined;
  /** Undefined while time is held. */
  handle: NodeJS.Timeout | undefined;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Time of the embedded API: real timers, and a wall clock that control commands may shift, or hold and let pass by hand. */
export class LocalClock {
  #shift = 0;
  #closed = false;
  /** Where time stands while it is held. */
  #held: number | null = null;
  /** Work that is due at once, which is done even while time is held. */
  #soon = 0;
  readonly #timers = new Set<Timer>();

  /** Milliseconds that only ever grow with the time that passes. */
  ticks(): number {
    return this.#held ?? Date.now();
  }

  now(): number {
    return this.ticks() + this.#shift;
  }

  /** Moves the wall clock; timers under way keep their pace. */
  advance(ms: number): void {
    this.#shift += ms;
  }

  /** Runs `work` after `ms` unless the API is closed before. */
  later(ms: number, work: () => void, onClose?: () => void): () => void {
    if (this.#closed) {
      onClose?.();
      return () => {};
    }
    const soon = ms <= 0;
    const timer: Timer = { due: this.ticks() + ms, work, onClose, handle: undefined };
    if (soon) {
      this.#soon++;
      timer.work = () => {
        this.#soon--;
        work();
      };
    }
    this.#timers.add(timer);
    if (soon || this.#held === null) this.#arm(timer);
    return () => {
      clearTimeout(timer.handle);
      if (this.#timers.delete(timer) && soon) this.#soon--;
    };
  }

  /** Resolves after `ms`, or at once when the API is closed. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.later(ms, resolve, resolve));
  }

  /** Time stands still from now on, but for `pass`. */
  hold(): void {
    if (this.#held !== null) return;
    this.#held = Date.now();
    for (const timer of this.#timers) {
      if (timer.due <= this.#held) continue;
      clearTimeout(timer.handle);
      timer.handle = undefined;
    }
  }

  /** Lets so much of the held time pass, with everything that falls due in it, in order. @returns the ticks then */
  async pass(ms: number): Promise<number> {
    if (this.#held === null) throw new Error("time is not held");
    const end = this.#held + ms;
    await this.#settle();
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#held = Math.max(this.#held, next.due);
      this.#timers.delete(next);
      next.work();
      await this.#settle();
    }
    return (this.#held = end);
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) {
      clearTimeout(timer.handle);
      timer.onClose?.();
    }
    this.#timers.clear();
  }

  #arm(timer: Timer): void {
    timer.handle = setTimeout(
      () => {
        this.#timers.delete(timer);
        timer.work();
      },
      Math.max(0, timer.due - this.ticks()),
    );
  }

  #next(end: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers)
      if (timer.handle === undefined && timer.due <= end && (!first || timer.due < first.due)) first = timer;
    return first;
  }

  /** Waits until what is due at once has been done. */
  async #settle(): Promise<void> {
    do {
      await turn();
      await turn();
    } while (this.#soon > 0);
  }
}
