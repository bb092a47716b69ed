import type { SnapshotInputs, SnapshotRecord } from "../snapshot/record";

/** What an apply would do to a resource, in Terraform's words. */
export type PlannedAction = "create" | "update" | "replace" | "delete" | "forget" | "import" | "move";

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
}

export interface PlannedChange {
  readonly action: PlannedAction;
  /** Inputs that the program sets, and that are known. A missing one says nothing. */
  readonly inputs: Partial<SnapshotInputs>;
  /** Inputs to compare `inputs` with, of the state as it is before the refresh. */
  readonly before: Partial<SnapshotInputs>;
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
  /** The command that applies it; null: not known. */
  readonly apply: string | null;
  readonly resources: readonly FleetResource[];
  readonly others: Others;
  /** What a reader should know: an apply may be under way, times are missing. */
  readonly notes: readonly string[];
}

/** A note about an apply. @param why how it shows */
export const applyUnderWay = (why: string): string => `An apply may be under way: ${why}. What it is changing can look like drift.`;

/** Why a source could not be read. */
export class FleetError extends Error {
  constructor(readonly summary: string, readonly detail: string) {
    super(`${summary}\n${detail}`);
    this.name = "FleetError";
  }
}
