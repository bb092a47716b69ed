/** What faces use of a connection: its lifecycle, queries and errors. */
export { connect, type Connected, type ConnectOptions, type ListFilter } from "./connect";
export type { LifecycleOptions } from "./lifecycle";
export type { ImageResolution, ImageResolver } from "./resolve/contract";
export { systemClock } from "./call/system-clock";
export type {
  CallContext,
  Clock,
  LifecycleLog,
  Origin,
  Outcome,
  Replaced,
  SnapshotLifecycle,
  Transfer,
} from "./contract";
export type { InPlaceCall, InPlaceLifecycle, InPlaceOutcome } from "./in-place/contract";
export { apiDetails, apiFailure, failureOfApi, sentence } from "./messages/api-failure";
export * from "../api/errors";
export { proxyFor } from "../api/http/proxy";
export { CallbackError, Failure, SnapshotFailed } from "./call/errors";
export type { FailureCode } from "../kit/failure";
export type { PushAccess, RegionDto, RegistryDto, SnapshotDto, SnapshotPage } from "../api/types";
export { ConfigError, type ConnectionArgs, NoCredentialsError, resolvesTagsIn } from "../config";
export { type ChangedFile, sourceChange, type SourceChange } from "./source-change";
