import { type Attribute, snakeCase, snapshotTable } from "../../snapshot/attributes";
import type { SnapshotInputs, SnapshotRecord } from "../../snapshot/record";
import { fromTool, type Value, type Values } from "../../tool/values";

const inputs: readonly Attribute[] = snapshotTable.inputs;
const attributes: readonly Attribute[] = [...inputs, ...snapshotTable.outputs];
const spell = ({ name }: Attribute): string => snakeCase(name);

/** A snapshot resource of our provider, wherever it was installed from: a registry, a mirror, a development override. */
export function isOurs({ type, mode, provider_name: provider }: { type?: unknown; mode?: unknown; provider_name?: unknown }): boolean {
  return type === "daytona_snapshot" && mode !== "data" && typeof provider === "string" && /(^|\/)daytona-iac\/daytona$/.test(provider);
}

/** Attributes of a state. What an older provider did not know is null. */
export function recordOf(values: Record<string, unknown>): SnapshotRecord {
  const record = fromTool(attributes, values as Values, spell) as unknown as SnapshotRecord;
  // Terraform keeps a set in an order of its own.
  return { ...record, regionIds: record.regionIds === null ? null : [...record.regionIds].sort() };
}

/** The known inputs of a planned object. @param unknown `after_unknown` of the plan */
export function knownInputs(values: Record<string, unknown>, unknown: Record<string, unknown>): Partial<SnapshotInputs> {
  const all = fromTool(inputs, values as Values, spell);
  return Object.fromEntries(inputs.filter((attribute) => !hasTrue(unknown[spell(attribute)])).map(({ name }) => [name, all[name] as Value])) as Partial<SnapshotInputs>;
}

/** Attributes that a mark of the plan (`before_sensitive`, `after_sensitive`) covers, camelCase. */
export function sensitiveNames(...marks: unknown[]): string[] {
  return attributes.filter((attribute) => marks.some((mark) => mark === true || (typeof mark === "object" && mark !== null && hasTrue((mark as Record<string, unknown>)[spell(attribute)])))).map(({ name }) => name);
}

function hasTrue(value: unknown): boolean {
  return value === true || (typeof value === "object" && value !== null && Object.values(value).some(hasTrue));
}
