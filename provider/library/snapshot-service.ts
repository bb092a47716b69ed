import { CallbackError, type CallContext, type Connected, type Replaced, type SnapshotDto } from "../lifecycle";
import { planFor } from "../lifecycle/plan-for";
import { tagToPin } from "../lifecycle/publish/pin-source";
import { nothingWritten } from "../resources/snapshot";
import { snapshotDefinition } from "../resources/snapshot/definition";
import { fromImport } from "../resources/snapshot/observed";
import type { Planned, SnapshotRecord, Written } from "../resources/snapshot/record";
import { planActive } from "../resources/snapshot/plan-active";
import { printable } from "../kit/text/printable";
import { capital, type ToolWords } from "../kit/words";
import type { ImageObject } from "../source/image";
import { createSourceReader } from "../source/source-reader";
import {
  asking,
  CONNECTION_OPTIONS,
  type ConnectionOptions,
  limitMs,
  openConnection,
  refuseUnknown,
} from "./connection";
import { DaytonaError, InvalidArgumentError, NotFoundError, succeeded, textOf, warn } from "./errors";
import { type ObjectStorage, plain, processImageContext, unreadable } from "./image-context";
import {
  type CreateFromSandboxParams,
  type CreateSnapshotParams,
  inputsOf,
  isFromSandbox,
  onlyImage,
  refuseSandbox,
  type SourceInput,
} from "./params";
import { type Snapshot, snapshotOf } from "./snapshot";
import { libraryWords, pushWords, replacingWords, sandboxWords } from "./words";

export interface SnapshotServiceOptions extends ConnectionOptions {
  /** ID of the region for new snapshots that do not set one. Default: `DAYTONA_TARGET`, otherwise the organization's default region. */
  region?: string;
  /** The same option, under its name in the official SDK. */
  target?: string;
}

const OPTIONS: readonly string[] = [
  ...CONNECTION_OPTIONS,
  "region",
  "target",
] satisfies (keyof SnapshotServiceOptions)[];

/** @param owner the class that has the options @throws InvalidArgumentError */
function checkedOptions(
  { target, ...options }: SnapshotServiceOptions,
  owner: string,
): ConnectionOptions & { region?: string } {
  refuseUnknown(options, OPTIONS, owner);
  if (target !== undefined && options.region !== undefined && target !== options.region)
    throw new InvalidArgumentError("target and region are the same option, and differ\nRemove one of them.");
  return target === undefined ? options : { ...options, region: target };
}

export interface CallOptions {
  /** Aborts the call within 2 seconds. The message of the `AbortError` says what exists then. */
  signal?: AbortSignal;
  /** Time limit for the whole call, in seconds. 0 means no limit. Default: 0. */
  timeout?: number;
  /** Receives each warning, for example about a file that the Dockerfile copies but that is not sent. Default: `process.emitWarning`. */
  onWarning?: (warning: string) => void;
  /** Receives what the call does and waits for, at each change and every ten seconds: `building, 20 s`, `waiting for the next attempt (…)`. The text is for people. */
  onProgress?: (text: string) => void;
}

export interface CreateOptions extends CallOptions {
  /** Receives state changes, progress and the lines of the build log as they arrive, one line per call. */
  onLogs?: (chunk: string) => void;
  /** Whether to return the existing snapshot with this name if it matches, instead of throwing a `ConflictError`. Default: false. */
  ifNotExists?: boolean;
}

export type ReplaceOptions = Omit<CreateOptions, "ifNotExists">;

/** The tag and the digest of a pinned snapshot; null if the snapshot is not pinned or the digest is unknown. */
function pinnedText({ image, pinDigest, imageDigest }: Planned): string | null {
  return pinDigest === true && typeof image === "string" && typeof imageDigest === "string"
    ? `image ${image} → ${imageDigest}`
    : null;
}

/** A callback of the program, during a call of the lifecycle. What it throws is told as its own error. */
function guarded(name: string, callback: (text: string) => void): (text: string) => void {
  return (text) => {
    try {
      callback(text);
    } catch (error) {
      throw new CallbackError(name, error);
    }
  };
}

