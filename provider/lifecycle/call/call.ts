import type { SnapshotApi } from "../../api/client";
import type { SnapshotDto } from "../../api/types";
import type { ContextArchive } from "../../source/archive/context-archive";
import type { LocalImage } from "../../source/local-image/local-image";
import type { SourceReader } from "../../source/source-reader";
import type { Notice } from "../../kit/notice";
import type { Marks, SnapshotRecord } from "../../resources/snapshot/record";
import type { CallContext, Clock, Origin } from "../contract";
import type { Pushes } from "../pushes/pushes";
import type { ImageResolver } from "../../kit/image-resolution";
import { Deadline } from "./deadline";
import type { LockKind, SourceLocks } from "./source-locks";
import { assertNamedOrganization, type NamedOrganization } from "./named-organization";
import type { Owner, Owners, Removal } from "./owners";
import { Waiting } from "./waiting";

/** State that all calls of a configured connection share for the life of the process. */
export interface Shared {
  api: SnapshotApi;
  clock: Clock;
  locks: SourceLocks;
  sources: SourceReader;
  /** Asks registries what tags name; null: none is to be asked. */
  images: () => ImageResolver | null;
  /** Organization from the configuration (JWT); null with a key. */
  organizationId: string | null;
  /** Organization that the configuration names beside a key; null: none. */
  named: NamedOrganization | null;
  /** Where the configuration came from, for messages. */
  origin?: Origin;
  /** Who manages which snapshot, as far as this process knows. */
  owners: Owners;
  /** Local images that were pushed. */
  pushes: Pushes;
  /** Permissions of the key, read before the first swap; null: they are not known. */
  permissions?: Promise<string[] | null>;
}

/** A call of the tool in progress: its deadline, and the outcome that it would have if it ended now. */
export class Call {
  readonly deadline: Deadline;
  readonly warnings: Notice[] = [];
  record: SnapshotRecord | null;
  marks: Marks;
  /** Last state seen at the API, for messages. */
  lastState: string | null = null;
  /** What the call is waiting for, if not a state, for messages. */
  waitingFor: string | null = null;
  /** Name of a snapshot whose POST was sent but whose result is unknown, for messages. */
  unanswered: string | null = null;
  /** Snapshot that is being taken of a sandbox and may come after the call, for messages. */
  taking: { readonly name: string; readonly sandbox: string } | null = null;
  /** Files of the Dockerfile build, to upload before each create; null: they have not been read. */
  archives: readonly ContextArchive[] | null = null;
  /** Local image, to push before each create. */
  localImage: LocalImage | null = null;
  /** A snapshot that another resource manages as well, as an earlier run has found; null: none. */
  private readonly sharedId: string | null;
  private holding = false;

  constructor(
    readonly shared: Shared,
    readonly context: CallContext,
    /** Beginning of every message: `creating snapshot "x"`. */
    public doing: string,
    /** Which of the `timeouts` limits the call. */
    readonly verb: "create" | "update" | "delete",
    limitMs: number,
    kept: { record: SnapshotRecord | null; marks: Marks },
  ) {
    this.record = kept.record;
    this.marks = kept.marks;
    this.sharedId = kept.marks.shared === true ? (kept.record?.id ?? null) : null;
    this.deadline = new Deadline(shared.clock, context.timeoutMs ?? limitMs, context.signal);
  }

  get api(): SnapshotApi {
    return this.shared.api;
  }

  get clock(): Clock {
    return this.shared.clock;
  }

  /** The resource that the call is about, if the tool tells. */
  get owner(): Owner {
    return this.context.owner;
  }

  /** Claims a snapshot for removal, directly before a DELETE. Null: another resource manages it. */
  claimRemoval(id: string): Removal | null {
    return this.isOthers(id) ? null : this.shared.owners.remove(id, this);
  }

  /** Whether another resource manages the snapshot. */
  isOthers(id: string): boolean {
    return id === this.sharedId || this.shared.owners.managedByOther(id, this);
  }

  /** Organization of the connection, if known without a request. */
  get organizationId(): string | null {
    return this.shared.organizationId ?? this.api.organizationId;
  }

  /** Before something is created, changed, deleted or imported. @throws Failure if the key belongs to another organization than the one that is named; ApiError */
  async assertNamedOrganization(): Promise<void> {
    const { named, origin } = this.shared;
    const warning = await assertNamedOrganization(this.doing, named, this.deadline, origin);
    if (warning !== null) this.warnings.push(warning);
  }

  /** Sets the record that the call returns, however it ends. */
  keep(record: SnapshotRecord | null, marks: Marks = {}): void {
    this.record = record;
    this.marks = marks;
  }

  seen(dto: SnapshotDto): SnapshotDto {
    this.lastState = dto.state;
    return dto;
  }

  progress(message: string): void {
    this.context.log.progress(message);
  }

  /** Runs `body` while holding the lock of a source. Never nested: two calls that hold one lock each could deadlock. */
  async locked<T>(kind: LockKind, source: string, body: () => Promise<T>): Promise<T> {
    if (this.holding) throw new Error("a call holds one lock at a time");
    this.deadline.check();
    const waiting = new Waiting(this, "another snapshot with the same source to finish");
    const taken = new AbortController();
    const tell = (): void => void waiting.tellUntil(taken.signal);
    const release = await this.shared.locks
      .take(kind, source, this.deadline.signal, tell)
      .catch((error: unknown) => {
        this.deadline.check();
        throw error;
      })
      .finally(() => taken.abort());
    waiting.end();
    this.holding = true;
    try {
      return await body();
    } finally {
      this.holding = false;
      release();
    }
  }
}
