import type { BigIntStats } from "node:fs";

/** What changes when a file changes: size, times, inode and mode, in one string without blanks. */
export type Identity = string & { readonly identity: unique symbol };

export function identityOf({ size, mtimeNs, ctimeNs, ino, mode }: BigIntStats): Identity {
  return `${size}:${mtimeNs}:${ctimeNs}:${ino}:${mode}` as Identity;
}

// Kernels stamp times by a clock that ticks every 1 to 10 ms; some file systems keep only seconds, FAT every second one.
const TICK_NS = 50_000_000n;
const COARSE_TICK_NS = 2_000_000_000n;

/**
 * Whether a file that is read from now on and changed later is sure to get another identity. One changed only just now is not: a second change within the
 * clock's tick leaves the same times. Git calls such files racily clean.
 * @param now milliseconds since 1970
 */
export function isSettled({ mtimeNs, ctimeNs }: BigIntStats, now: number): boolean {
  const latest = mtimeNs > ctimeNs ? mtimeNs : ctimeNs;
  const tick = latest % 1_000_000_000n === 0n ? COARSE_TICK_NS : TICK_NS;
  return latest + tick < BigInt(Math.floor(now)) * 1_000_000n;
}
