import type { Attribute, AttributeTable } from "../../../kit/attribute";

/**
 * What an attribute of a resource means: everything that plan, create, refresh, import and comparison need to know of it stands at its row, in
 * the table of the resource. A row without its API side does not compile.
 *
 * `Dto` is what the API answers, `Body` the body of its create request, `Own` names the rules that no row can say alone (`../own/`).
 */
export interface ResourceTable<Dto, Body, Own extends string> extends AttributeTable {
  readonly inputs: readonly InputRow<Dto, Body, Own>[];
  readonly outputs: readonly OutputRow<Dto>[];
}

/**
 * What a change of an input asks for. `name`: the tool replaces. `content`: another snapshot (swap or recreate). `source`: another snapshot if
 * the source hash changes. `active`: activate or deactivate. `managed`: no call.
 */
export type Change = "name" | "content" | "source" | "active" | "managed";

/** An input of a resource. How two values are compared follows from the type: see `sameValue`. */
export type InputRow<Dto, Body, Own extends string> = Attribute & {
  readonly change: Change;
  /** true: taking it out of a program keeps the present value. Otherwise a new snapshot gets the API's, or none where the attribute is not computed. */
  readonly kept?: true;
  /** Why programs of the face cannot set it; not set: they can. Only what makes another snapshot is asked for. */
  readonly notIn?: { readonly cli?: string; readonly library?: string };
} & (Returned<Dto, Body> | Unstored<Dto, Body, Own> | Ruled<Body, Own> | Managed<Dto>);

/** The API takes it at a create and answers it. */
interface Returned<Dto, Body> {
  readonly change: "content";
  /** Field of the create request. */
  readonly sent: Fields<Body>;
  /** Field of the answer. */
  readonly read: Fields<Dto>;
}

/** The API takes it and does not answer it: an import cannot know it, and takes it over from the program without another snapshot. */
interface Unstored<Dto, Body, Own> {
  readonly change: "content";
  readonly stored: false;
  /** Field of the create request, or the rule that works it into another one. */
  readonly sent: Fields<Body> | { readonly by: Own };
  /** Of a list: which of its items the API says that it chose. Something else is a difference. */
  readonly chosen?: (dto: Dto) => string | null;
}

/** A rule of its own compares and reads it. */
interface Ruled<Body, Own> {
  readonly change: "name" | "content" | "source";
  /** Name of the rule in `../own/`. */
  readonly own: Own;
  /** Field of the create request. Not set: the rule sends it. */
  readonly sent?: Fields<Body>;
  readonly stored?: false;
  /** true: it says where the source is. Spelled otherwise, it can mean the same source: another checkout, an absolute path, another tag. */
  readonly place?: true;
}

/** Nothing of the snapshot itself: it is never sent. */
type Managed<Dto> =
  | { readonly change: "managed"; readonly stored: false }
  /** @param before the present value @returns what the answer says, else the present value */
  | { readonly change: "active"; readonly read: (dto: Dto, before: boolean) => boolean };

/** An output of a resource. */
export type OutputRow<Dto> = Attribute & {
  readonly set: "computed";
  /** Field of the answer, or what is read of it. undefined, or a field that is missing or null: the answer does not say. */
  readonly read: Fields<Dto> | ((dto: Dto) => string | readonly string[] | null | undefined);
  /** true: it changes by itself, so a refresh takes it over only when `state` or the ID has changed. An untouched fleet shows no change. */
  readonly volatile?: true;
  /** true: it belongs to one ID. What the answer does not say is null for another one. */
  readonly ofId?: true;
  /** Kinds of apply after which it may read differently. */
  readonly unknownAfter?: readonly ("rebuild" | "activate")[];
};

type Fields<T> = keyof T & string;

/** The table of any resource, for code that follows the rows whatever they name. */
export type AnyTable = ResourceTable<never, never, string>;
export type AnyInput = AnyTable["inputs"][number];
export type AnyOutput = AnyTable["outputs"][number];
