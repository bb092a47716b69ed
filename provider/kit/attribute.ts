import type { MaybeUnknown } from "./unknown";

/** What one attribute is, in every face. The tables are in `../resources`; what the attributes of a resource are beyond that is in its rows. */
export interface Attribute {
  /** camelCase; Terraform's snake_case is derived (`snakeCase`). */
  name: string;
  type: AttributeType;
  /** Who sets it: the user (`required`, `optional`), the provider (`computed`), or the provider where the user does not (`optional+computed`). */
  set: "required" | "optional" | "computed" | "optional+computed";
  /** Markdown. `{name}` stands for the attribute of that name, spelled as the face spells it. */
  doc: string;
  /** Written into the state where the user writes nothing. */
  default?: string | boolean | number;
  /** Never shown; Pulumi: a secret. */
  sensitive?: true;
  /** A plan shows it, but no message and no log does: Terraform does not tell a provider which values the program marks as sensitive. */
  redacted?: true;
  /** Terraform: a program sets it, and no plan and no state has it. */
  writeOnly?: true;
  /** Environment variable that is read when the provider is configured, never a schema default. */
  environment?: string;
  /** The one face that has this attribute. */
  only?: "terraform" | "pulumi";
  /** Pulumi's name where it is another one (`id` is never a declared property there). */
  pulumiName?: string;
  /** Allowed values, where the list is closed. */
  values?: readonly string[];
  /** The API may have nothing to say here. */
  nullable?: true;
  /** The input that was probably meant when a program sets this output. */
  instead?: string;
}

export type AttributeType =
  | "string"
  | "integer"
  | "number"
  | "boolean"
  | "string-list"
  | "string-set"
  | "string-map"
  /** One nested object; `name` is the type's name in TypeScript and Pulumi. */
  | { object: readonly Attribute[]; name: string }
  /** A list of nested objects. */
  | { objects: readonly Attribute[]; name: string };

/** A top-level schema: a resource, the provider configuration, or a data source. */
export interface AttributeTable {
  /** Markdown, `{name}` as in `Attribute.doc`. */
  readonly doc: string;
  readonly inputs: readonly Attribute[];
  readonly outputs: readonly Attribute[];
}

/** A resource as schemas, types and pages present it. */
export interface ResourceEntry {
  /** `snapshot`: Terraform `daytona_snapshot`, Pulumi `daytona:index:Snapshot`. Also what messages call it, so several words have spaces between them. */
  readonly noun: string;
  readonly table: AttributeTable;
  /** Documentation of the type that programs fill in. Default: that of the table. */
  readonly argsDoc?: string;
  /** Documentation of the type for the inputs that only Terraform has. Not set: there is no such type. */
  readonly terraformArgsDoc?: string;
  /** What the ID is in Pulumi: "name", "UUID". */
  readonly pulumiId: string;
  /** Inputs whose change makes the tool replace it. */
  readonly replacedBy: readonly string[];
  /** Pulumi's names of what every one has as soon as the API has accepted it. */
  readonly always: readonly string[];
}

/** A data source: Terraform `daytona_<name>`, Pulumi `get<Name>`. */
export interface DataSourceEntry {
  /** `snapshots`; several words have spaces between them. */
  readonly name: string;
  readonly table: AttributeTable;
  /** Documentation of the type of its arguments. Not set: it has none. */
  readonly argsDoc?: string;
  /** true: what it is asked for by is part of the answer. */
  readonly single?: true;
}

/** What `terraform query` finds of a resource: Terraform `list "daytona_<noun>"`. */
export interface ListEntry {
  /** That of the resource. */
  readonly noun: string;
  /** Its inputs are filters; it has no outputs. */
  readonly table: AttributeTable;
}

/** Values that live for one command: Terraform `ephemeral "daytona_<name>"`. */
export interface EphemeralEntry {
  /** `registry push access`. */
  readonly name: string;
  readonly table: AttributeTable;
}

/** The same few names, for each attribute of each snapshot of each call. */
const spelled = new Map<string, string>();

/** `errorReason` -> `error_reason`. */
export function snakeCase(name: string): string {
  let snake = spelled.get(name);
  if (snake === undefined) spelled.set(name, (snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)));
  return snake;
}

/** `error_reason` -> `errorReason`. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** `volume alias`, as messages call a resource, -> `volumeAlias`, of which the names in every face are made. */
export function identifierOf(words: string): string {
  return words.replace(/ ([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Replaces `{name}` in a doc by the name as the face spells it, in backticks. */
export function spellDoc(doc: string, spell: (name: string) => string): string {
  return doc.replace(/\{([a-zA-Z]+)\}/g, (_, name: string) => `\`${spell(name)}\``);
}

/** The first sentence of a doc as a help text has it: without backticks and without a full stop, in lower case. */
export function firstSentence(doc: string): string {
  const [first = doc] = doc.split(/(?<=\.) (?=[A-Z`{])/, 1);
  return `${first.charAt(0).toLowerCase()}${first.slice(1)}`.replace(/\.$/, "").replaceAll("`", "");
}

interface Primitives {
  string: string;
  integer: number;
  number: number;
  boolean: boolean;
  "string-list": string[];
  "string-set": string[];
  "string-map": Record<string, string>;
}

type OfType<T> = T extends keyof Primitives
  ? Primitives[T]
  : T extends { object: infer Members extends readonly Attribute[] }
    ? ValuesOf<Members>
    : T extends { objects: infer Members extends readonly Attribute[] }
      ? ValuesOf<Members>[]
      : never;

/** The value of an attribute: of a closed list, one of its values. */
export type ValueOf<A extends Attribute> = A extends { values: readonly (infer V)[] } ? V : OfType<A["type"]>;

/** The values of a table by name, wholly known; null: there is none. */
export type ValuesOf<Rows extends readonly Attribute[]> = {
  -readonly [A in Rows[number] as A["name"]]: ValueOf<A> | null;
};

/** The same as a program or a plan has them: each may be unknown. */
export type MaybeUnknownOf<Rows extends readonly Attribute[]> = {
  -readonly [A in Rows[number] as A["name"]]: MaybeUnknown<ValueOf<A> | null>;
};
