import type { Attribute } from "../../../kit/attribute";
import { UNKNOWN, hasUnknown, isUnknown } from "../../../kit/unknown";

/** Values by the name of their attribute. */
export type Values = Readonly<Record<string, unknown>>;

/** One value for each row of a table. */
export function mapRows<Row extends { readonly name: string }, V>(
  rows: readonly Row[],
  value: (row: Row) => V,
): Record<Row["name"], V> {
  return Object.fromEntries(rows.map((row) => [row.name, value(row)])) as Record<Row["name"], V>;
}

/** A value for each output that is not known yet. */
export function unknownOf(rows: readonly { readonly name: string }[]): Record<string, unknown> {
  return mapRows(rows, () => UNKNOWN);
}

/** Whether two values of an attribute mean the same: of a list or a map, empty means none. An unknown value may mean anything. */
export function sameValue({ type }: Pick<Attribute, "type">, a: unknown, b: unknown): boolean {
  if (hasUnknown(a) || hasUnknown(b)) return false;
  if (type === "string-list") return sameList(listOf(a), listOf(b));
  if (type === "string-set") return sameList([...new Set(listOf(a))].sort(), [...new Set(listOf(b))].sort());
  if (type === "string-map") return sameMap(a, b);
  if (typeof type === "string" || a === null || b === null) return a === b;
  if ("object" in type)
    return type.object.every((member) =>
      sameValue(member, (a as Values)[member.name] ?? null, (b as Values)[member.name] ?? null),
    );
  const [one, other] = [a, b] as [Values[], Values[]];
  return (
    one.length === other.length &&
    one.every((item, index) =>
      type.objects.every((member) => sameValue(member, item[member.name] ?? null, other[index]?.[member.name] ?? null)),
    )
  );
}

export function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

/** Whether an attribute has several values, of which there may be none. */
export function isCollection({ type }: Pick<Attribute, "type">): boolean {
  return type === "string-list" || type === "string-set" || type === "string-map";
}

/** Whether nothing is written: null, or an empty list or map. */
export function isEmpty(value: unknown): boolean {
  return (
    value === null || (!isUnknown(value) && typeof value === "object" && Object.keys(value as object).length === 0)
  );
}

function listOf(value: unknown): readonly string[] {
  return (value ?? []) as readonly string[];
}

function sameMap(a: unknown, b: unknown): boolean {
  const [one, other] = [a ?? {}, b ?? {}] as [Values, Values];
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && one[name] === other[name])
  );
}
