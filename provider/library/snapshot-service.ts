import { ApiError, apiFailure, type CallContext, connect, ConfigError, type Connected, type SnapshotDto } from "../lifecycle";
import { nothingWritten, planSnapshot, validatePrepared, validateWritten, writtenAs } from "../snapshot";
import { fromImport } from "../snapshot/observed";
import type { Notice, SnapshotRecord, Written } from "../snapshot/record";
import type { ImageObject } from "../source/image";
import { SourceError } from "../source/prepare";
import { createSourceReader } from "../source/source-reader";
import { version } from "../version.gen";
import { DaytonaError, errorOf, InvalidArgumentError, NotFoundError, succeeded, textOf } from "./errors";
import { type ObjectStorage, plain, processImageContext } from "./image-context";
import { type Snapshot, snapshotOf } from "./snapshot";
import { libraryWords } from "./words";

/** The longest that a timer can wait, in ms: no limit, in practice. */
const NO_LIMIT = 2 ** 31 - 1;

/** Default: the environment (`DAYTONA_API_KEY`, `DAYTONA_API_URL`, …), else the login of Daytona's command line. */
export interface SnapshotServiceOptions {
  apiKey?: string;
  jwtToken?: string;
  organizationId?: string;
  apiUrl?: string;
  /** Default region of new snapshots. */
  region?: string;
}

export interface Resources {
  /** Cores. */
  cpu?: number;
  gpu?: number;
  gpuType?: string | string[];
  /** GiB. */
  memory?: number;
  /** GiB. */
  disk?: number;
}

export interface CreateSnapshotParams {
  name: string;
  /** Image in a registry, or an `Image` of the official SDK, which is built with the local files that it uses. */
  image: string | ImageObject;
  resources?: Resources;
  entrypoint?: string[];
  regionId?: string;
  sandboxClass?: string;
}

export interface CallOptions {
  /** Ends the call within 2 seconds. The AbortError says what exists then. */
  signal?: AbortSignal;
  /** Seconds; 0: no limit. Default 0. */
  timeout?: number;
}

export interface CreateOptions extends CallOptions {
  /** States and lines of the build log, as they come. */
  onLogs?: (chunk: string) => void;
  /** Resolve with the existing snapshot of this name if it is the same. */
  ifNotExists?: boolean;
}

export interface PaginatedSnapshots {
  items: Snapshot[];
  total: number;
  page: number;
  totalPages: number;
}

/**
 * The snapshot service of Daytona's SDK, with calls that wait: `create` and `activate` until the snapshot is active, `delete` until it is gone.
 * Every method throws a DaytonaError.
 */
export class SnapshotService {
  private readonly connected: Connected;
  /** Shared with the lifecycle, so that files are hashed once. */
  private readonly sources = createSourceReader();

  /** @throws InvalidArgumentError without credentials */
  constructor(options: SnapshotServiceOptions = {}) {
    try {
      this.connected = connect(options, process.env, { debug: () => undefined }, { userAgent: `daytona-iac/${version} library`, configurable: false, independent: true, sources: this.sources });
    } catch (error) {
      throw error instanceof ConfigError ? new InvalidArgumentError(error.message) : error;
    }
  }

  /** One page: `GET /snapshots`. Page 1 and 100 snapshots by default; a limit is at most 200. */
  list(query?: { page?: number; limit?: number; sourceSandboxId?: string }): Promise<PaginatedSnapshots>;
  list(page?: number, limit?: number): Promise<PaginatedSnapshots>;
  async list(query: number | { page?: number; limit?: number; sourceSandboxId?: string } = {}, limit?: number): Promise<PaginatedSnapshots> {
    const asked = typeof query === "number" ? { page: query, limit } : query;
    const page = await this.asking("listing snapshots", () => this.connected.pageOfSnapshots({ ...asked, page: asked.page ?? 1, limit: asked.limit ?? 100 }));
    return { items: page.items.map(snapshotOf), total: page.total, page: page.page, totalPages: page.totalPages };
  }

  /** Every snapshot, the oldest first, page by page. A snapshot that is deleted meanwhile makes none be missed. */
  async *all(): AsyncGenerator<Snapshot, void, undefined> {
    const pages = this.connected.eachPage({ general: true });
    for (;;) {
      const { value, done } = await this.asking("listing snapshots", () => pages.next());
      if (done === true) return;
      yield* value.map(snapshotOf);
    }
  }

  /** By name or ID. @throws NotFoundError */
  async get(nameOrId: string): Promise<Snapshot> {
    return snapshotOf(await this.find(nameOrId, `reading snapshot "${nameOrId}"`));
  }

  /** Creates a snapshot and waits until it is active. @throws ConflictError if the name is taken, BuildFailedError, QuotaError, TimeoutError */
  async create(params: CreateSnapshotParams, options: CreateOptions = {}): Promise<Snapshot> {
    const { image, entrypoint, name } = params;
    return this.make(params, typeof image === "string" ? { image, entrypoint: entrypoint ?? null } : plain(image, entrypoint, `creating snapshot "${name}"`), options);
  }

  /** Pushes a local image (`agent:dev`, `oci-archive:FILE`, …) and creates a snapshot from it. @throws as `create` */
  async push(localImage: string, params: Omit<CreateSnapshotParams, "image">, options: CreateOptions = {}): Promise<Snapshot> {
    return this.make(params, { localImage, entrypoint: params.entrypoint ?? null }, options);
  }

