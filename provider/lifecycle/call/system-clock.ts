import type { Clock } from "../contract";

/** Longest delay of a Node timer, in ms. */
const LONGEST = 2 ** 31 - 1;

/** The system clock. `sleep` ends early, without an error, when the signal is aborted. */
export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    for (let left = ms; left > 0 && !signal?.aborted; left -= LONGEST) await sleepOnce(Math.min(left, LONGEST), signal);
  },
};

function sleepOnce(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener("abort", end);
  });
}
