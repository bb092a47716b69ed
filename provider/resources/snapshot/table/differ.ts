import type { AnyInput } from "../attributes/rows";
import { known } from "../../../kit/unknown";
import { type Values, isCollection, isEmpty, sameValue } from "./values";

/** Says that what is there is not what was asked for. */
export type Differ = (name: string, wanted: unknown, actual: unknown) => void;

/** Compares what is asked for with what the API has, but for inputs with a rule of their own. What is unknown or not written never differs. */
export function differRows(rows: readonly AnyInput[], desired: Values, dto: object, differ: Differ): void {
  for (const row of rows) {
    const wanted = known(desired[row.name] ?? null);
    if (wanted === null || "own" in row) continue;
    const actual = actualOf(row, wanted, dto);
    if (actual !== null) differ(row.name, wanted, actual);
  }
}

/** What is there instead; null: nothing else. */
function actualOf(row: AnyInput, wanted: unknown, dto: object): unknown {
  if ("chosen" in row && row.chosen) {
    const chosen = row.chosen(dto as never);
    return chosen === null || isEmpty(wanted) || (wanted as unknown[]).includes(chosen) ? null : chosen;
  }
  if (!("read" in row) || typeof row.read !== "string") return null;
  const value = (dto as Values)[row.read];
  const actual = value === null && isCollection(row) ? [] : (value ?? null);
  return actual === null || sameValue(row, wanted, actual) ? null : actual;
}

/** A value in a message. */
export function show(value: unknown): string {
  const text = JSON.stringify(value ?? null) ?? "null";
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
