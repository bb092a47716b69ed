import type { DataSourceEntry, ResourceEntry } from "../../kit/attribute";
import { snapshotData, snapshotTable } from "./attributes";
import { planSnapshot } from "./plan";
import { validatePrepared, validateWritten } from "./validation/validate";

/** What faces do with a resource before anything is sent, as a value. */
export const snapshotDefinition = {
  table: snapshotTable,
  /** What is wrong with a program by itself. */
  validate: validateWritten,
  /** What is wrong with it once its source has been read. */
  validatePrepared,
  plan: planSnapshot,
} as const;

export type Definition = typeof snapshotDefinition;

/** The snapshot as schemas, types and pages present it. */
export const snapshotEntry: ResourceEntry = {
  noun: "snapshot",
  table: snapshotTable,
  argsDoc:
    "Arguments of a snapshot. Exactly one of `image`, `dockerfile`, `dockerfileContent`, `localImage` and `sourceSandbox` is required.",
  terraformArgsDoc: "The same, with a generated name.",
  pulumiId: "name",
  replacedBy: snapshotTable.inputs.filter(({ change }) => change === "name").map(({ name }) => name),
  always: [
    "name",
    "snapshotId",
    "state",
    "active",
    "replacement",
    "adoptExisting",
    "cpu",
    "memory",
    "disk",
    "gpu",
    "createdAt",
  ],
};

export const snapshotDataSources: readonly DataSourceEntry[] = [
  { name: "snapshot", table: snapshotData.snapshot, argsDoc: "Which snapshot to look up.", single: true },
  {
    name: "snapshots",
    table: snapshotData.snapshots,
    argsDoc: "Which snapshots to list. A snapshot must match all given filters.",
  },
];
