import type { ApiKeyDto, CreateSnapshotBody, PushAccess, RegionDto, SnapshotDto, SnapshotPage } from "./types";

/** Options of every call. The call ends when `signal` is aborted. */
export interface CallOptions {
  signal?: AbortSignal;
}

/** Filters and order of `GET /snapshots`. */
export interface ListQuery {
  /** First page is 1. */
  page?: number;
  /** 1 to 200. */
  limit?: number;
  /** Case-insensitive part of the name. */
  name?: string;
  sort?: string;
  order?: "asc" | "desc";
}

/** What a watcher of one snapshot hears. `dto` is missing where the event carried none (removal). */
export type StateEvent =
  | { kind: "state"; id: string; state: string; dto: SnapshotDto }
  | { kind: "removed"; name: string }
  /** The socket (re)connected: whatever is awaited has to be read once, nothing is replayed. */
  | { kind: "connected" }
  /** The socket is gone: polling has to be quick again. */
  | { kind: "disconnected" };

/** Push notifications, one socket for the process. Never throws: where no socket can be had, `live` stays false. */
export interface StateEvents {
  /** true while the socket is connected. */
  readonly live: boolean;
  /** Opens the socket in the background, once; resolves when it is live or after `withinMs` at the latest. */
  ready(withinMs: number): Promise<boolean>;
  /** Hears every event of the organization; the answer ends the subscription. */
  subscribe(listener: (event: StateEvent) => void): () => void;
  close(): void;
}

/**
 * The snapshot API, typed. Implemented by `createClient` (real HTTP).
 * Reads retry what is safe to repeat; a POST is retried only where the request certainly never reached the server
 * (connection refused) or was certainly refused (429, 503 with Retry-After); a lost answer throws `AmbiguousAnswerError`.
 */
export interface SnapshotApi {
  readonly apiUrl: string;
  /** Organization of the connection when known without a call (JWT), else null until an own snapshot has been seen. */
  readonly organizationId: string | null;
  readonly events: StateEvents;
  /** While requests wait to be sent again: what the last of them met, as a sentence of its error. null: nothing is in the way. */
  readonly trouble?: string | null;

  /** `GET /snapshots/{id or name}` by itself, never from a listing. @throws NotFoundError */
  get(idOrName: string, options?: CallOptions): Promise<SnapshotDto>;
  /**
   * Reads by UUID for refresh: may be answered from a combined listing at most 30 s old and older than no write of this process.
   * What the listing does not show, or shows as not `active`, is read by itself. null: the API answered 404.
   */
  read(id: string, options?: CallOptions): Promise<SnapshotDto | null>;
  /** `GET /snapshots`, one page. */
  list(query: ListQuery, options?: CallOptions): Promise<SnapshotPage>;
  /** Every own snapshot (general ones excluded unless asked for), all pages, stable order (createdAt ascending). */
  listAll(filter?: { name?: string; general?: boolean }, options?: CallOptions): Promise<SnapshotDto[]>;
  /** `POST /snapshots`. The caller settles an AmbiguousAnswerError by reading the name. */
  create(body: CreateSnapshotBody, options?: CallOptions): Promise<SnapshotDto>;
  /** `DELETE /snapshots/{uuid}`. @throws NotFoundError. Lost answers are safe to repeat and are repeated. */
  delete(id: string, options?: CallOptions): Promise<void>;
  /** `POST /snapshots/{uuid}/activate`. */
  activate(id: string, options?: CallOptions): Promise<SnapshotDto>;
  /** `POST /snapshots/{uuid}/deactivate`. */
  deactivate(id: string, options?: CallOptions): Promise<void>;
  /** Streams the build log (`build-logs-url`, then follow) line by line until it ends or `signal` aborts. Never throws for a missing log; not counted in maxConcurrency. */
  buildLog(id: string, onLine: (line: string) => void, options?: CallOptions): Promise<void>;
  /** `GET /api-keys/current`; null where it cannot be read (JWT, 403, 404). */
  currentKey(options?: CallOptions): Promise<ApiKeyDto | null>;
  /** Organization that the credentials belong to: what is known already, else `GET /object-storage/push-access`; null where that is not allowed. */
  organization(options?: CallOptions): Promise<string | null>;
  /** `GET /object-storage/push-access`: new temporary credentials with every call. @throws ForbiddenError without `write:snapshots` and `write:sandboxes` */
  pushAccess(options?: CallOptions): Promise<PushAccess>;
  /** `GET /regions`. */
  regions(options?: CallOptions): Promise<RegionDto[]>;
  /** Closes sockets and keep-alive connections. */
  close(): void;
}
