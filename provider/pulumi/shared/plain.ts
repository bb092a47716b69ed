import { UNKNOWN, isUnknown } from "../../kit/unknown";
import type { Bag, Value } from "./values";

/** The engine's marker strings for unknown values, by kind. */
const unknowns: Readonly<Record<string, string>> = {
  any: "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  bool: "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  number: "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  array: "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  asset: "030794c1-ac77-496b-92df-f27374a8bd58",
  archive: "e48ece36-62e2-4504-bad9-02848725956a",
  object: "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
};
const known = new Set(Object.values(unknowns));

/** The string for an unknown value on the wire. */
export const UNKNOWN_TEXT = unknowns["any"] as string;

/** Whether a string on the wire stands for an unknown value. */
export function isUnknownText(text: string): boolean {
  return known.has(text);
}

/** Converts plain properties, as a dynamic provider receives them, to a bag. `undefined` is dropped. */
export function fromPlain(properties: Record<string, unknown>): Bag {
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, inward(value)]),
  );
}

/** Converts a bag to plain properties. */
export function toPlain(bag: Bag): Record<string, unknown> {
  return Object.fromEntries(Object.entries(bag).map(([name, value]) => [name, outward(value)]));
}

function inward(value: unknown): Value {
  if (typeof value === "string") return isUnknownText(value) ? UNKNOWN : value;
  if (Array.isArray(value)) return value.map(inward);
  if (typeof value === "object" && value !== null) return fromPlain(value as Record<string, unknown>);
  return typeof value === "number" || typeof value === "boolean" ? value : null;
}

function outward(value: Value): unknown {
  if (isUnknown(value)) return UNKNOWN_TEXT;
  if (Array.isArray(value)) return value.map(outward);
  return typeof value === "object" && value !== null ? toPlain(value) : value;
}
