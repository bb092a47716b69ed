import type { Call } from "../call/call";

/** Time between two progress messages of one state, in ms. */
const EVERY_MS = 10_000;

/** Reports the progress of a wait: at each change of state and every 10 s ("pulling, 12 s"). */
export class Progress {
  private readonly start: number;
  private last: string | null = null;
  private toldAt: number;

  constructor(
    private readonly call: Call,
    private readonly label?: string,
  ) {
    this.start = call.clock.now();
    this.toldAt = this.start;
  }

  state(state: string): void {
    this.call.lastState = state;
    if (state === this.last) return;
    this.last = state;
    this.call.context.log.state?.(state);
    this.tell();
  }

  /** Time until the next message, in ms. */
  due(): number {
    return Math.max(0, this.toldAt + EVERY_MS - this.call.clock.now());
  }

  tick(): void {
    if (this.due() === 0) this.tell();
  }

  private tell(): void {
    this.toldAt = this.call.clock.now();
    const seconds = Math.round((this.toldAt - this.start) / 1000);
    this.call.progress(`${this.label ? `${this.label}: ` : ""}${this.last ?? "waiting"}, ${seconds} s`);
  }
}
