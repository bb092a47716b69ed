export * from "./errors";
export type { Snapshot } from "./snapshot";
export type { ObjectStorage, StorageCredentials } from "./image-context";
export { SnapshotService, type CallOptions, type CreateOptions, type CreateSnapshotParams, type PaginatedSnapshots, type Resources, type SnapshotServiceOptions } from "./snapshot-service";
export type { ImageFile, ImageObject } from "../source/image";
