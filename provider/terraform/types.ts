import type { Value, Values } from "../tool/values";

/** A decoded Terraform value: lists, sets and tuples are arrays, maps and objects are plain objects. */
export type TfValue = Value;
export type TfObject = Values;

/** A type in Terraform's JSON notation: `"string"`, `["list","string"]`, `["object",{…}]`. */
export type TfType = string | [string, TfType] | ["object", { [name: string]: TfType }];

export interface TfAttribute {
  name: string;
  /** Either a type or nested attributes (single nesting). */
  type?: TfType;
  nested?: TfAttribute[];
  /** How `nested` repeats. Defaults to "single". */
  nesting?: "single" | "list" | "set" | "map";
  description: string;
  required?: boolean;
  optional?: boolean;
  computed?: boolean;
  sensitive?: boolean;
  /** Removed from messages and logs like a sensitive one, although a plan shows it. */
  redacted?: boolean;
  /** In configurations only: in no plan and no state. */
  writeOnly?: boolean;
  deprecated?: boolean;
}

export interface TfSchema {
  version: number;
  description: string;
  attributes: TfAttribute[];
}

/** Attributes of a resource identity. */
export interface TfIdentityAttribute {
  name: string;
  type: TfType;
  description: string;
  requiredForImport?: boolean;
  optionalForImport?: boolean;
}

export interface TfDiagnostic {
  severity: "error" | "warning";
  summary: string;
  detail: string;
  /** Attribute path, snake_case names, map keys and list indexes. */
  path?: (string | number)[];
}

/** Private state: kept by Terraform, never shown. JSON-able, small, no secrets. */
export type TfPrivate = Record<string, unknown>;

export interface TfCall {
  /** Aborted by StopProvider (interrupt). */
  signal: AbortSignal;
  /** Writes a JSON line to Terraform's provider log. Fields are strings, numbers or booleans. */
  log(level: "trace" | "debug" | "info" | "warn" | "error", message: string, fields?: Record<string, unknown>): void;
}

/** One managed resource type. A thrown error becomes a diagnostic. */
export interface TfResource {
  typeName: string;
  schema: TfSchema;
  identity?: { version: number; attributes: TfIdentityAttribute[] };
  validate(config: TfObject, call: TfCall): Promise<TfDiagnostic[]>;
  /** `raw` is the state's JSON, parsed (integers above 2^53 kept as strings). */
  upgrade(version: number, raw: TfObject, call: TfCall): Promise<{ state: TfObject; diagnostics: TfDiagnostic[] }>;
  read(
    args: { state: TfObject; private: TfPrivate; identity: TfObject | null },
    call: TfCall,
  ): Promise<{
    state: TfObject | null;
    private: TfPrivate;
    identity: TfObject | null;
    diagnostics: TfDiagnostic[];
  }>;
  /** `prior` null: create. `proposed` null: destroy; the server returns null itself after calling `planDestroy`, if there is one. */
  plan(
    args: {
      prior: TfObject | null;
      proposed: TfObject;
      config: TfObject;
      private: TfPrivate;
      identity: TfObject | null;
    },
    call: TfCall,
  ): Promise<{
    planned: TfObject;
    requiresReplace: (string | number)[][];
    private: TfPrivate;
    identity: TfObject | null;
    diagnostics: TfDiagnostic[];
  }>;
  /** `private` of the answer is what `apply` gets. */
  planDestroy?(
    args: { prior: TfObject; private: TfPrivate },
    call: TfCall,
  ): Promise<{ private: TfPrivate; diagnostics: TfDiagnostic[] }>;
  /**
   * `prior` null: create; `planned` null: destroy. `state` null in the answer: the resource does not exist. `unlikePlan`: outputs
   * that the plan considered known have changed for a good reason, and Terraform must accept that.
   */
  apply(
    args: {
      prior: TfObject | null;
      planned: TfObject | null;
      config: TfObject | null;
      private: TfPrivate;
      identity: TfObject | null;
    },
    call: TfCall,
  ): Promise<{
    state: TfObject | null;
    private: TfPrivate;
    identity: TfObject | null;
    diagnostics: TfDiagnostic[];
    unlikePlan?: boolean;
  }>;
  import(
    args: { id: string | null; identity: TfObject | null },
    call: TfCall,
  ): Promise<{
    imported: { state: TfObject; private: TfPrivate; identity: TfObject | null }[];
    diagnostics: TfDiagnostic[];
  }>;
  /** The configuration that plans no change for a state: what an import needs to say, null for the rest. Default: Terraform makes one by itself. */
  generate?(state: TfObject, call: TfCall): Promise<{ config: TfObject; diagnostics: TfDiagnostic[] }>;
  /** `moved` from another type or provider; null if the source type is not supported. */
  move?(
    args: { sourceProvider: string; sourceType: string; sourceVersion: number; raw: TfObject },
    call: TfCall,
  ): Promise<{
    state: TfObject;
    private: TfPrivate;
    identity: TfObject | null;
    diagnostics: TfDiagnostic[];
  } | null>;
}

