import type { TfCall, TfDiagnostic, TfObject, TfType, TfValue } from "../types";
import { toDiagnostic } from "../wire/diagnostic";
import { type Diagnostic, Diagnostic_Severity, type DynamicValue } from "../wire/generated/tfplugin6";
import { decodeValue, encodeValue, type Problem } from "../wire/values";
import type { Redactor } from "../../tool/redactor";

/** Ends a call whose diagnostics have already been reported. */
export class Refused extends Error {}

const bug = "This is a bug in the Daytona provider, not in your configuration. Please report it with the text above.";

function where(path: (string | number)[]): string {
  return path.length === 0 ? "the whole value" : path.map((p, i) => (typeof p === "number" ? `[${p}]` : i === 0 ? p : `.${p}`)).join("");
}

/** One call: converts values and diagnostics, and collects what goes wrong. */
export class Scope {
  readonly diagnostics: Diagnostic[] = [];

  constructor(readonly rpc: string, readonly call: TfCall, readonly redactor: Redactor) {}

  report(found: TfDiagnostic[], type?: TfType): void {
    for (const d of found) {
      const clean = { ...d, summary: this.redactor.text(d.summary), detail: this.redactor.text(d.detail) };
      this.diagnostics.push(toDiagnostic(clean, type));
    }
  }

  get failed(): boolean {
    return this.diagnostics.some((d) => d.severity === Diagnostic_Severity.ERROR);
  }

  refuse(summary: string, detail: string): never {
    this.report([{ severity: "error", summary, detail }]);
    throw new Refused(summary);
  }

  /** Decodes a value from Terraform. A value that does not match the schema ends the call. */
  decode(wire: DynamicValue | undefined, type: TfType): TfObject | null {
    const problems: Problem[] = [];
    const value = decodeValue(wire, type, problems);
    this.misfits(problems, type, "Value does not match the provider's schema",
      "Terraform and the provider use different schemas. Run \"terraform init -upgrade\". If that does not help, report it as a bug in the Daytona provider.");
    if (problems.length > 0) throw new Refused();
    return value as TfObject | null;
  }

  /** Encodes a value for Terraform. Parts that do not match the schema are dropped and reported, so that the rest of a state is kept. */
  encode(value: TfValue, type: TfType, lenient = false): DynamicValue {
    const problems: Problem[] = [];
    const msgpack = encodeValue(value, type, problems, lenient);
    this.misfits(problems, type, "Provider returned a value that does not match its schema", bug);
    return { msgpack, json: Buffer.alloc(0) };
  }

  misfits(problems: Problem[], type: TfType, summary: string, advice: string): void {
    this.report(problems.map((p) => ({ severity: "error", summary, detail: `${this.rpc}: ${where(p.path)}: ${p.message}.\n\n${advice}`, path: p.path })), type);
  }

  /** Reports a thrown error as a bug, with its name, message and stack. */
  thrown(error: unknown): void {
    if (error instanceof Refused) return;
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const place = error instanceof Error ? (error.stack ?? "").split("\n").filter((l) => /^\s+at /.test(l)).slice(0, 6).join("\n") : "";
    this.report([{ severity: "error", summary: `The Daytona provider failed in ${this.rpc}`, detail: `${text}\n${place}\n\n${bug}` }]);
    this.call.log("error", `${this.rpc} failed: ${text}`, { stack: place });
  }
}
