import { type Attribute, snakeCase } from "../../kit/attribute";
import { snapshotAttributes, snapshotTable } from "../../resources/snapshot/attributes";
import type { SnapshotInputs, SnapshotRecord } from "../../resources/snapshot/record";
import { fromTool, type Value } from "../../tool/values";

const inputs: readonly Attribute[] = snapshotTable.inputs;
const attributes: readonly Attribute[] = snapshotAttributes;
const spell = ({ name }: Attribute): string => snakeCase(name);

/** Names of all attributes, camelCase. */
export const attributeNames: readonly string[] = attributes.map(({ name }) => name);

/** The provider's address in `module.m.provider["registry.terraform.io/daytona-iac/daytona"].alias["key"]`; null: it is told in another way. */
export function providerOf(reference: unknown): string | null {
  return typeof reference === "string" ? (/provider\["([^"]+)"\]/.exec(reference)?.[1] ?? null) : null;
}

/** A snapshot resource of our provider, wherever it was installed from: a registry, a mirror, a development override. */
export function isOurs({
  type,
  mode,
  provider_name: provider,
}: {
  type?: unknown;
  mode?: unknown;
  provider_name?: unknown;
}): boolean {
  return (
    type === "daytona_snapshot" &&
    mode !== "data" &&
    typeof provider === "string" &&
    /(^|\/)daytona-iac\/daytona$/.test(provider)
  );
}

/** One attribute as a plan spells it. A large plan has some millions of values. */
interface Column {
  readonly name: string;
  readonly key: string;
  readonly attribute: Attribute;
  readonly nested: boolean;
}

const columnsOf = (table: readonly Attribute[]): Column[] =>
  table.map((attribute) => ({
    name: attribute.name,
    key: spell(attribute),
    attribute,
    nested: typeof attribute.type === "object",
  }));
const recordColumns = columnsOf(attributes);
const inputColumns = columnsOf(inputs);
const NOTHING: Readonly<Record<string, null>> = Object.fromEntries(attributes.map(({ name }) => [name, null]));

function valueIn(values: Record<string, unknown>, { key, attribute, nested }: Column): Value {
  const value = (values[key] ?? null) as Value;
  return nested && value !== null
    ? (fromTool([attribute], { [key]: value }, spell) as Record<string, Value>)[attribute.name]!
    : value;
}

/** Attributes of a state. What an older provider did not know is null. */
export function recordOf(values: Record<string, unknown>): SnapshotRecord {
  const record: Record<string, Value> = { ...NOTHING };
  for (const column of recordColumns) record[column.name] = valueIn(values, column);
  // Terraform keeps a set in an order of its own.
  const regions = record["regionIds"];
  record["regionIds"] = Array.isArray(regions) ? (regions.length > 1 ? [...regions].sort() : regions) : null;
  return record as SnapshotRecord;
}

/** The known inputs of a planned object. @param unknown `after_unknown` of the plan */
export function knownInputs(
  values: Record<string, unknown>,
  unknown: Record<string, unknown>,
): Partial<SnapshotInputs> {
  const known: Record<string, Value> = {};
  for (const column of inputColumns) if (!hasTrue(unknown[column.key])) known[column.name] = valueIn(values, column);
  return known as Partial<SnapshotInputs>;
}

/** Attributes that a mark of the plan (`before_sensitive`, `after_sensitive`) covers, camelCase. */
export function sensitiveNames(...marks: unknown[]): string[] {
  if (!marks.some(hasTrue)) return [];
  return attributes
    .filter((attribute) =>
      marks.some(
        (mark) =>
          mark === true ||
          (typeof mark === "object" && mark !== null && hasTrue((mark as Record<string, unknown>)[spell(attribute)])),
      ),
    )
    .map(({ name }) => name);
}

export function hasTrue(value: unknown): boolean {
  return value === true || (typeof value === "object" && value !== null && Object.values(value).some(hasTrue));
}
