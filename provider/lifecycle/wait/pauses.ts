/** Pauses after the quick ones: a share of the time that has been waited, within bounds in ms. */
export interface Growth {
  readonly share: number;
  readonly least: number;
  readonly most: number;
}

const OF_READS: Growth = { share: 1 / 20, least: 5000, most: 30_000 };

/**
 * The pause before the next read, or the next try: quick ones first, then longer the longer it takes. A runner's job that hangs is waited for up to
 * two hours, and its end is then noticed late by a twentieth of that time at most.
 * @param quick the first pauses, in ms
 * @param read number of reads so far
 * @param waitedMs since when it is waited, in ms
 * @returns ms
 */
export function pauseBefore(quick: readonly number[], read: number, waitedMs: number, growth = OF_READS): number {
  return quick[read] ?? Math.min(growth.most, Math.max(growth.least, Math.round(waitedMs * growth.share)));
}
