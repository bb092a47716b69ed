import "./needs-node";
export * from "./errors";
export { Daytona, type DaytonaConfig } from "./daytona";
export { SnapshotState, type Snapshot } from "./snapshot";
export type { ObjectStorage, StorageCredentials } from "./image-context";
export type { CreateFromSandboxParams, CreateSnapshotParams, Resources } from "./params";
export { resolveImage, type ResolvedImage, type ResolveImageOptions } from "./resolve-image";
export type { ConnectionOptions } from "./connection";
export type { ChangeOptions, InPlaceService, Which } from "./in-place-service";
export {
  RegistryService,
  type CreateRegistryParams,
  type Registry,
  type UpdateRegistryParams,
} from "./registry-service";
export {
  SnapshotService,
  type CallOptions,
  type CreateOptions,
  type ListSnapshotsQuery,
  type PaginatedSnapshots,
  type ReplaceOptions,
  type SnapshotServiceOptions,
} from "./snapshot-service";
export type { ImageFile, ImageObject } from "../source/image";
