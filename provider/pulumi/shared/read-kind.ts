import { EXTERNAL, MARKS } from "./properties";
import type { Bag } from "./values";

/**
 * What a Read of the engine is for:
 * - `refresh`: of a resource that the stack manages;
 * - `get`: a snapshot that the program only refers to, or the refresh of one;
 * - `lookup`: an import, or a `get` without a state. Engines since 3.270 send the same for both (an ID and empty properties), so that the
 *   answer has to do for either;
 * - `exists`: whether there is such a snapshot (`resource exists` in programs), which is no error if there is not.
 */
export type ReadKind = "refresh" | "get" | "lookup" | "exists";

/** The name in the URN that the engine makes up for a question whether a resource exists. */
const EXISTS = "__exists__";

/** @param outputs outputs in the state; empty where the engine has no state @param inputs inputs in the state, or what the program says of a `get` */
export function readKind(logicalName: string, outputs: Bag, inputs: Bag): ReadKind {
  if (logicalName.startsWith(EXISTS) && Object.keys(outputs).length === 0) return "exists";
  // Every state has the UUID. A program that refers to a snapshot can give a part of one, which the engine sends twice.
  if (typeof outputs["snapshotId"] !== "string" || inputs["snapshotId"] !== undefined) {
    return Object.keys(outputs).length === 0 && Object.keys(inputs).length === 0 ? "lookup" : "get";
  }
  // Inputs that were checked have a name. Imports of an earlier release under a new engine are marked as references, but are managed.
  const managed = inputs["name"] !== undefined;
  return managed || (outputs[EXTERNAL] !== true && outputs[MARKS] === undefined) ? "refresh" : "get";
}
