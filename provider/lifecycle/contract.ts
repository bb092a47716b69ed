import type { Marks, Notice, Planned, SnapshotRecord } from "../snapshot/record";
import type { ToolWords } from "../snapshot/tool-words";

/** Where progress goes. `progress` is for people ("pulling, 12 s"); `buildLine` is one line of the build log. */
export interface LifecycleLog {
  debug(message: string): void;
  progress(message: string): void;
  buildLine(line: string): void;
}

/** Milliseconds since the epoch, and an abortable sleep; passed in so that tests own the time. */
export interface Clock {
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Of one call of the tool. */
export interface CallContext {
  /** Aborted when the user interrupts. The call answers within 2 s of it. */
  signal: AbortSignal;
  log: LifecycleLog;
  /** Deadline over all steps, in ms; wins over the record's `timeouts`. */
  timeoutMs?: number;
  /**
   * true: the tool takes another `id` (and what goes with it) than the plan said. Then an activation that ends in `error`
   * goes on with delete and create in the same call; else it is an error, and the next apply does that. Where the plan
   * leaves `id` unknown, this makes no difference.
   */
  idMayChange?: boolean;
  /** The tool's own commands and spellings, for messages. */
  words: ToolWords;
}

/** Every way out of a call. Both `record` and `error` may be set: then the record is kept (and tainted by the tool where it does that). */
export interface Outcome {
  /** Wholly known; null: there is nothing (gone, or never made). */
  record: SnapshotRecord | null;
  marks: Marks;
  warnings: Notice[];
  error?: Notice;
  /**
   * true: the user interrupted; `error` is not set, `warnings` says how far it got. In an update the record may differ from
   * what was planned: a tool that holds one against the other has to show an error of its own.
   */
  interrupted?: boolean;
}

/**
 * The lifecycle of one snapshot. Nothing here throws: every failure is an Outcome with an `error`.
 * One instance serves one configured connection for the life of the process; it holds what must be shared between calls
 * (locks of identical sources, what this process has created).
 */
export interface SnapshotLifecycle {
  /** POST, wait, read; adopts where asked to. `planned` holds UNKNOWN where the API decides. */
  create(planned: Planned, context: CallContext): Promise<Outcome>;
  /** Refresh. record null: gone. */
  read(record: SnapshotRecord, marks: Marks, context: CallContext): Promise<Outcome>;
  /** Carries out the action that the plan named, after looking again at what is there. */
  update(prior: SnapshotRecord, marks: Marks, planned: Planned, context: CallContext): Promise<Outcome>;
  /** record null in the outcome: gone (404 seen). */
  delete(record: SnapshotRecord, marks: Marks, context: CallContext): Promise<Outcome>;
  /** By UUID or name: by id first, then by name. */
  import(idOrName: string, context: CallContext): Promise<Outcome>;
}
