import type { TfDiagnostic, TfType } from "../types";
import {
  type AttributePath,
  type AttributePath_Step,
  type Diagnostic,
  Diagnostic_Severity,
} from "./generated/tfplugin6";

/**
 * Converts a path for Terraform: attribute names, map keys and list indexes. Set elements have no address, so a path into a set ends at the
 * set. Without a type, names are treated as attributes.
 */
export function toPath(path: (string | number)[], type?: TfType): AttributePath {
  const steps: AttributePath_Step[] = [];
  let at: TfType | undefined = type;
  for (const step of path) {
    const [kind, inner] = (Array.isArray(at) ? at : [undefined, undefined]) as [string | undefined, unknown];
    if (kind === "set") break;
    if (kind === "object") at = (inner as { [name: string]: TfType })[step];
    else if (kind === "tuple") at = (inner as TfType[])[Number(step)];
    else at = inner as TfType | undefined;
    if (typeof step === "number") steps.push({ selector: { $case: "elementKeyInt", value: step } });
    else if (kind === "map") steps.push({ selector: { $case: "elementKeyString", value: step } });
    else steps.push({ selector: { $case: "attributeName", value: step } });
  }
  return { steps };
}

export function toDiagnostic(d: TfDiagnostic, type?: TfType): Diagnostic {
  return {
    severity: d.severity === "error" ? Diagnostic_Severity.ERROR : Diagnostic_Severity.WARNING,
    summary: d.summary,
    detail: d.detail,
    attribute: d.path === undefined || d.path.length === 0 ? undefined : toPath(d.path, type),
  };
}
