import { type AttributeTable, snakeCase } from "../../snapshot/attributes";
import { readOnlyWritten } from "../../snapshot/validation/read-only";
import type { TfDiagnostic, TfObject } from "../types";
import { diagnostics } from "./diagnostics";

/**
 * What Terraform leaves to the provider: it lets a program set attributes that are only computed, and then ignores the values.
 * HashiCorp's framework refuses them for its providers, known or unknown; so does this.
 */
export function readOnlyDiagnostics(table: AttributeTable, config: TfObject): TfDiagnostic[] {
  return diagnostics("error", readOnlyWritten(table, (name) => (config[snakeCase(name)] ?? null) !== null, snakeCase), table.outputs);
}
