export * from "./errors";
export type { Snapshot } from "./snapshot";
export type { ObjectStorage, StorageCredentials } from "./image-context";
export type { CreateSnapshotParams, Resources } from "./params";
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
  type PaginatedSnapshots,
  type ReplaceOptions,
  type SnapshotServiceOptions,
} from "./snapshot-service";
export type { ImageFile, ImageObject } from "../source/image";
