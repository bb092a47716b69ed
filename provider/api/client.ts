import type {
  ApiKeyDto,
  CreateSnapshotBody,
  PushAccess,
  RegistryAccess,
  RegistryBody,
  RegistryDto,
  RegionDto,
  SandboxDto,
  SandboxSnapshotBody,
  SnapshotDto,
  SnapshotPage,
} from "./types";

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
  /** Part of the name, case-insensitive. */
  name?: string;
  sort?: string;
  order?: "asc" | "desc";
}

/** An event about a snapshot. A removal carries no `dto`. */
export type StateEvent =
  | { kind: "state"; id: string; state: string; dto: SnapshotDto }
  | { kind: "removed"; name: string }
  /** The socket connected or reconnected. Events are not replayed, so read everything that you wait for once. */
  | { kind: "connected" }
  /** The socket disconnected: poll quickly again. */
  | { kind: "disconnected" };

/** Push notifications over one socket for the process. Never throws: if it cannot connect, `live` stays false. */
export interface StateEvents {
  /** Whether the socket is connected. */
  readonly live: boolean;
  /** Opens the socket in the background, once; resolves when it is live or after `withinMs` at the latest. */
  ready(withinMs: number): Promise<boolean>;
  /** Subscribes to every event of the organization. Returns a function that ends the subscription. */
  subscribe(listener: (event: StateEvent) => void): () => void;
  close(): void;
}

/** The endpoints below `/docker-registry`: credentials with which Daytona pulls private images. Every call throws ApiErrors. */
export interface RegistryApi {
  /** `GET /docker-registry`: all registries of the organization, newest first. */
  list(options?: CallOptions): Promise<RegistryDto[]>;
  /** `GET /docker-registry/{uuid}`; null: the API returned 404. Names are not accepted. */
  get(id: string, options?: CallOptions): Promise<RegistryDto | null>;
  /** `POST /docker-registry`. On AmbiguousAnswerError, the caller finds out with `list`; the name alone does not tell, because names are not unique. */
  create(body: RegistryBody & { password: string }, options?: CallOptions): Promise<RegistryDto>;
  /** `PATCH /docker-registry/{uuid}`. Repeated after a lost answer, which is safe. @throws NotFoundError */
  update(id: string, body: RegistryBody, options?: CallOptions): Promise<RegistryDto>;
  /** `DELETE /docker-registry/{uuid}`. Repeated after a lost answer, which is safe. @throws NotFoundError */
  delete(id: string, options?: CallOptions): Promise<void>;
}

/** Everything that a configured connection offers. */
export interface DaytonaApi extends SnapshotApi {
  readonly registries: RegistryApi;
}

/**
 * The snapshot API, typed. Implemented by `createClient` (real HTTP).
 * Calls that are safe to repeat are retried. A POST is retried only if it certainly never reached the server (connection refused) or was
 * certainly not processed (429, 503 with Retry-After). A lost answer throws `AmbiguousAnswerError`.
 */
export interface SnapshotApi {
  readonly apiUrl: string;
  /** Organization of the connection: known from the start with a JWT, else null until a snapshot of the organization has been seen. */
  readonly organizationId: string | null;
  readonly events: StateEvents;
  /** While requests wait to be retried, the message of the last failure; else null. */
  readonly trouble?: string | null;

  /** `GET /snapshots/{id or name}`, never answered from a listing. @throws NotFoundError */
  get(idOrName: string, options?: CallOptions): Promise<SnapshotDto>;
  /**
   * Reads by UUID, for refresh. May be answered from a listing that is at most 30 s old and newer than every write of this process.
   * Snapshots that are missing from the listing, or not `active` in it, are read one by one. null: the API returned 404.
   */
  read(id: string, options?: CallOptions): Promise<SnapshotDto | null>;
  /** `GET /snapshots`, one page. */
  list(query: ListQuery, options?: CallOptions): Promise<SnapshotPage>;
  /** All snapshots of the organization, from all pages, by ascending `createdAt`. General snapshots only if requested. */
  /** The same page by page, for lists that do not fit in memory. */
  eachPage(
    filter?: { name?: string; general?: boolean },
    options?: CallOptions,
  ): AsyncGenerator<SnapshotDto[], void, undefined>;
  listAll(filter?: { name?: string; general?: boolean }, options?: CallOptions): Promise<SnapshotDto[]>;
  /** `POST /snapshots`. On AmbiguousAnswerError, the caller finds out by reading the name. */
  create(body: CreateSnapshotBody, options?: CallOptions): Promise<SnapshotDto>;
  /**
   * `POST /sandbox/{id or name}/snapshot`: starts to take a snapshot of a sandbox and answers the sandbox, which is `snapshotting` from now
   * on. The snapshot comes by its name when the runner is done; if that fails, the sandbox goes back to its state and no snapshot comes
   * (server v0.190, `createSnapshotFromSandbox`). The server looks neither at the rules of names nor at whether the name is taken. On
   * AmbiguousAnswerError, the caller finds out by reading the sandbox and the name. @throws NotFoundError, ForbiddenError without `write:sandboxes`
   */
  createFromSandbox(idOrName: string, body: SandboxSnapshotBody, options?: CallOptions): Promise<SandboxDto>;
  /** `GET /sandbox/{id or name}`; null: the API returned 404. The server may answer what is up to 10 s old. */
  sandbox(idOrName: string, options?: CallOptions): Promise<SandboxDto | null>;
  /** `DELETE /snapshots/{uuid}`. @throws NotFoundError. Repeated after a lost answer, which is safe. */
  delete(id: string, options?: CallOptions): Promise<void>;
  /** `POST /snapshots/{uuid}/activate`. */
  activate(id: string, options?: CallOptions): Promise<SnapshotDto>;
  /** `POST /snapshots/{uuid}/deactivate`. */
  deactivate(id: string, options?: CallOptions): Promise<void>;
  /** Streams the build log (`build-logs-url`, then follow) line by line until it ends or `signal` aborts. Never throws for a missing log; not counted in maxConcurrency. */
  buildLog(id: string, onLine: (line: string) => void, options?: CallOptions & { follow?: boolean }): Promise<void>;
  /** `GET /api-keys/current`; null if it cannot be read (JWT, 403, 404). */
  currentKey(options?: CallOptions): Promise<ApiKeyDto | null>;
  /** The organization of the credentials, from `GET /object-storage/push-access` unless already known; null if that is not allowed. */
  organization(options?: CallOptions): Promise<string | null>;
  /** `GET /object-storage/push-access`: new temporary credentials with every call. @throws ForbiddenError without `write:snapshots` and `write:sandboxes` */
  pushAccess(options?: CallOptions): Promise<PushAccess>;
  /** `GET /docker-registry/registry-push-access`: new temporary credentials with every call. @throws ForbiddenError without `write:snapshots` and `write:sandboxes` */
  registryAccess(options?: CallOptions & { regionId?: string }): Promise<RegistryAccess>;
  /** `GET /regions`. */
  regions(options?: CallOptions): Promise<RegionDto[]>;
  /** Closes sockets and keep-alive connections. */
  close(): void;
}
