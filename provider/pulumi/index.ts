/** Daytona snapshots in Pulumi programs for Node.js. Requires only this package. */
export type { ImageObject, SnapshotArgs, SnapshotOutputs } from "./shared/args";
export { Snapshot } from "./dynamic/snapshot";
