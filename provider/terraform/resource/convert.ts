import { type Attribute, type AttributeType, camelCase, snakeCase } from "../../kit/attribute";
import { snapshotAttributes, snapshotTable } from "../../resources/snapshot/attributes";
import type { MaybeUnknownOf } from "../../kit/attribute";
import type { Planned, SnapshotRecord, Written } from "../../resources/snapshot/record";
import { fromTool, knownValues, toTool } from "../../tool/values";
import type { TfObject, TfValue } from "../types";
import { fromOtherProvider } from "./foreign-state";

const spell = ({ name }: Attribute): string => snakeCase(name);
const { inputs } = snapshotTable;
const attributes: readonly Attribute[] = snapshotAttributes;

/** Converts a configuration for the core: camelCase names, null where nothing is set, unknown values kept. */
export function writtenFromTerraform(config: TfObject): Written {
  return fromTable(inputs, config);
}

/** Converts a planned object; keeps unknown values. */
export function plannedFromTerraform(planned: TfObject): Planned {
  return fromTable(snapshotAttributes, planned) as Planned;
}

/** Converts a state object. A state has no unknown values; one that was never settled reads as null. */
export function recordFromTerraform(state: TfObject): SnapshotRecord {
  return knownValues(fromTable(snapshotAttributes, state)) as SnapshotRecord;
}

/** Converts a record or a plan for Terraform: every attribute of the schema, in snake_case. */
export function toTerraform(record: SnapshotRecord | Planned): TfObject {
  return objectToTerraform(attributes, record);
}

/** The same for any attribute table (data sources). */
export function objectToTerraform(table: readonly Attribute[], values: Readonly<Record<string, unknown>>): TfObject {
  return toTool(table, values, spell);
}

/** Reads the attributes of a table; null where there is no value. */
export function fromTable<const Rows extends readonly Attribute[]>(
  table: Rows,
  values: TfObject,
): MaybeUnknownOf<Rows> {
  return fromTool(table, values, spell);
}

/**
 * Reads the raw JSON of a state with this schema version, possibly written by another release. Unknown attributes are dropped. Attributes
 * that are missing or have another type become null, and the next refresh fills them.
 */
export function stateFromRaw(raw: TfObject): TfObject {
  // A state of before there were these two plans no change for them.
  const { pin_digest, track_tag, ...state } = fromRaw(attributes, fromOtherProvider(raw));
  return { ...state, pin_digest: pin_digest ?? false, track_tag: track_tag ?? false };
}

/** The same for any table. */
export function fromRaw(table: readonly Attribute[], raw: TfObject): TfObject {
  return Object.fromEntries(
    table.map((attribute) => [snakeCase(attribute.name), rawValue(attribute, raw[snakeCase(attribute.name)] ?? null)]),
  );
}

function rawValue({ type }: Attribute, value: TfValue): TfValue {
  if (typeof type === "object") return "object" in type && isObject(value) ? fromRaw(type.object, value) : null;
  return isOfType(type, value) ? value : null;
}

const SIMPLE = { string: "string", boolean: "boolean", integer: "number", number: "number" } as const;

function isOfType(type: Extract<AttributeType, string>, value: TfValue): boolean {
  switch (type) {
    case "string-list":
    case "string-set":
      return Array.isArray(value) && value.every(isString);
    case "string-map":
      return isObject(value) && Object.values(value).every(isString);
    default:
      return typeof value === SIMPLE[type];
  }
}

function isString(value: TfValue): boolean {
  return typeof value === "string";
}

function isObject(value: TfValue): value is TfObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Spells the path of an attribute for Terraform. Only attribute names are converted; the keys of a map are the user's.
 */
export function pathToTerraform(
  path: readonly (string | number)[],
  table: readonly Attribute[] = attributes,
): (string | number)[] {
  const [first, ...rest] = path;
  if (typeof first !== "string") return [...path];
  const attribute = table.find((candidate) => candidate.name === first || candidate.name === camelCase(first));
  const nested =
    typeof attribute?.type === "object"
      ? "object" in attribute.type
        ? attribute.type.object
        : attribute.type.objects
      : undefined;
  return [snakeCase(first), ...(nested === undefined ? rest : pathToTerraform(rest, nested))];
}
