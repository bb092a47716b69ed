import { isUnknown } from "../../snapshot/unknown";
import type { TfValue } from "../types";

/** Whether two values are the same; an unknown is the same as an unknown only. */
export function same(a: TfValue, b: TfValue): boolean {
  if (isUnknown(a) || isUnknown(b)) return isUnknown(a) && isUnknown(b);
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object") return a === b;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => same(item, b[i] ?? null));
  }
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => same(a[key] ?? null, b[key] ?? null));
}

/** Names of the attributes in which a new state breaks what was planned: known values have to come true. */
export function broken(planned: TfObjectLike, state: TfObjectLike): string[] {
  return Object.keys(planned).filter((name) => !agrees(planned[name] ?? null, state[name] ?? null));
}

type TfObjectLike = { [key: string]: TfValue };

function agrees(planned: TfValue, value: TfValue): boolean {
  if (isUnknown(planned)) return true;
  if (planned === null || value === null || typeof planned !== "object" || isUnknown(value) || typeof value !== "object") return same(planned, value);
  if (Array.isArray(planned)) {
    return Array.isArray(value) && planned.length === value.length && planned.every((item, i) => agrees(item, value[i] ?? null));
  }
  return !Array.isArray(value) && [...new Set([...Object.keys(planned), ...Object.keys(value)])].every((key) => agrees(planned[key] ?? null, value[key] ?? null));
}