/** The beginning of the last line that `onLogs` receives. */
const DONE: Record<Replaced, string> = {
  created: "Created snapshot",
  same: "Kept snapshot",
  activated: "Kept snapshot",
  replaced: "Replaced snapshot",
};

export interface ListSnapshotsQuery {
  /** Page number, starting at 1. Default: 1. */
  page?: number;
  /** Snapshots per page, at most 200. Default: 100. */
  limit?: number;
  /** ID of a sandbox: returns only snapshots that were created from it. */
  sourceSandboxId?: string;
}

export interface PaginatedSnapshots {
  /** The snapshots of this page. */
  items: Snapshot[];
  /** Number of snapshots on all pages. */
  total: number;
  /** Number of this page, starting at 1. */
  page: number;
  totalPages: number;
}

/**
 * Has the same methods as the SDK's snapshot service, but its calls wait: `create` and `activate` resolve when the snapshot is active, `delete`
 * when it is deleted. Every error is a `DaytonaError`.
 */
export class SnapshotService {
  private readonly connected: Connected;
  /** Shared with the lifecycle, so that files are hashed once. */
  private readonly sources = createSourceReader();

  /**
   * Sends no request yet.
   * @param options connection and region. Default: the environment, otherwise the active profile of the Daytona CLI
   * @param owner class name for error messages
   * @throws InvalidArgumentError if there are no credentials, or for an unknown option
   */
  constructor(options: SnapshotServiceOptions = {}, owner = "SnapshotService") {
    this.connected = openConnection(checkedOptions(options, owner), { independent: true, sources: this.sources });
  }

  /** Returns one page of snapshots (`GET /snapshots`), by default page 1 with up to 100 snapshots. @throws DaytonaError */
  list(query?: ListSnapshotsQuery): Promise<PaginatedSnapshots>;
  list(page?: number, limit?: number): Promise<PaginatedSnapshots>;
  async list(query: number | ListSnapshotsQuery = {}, limit?: number): Promise<PaginatedSnapshots> {
    const asked = typeof query === "number" ? { page: query, limit } : query;
    const page = await this.asking("listing snapshots", () =>
      this.connected.pageOfSnapshots({ ...asked, page: asked.page ?? 1, limit: asked.limit ?? 100 }),
    );
    return { items: page.items.map(snapshotOf), total: page.total, page: page.page, totalPages: page.totalPages };
  }

  /** Yields all snapshots, oldest first, page by page. None is missed if others are deleted meanwhile. @throws DaytonaError */
  async *all(): AsyncGenerator<Snapshot, void, undefined> {
    const pages = this.connected.eachPage({ general: true });
    for (;;) {
      const { value, done } = await this.asking("listing snapshots", () => pages.next());
      if (done === true) return;
      yield* value.map(snapshotOf);
    }
  }

  /** Returns a snapshot by name or ID. @throws NotFoundError */
  async get(nameOrId: string): Promise<Snapshot> {
    return snapshotOf(await this.find(nameOrId, `reading snapshot "${nameOrId}"`));
  }

  /**
   * Creates a snapshot from an image or a sandbox, and waits until it is active.
   * @throws InvalidArgumentError for parameters or files that cannot be used
   * @throws ConflictError if the name is taken
   * @throws QuotaError if the quota or a limit of the organization is exceeded
   * @throws BuildFailedError if the build or the pull fails. The failed snapshot is kept
   * @throws TimeoutError if `timeout` has passed. The snapshot may still become active
   * @throws AbortError if `signal` was aborted
   */
  async create(params: CreateSnapshotParams | CreateFromSandboxParams, options: CreateOptions = {}): Promise<Snapshot> {
    if (isFromSandbox(params, `creating snapshot "${params.name}"`)) {
      const { name, sandbox, includeMemory = null } = params;
      return this.make({ name }, { sourceSandbox: sandbox, includeMemory }, options, sandboxWords);
    }
    const { image, entrypoint, name } = params;
    onlyImage(params, `creating snapshot "${name}"`);
    return this.make(
      params,
      typeof image === "string"
        ? { image, entrypoint: entrypoint ?? null }
        : plain(image, entrypoint, `creating snapshot "${name}"`),
      options,
      libraryWords,
    );
  }

