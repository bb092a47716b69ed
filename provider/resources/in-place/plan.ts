import { sameValue } from "../snapshot/table/values";
import { UNKNOWN, hasUnknown } from "../../kit/unknown";
import type { AnyInPlaceTable, AnyInput, Values } from "./rows";

export interface InPlacePlan {
  /** `update`: at least one value means something else than before. `none`: at most values are written in another way. */
  action: "create" | "update" | "none";
  /** Inputs that mean something else than before. */
  changed: string[];
  /** Every attribute, known or unknown. Write-only attributes are null. What is only written in another way keeps its present value. */
  planned: Values;
}

/** What an apply will have to do. @param prior values in the state; null: there is no such resource yet @param written values of the program */
export function planInPlace(table: AnyInPlaceTable, prior: Values | null, written: Values): InPlacePlan {
  const changed =
    prior === null
      ? []
      : table.inputs
          .filter((input) => input.writeOnly !== true && !means(input, prior[input.name], written[input.name]))
          .map(({ name }) => name);
  const planned: Record<string, unknown> = {};
  for (const { name, writeOnly } of table.inputs) {
    planned[name] =
      writeOnly === true
        ? null
        : prior !== null && !changed.includes(name)
          ? (prior[name] ?? null)
          : (written[name] ?? null);
  }
  for (const { name } of table.outputs) planned[name] = prior === null ? UNKNOWN : (prior[name] ?? null);
  return { action: prior === null ? "create" : changed.length > 0 ? "update" : "none", changed, planned };
}

/** Whether two values of an input mean the same to the API. An unknown one may mean anything. */
export function means(input: AnyInput, a: unknown, b: unknown): boolean {
  if (hasUnknown(a) || hasUnknown(b)) return false;
  return sameValue(input, storedOf(input, a), storedOf(input, b));
}

/** What the API has for a value, in its own spelling; null: none. */
export function storedOf({ stored, none }: AnyInput, value: unknown): unknown {
  if (value === null || value === undefined || value === none) return null;
  return stored !== undefined && typeof value === "string" ? stored(value) : value;
}
