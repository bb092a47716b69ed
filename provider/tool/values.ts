import type { Attribute } from "../snapshot/attributes";
import { type Unknown, hasUnknown, isUnknown } from "../snapshot/unknown";

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
export function fromTool(table: readonly Attribute[], values: Values, spell: Spell, accept: (attribute: Attribute, value: Value) => Value = (_, value) => value): Values {
  return Object.fromEntries(
    table.map((attribute) => {
      const value = accept(attribute, values[spell(attribute)] ?? null);
      const { type } = attribute;
      if (value === null || isUnknown(value) || typeof type !== "object" || !("object" in type)) return [attribute.name, value];
      return [attribute.name, fromTool(type.object, value as Values, spell, accept)];
    }),
  );
}

/** Converts the core's values of a table to the tool's names, with null where there is none. */
export function toTool(table: readonly Attribute[], values: Values, spell: Spell): Values {
  return Object.fromEntries(table.map((attribute) => [spell(attribute), outward(attribute, values[attribute.name] ?? null, spell)]));
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
  a ??= null;
  b ??= null;
  if (isUnknown(a) || isUnknown(b) || a === null || b === null || typeof a !== "object" || typeof b !== "object") return a === b;
  if (Array.isArray(a) || Array.isArray(b)) return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => same(item, b[i]));
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => same((a as Values)[key], (b as Values)[key]));
}

/** Whether both have no unknown values and are equal. */
export function sameForSure(a: Value | undefined, b: Value | undefined): boolean {
  return !hasUnknown(a) && !hasUnknown(b) && same(a, b);
}
