import { randomUUID } from "node:crypto";
import {
  config,
  createKey,
  findKey,
  keyDto,
  keysOf,
  organizationDto,
  regionDto,
  setDefaultRegion,
  sharedRegions,
  user,
} from "../world/account";
import type { Answer } from "../protocol/answer";
import { authorize, type Caller, type Credential } from "./auth";
import type { BuildLogs } from "../world/build-logs";
import type { CreateCall } from "../world/create";
import { snapshotDto } from "../world/dto";
import { notFound, unexpected } from "../protocol/http-error";
import type { Listings } from "../world/list";
import type { Query } from "../protocol/query";
import type { RequestKind } from "../protocol/request-log";
import type { OrganizationRow } from "../world/rows";
import {
  createRegistry,
  deleteRegistry,
  findRegistry,
  listRegistries,
  registryDto,
  updateRegistry,
} from "../world/registries";
import { sandboxDto } from "../world/sandbox-dto";
import type { Sandboxes } from "../world/sandboxes";
import type { SnapshotCalls } from "../world/snapshots";
import { ACCESS_MS, PROJECT, type Registry } from "../registry/registry";
import type { Storage } from "../storage/object-storage";
import { checkList } from "../protocol/validation";
import type { World } from "../world/world";

export interface Rooms {
  world: World;
  create: CreateCall;
  snapshots: SnapshotCalls;
  sandboxes: Sandboxes;
  listings: Listings;
  logs: BuildLogs;
  storage: Storage;
  registry: Registry;
}