export interface TfDataSource {
  typeName: string;
  schema: TfSchema;
  validate(config: TfObject, call: TfCall): Promise<TfDiagnostic[]>;
  read(config: TfObject, call: TfCall): Promise<{ state: TfObject | null; diagnostics: TfDiagnostic[] }>;
}

/** What Terraform knows of a function before it calls it. */
export interface TfFunctionSignature {
  name: string;
  summary: string;
  /** Markdown. */
  description: string;
  /** None of them takes null, and Terraform does not call a function whose arguments are not wholly known. */
  parameters: { name: string; type: TfType; description: string }[];
  returns: TfType;
}

/** The answer of a function that failed. `argument` counts from 0; undefined: the failure is of no single argument. */
export interface TfFunctionError {
  text: string;
  argument?: number;
}

/** One function, `provider::daytona::<name>`. It needs no configured provider, sends no request, and answers the same for the same arguments. */
export interface TfFunction extends TfFunctionSignature {
  /** @param args decoded by the parameters' types */
  call(args: TfValue[], call: TfCall): Promise<{ result: TfValue } | { error: TfFunctionError }>;
}

/** One thing that a list found. */
export interface TfListed {
  identity: TfObject;
  displayName: string;
  /** The whole resource, as an import stores it; only where it was asked for. */
  resource?: TfObject;
}

/** One list resource: what `terraform query` finds. Its `typeName` is that of a resource of the provider. */
export interface TfList {
  typeName: string;
  schema: TfSchema;
  validate(config: TfObject, call: TfCall): Promise<TfDiagnostic[]>;
  /** Reads as it is consumed: nothing more once the consumer has enough. Diagnostics are told where they occur. */
  list(config: TfObject, withResource: boolean, call: TfCall): AsyncGenerator<TfListed | TfDiagnostic, void, undefined>;
}

/** One ephemeral resource: values that live for one command, in no plan and no state. */
export interface TfEphemeral {
  typeName: string;
  schema: TfSchema;
  validate(config: TfObject, call: TfCall): Promise<TfDiagnostic[]>;
  open(config: TfObject, call: TfCall): Promise<{ result: TfObject | null; diagnostics: TfDiagnostic[] }>;
}

/** What `serve` serves. */
export interface TfProvider {
  schema: TfSchema;
  validate(config: TfObject, call: TfCall): Promise<TfDiagnostic[]>;
  /** Called once before reads and applies. The configuration can contain unknown values during a plan. */
  configure(config: TfObject, terraformVersion: string, call: TfCall): Promise<TfDiagnostic[]>;
  resources: TfResource[];
  dataSources: TfDataSource[];
  /** Terraform 1.8 and OpenTofu 1.7, or later. Default: none. */
  functions?: TfFunction[];
  /** Terraform 1.14 or later. Default: none. */
  lists?: TfList[];
  /** Terraform 1.10 and OpenTofu 1.11, or later. Default: none. */
  ephemerals?: TfEphemeral[];
  /** StopProvider. Every `signal` has already been aborted. */
  stop(): void;
  /** Before the process exits. */
  close(): void;
}
