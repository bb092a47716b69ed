import { FleetError } from "../resource";
import type { Json } from "./json";
import type { StateDocument } from "./managed";
import { readExport } from "./pulumi-state";
import { readPlannedState } from "./planned-state";
import { readRawState, readShownState } from "./terraform-state";
import { insteadOf, isExport, isPlan } from "./what-is";

/**
 * What a state says about snapshots: a Terraform or OpenTofu state (`state pull`, version 4), the output of `show -json`, a plan in JSON, the export
 * of a Pulumi stack, or a checkpoint file of Pulumi's backend.
 * @param what for messages, such as `the state state.json`
 * @throws FleetError for everything else, and for what is not wholly understood: it would look as if nobody managed its snapshots
 */
export function readState(document: Json, what: string): StateDocument {
  if (isExport(document)) return readExport(document, what);
  if (document["encrypted_data"] !== undefined)
    throw new FleetError(`${what} is encrypted`, insteadOf(document, "state"));
  if (isPlan(document)) return readPlannedState(document, what);
  if (document["format_version"] !== undefined) return readShownState(document, what);
  if (
    document["version"] !== undefined &&
    (document["terraform_version"] !== undefined ||
      document["resources"] !== undefined ||
      document["modules"] !== undefined ||
      document["lineage"] !== undefined)
  )
    return readRawState(document, what);
  throw new FleetError(`${what} is not a state`, insteadOf(document, "state"));
}
