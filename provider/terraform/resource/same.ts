import { isUnknown } from "../../kit/unknown";
import { same } from "../../tool/values";
import type { TfValue } from "../types";

export { same };

/** Names of the attributes whose new value contradicts a known planned value. */
export function broken(planned: TfObjectLike, state: TfObjectLike): string[] {
  return Object.keys(planned).filter((name) => !agrees(planned[name] ?? null, state[name] ?? null));
}

type TfObjectLike = { [key: string]: TfValue };

function agrees(planned: TfValue, value: TfValue): boolean {
  if (isUnknown(planned)) return true;
  if (
    planned === null ||
    value === null ||
    typeof planned !== "object" ||
    isUnknown(value) ||
    typeof value !== "object"
  )
    return same(planned, value);
  if (Array.isArray(planned)) {
    return (
      Array.isArray(value) &&
      planned.length === value.length &&
      planned.every((item, i) => agrees(item, value[i] ?? null))
    );
  }
  return (
    !Array.isArray(value) &&
    [...new Set([...Object.keys(planned), ...Object.keys(value)])].every((key) =>
      agrees(planned[key] ?? null, value[key] ?? null),
    )
  );
}
