import type { MovedTag } from "../resources/snapshot/own/source/pin";
import type { SnapshotInputs, SnapshotRecord } from "../resources/snapshot/record";
import type { StateDocument } from "./read/managed";

export { FleetError } from "./fleet-error";

/**
 * What an apply would do to a resource, in Terraform's words. `replace-keeping` makes a new one and leaves the old one, unmanaged; `other` is what this
 * release does not know.
 */
export type PlannedAction =
  "create" | "update" | "replace" | "replace-keeping" | "delete" | "forget" | "import" | "move" | "other";

/** Why a plan makes a snapshot anew, beside differences: it is tainted, it was asked for (`-replace`), another resource triggers it. */
export type ForcedBy = "taint" | "request" | "trigger";

/** One managed snapshot, as a plan, a preview or a state has it. */
export interface FleetResource {
  /** As the tool writes it: `module.a.daytona_snapshot.agent["x"]`, or the logical name of Pulumi. */
  readonly address: string;
  /** What the state has; null: the state does not have it yet. */
  readonly state: SnapshotRecord | null;
  /** What the API has; null: nothing. */
  readonly seen: SnapshotRecord | null;
  /** null: an apply does nothing. Undefined: there is no program to compare with. */
  readonly planned?: PlannedChange | null;
  /** `updatedAt` at the API. */
  readonly since?: string | null;
  /** An unfinished swap: the ID belongs to a successor. */
  readonly unfinishedSwap?: boolean;
  /** Attributes whose values must not be printed. */
  readonly sensitive: readonly string[];
  /** Another snapshot at the API that has the name, and that no source manages. */
  readonly holder?: { readonly id: string };
  /** The registry has other content under the tag by now, and the plan does not bring it. */
  readonly movedTag?: MovedTag;
}

export interface PlannedChange {
  readonly action: PlannedAction;
  /** Inputs that the program sets, and that are known. A missing one says nothing. */
  readonly inputs: Partial<SnapshotInputs>;
  /** Inputs to compare `inputs` with, of the state as it is before the refresh. */
  readonly before: Partial<SnapshotInputs>;
  /** Digest that the snapshot is to have. Missing: none, or not known. */
  readonly imageDigest?: string;
  /** Inputs that the program sets to a value that only the apply knows. */
  readonly unknown?: readonly (keyof SnapshotInputs)[];
  readonly forcedBy?: ForcedBy | null;
  /** Attributes that demand the replacement; empty: not known. */
  readonly replaceBy?: readonly string[];
  /** The resource has another address in the state. */
  readonly moved?: boolean;
  /** The apply only writes the state: paths that are spelled otherwise, say. */
  readonly stateOnly?: boolean;
  /** What the plan calls an action of kind `other`. */
  readonly called?: string;
}

/** Resources of other types and providers: counted, not reported. */
export interface Others {
  readonly drifted: number;
  readonly notApplied: number;
}

export type SourceKind = "terraform" | "opentofu" | "cdktf" | "pulumi" | "plan" | "state";

/** One root, stack, plan or state. */
export interface FleetSource {
  readonly kind: SourceKind;
  /** Path, as given or found, with the stack or the workspace. */
  readonly name: string;
  /** Stack of Pulumi or CDKTF; null: there is none. */
  readonly stack?: string | null;
  /** Workspace of Terraform; null: the default one, or none. */
  readonly workspace?: string | null;
  /** The command that applies it; null: not known. */
  readonly apply: string | null;
  readonly resources: readonly FleetResource[];
  readonly others: Others;
  /** What a reader should know: an apply may be under way, times are missing. */
  readonly notes: readonly string[];
  /** What the plan's state manages, where that was asked for: the plan may cover a part of it. */
  readonly manages?: Pick<StateDocument, "what" | "managed" | "mentioned">;
}

/** A note about an apply. @param why how it shows */
export const applyUnderWay = (why: string): string =>
  `An apply may be in progress: ${why}. Its changes can look like drift.`;
