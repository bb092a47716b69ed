import {
  BadRequestError,
  createClient,
  type DaytonaApi,
  type ListQuery,
  NotFoundError,
  type RegionDto,
  type RegistryAccess,
  ServerError,
  type SnapshotApi,
  type SandboxDto,
  type SnapshotDto,
  type SnapshotPage,
} from "../api";
import { type Connection, type ConnectionArgs, type ResolveOptions, resolveConnection } from "../config";
import type { InPlaceDefinition } from "../resources";
import type { SourceReader } from "../source/source-reader";
import { shownOrganization } from "./call/lookup";
import { compareNamed } from "./call/named-organization";
import { systemClock } from "./call/system-clock";
import type { Clock, SnapshotLifecycle } from "./contract";
import type { InPlaceLifecycle } from "./in-place/contract";
import type { OpenResolver } from "./resolve";
import type { ImageResolver } from "./resolve/contract";

export interface ConnectOptions extends Omit<ResolveOptions, "args" | "env"> {
  /** For the `User-Agent` of requests: `daytona-iac/<version>`. */
  userAgent?: string;
  /** Defaults to the system clock. */
  clock?: Clock;
  /** Reads the files of Dockerfile builds. Defaults to one for the working directory of the process. */
  sources?: SourceReader;
  /** Asks registries what tags name. Defaults to one for the connection. */
  images?: ImageResolver;
  /** See `LifecycleOptions`. */
  independent?: boolean;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Filters of a listing. Null or missing: no filter. */
export interface ListFilter {
  /** Part of the name, case-insensitive. */
  nameContains?: string | null;
  /** One of these states. */
  states?: readonly string[] | null;
  /** ID of a region in which the snapshot must be available. */
  region?: string | null;
  /** UUID of the sandbox from which the snapshot was made. */
  sourceSandboxId?: string | null;
  /** Whether to include general snapshots of other organizations. */
  general?: boolean;
  /** Created before this time, in milliseconds since 1970. */
  createdBefore?: number | null;
  /** Not used since this time, in milliseconds since 1970. One that was never used counts from its creation. */
  usedBefore?: number | null;
}

/** A configured connection. Sends nothing before the first call. */
export interface Connected {
  readonly connection: Connection;
  /** Default region of new snapshots; null: the default of the organization. */
  readonly region: string | null;
  readonly lifecycle: SnapshotLifecycle;
  /** Asks registries what tags name; null: none is to be asked (`resolveTags`). */
  readonly images: ImageResolver | null;
  /** The lifecycle of a resource that is changed in place: one for the life of the connection. */
  inPlace(definition: InPlaceDefinition): InPlaceLifecycle;
  /** `GET /snapshots/{id or name}`, including the fields that change by themselves; null if there is none. Also finds general snapshots. @throws ApiError */
  getSnapshot(by: { id: string } | { name: string }, signal?: AbortSignal): Promise<SnapshotDto | null>;
  /** By name or ID, a UUID first as an ID; null if there is none. @throws ApiError */
  findSnapshot(nameOrId: string, signal?: AbortSignal): Promise<SnapshotDto | null>;
  /** `GET /sandbox/{id or name}`; null if there is none. @throws ApiError */
  findSandbox(nameOrId: string, signal?: AbortSignal): Promise<SandboxDto | null>;
  /** `GET /snapshots`, all pages, oldest first. Filters that the API lacks are applied here. @throws ApiError */
  listSnapshots(filter: ListFilter, signal?: AbortSignal): Promise<SnapshotDto[]>;
  /** The same page by page, so that they need not fit in memory. @throws ApiError */
  eachPage(filter: ListFilter, signal?: AbortSignal): AsyncGenerator<SnapshotDto[], void, undefined>;
  /** `GET /snapshots`, one page as the API has it. @throws ApiError */
  pageOfSnapshots(query: ListQuery, signal?: AbortSignal): Promise<SnapshotPage>;
  /**
   * The build log of a snapshot, line by line (`GET /snapshots/{id}/build-logs-url`). Never throws for a missing log.
   * @param follow whether to keep streaming until the build ends
   */
  buildLog(id: string, follow: boolean, onLine: (line: string) => void, signal?: AbortSignal): Promise<void>;
  /** `GET /api-keys/current`: the permissions of the key; null if they cannot be read (JWT, older servers). @throws ApiError */
  currentKey(signal?: AbortSignal): Promise<{ name: string; permissions: string[] } | null>;
  /** ID of the organization; null if the API does not return it for these credentials. @throws ApiError */
  organization(signal?: AbortSignal): Promise<string | null>;
  /** `GET /regions`. @throws ApiError */
  regions(signal?: AbortSignal): Promise<RegionDto[]>;
  /** `GET /docker-registry/registry-push-access`: new temporary credentials with every call. @param region null: the default of the organization. @throws ApiError; Failure if another organization is named than the key belongs to */
  registryAccess(region: string | null, signal?: AbortSignal): Promise<RegistryAccess>;
  /** Closes sockets and keep-alive connections. */
  close(): void;
}

/** Resolves the configuration. Connects with the first call. @throws ConfigError */
export function connect(
  args: ConnectionArgs,
  env: ResolveOptions["env"],
  log: { debug(message: string): void },
  options: ConnectOptions = {},
): Connected {
  const { userAgent, clock, sources, images, independent, ...resolving } = options;
  const connection = resolveConnection({ debug: (message) => log.debug(message), ...resolving, args, env });
  let made: DaytonaApi | null = null;
  const client = (): DaytonaApi =>
    (made ??= createClient(connection, { log, env, ...(userAgent === undefined ? {} : { userAgent }) }));
  let lifecycle: SnapshotLifecycle | null = null;
  let asking: OpenResolver | null = null;
  const resolver = (): ImageResolver | null => {
    if (!connection.resolveTags) return null;
    // Loaded here, so that a list starts without what asks registries.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { imageResolver } = require("./resolve") as typeof import("./resolve");
    return images ?? (asking ??= imageResolver({ env, clock: clock ?? systemClock, log }));
  };
  const inPlace = new Map<string, InPlaceLifecycle>();
  let own: { id: string | null } | null = null;
  const named = connection.namedOrganization && {
    ...connection.namedOrganization,
    own: async (options: { signal: AbortSignal }) =>
      client().organizationId ?? (own ??= await ownOrganization(client(), options)).id,
  };
  return {
    connection,
    region: connection.region,
    get images() {
      return resolver();
    },
    get lifecycle() {
      // Loaded here, so that a list starts without what changes snapshots.
      // eslint-disable-next-line @typescript-eslint/no-require-imports
      lifecycle ??= (require("./lifecycle") as typeof import("./lifecycle")).createLifecycle({
        api: client(),
        organizationId: connection.credentials.organizationId,
        named,
        origin: { ...connection.sources, defaultRegion: connection.region },
        ...(clock ? { clock } : {}),
        ...(sources ? { sources } : {}),
        images: resolver,
        ...(independent ? { independent } : {}),
      });
      return lifecycle;
    },
    inPlace(definition) {
      // eslint-disable-next-line @typescript-eslint/no-require-imports
      const { createInPlaceLifecycle } = require("./in-place/lifecycle") as typeof import("./in-place/lifecycle");
      const known =
        inPlace.get(definition.noun) ??
        createInPlaceLifecycle(definition, {
          endpoints: definition.endpoints(client()),
          clock: clock ?? systemClock,
          origin: connection.sources,
          named,
        });
      inPlace.set(definition.noun, known);
      return known;
    },
    getSnapshot: (by, signal) => getSnapshot(client(), by, signal),
    findSnapshot: async (nameOrId, signal) =>
      (UUID.test(nameOrId) ? await getSnapshot(client(), { id: nameOrId }, signal) : null) ??
      (await getSnapshot(client(), { name: nameOrId }, signal)) ??
      // A server may hide a failed snapshot from a read by its name, and list it.
      (await listSnapshots(client(), { nameContains: nameOrId, general: false }, signal)).find(
        ({ name }) => name === nameOrId,
      ) ??
      null,
    findSandbox: (nameOrId, signal) => client().sandbox(nameOrId, signal ? { signal } : {}),
    listSnapshots: (filter, signal) => listSnapshots(client(), filter, signal),
    eachPage: (filter, signal) => eachPage(client(), filter, signal),
    pageOfSnapshots: (query, signal) => client().list(query, signal ? { signal } : {}),
    buildLog: (id, follow, onLine, signal) => client().buildLog(id, onLine, { follow, ...(signal ? { signal } : {}) }),
    currentKey: (signal) => client().currentKey(signal ? { signal } : {}),
    organization: (signal) => client().organization(signal ? { signal } : {}),
    regions: (signal) => client().regions(signal ? { signal } : {}),
    async registryAccess(region, signal) {
      // With these credentials, an image would be pushed to the organization of the key.
      if (named !== null) {
        const own = await named.own({ signal: signal ?? new AbortController().signal });
        const warning = compareNamed("requesting credentials for the registry", named, own, connection.sources);
        if (warning !== null) log.debug(`${warning.summary}. ${warning.detail}`);
      }
      return client().registryAccess({
        ...(region === null ? {} : { regionId: region }),
        ...(signal ? { signal } : {}),
      });
    },
    close: () => {
      made?.close();
      asking?.close();
    },
  };
}

/** The organization of a key: that of its oldest snapshot, otherwise that of its storage credentials, which some servers do not have. */
async function ownOrganization(api: SnapshotApi, options: { signal: AbortSignal }): Promise<{ id: string | null }> {
  const shown = await shownOrganization(api, options);
  if (shown) return { id: shown };
  try {
    return { id: await api.organization(options) };
  } catch (error) {
    // A server without an object storage answers so, and everything else works.
    if (error instanceof BadRequestError || error instanceof ServerError) return { id: null };
    throw error;
  }
}

async function getSnapshot(
  api: SnapshotApi,
  by: { id: string } | { name: string },
  signal?: AbortSignal,
): Promise<SnapshotDto | null> {
  try {
    const dto = await api.get("id" in by ? by.id : by.name, signal ? { signal } : {});
    // The route accepts both, but only one was asked for.
    return ("id" in by ? dto.id === by.id : dto.name === by.name) ? dto : null;
  } catch (error) {
    if (error instanceof NotFoundError) return null;
    throw error;
  }
}

async function listSnapshots(api: SnapshotApi, filter: ListFilter, signal?: AbortSignal): Promise<SnapshotDto[]> {
  return (await api.listAll(apiFilterOf(filter), signal ? { signal } : {})).filter(matching(filter));
}

async function* eachPage(
  api: SnapshotApi,
  filter: ListFilter,
  signal?: AbortSignal,
): AsyncGenerator<SnapshotDto[], void, undefined> {
  const matches = matching(filter);
  for await (const page of api.eachPage(apiFilterOf(filter), signal ? { signal } : {})) {
    const found = page.filter(matches);
    if (found.length > 0) yield found;
  }
}

function apiFilterOf({ nameContains, general }: ListFilter): { name?: string; general: boolean } {
  return { ...(nameContains ? { name: nameContains } : {}), general: general === true };
}

function matching({
  nameContains,
  states,
  region,
  sourceSandboxId,
  createdBefore,
  usedBefore,
}: ListFilter): (dto: SnapshotDto) => boolean {
  const part = nameContains?.toLowerCase();
  const before = (time: string | undefined, limit: number | null | undefined): boolean =>
    limit === null || limit === undefined || Date.parse(time ?? "") < limit;
  return (dto) =>
    // For the API, `_` matches any character.
    (!part || dto.name.toLowerCase().includes(part)) &&
    (!states || states.includes(dto.state)) &&
    // Servers up to v0.190 do not tell, and have no filter for it.
    (!sourceSandboxId || dto.sourceSandboxId === sourceSandboxId) &&
    (!region || (dto.regionIds ?? []).includes(region)) &&
    before(dto.createdAt, createdBefore) &&
    before(dto.lastUsedAt ?? dto.createdAt, usedBefore);
}
