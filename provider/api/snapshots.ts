import type { Connection } from "../config";
import { BatchedReads } from "./reads/batch";
import { followBuildLog } from "./build-log";
import type { CallOptions, DaytonaApi, ListQuery } from "./client";
import { type ApiClock, type ApiLog, systemClock } from "./clock";
import { AmbiguousAnswerError, BadRequestError, ForbiddenError, NotFoundError, WrongAddressError } from "./errors";
import { SocketEvents } from "./events";
import { pushAccess } from "./object-storage";
import { createRegistryApi } from "./registries";
import { createSandboxApi } from "./sandboxes";
import { registryAccess } from "./registry-access";
import { everySnapshot, PAGE_SIZE, pageByPage } from "./reads/pages";
import type { ProxyEnvironment } from "./http/proxy";
import { redactor } from "./http/redact";
import { type Call, Requester } from "./http/requester";
import { segmentOf } from "./http/segment";
import { asApiKey, asCreated, asOrganization, asPage, asRegions, asSnapshot } from "./shapes";
import { Transport } from "./http/transport";
import type { CreateSnapshotBody, SnapshotDto, SnapshotPage } from "./types";

export interface ClientOptions {
  log: ApiLog;
  /** Default: the machine's time. */
  clock?: ApiClock;
  /** `User-Agent` header, such as `daytona-iac/1.2.3`. Defaults to `daytona-iac`. */
  userAgent?: string;
  /** Environment for the proxy variables. Defaults to that of the process. */
  env?: ProxyEnvironment;
  /** For jitter; default Math.random. */
  random?: () => number;
}

