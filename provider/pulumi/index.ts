/** Daytona snapshots and registries in Pulumi programs for Node.js. Requires only this package. */
export type { ImageObject, SnapshotArgs, SnapshotOutputs } from "./shared/args";
export type { RegistryArgs, RegistryOutputs } from "./shared/registry-resource";
export { Registry } from "./dynamic/registry";
export { Snapshot } from "./dynamic/snapshot";
