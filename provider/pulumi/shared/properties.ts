import { type Attribute, snapshotTable } from "../../snapshot/attributes";
import type { Marks, Planned, SnapshotRecord, Written } from "../../snapshot/record";
import { isBuild } from "../../snapshot/source";
import { UNKNOWN, hasUnknown, isUnknown } from "../../snapshot/unknown";
import { fromTool, toTool } from "../../tool/values";
import { type Bag, type Value, compact } from "./values";

/** Inputs of Pulumi programs. */
export const inputAttributes: readonly Attribute[] = (snapshotTable.inputs as readonly Attribute[]).filter((attribute) => attribute.only !== "terraform");
/** Inputs and outputs in a state. */
export const attributes: readonly Attribute[] = [...inputAttributes, ...snapshotTable.outputs];

/** The hidden output with the names of a record's marks. Missing if there are none. */
export const MARKS = "__marks";
/** The hidden output of `Snapshot.get`: the stack only refers to the snapshot, by name. */
export const EXTERNAL = "__external";
const markNames = ["imported", "successor", "removing"] as const satisfies readonly (keyof Marks)[];

/** A property's name in Pulumi. */
export function pulumiName(attribute: Attribute): string {
  return attribute.pulumiName ?? attribute.name;
}

/** Spells an attribute of the core for Pulumi. Other names stay unchanged. */
export function spelled(name: string): string {
  const attribute = attributes.find((candidate) => candidate.name === name);
  return attribute === undefined ? name : pulumiName(attribute);
}

/** Converts a program's arguments for the core. Values of a wrong type count as not set; `check` reports them. */
export function writtenFrom(inputs: Bag): Written {
  return { ...pick(inputs, inputAttributes), namePrefix: null } as unknown as Written;
}

/** Converts the outputs of a state. Unknown values and values of a wrong type read as null. `id` replaces a missing name. */
export function recordFrom(outputs: Bag, id?: string): SnapshotRecord {
  const record = pick(outputs, attributes);
  for (const [name, value] of Object.entries(record)) if (hasUnknown(value)) record[name] = null;
  return { ...record, name: record["name"] ?? id ?? null, namePrefix: null } as unknown as SnapshotRecord;
}

/** Reads the marks from the outputs of a state. */
export function marksFrom(outputs: Bag): Marks {
  const stored = outputs[MARKS];
  const marks: Marks = {};
  for (const name of markNames) if (Array.isArray(stored) && stored.includes(name)) marks[name] = true;
  return marks;
}

/** Converts a record or a plan to Pulumi's outputs, without null values and unset marks. */
export function outputsFrom(record: SnapshotRecord | Planned, marks: Marks = {}): Bag {
  const outputs = outward(attributes, record as unknown as Bag);
  const set = markNames.filter((name) => marks[name] === true);
  return compact({ ...outputs, [MARKS]: set.length > 0 ? set : null });
}

/** The inputs of a program for an imported snapshot. Includes the API's defaults, as the program of `pulumi import` does. */
export function inputsFrom(record: SnapshotRecord): Bag {
  const values = { ...(record as unknown as Bag) };
  // A Dockerfile defines its own entrypoint, so a program must not set one.
  if (isBuild(record)) values["entrypoint"] = null;
  return outward(inputAttributes, values);
}

function outward(table: readonly Attribute[], values: Bag): Bag {
  const tool = toTool(table, values, pulumiName);
  return compact(Object.fromEntries(Object.entries(tool).map(([name, value]) => [name, typeof value === "object" && value !== null && !Array.isArray(value) ? compact(value) : value])));
}

function pick(values: Bag, wanted: readonly Attribute[]): Bag {
  return fromTool(wanted, values, pulumiName, accepted);
}

/** A value of a wrong type counts as not written: `check` reports it. */
function accepted(attribute: Attribute, value: Value): Value {
  if (value === null || isUnknown(value) || typeProblem(attribute, value) === null) return value;
  return hasUnknown(value) ? UNKNOWN : null;
}

/** What is wrong with the type of a value, and where; null: nothing. Unknown values pass. */
export function typeProblem(attribute: Attribute, value: Value, path: (string | number)[] = [pulumiName(attribute)]): { path: (string | number)[]; reason: string } | null {
  if (value === null || isUnknown(value)) return null;
  const wanted = (what: string) => ({ path, reason: `Expected ${what}, got ${kindOf(value)}.` });
  const { type } = attribute;
  if (type === "string") return typeof value === "string" ? null : wanted("a string");
  if (type === "boolean") return typeof value === "boolean" ? null : wanted("a boolean");
  if (type === "integer" || type === "number") return typeof value === "number" ? null : wanted("a number");
  if (type === "string-list" || type === "string-set") {
    if (!Array.isArray(value)) return wanted("a list of strings");
    return first(value.map((item, index) => (typeof item === "string" || item === null || isUnknown(item) ? null : { path: [...path, index], reason: `Expected a string, got ${kindOf(item)}.` })));
  }
  if (typeof value !== "object" || Array.isArray(value)) return wanted(type === "string-map" ? "a map of strings" : "an object");
  if (type === "string-map") {
    return first(Object.entries(value).map(([key, item]) => (typeof item === "string" || item === null || isUnknown(item) ? null : { path: [...path, key], reason: `Expected a string, got ${kindOf(item)}.` })));
  }
  const members = "object" in type ? type.object : type.objects;
  return first(
    Object.entries(value).map(([key, item]) => {
      const member = members.find((candidate) => pulumiName(candidate) === key);
      return member === undefined ? { path: [...path, key], reason: `Unknown property. The properties are ${members.map(pulumiName).join(", ")}.` } : typeProblem(member, item, [...path, key]);
    }),
  );
}

/** Converts scalars to the type in the schema: YAML programs write `build: 42` for a string, and read numbers from configuration as text. */
export function coerced(attribute: Attribute, value: Value): Value {
  const { type } = attribute;
  const text = (item: Value): Value => (typeof item === "number" || typeof item === "boolean" ? String(item) : item);
  if (type === "string") return text(value);
  if ((type === "integer" || type === "number") && typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value)) return Number(value);
  if (type === "boolean" && (value === "true" || value === "false")) return value === "true";
  if ((type === "string-list" || type === "string-set") && Array.isArray(value)) return value.map(text);
  if (type === "string-map" && typeof value === "object" && value !== null && !Array.isArray(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, text(item)]));
  return value;
}

function first<T>(found: (T | null)[]): T | null {
  return found.find((problem) => problem !== null) ?? null;
}

function kindOf(value: Value): string {
  if (Array.isArray(value)) return "a list";
  return value === null ? "null" : typeof value === "object" ? "an object" : `a ${typeof value}`;
}
