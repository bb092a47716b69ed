import { DEFAULT_TIMEOUTS } from "./attributes";
import type { Timeouts } from "./record";

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `"45m"`, `"1h30m"`, `"1.5h"`, `"90s"`, `"500ms"`, `"1d"`; null if it is invalid. Units must be in descending order: `"30m1h"` is refused. */
export function parseDuration(text: string): number | null {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/gy)];
  if (parts.length === 0 || parts.map((part) => part[0]).join("") !== text) return null;
  let total = 0;
  let before = Infinity;
  for (const [, amount, unit] of parts) {
    const factor = UNITS[unit ?? ""] ?? NaN;
    if (factor >= before) return null;
    before = factor;
    total += Number(amount) * factor;
  }
  return Number.isFinite(total) ? total : null;
}

/** `90_000` -> `"1m30s"`; for messages, not finer than a second above one minute. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))}ms`;
  if (ms < 60_000) return `${Math.round(ms / 100) / 10}s`.replace(/^60s$/, "1m");
  let rest = Math.round(ms / 1_000);
  let text = "";
  for (const [unit, seconds] of [
    ["d", 86_400],
    ["h", 3_600],
    ["m", 60],
    ["s", 1],
  ] as const) {
    const count = Math.floor(rest / seconds);
    rest -= count * seconds;
    if (count > 0) text += `${count}${unit}`;
  }
  return text;
}

/** Deadline of a call in ms: what the user wrote, else the default (30 m, 60 m, 10 m). */
export function timeoutOf(timeouts: Timeouts | null, call: keyof Timeouts): number {
  const written = timeouts?.[call] ?? null;
  const parsed = written === null ? null : parseDuration(written);
  return parsed !== null && parsed > 0 ? parsed : (parseDuration(DEFAULT_TIMEOUTS[call]) as number);
}
