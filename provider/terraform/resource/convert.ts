import { type Attribute, camelCase, snakeCase, snapshotTable } from "../../snapshot/attributes";
import type { Planned, SnapshotRecord, Written } from "../../snapshot/record";
import { isUnknown } from "../../snapshot/unknown";
import { fromTool, toTool } from "../../tool/values";
import type { TfObject, TfValue } from "../types";
import { fromOtherProvider } from "./foreign-state";

const spell = ({ name }: Attribute): string => snakeCase(name);
const inputs: readonly Attribute[] = snapshotTable.inputs;
const attributes: readonly Attribute[] = [...snapshotTable.inputs, ...snapshotTable.outputs];

/** Converts a configuration for the core: camelCase names, null where nothing is set, unknown values kept. */
export function writtenFromTerraform(config: TfObject): Written {
  return fromTable(inputs, config) as unknown as Written;
}

/** Converts a planned object; keeps unknown values. */
export function plannedFromTerraform(planned: TfObject): Planned {
  return fromTable(attributes, planned) as unknown as Planned;
}

/** Converts a state object. A state has no unknown values; one that was never settled reads as null. */
export function recordFromTerraform(state: TfObject): SnapshotRecord {
  return known(fromTable(attributes, state)) as unknown as SnapshotRecord;
}

/** Converts a record or a plan for Terraform: every attribute of the schema, in snake_case. */
export function toTerraform(record: SnapshotRecord | Planned): TfObject {
  return objectToTerraform(attributes, record as unknown as TfObject);
}

/** The same for any attribute table (data sources). */
export function objectToTerraform(table: readonly Attribute[], values: Record<string, unknown>): TfObject {
  return toTool(table, values as TfObject, spell);
}

/** Reads the attributes of a table; null where there is no value. */
export function fromTable(table: readonly Attribute[], values: TfObject): TfObject {
  return fromTool(table, values, spell);
}

/** Replaces unknown values by null, at any depth. */
function known(value: TfValue): TfValue {
  if (isUnknown(value) || value === null) return null;
  if (Array.isArray(value)) return value.map(known);
  if (typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, known(item)]));
}

/**
 * Reads the raw JSON of a state with this schema version, possibly written by another release. Unknown attributes are dropped. Attributes
 * that are missing or have another type become null, and the next refresh fills them.
 */
export function stateFromRaw(raw: TfObject): TfObject {
  return fromRaw(attributes, fromOtherProvider(raw));
}

function fromRaw(table: readonly Attribute[], raw: TfObject): TfObject {
  return Object.fromEntries(table.map((attribute) => [snakeCase(attribute.name), rawValue(attribute, raw[snakeCase(attribute.name)] ?? null)]));
}

function rawValue(attribute: Attribute, value: TfValue): TfValue {
  switch (attribute.type) {
    case "string":
      return typeof value === "string" ? value : null;
    case "boolean":
      return typeof value === "boolean" ? value : null;
    case "integer":
    case "number":
      return typeof value === "number" ? value : null;
    case "string-list":
    case "string-set":
      return Array.isArray(value) && value.every((item) => typeof item === "string") ? value : null;
    case "string-map":
      return isObject(value) && Object.values(value).every((item) => typeof item === "string") ? value : null;
    default:
      return "object" in attribute.type && isObject(value) ? fromRaw(attribute.type.object, value) : null;
  }
}

function isObject(value: TfValue): value is TfObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Spells the path of an attribute for Terraform. Only attribute names are converted; the keys of a map are the user's.
 */
export function pathToTerraform(path: readonly (string | number)[], table: readonly Attribute[] = attributes): (string | number)[] {
  const [first, ...rest] = path;
  if (typeof first !== "string") return [...path];
  const attribute = table.find((candidate) => candidate.name === first || candidate.name === camelCase(first));
  const nested = typeof attribute?.type === "object" ? ("object" in attribute.type ? attribute.type.object : attribute.type.objects) : undefined;
  return [snakeCase(first), ...(nested === undefined ? rest : pathToTerraform(rest, nested))];
}
