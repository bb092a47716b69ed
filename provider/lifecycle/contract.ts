import type { Failure } from "../kit/failure";
import type { Notice } from "../kit/notice";
import type { Marks, Planned, SnapshotRecord } from "../resources/snapshot/record";
import type { ToolWords } from "../kit/words";

/** Where parts of the connection came from (`DAYTONA_API_KEY`, a profile, …), for messages. Never contains a value. */
export interface Origin {
  credentials: string;
  apiUrl: string;
  /** Where the default region came from: `DAYTONA_TARGET`. */
  region?: string;
  /** The default region itself; null: the organization's. */
  defaultRegion?: string | null;
}

/** Receives progress. `progress` is for people ("pulling, 12 s"); `buildLine` is a line of the build log. */
export interface LifecycleLog {
  debug(message: string): void;
  progress(message: string): void;
  buildLine(line: string): void;
  /** Whether the lines of a build appear where its error will, for the same reader: the error does not repeat them then. Default false. */
  showsBuild?: boolean;
  /** A new state of the snapshot that is waited for. */
  state?(state: string): void;
  /** How far an upload or a push is, four times a second. Without it, `progress` tells every two seconds. */
  transfer?(progress: Transfer): void;
}

/** An upload or a push in progress. */
export interface Transfer {
  /** `uploading the build context` */
  readonly doing: string;
  readonly sentBytes: number;
  readonly totalBytes: number;
  /** Average since the beginning; 0 while it is unknown. */
  readonly bytesPerSecond: number;
}

/** Time in ms since the epoch, and an abortable sleep. Passed in, so that tests control the time. */
export interface Clock {
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The context of one call of the tool. */
export interface CallContext {
  /** Aborted when the user interrupts. The call returns within 2 s. */
  signal: AbortSignal;
  log: LifecycleLog;
  /** Time limit for all steps, in ms. Takes precedence over the `timeouts` of the record. */
  timeoutMs?: number;
  /**
   * Whether the tool accepts another `id` than planned. If so, an activation that ends in `error` continues with a delete and a create in the
   * same call. Otherwise the call fails, and the next apply does that. Makes no difference if the plan leaves `id` unknown.
   */
  idMayChange?: boolean;
  /** false: the call ends once the API has accepted the request, whatever becomes of it. Default true. */
  wait?: boolean;
  /** The resource that the call is about: its URN, or another text that is the same in every call about it. Two resources never share one. */
  owner?: string;
  /**
   * For how long nobody must have told of a resource that keeps a snapshot (`keeps`) before a create adopts one, in ms. For tools that tell
   * of kept resources while creates are in progress. Default 0.
   */
  adoptAfterMs?: number;
  /** The tool's commands and spelling, for messages. */
  words: ToolWords;
}

/** The result of a call. If both `record` and `error` are set, the record is kept, and the tool may taint it. */
export interface Outcome {
  /** Has no unknown values. Null: the snapshot is gone or was never created. */
  record: SnapshotRecord | null;
  marks: Marks;
  warnings: Notice[];
  error?: Notice;
  /**
   * The user interrupted the call: `error` is not set, and `warnings` says how far it got. In an update, the record may differ from the plan;
   * a tool that compares them has to report that itself.
   */
  interrupted?: boolean;
  /** The failure that `error` tells of, for faces that tell failures apart: its code, its status, and what was thrown (ApiError, SnapshotFailed). */
  failure?: Failure;
}

/**
 * What a replace came to. `same`: nothing was changed. `activated`: it was the same, but was not ready, and has been waited for or woken.
 * `replaced`: another snapshot has the name now.
 */
export type Replaced = "created" | "same" | "activated" | "replaced";

/** @param did null: it has failed, or was interrupted */
export interface ReplaceOutcome extends Outcome {
  did: Replaced | null;
}

/**
 * The lifecycle of snapshots. Its methods never throw: every failure is an Outcome with an `error`. One instance serves a configured
 * connection for the life of the process and holds the state that calls share (source locks, and which resource manages which snapshot).
 */
export interface SnapshotLifecycle {
  /** Creates the snapshot and waits until it is active; adopts it if asked to. `planned` is UNKNOWN where the API decides. */
  create(planned: Planned, context: CallContext): Promise<Outcome>;
  /** Refreshes the record. A null record in the outcome: the snapshot is gone. */
  read(record: SnapshotRecord, marks: Marks, context: CallContext): Promise<Outcome>;
  /** Carries out the planned action, after reading the current state again. */
  update(prior: SnapshotRecord, marks: Marks, planned: Planned, context: CallContext): Promise<Outcome>;
  /** Deletes the snapshot and waits until it is gone. A null record in the outcome: gone (404). */
  delete(record: SnapshotRecord, marks: Marks, context: CallContext): Promise<Outcome>;
  /**
   * Makes the snapshot of the planned name what is planned, by what is found at the API, for callers that keep no state: creates it, leaves it as
   * it is, or swaps it. A repeated call goes on with a swap that was interrupted. Values that are UNKNOWN in `planned` keep their present value.
   */
  replace(planned: Planned, context: CallContext): Promise<ReplaceOutcome>;
  /** Imports by UUID or name: by ID first, then by name. */
  import(idOrName: string, context: CallContext): Promise<Outcome>;
  /**
   * Tells that a resource of the program keeps the snapshot in this run. From then on no other resource adopts or deletes it: a delete ends
   * without a request and with a warning, any other change with an error.
   * @param owner as in `CallContext`
   */
  keeps(id: string, owner: string): void;
  /** Takes `keeps` back: the resource is to be replaced or deleted. */
  letsGo(id: string, owner: string): void;
}
