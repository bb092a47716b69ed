export * from "./client";
export { type ApiClock, type ApiLog, systemClock } from "./clock";
export * from "./errors";
export { type ClientOptions, createClient } from "./snapshots";
export type * from "./types";
