import type { Marks, SnapshotPlan, SnapshotRecord, Written } from "./record";
import type { MaybeUnknown } from "./unknown";
import type { Face } from "./validate";

export interface PlanRequest {
  /** null: there is nothing yet. */
  prior: SnapshotRecord | null;
  marks: Marks;
  written: Written;
  /** The provider's default region, for new snapshots. */
  providerRegion: MaybeUnknown<string | null>;
  face: Face;
}

/** The single answer to "what changed", for plan, preview and drift. Pure: it asks nobody. */
export function planSnapshot(_request: PlanRequest): SnapshotPlan {
  throw new Error("not written yet");
}
