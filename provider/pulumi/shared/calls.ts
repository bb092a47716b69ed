import { isAbort } from "../../tool/abort";
import { Refused } from "./refused";

/** The calls in progress, to abort them all at once. */
export class Calls {
  readonly #under = new Set<AbortController>();
  #idle: (() => void)[] = [];

  /**
   * Runs `body` with a signal of its own.
   * @param doing begins the message of an interrupt: `comparing snapshot "x"`
   * @throws Refused if all that happened is that it was aborted
   */
  async run<T>(doing: string, body: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    this.#under.add(controller);
    try {
      return await body(controller.signal);
    } catch (error) {
      if (isAbort(error, controller.signal)) throw new Refused(`${doing}: interrupted\nNothing was changed.`);
      throw error;
    } finally {
      this.#under.delete(controller);
      if (this.#under.size === 0) for (const wake of this.#idle.splice(0)) wake();
    }
  }

  /** Aborts the calls in progress. Later calls are not affected. */
  abort(): void {
    for (const controller of this.#under) controller.abort();
  }

  /** Resolves when no call is in progress. */
  settled(): Promise<void> {
    return this.#under.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }
}
