import { randomUUID } from "node:crypto";
import { config, createKey, keyDto, organizationDto, regionDto, setDefaultRegion, user } from "./account";
import type { Answer } from "./answer";
import { authorize, type Caller } from "./auth";
import type { BuildLogs } from "./buildLogs";
import type { CreateCall } from "./create";
import { snapshotDto } from "./dto";
import { HttpError, notFound, unexpected } from "./httpError";
import type { Listings } from "./list";
import { TRANSIENT_REGISTRY } from "./options";
import type { RequestKind } from "./requests";
import type { OrganizationRow } from "./rows";
import type { SnapshotCalls } from "./snapshots";
import type { Storage } from "./storage";
import { checkList } from "./validation";
import type { World } from "./world";

export interface Rooms {
  world: World;
  create: CreateCall;
  snapshots: SnapshotCalls;
  listings: Listings;
  logs: BuildLogs;
  storage: Storage;
}

export interface Call {
  /** Decoded parts of the path. */
  params: string[];
  query: URLSearchParams;
  body: unknown;
  caller: Caller;
  /** The caller's; only on routes that need one. */
  organization: OrganizationRow;
  /** `http://host:port` as the client sees it. */
  origin: string;
  rooms: Rooms;
}

export interface Route {
  method: string;
  pattern: RegExp;
  kind: RequestKind;
  /** `public`: anybody; `user`: a known caller; `organization`: one with an organization. */
  access: "public" | "user" | "organization";
  /** One of them is needed. */
  permissions?: string[];
  handle(call: Call): Answer | Promise<Answer>;
}

const json = (body: unknown, status = 200): Answer => ({ status, json: body });
const id = "([^/]+)";
const route = (method: string, path: string, kind: RequestKind, access: Route["access"], handle: Route["handle"], permissions: string[] = []): Route => ({
  method, pattern: new RegExp(`^/api${path}/?$`, "i"), kind, access, handle, permissions,
});
const WRITE = ["write:snapshots"];
const DELETE = ["delete:snapshots"];
const PUSH = ["write:snapshots", "write:sandboxes"];

export const ROUTES: Route[] = [
  route("POST", "/snapshots", "create", "organization", async ({ rooms, organization, body }) => json(await rooms.create.handle(organization, body)), WRITE),
  route("GET", "/snapshots", "list", "organization", ({ rooms, organization, query }) => {
    const page = rooms.listings.page(organization.id, checkList(query));
    return json({ ...page, items: page.items.map((row) => snapshotDto(rooms.world, row, "read")) });
  }),
  route("GET", `/snapshots/${id}`, "read", "organization", ({ rooms, organization, params }) => json(rooms.snapshots.get(organization.id, params[0]!))),
  route("DELETE", `/snapshots/${id}`, "delete", "organization", ({ rooms, organization, params }) => {
    rooms.snapshots.delete(organization.id, params[0]!);
    return { status: 200 };
  }, DELETE),
  route("POST", `/snapshots/${id}/activate`, "activate", "organization", ({ rooms, organization, params }) => json(rooms.snapshots.activate(organization, params[0]!)), WRITE),
  route("POST", `/snapshots/${id}/deactivate`, "deactivate", "organization", ({ rooms, organization, params }) => {
    rooms.snapshots.deactivate(organization.id, params[0]!);
    return { status: 204 };
  }, WRITE),
  route("GET", `/snapshots/${id}/build-logs-url`, "build-logs-url", "organization", async ({ rooms, organization, params, origin }) => json(await rooms.logs.url(organization.id, params[0]!, origin))),
  route("GET", `/snapshots/${id}/build-logs`, "build-logs", "organization", ({ rooms, organization, params, query }) => rooms.logs.deprecated(organization.id, params[0]!, query.get("follow") === "true")),

  route("GET", "/regions", "regions", "organization", ({ rooms, organization }) => json(rooms.world.availableRegions(organization.id).map(regionDto))),
  route("GET", `/regions/${id}`, "regions", "organization", ({ rooms, organization, params }) => {
    const region = rooms.world.availableRegions(organization.id).find((r) => r.id === params[0]);
    if (!region) throw notFound("Region not found");
    return json(regionDto(region));
  }),
  route("GET", "/shared-regions", "regions", "public", ({ rooms }) => json([...rooms.world.regions.values()].filter((r) => r.regionType === "shared").map(regionDto))),

  route("GET", "/object-storage/push-access", "storage-access", "organization", ({ rooms, organization, origin }) => {
    if (rooms.world.settings.storageDown) throw unexpected();
    return json(rooms.storage.pushAccess(organization, origin));
  }, PUSH),
  route("GET", "/docker-registry/registry-push-access", "registry-access", "organization", ({ rooms, query }) => {
    const region = query.get("regionId");
    if (rooms.world.settings.registryDown || (region !== null && !rooms.world.regions.has(region))) throw unexpected();
    return json({
      username: `robot$daytona+temp-push-robot-${randomUUID().replace(/-/g, "").slice(0, 12)}`,
      secret: randomUUID().replace(/-/g, ""),
      registryId: REGISTRY_ID,
      registryUrl: TRANSIENT_REGISTRY,
      project: "daytona",
      expiresAt: new Date(rooms.world.clock.now() + 3_600_000).toISOString(),
    });
  }, PUSH),

  route("GET", "/api-keys/current", "keys", "user", ({ caller }) => {
    if (!caller.key) throw new HttpError(403, "Authenticate with an API key to use this endpoint");
    return json(keyDto(caller.key));
  }),
  route("GET", "/api-keys", "keys", "organization", ({ rooms, organization }) => json([...rooms.world.keys.values()].filter((key) => key.organizationId === organization.id).map(keyDto))),
  route("POST", "/api-keys", "keys", "organization", ({ rooms, organization, caller, body }) => json(createKey(rooms.world, organization, caller.userId, body), 201)),
  route("DELETE", `/api-keys/${id}`, "keys", "organization", ({ rooms, organization, params }) => {
    const key = [...rooms.world.keys.values()].find((k) => k.organizationId === organization.id && k.name === params[0]);
    if (!key) throw notFound("API key not found");
    rooms.world.keys.delete(key.value);
    return { status: 204 };
  }),
  route("GET", "/users/me", "account", "user", ({ rooms, caller }) => json(user(rooms.world, caller.userId))),
  route("GET", "/organizations", "account", "user", ({ rooms, caller }) => json([...rooms.world.organizations.values()].filter((o) => o.createdBy === caller.userId).map(organizationDto))),
  route("GET", `/organizations/${id}`, "account", "user", (call) => json(organizationDto(named(call)))),
  route("PATCH", `/organizations/${id}/default-region`, "account", "user", (call) => {
    setDefaultRegion(call.rooms.world, named(call), call.body);
    return { status: 204 };
  }),

  route("GET", "/config", "public", "public", ({ rooms, origin }) => json(config(rooms.world.settings, origin))),
  route("GET", "/health", "public", "public", () => json({ status: "ok" })),
];

const REGISTRY_ID = randomUUID();

/** The organization that the path names, when it is the caller's. */
function named(call: Call): OrganizationRow {
  const organization = call.rooms.world.organizations.get(call.params[0] ?? "");
  if (!organization || organization.createdBy !== call.caller.userId || (call.caller.key && call.caller.key.organizationId !== organization.id)) {
    throw new HttpError(403, "Invalid authentication context");
  }
  return authorize({ ...call.caller, organization }, []);
}
