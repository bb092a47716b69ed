import type { Marks } from "../../resources/snapshot/record";
import type { TfPrivate } from "../types";

const names = ["imported", "successor", "removing", "shared"] as const satisfies readonly (keyof Marks)[];

const BUILT_WITH = "builtWith" satisfies keyof Marks;

/** Reads the marks from private state. Other entries belong to another release. */
export function marksFromPrivate(stored: TfPrivate): Marks {
  const marks: Marks = {};
  for (const name of names) if (stored[name] === true) marks[name] = true;
  const hashes = stored[BUILT_WITH];
  if (marks.imported && Array.isArray(hashes)) marks.builtWith = hashes.map(String);
  return marks;
}

/** Writes the marks to private state and keeps other entries. */
export function privateWithMarks(stored: TfPrivate, marks: Marks): TfPrivate {
  const result: TfPrivate = { ...stored };
  for (const name of names) {
    if (marks[name] === true) result[name] = true;
    else delete result[name];
  }
  if (marks.builtWith === undefined) delete result[BUILT_WITH];
  else result[BUILT_WITH] = [...marks.builtWith];
  return result;
}
