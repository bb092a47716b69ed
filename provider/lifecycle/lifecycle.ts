import type { SnapshotApi } from "../api/client";
import { createSourceReader, type SourceReader } from "../source/source-reader";
import type { Shared } from "./call/call";
import { systemClock } from "./call/system-clock";
import type { Clock, Origin, SnapshotLifecycle } from "./contract";
import { create } from "./operations/create";
import { deleteSnapshot } from "./operations/delete";
import { importSnapshot } from "./operations/import";
import type { NamedOrganization } from "./call/named-organization";
import { SourceLocks } from "./call/source-locks";
import { read } from "./operations/read";
import { Pushes } from "./pushes/pushes";
import { replace } from "./operations/replace";
import { update } from "./operations/update";
import { Owners } from "./call/owners";
import type { ImageResolver } from "./resolve/contract";

export interface LifecycleOptions {
  api: SnapshotApi;
  /** Defaults to the system clock. */
  clock?: Clock;
  /** Organization of the connection, if the configuration names it (JWT). */
  organizationId?: string | null;
  /** Organization that the configuration names beside an API key. null: none. Defaults to null. */
  named?: NamedOrganization | null;
  /** Where credentials and address came from, for messages. */
  origin?: Origin;
  /** Reads the files of Dockerfile builds. Defaults to one for the working directory of the process. */
  sources?: SourceReader;
  /** Asks registries what tags name, where a plan could not. null: none is to be asked. Defaults to null. */
  images?: () => ImageResolver | null;
  /** true: calls are independent of each other, so that the same name may be created, or adopted, more than once. Default false: a program has one resource for a name. */
  independent?: boolean;
}

/** Creates the lifecycle of snapshots for a connection. */
export function createLifecycle(options: LifecycleOptions): SnapshotLifecycle {
  const clock = options.clock ?? systemClock;
  const owners = new Owners(clock, options.independent === true);
  const shared: Shared = {
    api: options.api,
    clock,
    organizationId: options.organizationId ?? null,
    named: options.named ?? null,
    locks: new SourceLocks(),
    sources: options.sources ?? createSourceReader(),
    images: options.images ?? (() => null),
    owners,
    pushes: new Pushes(),
    ...(options.origin ? { origin: options.origin } : {}),
  };
  return {
    create: (planned, context) => create(shared, planned, context),
    read: (record, marks, context) => read(shared, record, marks, context),
    update: (prior, marks, planned, context) => update(shared, prior, marks, planned, context),
    delete: (record, marks, context) => deleteSnapshot(shared, record, marks, context),
    replace: (planned, context) => replace(shared, planned, context),
    import: (idOrName, context) => importSnapshot(shared, idOrName, context),
    keeps: (id, owner) => owners.keep(id, owner),
    letsGo: (id, owner) => owners.letGo(id, owner),
  };
}
