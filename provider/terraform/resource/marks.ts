import type { Marks } from "../../snapshot/record";
import type { TfPrivate } from "../types";

const names = ["imported", "successor", "removing"] as const satisfies readonly (keyof Marks)[];

/** The marks that private state holds. Anything else in it belongs to another release and is left alone. */
export function marksFromPrivate(stored: TfPrivate): Marks {
  const marks: Marks = {};
  for (const name of names) if (stored[name] === true) marks[name] = true;
  return marks;
}

/** Private state with these marks, and whatever else was there. */
export function privateWithMarks(stored: TfPrivate, marks: Marks): TfPrivate {
  const result: TfPrivate = { ...stored };
  for (const name of names) {
    if (marks[name] === true) result[name] = true;
    else delete result[name];
  }
  return result;
}
