import { type Attribute, snakeCase, snapshotTable } from "../../snapshot/attributes";
import type { Notice } from "../../snapshot/record";
import { capital } from "../../snapshot/tool-words";
import { NoticeError } from "../ports";
import type { TfDiagnostic } from "../types";
import { pathToTerraform } from "./convert";

const snapshotAttributes: readonly Attribute[] = [...snapshotTable.inputs, ...snapshotTable.outputs];

/** Terraform finds the line of an attribute, and of an item in it, but not of an attribute in a nested one. */
function findable(path: (string | number)[], table: readonly Attribute[]): (string | number)[] {
  const first = table.find((attribute) => snakeCase(attribute.name) === path[0]);
  return typeof first?.type === "object" ? path.slice(0, 1) : path;
}

/** A message of the core as a Terraform diagnostic. */
export function diagnostic(severity: TfDiagnostic["severity"], notice: Notice, table: readonly Attribute[] = snapshotAttributes): TfDiagnostic {
  return {
    severity,
    // Terraform prints summaries after `Error: `, where its own begin with a capital.
    summary: capital(notice.summary),
    // A command on a line of its own follows words that end in a space.
    detail: notice.detail.replace(/ +$/gm, ""),
    ...(notice.attribute === undefined || notice.attribute.length === 0 ? {} : { path: findable(pathToTerraform(notice.attribute, table), table) }),
  };
}

export function diagnostics(severity: TfDiagnostic["severity"], notices: readonly Notice[], table?: readonly Attribute[]): TfDiagnostic[] {
  return notices.map((notice) => diagnostic(severity, notice, table));
}

/** What an error that was thrown on purpose tells the user; any other goes on, as a fault of the provider. */
export function thrown(error: unknown, table?: readonly Attribute[]): TfDiagnostic {
  if (error instanceof NoticeError) return diagnostic("error", error.notice, table);
  throw error;
}