  /** Deletes a snapshot and waits until it is gone. @throws NotFoundError */
  async delete(snapshot: Pick<Snapshot, "id"> | string, options: CallOptions = {}): Promise<void> {
    const { record } = await this.own(snapshot, "deleting");
    succeeded(await this.connected.lifecycle.delete(record, {}, this.context(options)));
  }

  /** Activates a snapshot and waits until it is active. The API refuses within ten minutes of a deactivation: then it waits for that, too. */
  activate(snapshot: Pick<Snapshot, "id"> | string, options: CallOptions = {}): Promise<Snapshot> {
    return this.setActive(snapshot, true, options);
  }

  /** Deactivates a snapshot and waits until it is inactive. */
  deactivate(snapshot: Pick<Snapshot, "id"> | string, options: CallOptions = {}): Promise<Snapshot> {
    return this.setActive(snapshot, false, options);
  }

  /**
   * Uploads the local files of an `Image`, unless they are in the object storage already. Resolves with their hashes, as `contextHashes` of
   * `POST /snapshots` takes them: one archive for the whole context, where the official SDK makes one for each path.
   * @param objectStorage the official client's ObjectStorageApi, or whatever answers `GET /object-storage/push-access`
   * @throws InvalidArgumentError for files that cannot be used
   */
  static processImageContext(objectStorage: ObjectStorage, image: ImageObject): Promise<string[]> {
    return processImageContext(objectStorage, image);
  }

  /** Closes the connections. Without it, an open socket keeps the process alive for a few seconds at most. */
  close(): void {
    this.connected.close();
  }

  private async setActive(snapshot: Pick<Snapshot, "id"> | string, active: boolean, options: CallOptions): Promise<Snapshot> {
    const { record, doing } = await this.own(snapshot, active ? "activating" : "deactivating");
    const plan = planSnapshot({ prior: record, marks: {}, written: { ...writtenAs(record), active }, providerRegion: null, words: libraryWords });
    if (["activate", "deactivate", "wait"].includes(plan.action)) succeeded(await this.connected.lifecycle.update(record, {}, plan.planned, this.context(options)));
    else if (plan.action !== "none") throw new DaytonaError(`${doing}: its state is ${record.state}\nDelete it and create it again.`, { reason: record.errorReason ?? "" });
    return snapshotOf(await this.find(record.id, doing));
  }

  private async make(params: Omit<CreateSnapshotParams, "image">, source: Partial<Written>, options: CreateOptions): Promise<Snapshot> {
    const { name, resources = {}, regionId = null, sandboxClass = null } = params;
    const { cpu = null, memory = null, disk = null, gpu = null, gpuType } = resources;
    const doing = `creating snapshot "${name}"`;
    const inputs: Partial<Written> = { ...source, name, adoptExisting: options.ifNotExists === true, cpu, memory, disk, gpu, gpuTypes: gpuType === undefined ? null : [gpuType].flat(), region: regionId, sandboxClass };
    const written = { ...nothingWritten(), ...inputs };
    const refuse = ([wrong]: readonly Notice[]): void => {
      if (wrong !== undefined) throw new InvalidArgumentError(`${doing}: ${textOf(wrong)}`);
    };
    refuse(validateWritten(written, "pulumi"));
    const { onLogs } = options;
    let build;
    try {
      build = await this.sources.prepare(written, (name) => name, options.signal);
    } catch (error) {
      throw error instanceof SourceError ? new InvalidArgumentError(`${doing}: ${textOf(error.notice)}`) : error;
    }
    const ready = build === null ? written : { ...written, prepared: build.source };
    refuse(validatePrepared(ready, "pulumi"));
    const plan = planSnapshot({ prior: null, marks: {}, written: ready, providerRegion: this.connected.region, words: libraryWords });
    const outcome = await this.connected.lifecycle.create(plan.planned, this.context(options, (state) => state !== "active" && onLogs?.(`Creating snapshot ${name} (${state})`), onLogs));
    succeeded(outcome);
    const snapshot = snapshotOf(await this.find(outcome.record?.id ?? "", doing));
    onLogs?.(`Created snapshot ${snapshot.name} (${snapshot.state})`);
    return snapshot;
  }

  private context({ signal, timeout = 0 }: CallOptions, state?: (state: string) => void, onLine?: (line: string) => void): CallContext {
    return {
      signal: signal ?? new AbortController().signal, words: libraryWords, timeoutMs: timeout > 0 ? Math.min(NO_LIMIT, timeout * 1000) : NO_LIMIT,
      log: { debug: () => undefined, progress: () => undefined, buildLine: (line) => onLine?.(line), ...(state ? { state } : {}) },
    };
  }

  private async own(snapshot: Pick<Snapshot, "id"> | string, verb: string): Promise<{ record: SnapshotRecord; doing: string }> {
    const nameOrId = typeof snapshot === "string" ? snapshot : snapshot.id;
    const doing = `${verb} snapshot "${nameOrId}"`;
    const dto = await this.find(nameOrId, doing);
    if (dto.general) throw new InvalidArgumentError(`${doing}: it belongs to another organization\nSnapshot ${dto.id} is a general snapshot: every organization can use it, but only its owner can change it.`);
    return { record: fromImport(dto).record, doing };
  }

  private async find(nameOrId: string, doing: string): Promise<SnapshotDto> {
    const found = await this.asking(doing, () => this.connected.findSnapshot(nameOrId));
    if (found === null) throw new NotFoundError(`${doing}: no such snapshot`, { status: 404, request: `GET /snapshots/${nameOrId}` });
    return found;
  }

  private async asking<T>(doing: string, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      throw error instanceof ApiError ? errorOf(textOf(apiFailure(doing, error, this.connected.connection.sources)), error) : error;
    }
  }
}
