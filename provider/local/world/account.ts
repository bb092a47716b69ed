import { badRequest, HttpError, notFound } from "../protocol/http-error";
import type { Settings } from "../options";
import { byText } from "./list";
import { ALL_PERMISSIONS, type KeyRow, type OrganizationRow, type RegionRow } from "./rows";
import { checkShownName, isMissing } from "../protocol/validation";
import type { World } from "./world";

const PERMISSIONS = [
  ...ALL_PERMISSIONS,
  "write:regions",
  "delete:regions",
  "read:runners",
  "write:runners",
  "delete:runners",
  "read:audit_logs",
];
const date = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());

/** `GET /config` */
export function config(settings: Settings, origin: string) {
  const limit = settings.rateLimit;
  return {
    version: settings.apiVersion,
    oidc: { issuer: `${origin}/dex`, clientId: "daytona", audience: "daytona" },
    linkedAccountsEnabled: false,
    announcements: {},
    proxyTemplateUrl: `http://{{PORT}}-{{sandboxId}}.proxy.localhost:${new URL(origin).port}`,
    proxyToolboxUrl: `${origin}/toolbox`,
    defaultSnapshot: "daytonaio/sandbox:0.5.0-slim",
    dashboardUrl: `${origin}/dashboard`,
    maxAutoArchiveInterval: 43_200,
    maintananceMode: false,
    environment: "local",
    sshGatewayCommand: "ssh -p 2222 {{TOKEN}}@localhost",
    sshGatewayPublicKey: "bm9uZQ==",
    rateLimit: {
      authenticated: limit ? { ttl: limit.seconds, limit: limit.limit } : {},
      sandboxCreate: { ttl: 60, limit: 300 },
      sandboxLifecycle: { ttl: 60, limit: 10_000 },
    },
  };
}

export function regionDto(region: RegionRow) {
  return {
    id: region.id,
    name: region.name,
    organizationId: region.organizationId,
    regionType: region.regionType,
    createdAt: date(region.createdAt),
    updatedAt: date(region.updatedAt),
    proxyUrl: null,
    sshGatewayUrl: null,
    snapshotManagerUrl: null,
  };
}

/** `GET /shared-regions`: by name. */
export const sharedRegions = (world: World): RegionRow[] =>
  [...world.regions.values()].filter((region) => region.regionType === "shared").sort((a, b) => byText(a.name, b.name));

/** `GET /users/me` */
export function user(world: World, userId: string) {
  return {
    id: userId,
    name: userId,
    email: `${userId}@example.test`,
    publicKeys: [],
    createdAt: date(world.own.createdAt),
  };
}

/** One of `GET /organizations` */
export function organizationDto(row: OrganizationRow) {
  return {
    id: row.id,
    name: row.name,
    createdBy: row.createdBy,
    personal: row.personal,
    createdAt: date(row.createdAt),
    updatedAt: date(row.updatedAt),
    suspended: row.suspended,
    suspensionReason: row.suspensionReason,
    suspendedAt: row.suspended ? date(row.updatedAt) : null,
    suspendedUntil: date(row.suspendedUntil),
    suspensionCleanupGracePeriodHours: 24,
    maxCpuPerSandbox: row.maxCpu,
    maxMemoryPerSandbox: row.maxMemory,
    maxDiskPerSandbox: row.maxDisk,
    snapshotDeactivationTimeoutMinutes: row.deactivationMinutes,
    sandboxLimitedNetworkEgress: false,
    defaultRegionId: row.defaultRegionId,
    authenticatedRateLimit: null,
    sandboxCreateRateLimit: null,
    sandboxLifecycleRateLimit: null,
    experimentalConfig: null,
    otelConfig: null,
    authenticatedRateLimitTtlSeconds: null,
    sandboxCreateRateLimitTtlSeconds: null,
    sandboxLifecycleRateLimitTtlSeconds: null,
  };
}

