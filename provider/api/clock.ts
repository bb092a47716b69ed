import { setMaxListeners } from "node:events";

/** Milliseconds since the epoch, and a sleep that ends early, with the signal's reason, when `signal` is aborted. */
export interface ApiClock {
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Where the client tells what it does. Never receives a credential. */
export interface ApiLog {
  debug(message: string): void;
}

/** The machine's own time. */
export const systemClock: ApiClock = {
  now: () => Date.now(),
  sleep: (ms, signal) => {
    let timer: NodeJS.Timeout | undefined;
    return abortable(new Promise<void>((resolve) => (timer = setTimeout(resolve, ms))), signal).finally(() => clearTimeout(timer));
  },
};

/** One signal may end any number of calls: Node would warn of a leak at the eleventh. */
export function shared(signal: AbortSignal | undefined): void {
  if (signal !== undefined) setMaxListeners(Infinity, signal);
}

/** What an aborted call throws: the reason that the caller gave. */
export function abortReason(signal: AbortSignal): unknown {
  return signal.reason ?? new DOMException("This operation was aborted", "AbortError");
}

/** Waits for `work`, but no longer than until `signal` is aborted; `work` itself goes on. */
export function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  if (signal.aborted) {
    work.catch(() => undefined);
    return Promise.reject(abortReason(signal));
  }
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => reject(abortReason(signal));
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
