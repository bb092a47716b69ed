import { setMaxListeners } from "node:events";

/** Time in ms since the epoch. `sleep` rejects with the signal's reason when `signal` is aborted. */
export interface ApiClock {
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Log of the client. Never receives a credential. */
export interface ApiLog {
  debug(message: string): void;
}

/** The system clock. */
export const systemClock: ApiClock = {
  now: () => Date.now(),
  sleep: (ms, signal) => {
    let timer: NodeJS.Timeout | undefined;
    return abortable(new Promise<void>((resolve) => (timer = setTimeout(resolve, ms))), signal).finally(() =>
      clearTimeout(timer),
    );
  },
};

/** One signal can abort any number of calls. Without this, Node warns of a leak at the eleventh. */
export function allowManyListeners(signal: AbortSignal | undefined): void {
  if (signal !== undefined) setMaxListeners(Infinity, signal);
}

/** The error of an aborted call: the reason that the caller gave. */
export function abortReason(signal: AbortSignal): unknown {
  return signal.reason ?? new DOMException("This operation was aborted", "AbortError");
}

/** Waits for `work` until `signal` is aborted. `work` itself continues. */
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