  /**
   * Makes a snapshot match the parameters: creates it, keeps it if it already matches, or replaces it. The old snapshot is deleted only after the new
   * one has become active. Parameters that are not given keep their current values. After an interruption, call it again to resume.
   * @throws the same errors as `create`
   */
  async replace(params: CreateSnapshotParams, options: ReplaceOptions = {}): Promise<Snapshot> {
    const doing = `replacing snapshot "${params.name}"`;
    refuseSandbox(params, doing);
    onlyImage(params, doing);
    const { image, entrypoint } = params;
    const source =
      typeof image === "string" ? { image, entrypoint: entrypoint ?? null } : plain(image, entrypoint, doing);
    return this.make(params, source, options, replacingWords(libraryWords), "replacing");
  }

  /** Pushes a local image (`agent:dev`, `oci-archive:FILE`, …), creates a snapshot from it, and waits until it is active. @throws the same errors as `create` */
  async push(
    localImage: string,
    params: Omit<CreateSnapshotParams, "image">,
    options: CreateOptions = {},
  ): Promise<Snapshot> {
    return this.make(params, { localImage, entrypoint: params.entrypoint ?? null }, options, pushWords);
  }

  /** Deletes a snapshot and waits until the API no longer returns it. @param snapshot a snapshot, its ID or its name @throws NotFoundError */
  async delete(snapshot: Pick<Snapshot, "id"> | string, options: CallOptions = {}): Promise<void> {
    const { record } = await this.own(snapshot, "deleting");
    succeeded(await this.connected.lifecycle.delete(record, {}, this.context(options)), options.onWarning);
  }

  /**
   * Activates a snapshot and waits until it is active. The API does not allow this within ten minutes of a deactivation; the call waits until it does.
   * @param snapshot a snapshot, its ID or its name
   * @throws NotFoundError
   */
  activate(snapshot: Pick<Snapshot, "id"> | string, options: CallOptions = {}): Promise<Snapshot> {
    return this.setActive(snapshot, true, options);
  }

  /** Deactivates a snapshot and waits until it is inactive. @param snapshot a snapshot, its ID or its name @throws NotFoundError */
  deactivate(snapshot: Pick<Snapshot, "id"> | string, options: CallOptions = {}): Promise<Snapshot> {
    return this.setActive(snapshot, false, options);
  }

  /**
   * Uploads the local files of an `Image`, unless they are already in the object storage. Resolves with their hashes, in the form that
   * `contextHashes` of `POST /snapshots` requires. The whole build context is one archive; the official SDK creates one for each path.
   * @param objectStorage the official client's `ObjectStorageApi`, or any object that returns the answer of `GET /object-storage/push-access`
   * @throws InvalidArgumentError for files that cannot be used
   */
  static processImageContext(objectStorage: ObjectStorage, image: ImageObject): Promise<string[]> {
    return processImageContext(objectStorage, image);
  }

  /** Closes the connections. Without this call, an open socket keeps the process alive for a few seconds. */
  close(): void {
    this.connected.close();
  }

  private async setActive(
    snapshot: Pick<Snapshot, "id"> | string,
    active: boolean,
    options: CallOptions,
  ): Promise<Snapshot> {
    const { record, doing } = await this.own(snapshot, active ? "activating" : "deactivating");
    const plan = planActive(record, active, libraryWords);
    if (plan.is === "update")
      succeeded(
        await this.connected.lifecycle.update(record, {}, plan.planned, this.context(options)),
        options.onWarning,
      );
    else if (plan.is === "impossible")
      throw new DaytonaError(
        `${doing}: a snapshot in the state ${record.state} cannot be ${active ? "activated" : "deactivated"}\nDelete and recreate it.`,
        {
          reason: record.errorReason ?? "",
        },
      );
    return snapshotOf(await this.find(record.id, doing));
  }

