import { abortReason, allowManyListeners } from "../../api/clock";

interface Waiting {
  readonly bytes: number;
  enter(): void;
}

/** Memory that pushes of this process may hold for what they send. It is granted in the order of the requests. */
export class MemoryBudget {
  private held = 0;
  private queue: Waiting[] = [];

  constructor(private readonly bytes: number) {}

  /** Waits until so much is free; more than all of it counts as all of it. Returns a function that gives it back. @throws the signal's reason */
  take(asked: number, signal: AbortSignal): Promise<() => void> {
    const bytes = Math.min(asked, this.bytes);
    if (signal.aborted) return Promise.reject(abortReason(signal));
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.queue = this.queue.filter((other) => other !== waiting);
        this.admit();
        reject(abortReason(signal));
      };
      const waiting: Waiting = {
        bytes,
        enter: () => {
          signal.removeEventListener("abort", leave);
          this.held += bytes;
          let given = true;
          resolve(() => {
            if (!given) return;
            given = false;
            this.held -= bytes;
            this.admit();
          });
        },
      };
      signal.addEventListener("abort", leave, { once: true });
      this.queue.push(waiting);
      this.admit();
    });
  }

  private admit(): void {
    for (let next = this.queue[0]; next && this.held + next.bytes <= this.bytes; next = this.queue[0]) {
      this.queue.shift();
      next.enter();
    }
  }
}

/**
 * Runs `body` for each item, so many at a time. After a failure nothing more is begun, what runs is told by `signal`, and is waited for.
 * @returns the results, in the order of the items. @throws the first failure
 */
export async function inLanes<T, R>(
  lanes: number,
  items: readonly T[],
  signal: AbortSignal,
  body: (item: T, index: number, signal: AbortSignal) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const ending = new AbortController();
  allowManyListeners(ending.signal);
  const stop = (): void => ending.abort(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  let failed: { readonly error: unknown } | null = null;
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length && failed === null) {
      const at = next;
      next += 1;
      try {
        results[at] = await body(items[at] as T, at, ending.signal);
      } catch (error) {
        failed ??= { error };
        ending.abort(error);
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane));
  } finally {
    signal.removeEventListener("abort", stop);
  }
  const first = failed as { readonly error: unknown } | null;
  if (first !== null) throw first.error;
  return results;
}
