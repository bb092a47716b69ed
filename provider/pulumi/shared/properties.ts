import type { Attribute, AttributeTable } from "../../kit/attribute";
import { snapshotTable } from "../../resources/snapshot/attributes";
import type { Marks, Planned, SnapshotRecord, Written } from "../../resources/snapshot/record";
import { isBuild } from "../../resources/snapshot/source";
import { UNKNOWN, hasUnknown, isUnknown } from "../../kit/unknown";
import { readOnlyWritten } from "../../kit/read-only";
import { fromTool, toTool } from "../../tool/values";
import { type Bag, type Value, compact, isInternal, pathText, same } from "./values";

/** Inputs of Pulumi programs. */
const inputs = snapshotTable.inputs.filter(isPulumi);
export const inputAttributes: readonly Attribute[] = inputs;
/** Inputs and outputs in a state. */
const all = [...inputs, ...snapshotTable.outputs];
export const attributes: readonly Attribute[] = all;

function isPulumi<Row extends Attribute>(row: Row): row is Exclude<Row, { readonly only: "terraform" }> {
  return row.only !== "terraform";
}

/** The hidden output with the names of a record's marks. Missing if there are none. */
export const MARKS = "__marks";
/** The hidden output of `Snapshot.get`: the stack only refers to the snapshot, by name. */
export const EXTERNAL = "__external";
const markNames = ["imported", "successor", "removing"] as const satisfies readonly (keyof Marks)[];
/** Begins the entry with the hashes of an imported build's files. The API separates them by commas as well. */
const BUILT_WITH = "builtWith:";

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
export function writtenFrom(values: Bag): Written {
  return { ...fromTool(inputs, values, pulumiName, accepted), namePrefix: null };
}

/** Converts the outputs of a state. Unknown values and values of a wrong type read as null. `id` replaces a missing name. */
export function recordFrom(outputs: Bag, id?: string): SnapshotRecord {
  const record = fromTool(all, outputs, pulumiName, (attribute, value) =>
    hasUnknown(value) ? null : accepted(attribute, value),
  );
  return {
    ...record,
    name: record.name ?? id ?? null,
    namePrefix: null,
    // A state of before there were these two has no change for them.
    pinDigest: record.pinDigest ?? false,
    trackTag: record.trackTag ?? false,
  } as SnapshotRecord;
}

/** Reads the marks from the outputs of a state. Of an import, an earlier release stored under newer engines that the stack only refers to it. */
export function marksFrom(outputs: Bag): Marks {
  const stored = outputs[MARKS];
  const marks: Marks = outputs[EXTERNAL] === true ? { imported: true } : {};
  for (const name of markNames) if (Array.isArray(stored) && stored.includes(name)) marks[name] = true;
  const entry = (Array.isArray(stored) ? stored : []).find(
    (mark) => typeof mark === "string" && mark.startsWith(BUILT_WITH),
  );
  if (marks.imported && typeof entry === "string")
    marks.builtWith = entry
      .slice(BUILT_WITH.length)
      .split(",")
      .filter((hash) => hash !== "");
  return marks;
}

/** Converts a record or a plan to Pulumi's outputs, without null values and unset marks. */
export function outputsFrom(record: SnapshotRecord | Planned, marks: Marks = {}): Bag {
  const outputs = outward(attributes, record);
  const set: string[] = markNames.filter((name) => marks[name] === true);
  if (marks.builtWith !== undefined) set.push(`${BUILT_WITH}${marks.builtWith.join(",")}`);
  return compact({ ...outputs, [MARKS]: set.length > 0 ? set : null });
}

/** The inputs of a program for an imported snapshot. Includes the API's defaults, as the program of `pulumi import` does. */
export function inputsFrom(record: SnapshotRecord): Bag {
  // A Dockerfile defines its own entrypoint, so a program must not set one.
  return outward(inputAttributes, isBuild(record) ? { ...record, entrypoint: null } : record);
}

function outward(table: readonly Attribute[], values: Readonly<Record<string, unknown>>): Bag {
  const tool = toTool(table, values, pulumiName);
  return compact(
    Object.fromEntries(
      Object.entries(tool).map(([name, value]) => [
        name,
        typeof value === "object" && value !== null && !Array.isArray(value) ? compact(value) : value,
      ]),
    ),
  );
}

/** A value of a wrong type counts as not written: `check` reports it. */
export function accepted(attribute: Attribute, value: Value): Value {
  if (value === null || isUnknown(value) || typeProblem(attribute, value) === null) return value;
  return hasUnknown(value) ? UNKNOWN : null;
}

/** A problem with a value, and where. */
interface TypeProblem {
  readonly path: (string | number)[];
  readonly reason: string;
}

