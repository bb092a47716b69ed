import { type AttributeTable, snakeCase } from "../../kit/attribute";
import { readOnlyWritten } from "../../kit/read-only";
import type { TfDiagnostic, TfObject } from "../types";
import { diagnostics } from "./diagnostics";

/**
 * Refuses values for computed-only attributes, known or unknown. Terraform accepts and ignores them; HashiCorp's framework refuses them as
 * well.
 */
export function readOnlyDiagnostics(table: Pick<AttributeTable, "outputs">, config: TfObject): TfDiagnostic[] {
  return diagnostics(
    "error",
    readOnlyWritten(table, (name) => (config[snakeCase(name)] ?? null) !== null, snakeCase),
    table.outputs,
  );
}
