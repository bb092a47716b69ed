import type { AnyInput, AnyOutput } from "../attributes/rows";
import { UNKNOWN } from "../../../kit/unknown";
import { type Values, mapRows } from "./values";

/** Planned inputs of a resource that does not exist yet: as written, a default, or unknown where the API chooses. */
export function plannedInputs(rows: readonly AnyInput[], written: Values): Record<string, unknown> {
  return mapRows(rows, (row) => written[row.name] ?? row.default ?? (row.set === "optional+computed" ? UNKNOWN : null));
}

/**
 * The same of one that exists: what is not written keeps its present value.
 * @param anew another snapshot is made, so the API chooses again what is not kept
 */
export function keptInputs(
  rows: readonly AnyInput[],
  prior: Values,
  written: Values,
  anew: boolean,
): Record<string, unknown> {
  return mapRows(rows, (row) => {
    const value = written[row.name] ?? row.default ?? null;
    if (value !== null || row.set !== "optional+computed") return value;
    return anew && row.kept !== true ? UNKNOWN : (prior[row.name] ?? null);
  });
}

/** Planned outputs. `after`: the kind of apply; null: one that makes no call. */
export function plannedOutputs(
  rows: readonly AnyOutput[],
  prior: Values,
  after: "rebuild" | "activate" | null,
): Record<string, unknown> {
  return mapRows(rows, (row) =>
    after !== null && row.unknownAfter?.includes(after) ? UNKNOWN : (prior[row.name] ?? null),
  );
}
