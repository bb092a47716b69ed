import type { AttributeTable } from "../../../kit/attribute";
import { snapshotData } from "./data-sources";

const shared = snapshotData.snapshots.inputs.filter(({ name }) => name !== "includeGeneral");

/** What `terraform query` can filter by: Terraform `list "daytona_snapshot"`. */
export const snapshotList = {
  doc: "Finds the snapshots of the organization, oldest first, for `terraform query`. A snapshot is found if it matches all filters. General snapshots of other organizations are never found, since only their owners can manage them.",
  inputs: [
    ...shared,
    {
      name: "createdBefore",
      type: "string",
      set: "optional",
      doc: "Time in RFC 3339 format. Finds only snapshots that were created before this time.",
    },
    {
      name: "usedBefore",
      type: "string",
      set: "optional",
      doc: "Time in RFC 3339 format. Finds only snapshots that no sandbox has used since this time. A snapshot that was never used counts from its creation.",
    },
  ],
  outputs: [],
} as const satisfies AttributeTable;
