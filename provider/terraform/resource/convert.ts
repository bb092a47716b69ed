import { type Attribute, camelCase, snakeCase, snapshotTable } from "../../snapshot/attributes";
import type { Planned, SnapshotRecord, Written } from "../../snapshot/record";
import { isUnknown } from "../../snapshot/unknown";
import { fromTool, toTool } from "../../tool/values";
import type { TfObject, TfValue } from "../types";

const spell = ({ name }: Attribute): string => snakeCase(name);
const inputs: readonly Attribute[] = snapshotTable.inputs;
const attributes: readonly Attribute[] = [...snapshotTable.inputs, ...snapshotTable.outputs];

/** A configuration as the pure domain reads it: camelCase, null where nothing was written, unknowns kept. */
export function writtenFromTerraform(config: TfObject): Written {
  return fromTable(inputs, config) as unknown as Written;
}

/** A planned object, unknowns kept. */
export function plannedFromTerraform(planned: TfObject): Planned {
  return fromTable(attributes, planned) as unknown as Planned;
}

/** A state object. A state is wholly known; an unknown in it (a planned value that was never settled) reads as null. */
export function recordFromTerraform(state: TfObject): SnapshotRecord {
  return known(fromTable(attributes, state)) as unknown as SnapshotRecord;
}

/** A record or a plan as Terraform holds it: every attribute of the schema, snake_case. */
export function toTerraform(record: SnapshotRecord | Planned): TfObject {
  return objectToTerraform(attributes, record as unknown as TfObject);
}

/** The same for any table of attributes (data sources). */
export function objectToTerraform(table: readonly Attribute[], values: Record<string, unknown>): TfObject {
  return toTool(table, values as TfObject, spell);
}

/** Values under the names of a table's attributes, null where there is none. */
export function fromTable(table: readonly Attribute[], values: TfObject): TfObject {
  return fromTool(table, values, spell);
}

/** Unknowns replaced by null, at any depth. */
function known(value: TfValue): TfValue {
  if (isUnknown(value) || value === null) return null;
  if (Array.isArray(value)) return value.map(known);
  if (typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, known(item)]));
}

/**
 * A state's raw JSON, of this schema version but perhaps of another release: attributes that this release
 * does not know are dropped, those that are missing or of another type are null (the next refresh fills them).
 */
export function stateFromRaw(raw: TfObject): TfObject {
  return fromRaw(attributes, raw);
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
 * The path of an attribute as Terraform spells it. Only the names of attributes are respelled: the key of a map
 * is the user's own, whatever it looks like.
 */
export function pathToTerraform(path: readonly (string | number)[], table: readonly Attribute[] = attributes): (string | number)[] {
  const [first, ...rest] = path;
  if (typeof first !== "string") return [...path];
  const attribute = table.find((candidate) => candidate.name === first || candidate.name === camelCase(first));
  const nested = typeof attribute?.type === "object" ? ("object" in attribute.type ? attribute.type.object : attribute.type.objects) : undefined;
  return [snakeCase(first), ...(nested === undefined ? rest : pathToTerraform(rest, nested))];
}
