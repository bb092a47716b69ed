import type { Attribute } from "../kit/attribute";
import type { MaybeUnknownOf } from "../kit/attribute";
import { type Unknown, hasUnknown, isUnknown } from "../kit/unknown";

/** A value of a tool: lists and sets are arrays, maps and objects are plain objects. */
export type Value = null | Unknown | boolean | number | string | Value[] | { [key: string]: Value };

/** Values by name. A missing value is the same as null. */
export interface Values {
  [name: string]: Value;
}

/** Spells the name of an attribute for the tool. */
export type Spell = (attribute: Attribute) => string;

/**
 * Converts a tool's values to the names of the core; null where there is none.
 * @param accept replaces a value before it is taken (one of a wrong type, say)
 */
export function fromTool<const Rows extends readonly Attribute[]>(
  table: Rows,
  values: Values,
  spell: Spell,
  accept: (attribute: Attribute, value: Value) => Value = (_, value) => value,
): MaybeUnknownOf<Rows> {
  const found: Record<string, unknown> = {};
  for (const attribute of table) {
    const value = accept(attribute, values[spell(attribute)] ?? null);
    const { type } = attribute;
    const nested = value !== null && !isUnknown(value) && typeof type === "object" && "object" in type;
    found[attribute.name] = nested ? fromTool(type.object, value as Values, spell, accept) : value;
  }
  return found as MaybeUnknownOf<Rows>;
}

/** The values without those that are unknown, which become null, as they do inside of maps, lists and objects. */
export function knownValues<T extends object>(
  values: T,
): { [K in keyof T]: Exclude<T[K], Unknown> | (Unknown extends T[K] ? null : never) } {
  return settled(values as Values) as ReturnType<typeof knownValues<T>>;
}

function settled(value: Value): Value {
  if (isUnknown(value) || value === null) return null;
  if (Array.isArray(value)) return value.map(settled);
  return typeof value === "object"
    ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, settled(item)]))
    : value;
}

/** Converts the core's values of a table to the tool's names, with null where there is none. */
export function toTool(table: readonly Attribute[], values: Readonly<Record<string, unknown>>, spell: Spell): Values {
  return Object.fromEntries(
    table.map((attribute) => [spell(attribute), outward(attribute, (values[attribute.name] ?? null) as Value, spell)]),
  );
}

function outward({ type }: Attribute, value: Value, spell: Spell): Value {
  if (value === null || isUnknown(value)) return value;
  // A set has no order. It is sorted, so that it always looks the same in a state file.
  if (type === "string-set" && Array.isArray(value)) return [...new Set(value as string[])].sort();
  if (typeof type !== "object") return value;
  if ("object" in type) return toTool(type.object, value as Values, spell);
  return (value as Values[]).map((item) => toTool(type.objects, item, spell));
}

/** Deep equality. An unknown value only equals an unknown value; null equals a missing value. */
export function same(a: Value | undefined, b: Value | undefined): boolean {
  // The usual case: a large fleet has millions of values.
  if (a === b) return true;
  a ??= null;
  b ??= null;
  if (isUnknown(a) || isUnknown(b) || a === null || b === null || typeof a !== "object" || typeof b !== "object")
    return a === b;
  if (Array.isArray(a) || Array.isArray(b))
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => same(item, b[i]));
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) =>
    same((a as Values)[key], (b as Values)[key]),
  );
}

/** Whether both have no unknown values and are equal. */
export function sameForSure(a: Value | undefined, b: Value | undefined): boolean {
  return !hasUnknown(a) && !hasUnknown(b) && same(a, b);
}