/** What a value of a simple type is in JavaScript. */
const SIMPLE = { string: "string", boolean: "boolean", integer: "number", number: "number" } as const;

/** What is wrong with the type of a value, and where; null: nothing. Unknown values pass. */
export function typeProblem(
  attribute: Attribute,
  value: Value,
  path: (string | number)[] = [pulumiName(attribute)],
): TypeProblem | null {
  if (value === null || isUnknown(value)) return null;
  const { type } = attribute;
  if (typeof type === "object")
    return isBag(value)
      ? memberProblem("object" in type ? type.object : type.objects, value, path)
      : { path, reason: `Expected an object, got ${kindOf(value)}.` };
  if (type === "string-map")
    return isBag(value) ? stringProblem(Object.entries(value), path) : notA("map of strings", value, path);
  if (type === "string-list" || type === "string-set")
    return Array.isArray(value) ? stringProblem([...value.entries()], path) : notA("list of strings", value, path);
  return typeof value === SIMPLE[type] ? null : notA(SIMPLE[type], value, path);
}

/** @param wanted a word that takes "a" */
function notA(wanted: string, value: Value, path: (string | number)[]): TypeProblem {
  return { path, reason: `Expected a ${wanted}, got ${kindOf(value)}.` };
}

/** The first item that is no string. */
function stringProblem(
  items: readonly (readonly [string | number, Value])[],
  path: readonly (string | number)[],
): TypeProblem | null {
  const found = items.find(([, item]) => typeof item !== "string" && item !== null && !isUnknown(item));
  return found === undefined ? null : notA("string", found[1], [...path, found[0]]);
}

/** The first member that an object does not have, or that has a wrong type. */
function memberProblem(
  members: readonly Attribute[],
  value: Bag,
  path: readonly (string | number)[],
): TypeProblem | null {
  for (const [key, item] of Object.entries(value)) {
    const member = members.find((candidate) => pulumiName(candidate) === key);
    const problem =
      member === undefined
        ? {
            path: [...path, key],
            reason: `Unknown property. The properties are ${members.map(pulumiName).join(", ")}.`,
          }
        : typeProblem(member, item, [...path, key]);
    if (problem !== null) return problem;
  }
  return null;
}

/** Finds what is wrong with the names and types of a program's inputs, and converts their scalars in place. */
export function checkInputs(
  inputs: Bag,
  of: {
    readonly noun: string;
    readonly table: Pick<AttributeTable, "outputs">;
    readonly inputs: readonly Attribute[];
    spelled(name: string): string;
  },
): { property: string; reason: string }[] {
  return Object.entries(inputs).flatMap(([name, value]) => {
    if (isInternal(name)) return [];
    const attribute = of.inputs.find((candidate) => pulumiName(candidate) === name);
    if (attribute === undefined) {
      const [readOnly] = readOnlyWritten(of.table, (output) => of.spelled(output) === name, of.spelled);
      const unknown = `A ${of.noun} has no input "${name}". The inputs are ${of.inputs.map(pulumiName).join(", ")}.`;
      return [{ property: pathText([name]), reason: readOnly?.detail ?? unknown }];
    }
    const converted = coerced(attribute, value);
    inputs[name] = converted;
    const problem = typeProblem(attribute, converted);
    return problem === null ? [] : [{ property: pathText(problem.path), reason: problem.reason }];
  });
}

/** The inputs in a state after a refresh. Drift is also written to them, so that `ignoreChanges` can keep it. @param was @param now outputs before and after it */
export function refreshedInputs(inputs: Bag, was: Bag, now: Bag): Bag {
  return compact(
    Object.fromEntries(
      Object.entries(inputs).map(([name, value]) => [
        name,
        isInternal(name) || same(was[name], now[name]) ? value : (now[name] ?? null),
      ]),
    ),
  );
}

/** Converts scalars to the type in the schema: YAML programs write `build: 42` for a string, and read numbers from configuration as text. */
export function coerced(attribute: Attribute, value: Value): Value {
  switch (attribute.type) {
    case "string":
      return asText(value);
    case "integer":
    case "number":
      return typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
    case "boolean":
      return value === "true" || value === "false" ? value === "true" : value;
    case "string-list":
    case "string-set":
      return Array.isArray(value) ? value.map(asText) : value;
    case "string-map":
      return isBag(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asText(item)])) : value;
    default:
      return value;
  }
}

function asText(value: Value): Value {
  return typeof value === "number" || typeof value === "boolean" ? String(value) : value;
}

function isBag(value: Value): value is Bag {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function kindOf(value: Value): string {
  if (Array.isArray(value)) return "a list";
  return value === null ? "null" : typeof value === "object" ? "an object" : `a ${typeof value}`;
}
