import type { AnyInput } from "../attributes/rows";
import { known } from "../../../kit/unknown";
import { type Values, isEmpty } from "./values";

/** Fields of a create request that rows name. What is empty or unknown is left out: the API decides, and answers 500 to a null. */
export function fieldsToSend(rows: readonly AnyInput[], planned: Values): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const row of rows) {
    if (!("sent" in row) || typeof row.sent !== "string") continue;
    const value = known(planned[row.name] ?? null);
    if (!isEmpty(value)) fields[row.sent] = Array.isArray(value) ? [...(value as unknown[])] : value;
  }
  return fields;
}