  private async make(
    params: Omit<CreateSnapshotParams, "image">,
    source: Pick<Partial<Written>, SourceInput>,
    options: CreateOptions,
    words: ToolWords,
    verb: "creating" | "replacing" = "creating",
  ): Promise<Snapshot> {
    const { name } = params;
    const doing = `${verb} snapshot "${name}"`;
    const what = `${capital(verb)} snapshot ${name}`;
    const written: Written = {
      ...nothingWritten(),
      ...inputsOf(params),
      ...source,
      name,
      adoptExisting: options.ifNotExists === true,
    };
    const { onLogs, onProgress, onWarning, signal } = options;
    const { plan, wrong } = await planFor(snapshotDefinition, {
      prior: null,
      marks: {},
      written,
      providerRegion: () => this.connected.region,
      face: "pulumi",
      words,
      sources: this.sources,
      // A tag is asked for only where that decides what is made.
      images: params.pinDigest === true ? this.connected.images : null,
      signal,
      log: {
        progress: (text) => {
          onLogs?.(`${what}: ${text}`);
          onProgress?.(printable(text));
        },
      },
    }).catch((error: unknown) => {
      throw unreadable(error, doing, signal);
    });
    if (plan === null) throw new InvalidArgumentError(`${doing}: ${textOf(wrong.notices[0])}`);
    // Without a digest that it needs, the call ends before it changes anything, which is the one thing to tell.
    if (tagToPin(plan.planned) === null) warn(plan.warnings, onWarning);
    const pinned = pinnedText(plan.planned);
    if (pinned !== null) onLogs?.(`${what}: ${pinned}`);
    const { lifecycle } = this.connected;
    const context: CallContext = {
      ...this.context(options, (state) => state !== "active" && onLogs?.(`${what} (${state})`), onLogs),
      words,
    };
    const replaced = verb === "replacing" ? await lifecycle.replace(plan.planned, context) : null;
    const outcome = replaced ?? (await lifecycle.create(plan.planned, context));
    succeeded(outcome, onWarning);
    const snapshot = snapshotOf(await this.find(outcome.record?.id ?? "", doing));
    const done = DONE[replaced?.did ?? "created"];
    onLogs?.(`${done} ${snapshot.name} (${snapshot.state})`);
    return snapshot;
  }

  private context(
    { signal, timeout = 0, onProgress }: CallOptions,
    state?: (state: string) => void,
    onLine?: (line: string) => void,
  ): CallContext {
    return {
      signal: signal ?? new AbortController().signal,
      words: libraryWords,
      timeoutMs: limitMs(timeout),
      log: {
        debug: () => undefined,
        progress: guarded("onProgress", (text) => onProgress?.(printable(text))),
        buildLine: (line) => onLine?.(line),
        ...(state ? { state: guarded("onLogs", state) } : {}),
      },
    };
  }

  private async own(
    snapshot: Pick<Snapshot, "id"> | string,
    verb: string,
  ): Promise<{ record: SnapshotRecord; doing: string }> {
    const nameOrId = typeof snapshot === "string" ? snapshot : snapshot.id;
    const doing = `${verb} snapshot "${nameOrId}"`;
    const dto = await this.find(nameOrId, doing);
    if (dto.general)
      throw new InvalidArgumentError(
        `${doing}: it belongs to another organization\nSnapshot ${dto.id} is a general snapshot: every organization can use it, but only its owner can change it.`,
      );
    return { record: fromImport(dto).record, doing };
  }

  private async find(nameOrId: string, doing: string): Promise<SnapshotDto> {
    const found = await this.asking(doing, () => this.connected.findSnapshot(nameOrId));
    if (found === null)
      throw new NotFoundError(`${doing}: no such snapshot`, {
        status: 404,
        request: `GET /snapshots/${nameOrId}`,
        errorCode: "not-found",
      });
    return found;
  }

  private asking<T>(doing: string, ask: () => Promise<T>): Promise<T> {
    return asking(this.connected, doing, ask);
  }
}
