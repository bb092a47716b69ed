import { type Unknown, hasUnknown, isUnknown } from "../../snapshot/unknown";

/** A property of a resource, secrets opened: whether it is one is known by the name of its top-level property. */
export type Value = null | boolean | number | string | Unknown | Value[] | { [key: string]: Value };

/** Properties of a resource, camelCase. Missing and null are the same. */
export interface Bag {
  [name: string]: Value;
}

/** Whether a property belongs to a tool (`__provider`, `__marks`, `__defaults`): Pulumi hides these. */
export function isInternal(name: string): boolean {
  return name.startsWith("__");
}

/** Deep equality; an unknown is the same as an unknown only, null the same as missing. */
export function same(a: Value | undefined, b: Value | undefined): boolean {
  a ??= null;
  b ??= null;
  if (isUnknown(a) || isUnknown(b) || a === null || b === null || typeof a !== "object" || typeof b !== "object") return a === b;
  if (Array.isArray(a) || Array.isArray(b)) return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => same(item, b[i]));
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => same((a as Bag)[key], (b as Bag)[key]));
}

/** Wholly known and the same. */
export function sameForSure(a: Value | undefined, b: Value | undefined): boolean {
  return !hasUnknown(a) && !hasUnknown(b) && same(a, b);
}

/** A property path as Pulumi writes it: `triggers.commit`, `entrypoint[1]`, `triggers["a b"]`. */
export function pathText(path: readonly (string | number)[]): string {
  return path
    .map((part, index) => {
      if (typeof part === "number") return `[${part}]`;
      if (!/^[A-Za-z_$][\w$]*$/.test(part)) return `["${part.replace(/(["\\])/g, "\\$1")}"]`;
      return index === 0 ? part : `.${part}`;
    })
    .join("");
}

/** Without null properties. */
export function compact(values: Bag): Bag {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== undefined));
}