/** `PATCH /organizations/{id}/default-region`: once, and to a shared region. @throws HttpError 400, 404, 409 */
export function setDefaultRegion(world: World, organization: OrganizationRow, body: unknown): void {
  const id = (body as { defaultRegionId?: unknown } | null)?.defaultRegionId;
  const errors: string[] = [];
  if (empty(id)) errors.push("defaultRegionId should not be empty");
  if (typeof id !== "string") errors.push("defaultRegionId must be a string");
  if (errors.length > 0) throw badRequest(errors.join(", "));
  if (organization.defaultRegionId !== null) throw new HttpError(409, "Organization already has a default region set");
  if (world.regions.get(id as string)?.regionType !== "shared") throw notFound("Region not found");
  organization.defaultRegionId = id as string;
  organization.updatedAt = world.clock.now();
}

const empty = (value: unknown) => isMissing(value) || value === "";

/** `GET /api-keys/current`, and one of `GET /api-keys`: the value is masked. */
export function keyDto(key: KeyRow) {
  return {
    name: key.name,
    value: `${key.value.slice(0, 3)}${"*".repeat(20)}${key.value.slice(-3)}`,
    createdAt: date(key.createdAt),
    permissions: key.permissions,
    lastUsedAt: date(key.lastUsedAt),
    expiresAt: date(key.expiresAt),
    userId: key.userId,
  };
}

/** `GET /api-keys`: the ones used last come first. */
export function keysOf(world: World, organization: OrganizationRow): KeyRow[] {
  const keys = [...world.keys.values()].filter((key) => key.organizationId === organization.id);
  return keys.sort((a, b) => (b.lastUsedAt ?? 0) - (a.lastUsedAt ?? 0) || b.createdAt - a.createdAt);
}

/** @throws HttpError 404 */
export function findKey(world: World, organization: OrganizationRow, userId: string, name: string): KeyRow {
  const key = keysOf(world, organization).find((one) => one.userId === userId && one.name === name);
  if (!key) throw notFound("API key not found");
  return key;
}

/** `POST /api-keys` @throws HttpError 400, 409 */
export function createKey(world: World, organization: OrganizationRow, userId: string, body: unknown) {
  const { name, permissions, expiresAt } = checkKey(body);
  for (const key of world.keys.values()) {
    if (key.organizationId === organization.id && key.userId === userId && key.name === name && key !== world.apiKey) {
      throw new HttpError(409, "API key with this name already exists");
    }
  }
  const key = world.addKey({
    name,
    organizationId: organization.id,
    userId,
    permissions,
    expiresAt,
  });
  return {
    name: key.name,
    value: key.value,
    createdAt: date(key.createdAt),
    permissions: key.permissions,
    expiresAt: date(key.expiresAt),
  };
}

/** The server's checks of a new key, with its messages in its order. @throws HttpError 400 */
function checkKey(body: unknown): Pick<KeyRow, "name" | "permissions" | "expiresAt"> {
  const fields = (body ?? {}) as Record<string, unknown>;
  const { name, permissions } = fields;
  const expiresAt = expiryOf(fields.expiresAt);
  const errors: string[] = [];
  checkShownName(fields, errors);
  if (empty(name)) errors.push("name should not be empty");
  if (!(Array.isArray(permissions) ? permissions : [permissions]).every((p) => PERMISSIONS.includes(p as string)))
    errors.push(`each value in permissions must be one of the following values: ${PERMISSIONS.join(", ")}`);
  if (!Array.isArray(permissions)) errors.push("permissions must be an array");
  if (Number.isNaN(expiresAt)) errors.push("expiresAt must be a Date instance");
  if (errors.length > 0) throw badRequest(errors.join(", "));
  return { name: name as string, permissions: permissions as string[], expiresAt };
}

/** When a key ends, in ms since the epoch; null: never; NaN: it is no date. */
function expiryOf(value: unknown): number | null {
  if (isMissing(value)) return null;
  // The server converts the items of a list one by one, and a list of dates is no date.
  return Array.isArray(value) ? NaN : new Date(value as string).getTime();
}
