import { randomUUID } from "node:crypto";
import { config, createKey, findKey, keyDto, keysOf, organizationDto, regionDto, setDefaultRegion, sharedRegions, user } from "../world/account";
import type { Answer } from "./answer";
import { authorize, type Caller, type Credential } from "./auth";
import type { BuildLogs } from "../world/build-logs";
import type { CreateCall } from "../world/create";
import { snapshotDto } from "../world/dto";
import { notFound, unexpected } from "./http-error";
import type { Listings } from "../world/list";
import { TRANSIENT_REGISTRY } from "../options";
import type { Query } from "./query";
import type { RequestKind } from "./request-log";
import type { OrganizationRow } from "../world/rows";
import type { SnapshotCalls } from "../world/snapshots";
import type { Storage } from "../storage/object-storage";
import { checkList } from "./validation";
import type { World } from "../world/world";

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
  query: Query;
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
  credential: Credential;
  /** One of them is needed. */
  permissions?: string[];
  handle(call: Call): Answer | Promise<Answer>;
}

const json = (body: unknown, status = 200): Answer => ({ status, json: body });
const id = "([^/]+)";
const route = (method: string, path: string, kind: RequestKind, access: Route["access"], handle: Route["handle"], permissions: string[] = [], credential: Credential = "any"): Route => ({
  method, pattern: new RegExp(`^/api${path}/?$`, "i"), kind, access, credential, handle, permissions,
});
/** What belongs to a person rather than to a key. */
const personal = (method: string, path: string, kind: RequestKind, access: Route["access"], handle: Route["handle"]) => route(method, path, kind, access, handle, [], "jwt");
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
  route("GET", `/snapshots/${id}/build-logs`, "build-logs", "organization", ({ rooms, organization, params, query }) => rooms.logs.deprecated(organization.id, params[0]!, query["follow"] === "true")),

  route("GET", "/regions", "regions", "organization", ({ rooms, organization }) => json(rooms.world.availableRegions(organization.id).map(regionDto))),
  route("GET", `/regions/${id}`, "regions", "organization", ({ rooms, organization, params }) => {
    // Shared regions are listed, but only an organization's own can be read one by one.
    const region = rooms.world.regions.get(params[0]!);
    if (region?.organizationId !== organization.id || region.regionType !== "custom") throw notFound("Region not found");
    return json(regionDto(region));
  }),
  route("GET", "/shared-regions", "regions", "public", ({ rooms }) => json(sharedRegions(rooms.world).map(regionDto))),

  route("GET", "/object-storage/push-access", "storage-access", "organization", ({ rooms, organization, origin }) => {
    if (rooms.world.settings.storageDown) throw unexpected();
    const { storage } = rooms.world.settings;
    if (storage) return json({ accessKey: storage.accessKey, secret: storage.secret, sessionToken: "none", storageUrl: storage.url, organizationId: organization.id, bucket: storage.bucket, region: "us-east-1" });
    return json(rooms.storage.pushAccess(organization, origin));
  }, PUSH),
  route("GET", "/docker-registry/registry-push-access", "registry-access", "organization", ({ rooms, query }) => {
    const region = query["regionId"];
    if (rooms.world.settings.registryDown || (region !== undefined && region !== "" && !rooms.world.regions.has(region as string))) throw unexpected();
    const { registry } = rooms.world.settings;
    return json({
      username: registry?.username ?? `robot$daytona+temp-push-robot-${randomUUID().replace(/-/g, "").slice(0, 12)}`,
      secret: registry?.secret ?? randomUUID().replace(/-/g, ""),
      registryId: REGISTRY_ID,
      registryUrl: registry?.url ?? TRANSIENT_REGISTRY,
      project: "daytona",
      expiresAt: new Date(rooms.world.clock.now() + 3_600_000).toISOString(),
    });
  }, PUSH),

  route("GET", "/api-keys/current", "keys", "organization", ({ caller }) => json(keyDto(caller.key!)), [], "key"),
  personal("GET", "/api-keys", "keys", "organization", ({ rooms, organization }) => json(keysOf(rooms.world, organization).map(keyDto))),
  personal("POST", "/api-keys", "keys", "organization", ({ rooms, organization, caller, body }) => json(createKey(rooms.world, organization, caller.userId, body), 201)),
  personal("GET", `/api-keys/${id}`, "keys", "organization", ({ rooms, organization, caller, params }) => json(keyDto(findKey(rooms.world, organization, caller.userId, params[0]!)))),
  personal("DELETE", `/api-keys/${id}`, "keys", "organization", ({ rooms, organization, caller, params }) => {
    rooms.world.keys.delete(findKey(rooms.world, organization, caller.userId, params[0]!).value);
    return { status: 204 };
  }),
  personal("DELETE", `/api-keys/${id}/${id}`, "keys", "organization", ({ rooms, organization, params }) => {
    rooms.world.keys.delete(findKey(rooms.world, organization, params[0]!, params[1]!).value);
    return { status: 204 };
  }),
  personal("GET", "/users/me", "account", "user", ({ rooms, caller }) => json(user(rooms.world, caller.userId))),
  personal("GET", "/organizations", "account", "user", ({ rooms, caller }) => json([...rooms.world.organizations.values()].filter((o) => o.createdBy === caller.userId).map(organizationDto))),
  personal("GET", `/organizations/${id}`, "account", "user", (call) => json(organizationDto(named(call)))),
  personal("PATCH", `/organizations/${id}/default-region`, "account", "user", (call) => {
    setDefaultRegion(call.rooms.world, named(call), call.body);
    return { status: 204 };
  }),

  route("GET", "/config", "public", "public", ({ rooms, origin }) => json(config(rooms.world.settings, origin))),
  route("GET", "/health", "public", "public", () => json({ status: "ok" })),
  route("GET", "/health/ready", "public", "user", () => json({ status: "ok" }), [], "monitor"),
];

const REGISTRY_ID = randomUUID();

/** The organization that the path names, when it is the caller's. */
function named(call: Call): OrganizationRow {
  const organization = call.rooms.world.organizations.get(call.params[0] ?? "");
  return authorize({ ...call.caller, organization: organization?.createdBy === call.caller.userId ? organization : null }, []);
}
