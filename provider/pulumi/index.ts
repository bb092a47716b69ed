/** Daytona snapshots in a Pulumi program of Node.js. Nothing has to be installed but this package. */
export type { ImageObject, SnapshotArgs, SnapshotOutputs } from "./shared/args";
export { Snapshot } from "./dynamic/snapshot";