export interface Call {
  /** Decoded parts of the path. */
  params: string[];
  query: Query;
  body: unknown;
  caller: Caller;
  /** The caller's; only on routes that need one. */
  organization: OrganizationRow;
  /** `http://host:port`, or with https, as the client sees it. */
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
const route = (
  method: string,
  path: string,
  kind: RequestKind,
  access: Route["access"],
  handle: Route["handle"],
  permissions: string[] = [],
  credential: Credential = "any",
): Route => ({
  method,
  pattern: new RegExp(`^/api${path}/?$`, "i"),
  kind,
  access,
  credential,
  handle,
  permissions,
});
/** What belongs to a person rather than to a key. */
const personal = (method: string, path: string, kind: RequestKind, access: Route["access"], handle: Route["handle"]) =>
  route(method, path, kind, access, handle, [], "jwt");
const WRITE = ["write:snapshots"];
const DELETE = ["delete:snapshots"];
const WRITE_REGISTRIES = ["write:registries"];
const DELETE_REGISTRIES = ["delete:registries"];
const WRITE_SANDBOXES = ["write:sandboxes"];
const DELETE_SANDBOXES = ["delete:sandboxes"];
const PUSH = ["write:snapshots", "write:sandboxes"];

export const ROUTES: Route[] = [
  route(
    "POST",
    "/snapshots",
    "create",
    "organization",
    async ({ rooms, organization, body }) => ({
      ...json(await rooms.create.handle(organization, body)),
      created: true,
    }),
    WRITE,
  ),
  route("GET", "/snapshots", "list", "organization", ({ rooms, organization, query }) => {
    const page = rooms.listings.page(organization.id, checkList(query));
    return json({ ...page, items: page.items.map((row) => snapshotDto(rooms.world, row, "read")) });
  }),
  route("GET", `/snapshots/${id}`, "read", "organization", ({ rooms, organization, params }) =>
    json(rooms.snapshots.get(organization.id, params[0]!)),
  ),
  route(
    "DELETE",
    `/snapshots/${id}`,
    "delete",
    "organization",
    ({ rooms, organization, params }) => {
      rooms.snapshots.delete(organization.id, params[0]!);
      return { status: 200 };
    },
    DELETE,
  ),
  route(
    "POST",
    `/snapshots/${id}/activate`,
    "activate",
    "organization",
    ({ rooms, organization, params }) => json(rooms.snapshots.activate(organization, params[0]!)),
    WRITE,
  ),
  route(
    "POST",
    `/snapshots/${id}/deactivate`,
    "deactivate",
    "organization",
    ({ rooms, organization, params }) => {
      rooms.snapshots.deactivate(organization.id, params[0]!);
      return { status: 204 };
    },
    WRITE,
  ),
  route(
    "GET",
    `/snapshots/${id}/build-logs-url`,
    "build-logs-url",
    "organization",
    async ({ rooms, organization, params, origin }) => json(await rooms.logs.url(organization.id, params[0]!, origin)),
  ),
  route("GET", `/snapshots/${id}/build-logs`, "build-logs", "organization", ({ rooms, organization, params, query }) =>
    rooms.logs.deprecated(organization.id, params[0]!, query["follow"] === "true"),
  ),

  route(
    "POST",
    "/sandbox",
    "sandboxes",
    "organization",
    async ({ rooms, organization, body }) => ({
      ...json(await rooms.sandboxes.create(organization, body)),
      created: true,
    }),
    WRITE_SANDBOXES,
  ),
  route("GET", `/sandbox/${id}`, "sandboxes", "organization", ({ rooms, organization, params }) =>
    json(sandboxDto(rooms.sandboxes.get(organization.id, params[0]!))),
  ),
  route(
    "DELETE",
    `/sandbox/${id}`,
    "sandboxes",
    "organization",
    ({ rooms, organization, params }) => json(rooms.sandboxes.delete(organization.id, params[0]!)),
    DELETE_SANDBOXES,
  ),
  route(
    "POST",
    `/sandbox/${id}/snapshot`,
    "create-from-sandbox",
    "organization",
    ({ rooms, organization, params, body }) => json(rooms.sandboxes.snapshot(organization, params[0]!, body)),
    WRITE_SANDBOXES,
  ),

  route("GET", "/regions", "regions", "organization", ({ rooms, organization }) =>
    json(rooms.world.availableRegions(organization.id).map(regionDto)),
  ),
  route("GET", `/regions/${id}`, "regions", "organization", ({ rooms, organization, params }) => {
    // Shared regions are listed, but only an organization's own can be read one by one.
    const region = rooms.world.regions.get(params[0]!);
    if (region?.organizationId !== organization.id || region.regionType !== "custom")
      throw notFound("Region not found");
    return json(regionDto(region));
  }),
  route("GET", "/shared-regions", "regions", "public", ({ rooms }) => json(sharedRegions(rooms.world).map(regionDto))),

  route(
    "GET",
    "/object-storage/push-access",
    "storage-access",
    "organization",
    ({ rooms, organization, origin }) => {
      if (rooms.world.settings.storageDown) throw unexpected();
      const { storage } = rooms.world.settings;
      if (storage)
        return json({
          accessKey: storage.accessKey,
          secret: storage.secret,
          sessionToken: "none",
          storageUrl: storage.url,
          organizationId: organization.id,
          bucket: storage.bucket,
          region: "us-east-1",
        });
      return json(rooms.storage.pushAccess(organization, origin));
    },
    PUSH,
  ),
  route(
    "GET",
    "/docker-registry/registry-push-access",
    "registry-access",
    "organization",
    ({ rooms, query }) => {
      const region = query["regionId"];
      if (
        rooms.world.settings.registryDown ||
        (region !== undefined && region !== "" && !rooms.world.regions.has(region as string))
      )
        throw unexpected();
      const { registry, registryHost } = rooms.world.settings;
      const { username, secret } = registry ?? rooms.registry.issue();
      return json({
        username,
        secret,
        registryId: REGISTRY_ID,
        registryUrl: registry?.url ?? registryHost,
        project: PROJECT,
        expiresAt: new Date(rooms.world.clock.now() + ACCESS_MS).toISOString(),
      });
    },
    PUSH,
  ),

  route(
    "POST",
    "/docker-registry",
    "registries",
    "organization",
    ({ rooms, organization, body }) => ({
      ...json(registryDto(createRegistry(rooms.world, organization.id, body)), 201),
      created: true,
    }),
    WRITE_REGISTRIES,
  ),
  route("GET", "/docker-registry", "registries", "organization", ({ rooms, organization }) =>
    json(listRegistries(rooms.world, organization.id).map(registryDto)),
  ),
  route("GET", `/docker-registry/${id}`, "registries", "organization", ({ rooms, organization, params }) =>
    json(registryDto(findRegistry(rooms.world, organization.id, params[0]!))),
  ),
  route(
    "PATCH",
    `/docker-registry/${id}`,
    "registries",
    "organization",
    ({ rooms, organization, params, body }) => json(updateRegistry(rooms.world, organization.id, params[0]!, body)),
    WRITE_REGISTRIES,
  ),
  route(
    "DELETE",
    `/docker-registry/${id}`,
    "registries",
    "organization",
    ({ rooms, organization, params }) => {
      deleteRegistry(rooms.world, organization.id, params[0]!);
      return { status: 204 };
    },
    DELETE_REGISTRIES,
  ),

  route("GET", "/api-keys/current", "keys", "organization", ({ caller }) => json(keyDto(caller.key!)), [], "key"),
  personal("GET", "/api-keys", "keys", "organization", ({ rooms, organization }) =>
    json(keysOf(rooms.world, organization).map(keyDto)),
  ),
  personal("POST", "/api-keys", "keys", "organization", ({ rooms, organization, caller, body }) =>
    json(createKey(rooms.world, organization, caller.userId, body), 201),
  ),
  personal("GET", `/api-keys/${id}`, "keys", "organization", ({ rooms, organization, caller, params }) =>
    json(keyDto(findKey(rooms.world, organization, caller.userId, params[0]!))),
  ),
  personal("DELETE", `/api-keys/${id}`, "keys", "organization", ({ rooms, organization, caller, params }) => {
    rooms.world.keys.delete(findKey(rooms.world, organization, caller.userId, params[0]!).value);
    return { status: 204 };
  }),
  personal("DELETE", `/api-keys/${id}/${id}`, "keys", "organization", ({ rooms, organization, params }) => {
    rooms.world.keys.delete(findKey(rooms.world, organization, params[0]!, params[1]!).value);
    return { status: 204 };
  }),
  personal("GET", "/users/me", "account", "user", ({ rooms, caller }) => json(user(rooms.world, caller.userId))),
  personal("GET", "/organizations", "account", "user", ({ rooms, caller }) =>
    json([...rooms.world.organizations.values()].filter((o) => o.createdBy === caller.userId).map(organizationDto)),
  ),
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
  return authorize(
    { ...call.caller, organization: organization?.createdBy === call.caller.userId ? organization : null },
    [],
  );
}
