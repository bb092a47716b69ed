import type { Attribute } from "../../../kit/attribute";

/** Default time limits, as users write them. */
export const DEFAULT_TIMEOUTS = { create: "30m", update: "60m", delete: "10m" } as const;

/** Members of the input `timeouts`. */
export const timeouts = [
  {
    name: "create",
    type: "string",
    set: "optional",
    doc: "Time limit for creating the snapshot, including the pull or build. Defaults to 30 minutes.",
  },
  {
    name: "update",
    type: "string",
    set: "optional",
    doc: "Time limit for a change, including all its steps (a swap creates two snapshots). Defaults to 60 minutes.",
  },
  {
    name: "delete",
    type: "string",
    set: "optional",
    doc: "Time limit for deleting the snapshot, until the API no longer returns it. Defaults to 10 minutes.",
  },
] as const satisfies readonly Attribute[];
