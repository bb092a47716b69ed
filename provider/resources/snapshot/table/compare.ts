import type { AnyInput, Change } from "../attributes/rows";
import { hasUnknown } from "../../../kit/unknown";
import { type Values, sameValue } from "./values";

/**
 * An input that differs between the state and the program, and what the difference asks for. `source` has become `content`, `managed` or
 * `spelling`: the same source, named otherwise, which is no change.
 */
export interface Difference {
  readonly name: string;
  readonly asks: Exclude<Change, "source"> | "spelling";
}

/**
 * Inputs of a table that differ, but for those that have a rule of their own. What is not written differs only where nothing keeps or computes
 * a value. What is unknown may differ, so it counts.
 * @param imported an import cannot know what the API does not store: it is taken over from the program, without another snapshot
 */
export function compareRows(
  rows: readonly AnyInput[],
  prior: Values,
  written: Values,
  imported: boolean,
): Difference[] {
  return rows.flatMap((row) => {
    const asks = askedFor(row, prior, written);
    if (asks === null) return [];
    return [{ name: row.name, asks: asks === "content" && "stored" in row && imported ? "managed" : asks }];
  });
}

function askedFor(row: AnyInput, prior: Values, written: Values): Difference["asks"] | null {
  if ("own" in row) return null;
  const before = prior[row.name] ?? null;
  const value = written[row.name] ?? row.default ?? null;
  // Nobody asked for a change: the present value stays, or the API chooses another one with the next snapshot.
  if (value === null && row.set === "optional+computed") return null;
  if (hasUnknown(value) || !sameValue(row, value, before)) return row.change;
  // An empty list in place of none is for the state only.
  return (value === null) === (before === null) ? null : "managed";
}
