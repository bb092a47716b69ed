import { reports } from "../../version.gen";
import type { TfCall, TfDiagnostic, TfObject, TfSchema, TfType, TfValue } from "../types";
import { toDiagnostic } from "../wire/diagnostic";
import { type Diagnostic, Diagnostic_Severity, type DynamicValue } from "../wire/generated/tfplugin6";
import { learnSensitive } from "./redact";
import { decodeValue, encodeValue, type Problem } from "../wire/values";
import { isAbort } from "../../tool/abort";
import type { Redactor } from "../../tool/redactor";

/** Ends a call whose diagnostics have already been reported. */
export class AlreadyReported extends Error {}

/** What an interrupted call was doing, for people. */
const doing: Record<string, string> = {
  ReadResource: "reading a resource",
  PlanResourceChange: "planning a change",
  ApplyResourceChange: "applying a change",
  ImportResourceState: "importing a resource",
  ReadDataSource: "reading a data source",
  ConfigureProvider: "configuring the provider",
  ListResource: "listing resources",
  OpenEphemeralResource: "opening an ephemeral resource",
};

const bug = `This is a bug in the Daytona provider, not in your configuration. Please report it with the text above: ${reports}`;

function where(path: (string | number)[]): string {
  return path.length === 0
    ? "the whole value"
    : path.map((p, i) => (typeof p === "number" ? `[${p}]` : i === 0 ? p : `.${p}`)).join("");
}

/** One call: converts values and diagnostics, and collects what goes wrong. */
export class Scope {
  readonly diagnostics: Diagnostic[] = [];

  /** Knows the provider's credentials, and what is sensitive in the resource of this call: the same words in another resource are no secret. */
  private readonly own: Redactor;

  /**
   * @param redactor knows the provider's credentials
   * @param resources learns what is sensitive in any resource, for the log
   */
  constructor(
    readonly rpc: string,
    readonly call: TfCall,
    readonly redactor: Redactor,
    private readonly resources?: Redactor,
  ) {
    this.own = redactor.copy();
  }

  /** Learns the sensitive values of the resource that the call is about. Before anything is logged. */
  learn(values: TfObject | null, schema: TfSchema): void {
    learnSensitive(this.own, values, schema);
    if (this.resources) learnSensitive(this.resources, values, schema);
  }

  /** A text without secrets. */
  clean(text: string): string {
    return this.own.text(this.redactor.text(text));
  }

  report(found: TfDiagnostic[], type?: TfType): void {
    for (const d of found) {
      const clean = { ...d, summary: this.clean(d.summary), detail: this.clean(d.detail) };
      this.diagnostics.push(toDiagnostic(clean, type));
    }
  }

  get failed(): boolean {
    return this.diagnostics.some((d) => d.severity === Diagnostic_Severity.ERROR);
  }

  refuse(summary: string, detail: string): never {
    this.report([{ severity: "error", summary, detail }]);
    throw new AlreadyReported(summary);
  }

  /** Decodes a value from Terraform. A value that does not match the schema ends the call. */
  decode(wire: DynamicValue | undefined, type: TfType): TfObject | null {
    const problems: Problem[] = [];
    const value = decodeValue(wire, type, problems);
    this.misfits(
      problems,
      type,
      "Value does not match the provider's schema",
      'Terraform and the provider use different schemas. Run "terraform init -upgrade". If that does not help, report it as a bug in the Daytona provider.',
    );
    if (problems.length > 0) throw new AlreadyReported();
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
    this.report(
      problems.map((p) => ({
        severity: "error",
        summary,
        detail: `${this.rpc}: ${where(p.path)}: ${p.message}.\n\n${advice}`,
        path: p.path,
      })),
      type,
    );
  }

  /** Reports a thrown error: an interrupt as what it is, any other as a bug, with its name, message and stack. */
  thrown(error: unknown): void {
    if (error instanceof AlreadyReported) return;
    if (isAbort(error, this.call.signal)) {
      const detail =
        this.rpc === "ApplyResourceChange"
          ? "The state was not changed. Plan again to see the current values."
          : "The call ended early. Nothing was changed.";
      this.report([
        { severity: "error", summary: `Interrupted while ${doing[this.rpc] ?? `answering ${this.rpc}`}`, detail },
      ]);
      this.call.log("debug", `${this.rpc} was interrupted`);
      return;
    }
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const place =
      error instanceof Error
        ? (error.stack ?? "")
            .split("\n")
            .filter((l) => /^\s+at /.test(l))
            .slice(0, 6)
            .join("\n")
        : "";
    this.report([
      {
        severity: "error",
        summary: `The Daytona provider failed in ${this.rpc}`,
        detail: `${text}\n${place}\n\n${bug}`,
      },
    ]);
    this.call.log("error", `${this.rpc} failed: ${text}`, { stack: place });
  }
}
