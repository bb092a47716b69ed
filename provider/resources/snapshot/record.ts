import { snapshotTable } from "./attributes";
import type { ValuesOf } from "../../kit/attribute";
import type { ImageResolution } from "../../kit/image-resolution";
import type { Notice } from "../../kit/notice";
import type { MaybeUnknown } from "../../kit/unknown";

/** What a user writes: the inputs of the table. null: not written. */
export type SnapshotInputs = ValuesOf<typeof snapshotTable.inputs>;

/** What only the API says: the outputs of the table. */
export type SnapshotOutputs = Omit<ValuesOf<typeof snapshotTable.outputs>, "id"> & {
  /** The API's UUID (Terraform `id`, Pulumi `snapshotId`). */
  id: string;
};

/** What to do with a snapshot whose source or resources changed. */
export type Replacement = NonNullable<SnapshotInputs["replacement"]>;

/** Durations such as `"45m"`, `"1h30m"`, `"90s"`. */
export type Timeouts = NonNullable<SnapshotInputs["timeouts"]>;

/** A snapshot as the state of a tool holds it: inputs (defaults filled in) and outputs, wholly known. */
export type SnapshotRecord = SnapshotInputs & SnapshotOutputs;

/** A Dockerfile build with its files read: what is sent for it. For a local image, its hash only. */
export interface PreparedSource {
  /** The Dockerfile as sent: build arguments and target worked in, LF line endings, without the comment line of triggers. */
  text: string;
  /** `v1:` without files, `v2:` with files. */
  hash: string;
  /** Hashes of the archives of the build context, sorted. Empty without files. */
  contextHashes: string[];
  /** What these are the hashes of, for messages. Not set: nobody has read files. */
  fileSets?: readonly FileSet[];
}

/** One archive of a build context: what one path of an instruction, or of the list `context`, takes. */
export interface FileSet {
  readonly hash: string;
  /** How many files it has. */
  readonly files: number;
  /** What names it: `COPY src`, or the path in the list. */
  readonly from: string;
}

/** A program's arguments: null = not written; single values, list items and map values may be unknown. */
export type Written = { [K in keyof SnapshotInputs]: MaybeUnknown<SnapshotInputs[K]> } & Prepared;

/** A plan: every attribute known or unknown. */
export type Planned = { [K in keyof SnapshotRecord]: MaybeUnknown<SnapshotRecord[K]> } & Prepared;

/** Inputs that say where a source is. Spelled otherwise, they can mean the same source. */
export const SPELLED = snapshotTable.inputs.flatMap((input) => ("place" in input ? [input.name] : []));
export type SourcePlaces = Pick<SnapshotInputs, (typeof SPELLED)[number]>;

/** No attributes. */
type Prepared = {
  /** Set for a Dockerfile build or a local image once it has been read. */
  prepared?: PreparedSource | undefined;
  /** In a program: the source could not be read, so it is not known whether it has changed. */
  unread?: boolean | undefined;
  /** UUID of the sandbox that `sourceSandbox` names, once the API has told it. */
  sandboxId?: string | undefined;
  /** In a program: what the registry says of the tag of `image`. Not set: no registry was asked. */
  resolution?: ImageResolution | undefined;
  /** In a plan or a record: the digest of `image`. Never in a program. */
  imageDigest?: MaybeUnknown<string | null> | undefined;
  /** The same for the image that the API pulled. */
  imageName?: MaybeUnknown<string | null> | undefined;
  /** In a plan: where the source is now, if the plan keeps another spelling. */
  places?: SourcePlaces | undefined;
};

/** Facts about a record that are no attribute (Terraform: private state). */
export interface Marks {
  /** Imported and not applied since: what the API does not store is taken over without a rebuild. */
  imported?: boolean;
  /** With `imported`, of a Dockerfile build: the `contextHashes` that the API has of it. Not set: it does not tell, or an earlier release has imported it. */
  builtWith?: readonly string[];
  /** The id's name at the API is `<name>--next-…`: a swap has to be finished. */
  successor?: boolean;
  /** Read found `removing`. */
  removing?: boolean;
  /** Another resource of the configuration manages the snapshot as well, so this one never deletes it. */
  shared?: boolean;
}

/** What an apply will have to do. */
export type Action =
  /** nothing differs */
  | "none"
  /** no prior record */
  | "create"
  /** only what the API does not know differs: no call */
  | "state-only"
  | "activate"
  | "deactivate"
  /** the snapshot is settling: wait for it */
  | "wait"
  /** successor, delete, create (resource-model.md, "Swap"); also the remaining steps of an unfinished one */
  | "swap"
  /** failed or being removed: delete, wait until gone, create */
  | "rebuild"
  /** the tool has to delete and create (name change, or `replacement = "recreate"`) */
  | "replace";

/** What can ask for a change: an input, or the digest of a tag that has moved. */
export type Cause = keyof SnapshotInputs | "imageDigest";

/**
 * Whether the files of a build are those that a snapshot was built from. `same`: every set of files has its hash there, or there are none.
 * `different`: one has not. `unknown`: the hashes prove nothing. `unnamed`: the program has no place for files.
 */
export interface ComparedFiles {
  readonly is: "same" | "different" | "unknown" | "unnamed";
  /** What was compared, and how it ended: a clause without a full stop. Empty: there are no files. */
  readonly text: string;
}

/** The single answer to "what changed", for plan, preview and drift. */
export interface SnapshotPlan {
  action: Action;
  /** Attributes that differ between the prior record and the program. */
  changed: Cause[];
  /** Attributes that force a replacement by the tool; only with action `replace`. */
  replaceBy: Cause[];
  planned: Planned;
  /** For instance the warning that names the snapshot a swap will delete. */
  warnings: Notice[];
  /** Those of the warnings that say what differs from the snapshot before, which the create of a replacement does not know. */
  differs?: Notice[];
  /** Of an imported build: how its files compare. `notices` are among the warnings. Not set: nothing had to be compared. */
  files?: { readonly compared: ComparedFiles; readonly notices: readonly Notice[] };
}
