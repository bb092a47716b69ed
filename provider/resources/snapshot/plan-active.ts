import { UNKNOWN } from "../../kit/unknown";
import type { ToolWords } from "../../kit/words";
import { planSnapshot } from "./plan";
import { writtenAs } from "./desired";
import type { Planned, SnapshotRecord } from "./record";
import { classify } from "./states";

/** What activating or deactivating a snapshot comes to. */
export type ActivePlan =
  | { readonly is: "already" }
  | { readonly is: "update"; readonly planned: Planned }
  /** Its state allows neither: it has failed, or is being deleted. */
  | { readonly is: "impossible" };

/** Plans that a snapshot is active, or inactive, and is otherwise as it is. */
export function planActive(record: SnapshotRecord, active: boolean, words: ToolWords): ActivePlan {
  const written = { ...writtenAs(record), active };
  const { action, planned } = planSnapshot({ prior: record, marks: {}, written, providerRegion: null, words });
  if (["activate", "deactivate", "wait"].includes(action)) return { is: "update", planned };
  if (action !== "none") return { is: "impossible" };
  // Of a state that this release does not know, only the API can tell what it leads to.
  return classify(record.state) === "unknown"
    ? { is: "update", planned: { ...planned, state: UNKNOWN } }
    : { is: "already" };
}
