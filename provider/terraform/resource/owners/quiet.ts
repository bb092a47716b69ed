import type { Clock } from "../../../lifecycle/contract";

/** How long Terraform must not have asked for anything, in ms, until what it keeps counts as known. */
const QUIET_MS = 150;
/** On a busy machine, Terraform is slower: as many times as long as it took to ask for the first resource, in ms. */
const SLOWNESS = 4;
const LONGEST_QUIET_MS = 1000;
/** How much all waits of a process may take together, in ms: Terraform works on few resources at once, and waits in turn for those that wait here. */
const BUDGET_MS = 3000;
/** How long the plan of an object is awaited that has been read from the state, in ms. */
const UNDECIDED_MS = 5000;
const POLL_MS = 10;

/** Waits until Terraform has told of the resources that it keeps: it reads and plans them at the same time as it plans to destroy others. */
export class Quiet {
  private busy = 0;
  private readonly begun: number;
  private first: number | null = null;
  private lastCall: number;
  private left = BUDGET_MS;
  private known = false;
  private wait: Promise<void> | null = null;

  constructor(private readonly clock: Clock) {
    this.begun = this.lastCall = clock.now();
  }

  /** Runs a call that may tell of a resource that is kept. */
  async during<T>(call: () => Promise<T>): Promise<T> {
    this.busy += 1;
    this.known = false;
    this.touch();
    try {
      return await call();
    } finally {
      this.busy -= 1;
      this.touch();
    }
  }

  /** Notes a call that begins and ends at once, and tells of a resource that may be kept or destroyed. */
  touch(): void {
    this.lastCall = this.clock.now();
    this.first ??= this.lastCall;
  }

  /** Waits for a moment of quiet. At once if nobody has asked for anything since the last one. */
  async passed(signal: AbortSignal): Promise<void> {
    this.first ??= this.clock.now();
    if (this.known) return;
    // Calls that wait at the same time share one wait.
    this.wait ??= this.untilQuiet().finally(() => (this.wait = null));
    let leave = (): void => undefined;
    const aborted = new Promise<void>((resolve) => (leave = resolve));
    signal.addEventListener("abort", leave);
    await Promise.race([this.wait, aborted]).finally(() => signal.removeEventListener("abort", leave));
  }

  /** Waits until it is decided what becomes of an object that Terraform has read. Rare: only where two have the same snapshot. */
  async decided(done: () => boolean, signal: AbortSignal): Promise<boolean> {
    for (const end = this.clock.now() + UNDECIDED_MS; !done();) {
      if (signal.aborted || this.clock.now() >= end) return false;
      await this.clock.sleep(POLL_MS, signal).catch(() => undefined);
    }
    return true;
  }

  private async untilQuiet(): Promise<void> {
    const before = this.clock.now();
    const remaining = (): number => this.left - (this.clock.now() - before);
    const quiet = Math.min(LONGEST_QUIET_MS, Math.max(QUIET_MS, SLOWNESS * ((this.first ?? before) - this.begun)));
    for (;;) {
      const missing = this.busy > 0 ? POLL_MS : quiet - (this.clock.now() - this.lastCall);
      if (missing <= 0 || remaining() <= 0) break;
      await this.clock.sleep(Math.min(missing, remaining()));
    }
    if (this.busy === 0) this.known = true;
    this.left = Math.max(0, remaining());
  }
}
