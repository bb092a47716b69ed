import type { SnapshotApi } from "../api/client";
import type { Shared } from "./call";
import { systemClock } from "./clock";
import type { Clock, SnapshotLifecycle } from "./contract";
import { create } from "./create";
import { deleteSnapshot } from "./delete";
import { importSnapshot } from "./import";
import { SourceLocks } from "./locks";
import { read } from "./read";
import type { Origin } from "./refusal";
import { update } from "./update";

export interface LifecycleOptions {
  api: SnapshotApi;
  /** Default: the real time. */
  clock?: Clock;
  /** Organization of the connection, where the configuration says it (JWT). */
  organizationId?: string | null;
  /** Where credentials and address came from, for messages. */
  origin?: Origin;
}

/** The lifecycle of snapshots over one connection. */
export function createLifecycle(options: LifecycleOptions): SnapshotLifecycle {
  const shared: Shared = {
    api: options.api,
    clock: options.clock ?? systemClock,
    organizationId: options.organizationId ?? null,
    locks: new SourceLocks(),
    made: new Map(),
    ...(options.origin ? { origin: options.origin } : {}),
  };
  return {
    create: (planned, context) => create(shared, planned, context),
    read: (record, marks, context) => read(shared, record, marks, context),
    update: (prior, marks, planned, context) => update(shared, prior, marks, planned, context),
    delete: (record, marks, context) => deleteSnapshot(shared, record, marks, context),
    import: (idOrName, context) => importSnapshot(shared, idOrName, context),
  };
}
