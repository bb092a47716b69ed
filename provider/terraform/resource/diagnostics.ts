import { type Attribute, snakeCase } from "../../kit/attribute";
import { snapshotTable } from "../../resources/snapshot/attributes";
import { Failure } from "../../kit/failure";
import type { Notice } from "../../kit/notice";
import { capital } from "../../kit/words";
import type { TfDiagnostic } from "../types";
import { pathToTerraform } from "./convert";

const snapshotAttributes: readonly Attribute[] = [...snapshotTable.inputs, ...snapshotTable.outputs];

/** Shortens a path to what Terraform can locate: an attribute or an item in it, but not an attribute inside a nested one. */
function findable(path: (string | number)[], table: readonly Attribute[]): (string | number)[] {
  const first = table.find((attribute) => snakeCase(attribute.name) === path[0]);
  return typeof first?.type === "object" ? path.slice(0, 1) : path;
}

/** Converts a message of the core to a Terraform diagnostic. */
export function diagnostic(
  severity: TfDiagnostic["severity"],
  notice: Notice,
  table: readonly Attribute[] = snapshotAttributes,
): TfDiagnostic {
  return {
    severity,
    // Terraform prints summaries after `Error: `, and its own begin with a capital letter.
    summary: capital(notice.summary),
    // Removes the space before a command on its own line.
    detail: notice.detail.replace(/(?<! ) +$/gm, ""),
    ...(notice.attribute === undefined || notice.attribute.length === 0
      ? {}
      : { path: findable(pathToTerraform(notice.attribute, table), table) }),
  };
}

export function diagnostics(
  severity: TfDiagnostic["severity"],
  notices: readonly Notice[],
  table?: readonly Attribute[],
): TfDiagnostic[] {
  return notices.map((notice) => diagnostic(severity, notice, table));
}

/** Converts an error that is meant for the user; rethrows any other as a bug of the provider. */
export function thrown(error: unknown, table?: readonly Attribute[]): TfDiagnostic {
  if (error instanceof Failure) return diagnostic("error", error.notice, table);
  throw error;
}
