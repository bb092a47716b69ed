/** What faces use of a connection: its lifecycle, queries and errors. */
export { connect, type Connected, type ConnectOptions, type ListFilter } from "./connect";
export type { LifecycleOptions } from "./lifecycle";
export { systemClock } from "./call/system-clock";
export type { CallContext, Clock, LifecycleLog, Outcome, SnapshotLifecycle, Transfer } from "./contract";
export { apiFailure, sentence, type Origin } from "./messages/api-failure";
export * from "../api/errors";
export { proxyFor } from "../api/http/proxy";
export { DeadlinePassed, Failure, SnapshotFailed } from "./call/errors";
export { isQuota } from "./messages/notices";
export type { PushAccess, RegionDto, SnapshotDto, SnapshotPage } from "../api/types";
export { ConfigError, type ConnectionArgs } from "../config";
