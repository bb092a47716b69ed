import type { Attribute, AttributeTable } from "../../kit/attribute";

/**
 * The attributes of a resource that one request creates and another changes in place: nothing has to be waited for, and no change replaces it.
 * Everything that plan, create, update, refresh, import and comparison need to know of an attribute stands at its row.
 *
 * `Dto` is what the API answers, `Body` the body of its create and update requests.
 */
export interface InPlaceTable<Dto, Body> extends AttributeTable {
  readonly inputs: readonly InPlaceInput<Dto, Body>[];
  readonly outputs: readonly InPlaceOutput<Dto>[];
}

export type InPlaceInput<Dto, Body> = Attribute & (Returned<Dto, Body> | Secret<Body> | Version);

/** The API takes it and answers it. */
interface Returned<Dto, Body> {
  /** Field of the requests. Every update sends it. */
  readonly sent: keyof Body & string;
  /** Field of the answer. A missing one says nothing: the present value stays. */
  readonly read: keyof Dto & string;
  /** What the API makes of a value. Two values mean the same if this does. Default: the value itself. */
  readonly stored?: (value: string) => string;
  /** What is sent where nothing is written, so that an update takes the present value away. It also means nothing where it is read. */
  readonly none?: string;
}

/** The API takes it and never answers it. It is sent by a create, and by an update only if it has changed. */
interface Secret<Body> {
  readonly sent: keyof Body & string;
  readonly read?: undefined;
}

/** A number that a program raises to send the write-only attribute again. It is never sent itself. */
interface Version {
  readonly sent?: undefined;
  readonly read?: undefined;
  /** Name of the write-only attribute. */
  readonly versionOf: string;
}

export type InPlaceOutput<Dto> = Attribute & {
  readonly set: "computed";
  /** Field of the answer. */
  readonly read: keyof Dto & string;
};

/** The table of any such resource, for code that follows the rows whatever they name. */
export type AnyInPlaceTable = Omit<AttributeTable, "inputs" | "outputs"> & {
  readonly inputs: readonly AnyInput[];
  readonly outputs: readonly AnyOutput[];
};
export type AnyInput = Attribute & {
  readonly sent?: string;
  readonly read?: string;
  readonly stored?: (value: string) => string;
  readonly none?: string;
  readonly versionOf?: string;
};
export type AnyOutput = Attribute & { readonly read: string };

/** Values by the names of the attributes; null or missing: there is none. A plan and a program can have unknown ones. */
export type Values = Readonly<Record<string, unknown>>;
