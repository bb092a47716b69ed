import { type Attribute, snapshotTable } from "../../snapshot/attributes";
import type { Notice } from "../../snapshot/record";
import { NoticeError } from "../ports";
import type { TfDiagnostic } from "../types";
import { pathToTerraform } from "./convert";
import { spelled } from "./spell";

const snapshotAttributes: readonly Attribute[] = [...snapshotTable.inputs, ...snapshotTable.outputs];

/** A message of the core as Terraform's diagnostic: the path in Terraform's spelling. */
export function diagnostic(severity: TfDiagnostic["severity"], notice: Notice, table: readonly Attribute[] = snapshotAttributes): TfDiagnostic {
  return {
    severity,
    summary: capital(spelled(notice.summary)),
    detail: spelled(notice.detail),
    ...(notice.attribute === undefined || notice.attribute.length === 0 ? {} : { path: pathToTerraform(notice.attribute, table) }),
  };
}

export function diagnostics(severity: TfDiagnostic["severity"], notices: readonly Notice[], table?: readonly Attribute[]): TfDiagnostic[] {
  return notices.map((notice) => diagnostic(severity, notice, table));
}

/** Terraform prints summaries after `Error: `, where its own begin with a capital. */
function capital(summary: string): string {
  return summary.charAt(0).toUpperCase() + summary.slice(1);
}

/** What an error that was thrown on purpose tells the user; any other goes on, as a fault of the provider. */
export function thrown(error: unknown, table?: readonly Attribute[]): TfDiagnostic {
  if (error instanceof NoticeError) return diagnostic("error", error.notice, table);
  throw error;
}