/** Client of the real API. Does not connect before the first call. */
export function createClient(connection: Connection, options: ClientOptions): DaytonaApi {
  const { apiUrl, credentials } = connection;
  const clock = options.clock ?? systemClock;
  const log = options.log;
  const userAgent = options.userAgent ?? "daytona-iac";
  const redact = redactor(credentials.token());
  const transport = new Transport(options.env ?? process.env);
  const headers: Record<string, string> = {
    Accept: "application/json",
    "Accept-Encoding": "gzip",
    Authorization: `Bearer ${credentials.token()}`,
    "User-Agent": userAgent,
    "X-Daytona-Source": "daytona-iac",
  };
  if (credentials.kind === "jwt" && credentials.organizationId !== null)
    headers["X-Daytona-Organization-ID"] = credentials.organizationId;
  const requester = new Requester({
    apiUrl,
    headers,
    maxConcurrency: connection.maxConcurrency,
    transport,
    clock,
    log,
    redact,
    ...(options.random === undefined ? {} : { random: options.random }),
  });
  const events = new SocketEvents({
    apiUrl,
    token: () => credentials.token(),
    organizationId: credentials.kind === "jwt" ? credentials.organizationId : null,
    userAgent,
    transport,
    log,
    redact,
  });
  let organizationId = credentials.kind === "jwt" ? credentials.organizationId : null;

  const seen = (dto: SnapshotDto): SnapshotDto => {
    // A general snapshot can belong to another organization.
    if (organizationId === null && dto.general !== true && dto.organizationId) organizationId = dto.organizationId;
    return dto;
  };
  const of = (idOrName: string): string => `/snapshots/${segmentOf("snapshot", idOrName, "GET /snapshots")}`;
  const get = async (idOrName: string, signal: AbortSignal | undefined): Promise<SnapshotDto> => {
    const path = of(idOrName);
    return seen(asSnapshot(await requester.call({ method: "GET", path, repeat: "read", signal }), `GET ${path}`));
  };
  const list = async (query: ListQuery, signal: AbortSignal | undefined): Promise<SnapshotPage> => {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
    const path = `/snapshots${parameters.size > 0 ? `?${parameters}` : ""}`;
    const page = asPage(await requester.call({ method: "GET", path, repeat: "read", signal }), "GET /snapshots");
    page.items.forEach(seen);
    return page;
  };
  const ordered = (page: number, name: string | undefined, signal: AbortSignal | undefined): Promise<SnapshotPage> =>
    list({ page, limit: PAGE_SIZE, sort: "createdAt", order: "asc", ...(name === undefined ? {} : { name }) }, signal);

  const reads = new BatchedReads({
    clock,
    single: async (id, signal) => {
      try {
        return await get(id, signal);
      } catch (error) {
        if (error instanceof NotFoundError) return null;
        throw error;
      }
    },
    page: (page, signal) => ordered(page, undefined, signal),
  });
  const write = async (call: Call): Promise<unknown> => {
    // Before and after: a listing that is read during the write may show the state before or after it.
    reads.invalidate();
    try {
      return await requester.call(call);
    } finally {
      reads.invalidate();
    }
  };

  return {
    apiUrl,
    get organizationId() {
      return organizationId;
    },
    get trouble() {
      return requester.trouble;
    },
    events,
    registries: createRegistryApi(requester),
    ...createSandboxApi(requester, write),
    get: (idOrName, { signal } = {}) => get(idOrName, signal),
    read(id, { signal } = {}) {
      transport.prepare(); // while reads are gathered
      return reads.read(id, signal);
    },
    list: (query, { signal } = {}) => list(query, signal),
    eachPage: (filter = {}, { signal } = {}) =>
      pageByPage((page) => ordered(page, filter.name, signal), filter.general !== true),
    listAll: (filter = {}, { signal } = {}) =>
      everySnapshot((page) => ordered(page, filter.name, signal), filter.general !== true),

    async create(body: CreateSnapshotBody, { signal }: CallOptions = {}) {
      const json = await write({ method: "POST", path: "/snapshots", body, repeat: "create", signal });
      try {
        return seen(asCreated(json, "POST /snapshots"));
      } catch (error) {
        // It was accepted, so the snapshot may exist. Without its ID, only its name finds it.
        throw new AmbiguousAnswerError(
          `the response to POST /snapshots is unusable, so it may or may not have taken effect: ${(error as Error).message}`,
          { status: 200, request: "POST /snapshots", cause: error },
        );
      }
    },

    async delete(id, { signal } = {}) {
      await write({
        method: "DELETE",
        path: of(id),
        repeat: "idempotent",
        signal,
        // It is gone: the attempt whose answer was lost has deleted it.
        recover: (error) => (error instanceof NotFoundError ? Promise.resolve(null) : Promise.reject(error)),
      });
    },

    async activate(id, { signal } = {}) {
      const path = `${of(id)}/activate`;
      const json = await write({
        method: "POST",
        path,
        repeat: "idempotent",
        signal,
        recover: async (error) => {
          // If the first activate worked, the second one is refused, and the snapshot is no longer `inactive`.
          if (!(error instanceof BadRequestError)) throw error;
          const dto = await get(id, signal);
          if (dto.state === "inactive") throw error;
          return dto;
        },
      });
      return seen(asSnapshot(json, `POST ${path}`));
    },

    async deactivate(id, { signal } = {}) {
      await write({ method: "POST", path: `${of(id)}/deactivate`, repeat: "idempotent", signal });
    },

    buildLog: (id, onLine, { signal, follow } = {}) =>
      followBuildLog({ apiUrl, headers, requester, transport, clock, log, once: follow === false }, id, onLine, signal),

    async currentKey({ signal } = {}) {
      if (credentials.kind === "jwt") return null;
      try {
        return asApiKey(await requester.call({ method: "GET", path: "/api-keys/current", repeat: "read", signal }));
      } catch (error) {
        if (error instanceof ForbiddenError || error instanceof NotFoundError || error instanceof WrongAddressError)
          return null;
        throw error;
      }
    },

    async organization({ signal } = {}) {
      if (organizationId !== null) return organizationId;
      try {
        organizationId = asOrganization(
          await requester.call({ method: "GET", path: "/object-storage/push-access", repeat: "read", signal }),
        );
        return organizationId;
      } catch (error) {
        if (error instanceof ForbiddenError || error instanceof NotFoundError || error instanceof WrongAddressError)
          return null;
        throw error;
      }
    },

    async pushAccess({ signal } = {}) {
      const access = await pushAccess(requester, signal);
      organizationId ??= access.organizationId;
      return access;
    },

    registryAccess({ signal, regionId } = {}) {
      return registryAccess(requester, regionId, signal);
    },

    async regions({ signal } = {}) {
      return asRegions(
        await requester.call({ method: "GET", path: "/regions", repeat: "read", signal }),
        "GET /regions",
      );
    },

    close() {
      events.close();
      transport.close();
    },
  };
}
