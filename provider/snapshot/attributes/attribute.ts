/** What one attribute is, in every face. The tables are in `../attributes.ts`, `provider.ts` and `data-sources.ts`. */
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
  /** Environment variable that is read when the provider is configured, never a schema default. */
  environment?: string;
  /** The one face that has this attribute. */
  only?: "terraform" | "pulumi";
  /** Pulumi's name where it is another one (`id` is never a declared property there). */
  pulumiName?: string;
  /** Allowed values, where the list is closed. */
  values?: readonly string[];
  /** What a change of this input means (resource inputs only). */
  change?: Change;
  /** false: the API does not store it, so an import cannot know it and takes it over from the program without a rebuild. */
  stored?: false;
  /** true: taking it out of a program keeps the present value. */
  kept?: true;
  /** Kinds of apply after which this output may read differently (resource outputs only). */
  unknownAfter?: readonly ("rebuild" | "activate")[];
  /** The API may have nothing to say here. */
  nullable?: true;
  /** The input that was probably meant when a program sets this output. */
  instead?: string;
}

/**
 * `name`: the tool replaces. `content`: another snapshot (swap or recreate). `source`: another snapshot if the source hash changes.
 * `active`: activate or deactivate. `managed`: no call.
 */
export type Change = "name" | "content" | "source" | "active" | "managed";

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

/** A top-level schema: the resource, the provider configuration, or a data source. */
export interface AttributeTable {
  /** Markdown, `{name}` as in `Attribute.doc`. */
  doc: string;
  inputs: readonly Attribute[];
  outputs: readonly Attribute[];
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

/** Replaces `{name}` in a doc by the name as the face spells it, in backticks. */
export function spellDoc(doc: string, spell: (name: string) => string): string {
  return doc.replace(/\{([a-zA-Z]+)\}/g, (_, name: string) => `\`${spell(name)}\``);
}
