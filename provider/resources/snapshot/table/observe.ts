import type { AnyInput, AnyOutput, AnyTable } from "../attributes/rows";
import { type Values, isCollection, isEmpty, mapRows, sameValue } from "./values";

/** Everything that the API says of a resource which no state knows yet, and the defaults. */
export function firstValues({ inputs, outputs }: AnyTable, dto: object): Record<string, unknown> {
  return {
    ...mapRows(inputs, (row) => {
      const fallback = row.default ?? null;
      const value = inputOf(row, dto, fallback);
      // An empty list means none.
      return isEmpty(value) ? fallback : value;
    }),
    ...mapRows(outputs, (row) => outputOf(row, dto) ?? null),
  };
}

/** Inputs as a refresh stores them. What the API does not say stays, and so does the spelling of what means the same. */
export function refreshedInputs(rows: readonly AnyInput[], dto: object, prior: Values): Record<string, unknown> {
  return mapRows(rows, (row) => {
    const before = prior[row.name] ?? null;
    const seen = inputOf(row, dto, before);
    return sameValue(row, seen, before) ? before : seen;
  });
}

/**
 * Outputs as a refresh stores them.
 * @param same whether neither `state` nor the ID has changed
 * @param sameId whether it is still the same snapshot
 */
export function refreshedOutputs(
  rows: readonly AnyOutput[],
  dto: object,
  prior: Values,
  { same, sameId }: { same: boolean; sameId: boolean },
): Record<string, unknown> {
  return mapRows(rows, (row) => {
    const before = prior[row.name] ?? null;
    if (row.volatile === true && same) return before;
    const seen = outputOf(row, dto);
    if (seen !== undefined) return seen;
    return row.ofId === true && !sameId ? null : before;
  });
}

/** What the API says of an input; `before` where it says nothing, or where a rule of its own reads it. */
function inputOf(row: AnyInput, dto: object, before: unknown): unknown {
  if (!("read" in row)) return before;
  if (typeof row.read === "function") return row.read(dto as never, before !== false);
  const value = (dto as Values)[row.read];
  // A list that is null is empty. Any other null says nothing, as a missing field does.
  return value === undefined || (value === null && !isCollection(row)) ? before : value;
}

/** undefined: the API does not say. */
function outputOf(row: AnyOutput, dto: object): unknown {
  if (typeof row.read === "function") return row.read(dto as never);
  return (dto as Values)[row.read] ?? undefined;
}
