import type { MaybeUnknown } from "./unknown";

/** What to do with a snapshot whose source or resources changed. */
export type Replacement = "swap" | "recreate";

/** Durations such as `"45m"`, `"1h30m"`, `"90s"`. */
export interface Timeouts {
  create: string | null;
  update: string | null;
  delete: string | null;
}

/** What a user writes. null: not written. */
export interface SnapshotInputs {
  image: string | null;
  /** Path, relative to where the tool runs the program. */
  dockerfile: string | null;
  dockerfileContent: string | null;
  /** An image in the local engine, or `oci:`, `oci-archive:` or `docker-archive:` with a path. */
  localImage: string | null;
  contextDir: string | null;
  /** Paths inside `contextDir`. */
  context: string[] | null;
  buildArgs: Record<string, string> | null;
  target: string | null;
  sourceHash: string | null;
  name: string | null;
  /** Terraform only. */
  namePrefix: string | null;
  entrypoint: string[] | null;
  cpu: number | null;
  /** GiB */
  memory: number | null;
  /** GiB */
  disk: number | null;
  gpu: number | null;
  gpuTypes: string[] | null;
  sandboxClass: string | null;
  region: string | null;
  active: boolean | null;
  replacement: Replacement | null;
  adoptExisting: boolean | null;
  triggers: Record<string, string> | null;
  timeouts: Timeouts | null;
}

/** What only the API says. */
export interface SnapshotOutputs {
  /** The API's UUID (Terraform `id`, Pulumi `snapshotId`). */
  id: string;
  state: string | null;
  imageName: string | null;
  ref: string | null;
  /** GiB */
  size: number | null;
  regionIds: string[] | null;
  gpuType: string | null;
  errorReason: string | null;
  createdAt: string | null;
  organizationId: string | null;
}

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
}

/** A program's arguments: null = not written; single values, list items and map values may be unknown. */
export type Written = { [K in keyof SnapshotInputs]: MaybeUnknown<SnapshotInputs[K]> } & Prepared;

/** A plan: every attribute known or unknown. */
export type Planned = { [K in keyof SnapshotRecord]: MaybeUnknown<SnapshotRecord[K]> } & Prepared;

interface Prepared {
  /** No attribute. Set for a Dockerfile build or a local image once it has been read. */
  prepared?: PreparedSource | undefined;
}

/** Facts about a record that are no attribute (Terraform: private state). */
export interface Marks {
  /** Imported and not applied since: what the API does not store is taken over without a rebuild. */
  imported?: boolean;
  /** The id's name at the API is `<name>--next-…`: a swap has to be finished. */
  successor?: boolean;
  /** Read found `removing`. */
  removing?: boolean;
}

/** A message for the user. `attribute` is the path of the attribute that it is about, camelCase. */
export interface Notice {
  summary: string;
  detail: string;
  attribute?: (string | number)[];
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

/** The single answer to "what changed", for plan, preview and drift. */
export interface SnapshotPlan {
  action: Action;
  /** Attributes that differ between the prior record and the program. */
  changed: (keyof SnapshotInputs)[];
  /** Attributes that force a replacement by the tool; only with action `replace`. */
  replaceBy: (keyof SnapshotInputs)[];
  planned: Planned;
  /** For instance the warning that names the snapshot a swap will delete. */
  warnings: Notice[];
}
