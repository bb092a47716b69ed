import type { AnyInPlaceTable, Values } from "./rows";

/**
 * The body of a create or an update. What is null is left out, unless it takes the present value away.
 * @param planned values of the plan, wholly known
 * @param secrets values that no plan has (write-only attributes), by name
 * @param changed inputs that have changed; null: everything is new
 */
export function bodyOf(
  table: AnyInPlaceTable,
  planned: Values,
  secrets: Values,
  changed: readonly string[] | null,
): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const { name, sent, read, none, writeOnly } of table.inputs) {
    if (sent === undefined) continue;
    const value = (writeOnly === true ? secrets[name] : planned[name]) ?? null;
    if (read !== undefined) body[sent] = value ?? none ?? null;
    else if (value !== null && (changed === null || isSentAgain(table, name, sent, changed))) body[sent] = value;
    if (body[sent] === null) delete body[sent];
  }
  return body;
}

/** Whether a secret has to be sent with an update: it has changed, or the number beside it, or it takes the place of another one in the same field. */
function isSentAgain(table: AnyInPlaceTable, name: string, field: string, changed: readonly string[]): boolean {
  return table.inputs.some(
    (other) => changed.includes(other.name) && (other.sent === field || other.versionOf === name),
  );
}
