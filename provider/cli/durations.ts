import { parseDuration } from "../resources/snapshot";
import { usage } from "./session";

/** Milliseconds of a flag such as `--min-idle 14d`; `0` is 0. @throws Stop for what is no duration, or lacks its unit */
export function durationOf(flag: string, text: string): number {
  const ms = text === "0" ? 0 : parseDuration(text);
  if (ms === null)
    throw usage(`${flag} ${text} is not a duration`, 'Use a number with a unit, such as "14d", "36h" or "1d12h".');
  return ms;
}
