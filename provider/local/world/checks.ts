import { badRequest, forbidden, notFound } from "../protocol/http-error";
import type { OrganizationRow, RegionRow } from "./rows";
import type { World } from "./world";

const LIMITS =
  "Need higher resource limits per-sandbox? Contact us at support@daytona.io and let us know about your use case.";
/** States that take a place of the snapshot quota. */
const CONSUMING = ["pending", "pulling", "building", "active"];

/** The region of a new snapshot. @throws HttpError 400, 403, 404 */
export function pickRegion(world: World, organization: OrganizationRow, wanted: string | undefined): RegionRow {
  if (organization.defaultRegionId === null) {
    throw badRequest(
      "This organization does not have a default region. Please open the Daytona Dashboard to set a default region.",
    );
  }
  const id = wanted?.trim();
  const region = world.regions.get(id || organization.defaultRegionId);
  if (!region) throw notFound(id ? "Region not found" : "Default region not found");
  if (id && !world.availableRegions(organization.id).includes(region)) {
    if (region.regionType === "shared") throw forbidden(`Region ${region.id} is not available to the organization`);
    throw notFound(`Region ${region.id} not found`);
  }
  return region;
}

/** @throws HttpError 403 */
export function checkNotSuspended(world: World, organization: OrganizationRow): void {
  if (
    !organization.suspended ||
    (organization.suspendedUntil !== null && organization.suspendedUntil <= world.clock.now())
  )
    return;
  throw forbidden(
    organization.suspensionReason
      ? `Organization is suspended: ${organization.suspensionReason}`
      : "Organization is suspended",
  );
}

/** Limits of one sandbox, then the quota. @throws HttpError 400 */
export function checkQuotas(world: World, organization: OrganizationRow, wanted: Record<string, unknown>): void {
  checkSandbox(organization, wanted);
  const quota = world.settings.snapshotQuota;
  if (quota === null || organization !== world.own) return;
  let used = 1;
  for (const row of world.snapshots.values())
    if (row.organizationId === organization.id && CONSUMING.includes(row.state)) used++;
  if (used > quota) throw badRequest(`Snapshot quota exceeded. Maximum allowed: ${quota}`);
}

/** The type of GPU of a runner that is free. @param asked in the order of preference; undefined: any @throws HttpError 400 */
export function runnersGpu(types: readonly string[], asked: readonly string[] | undefined): string {
  const found = asked === undefined ? types[0] : asked.find((type) => types.includes(type));
  if (found !== undefined) return found;
  throw badRequest(
    asked === undefined ? "No available runners" : `No available runners with GPU type: ${asked.join(", ")}.`,
  );
}

/** @throws HttpError 400 */
function checkSandbox(organization: OrganizationRow, wanted: Record<string, unknown>): void {
  const cpu = Number(wanted.cpu ?? 0),
    memory = Number(wanted.memory ?? 0),
    disk = Number(wanted.disk ?? 0),
    gpu = Number(wanted.gpu ?? 0);
  if (cpu > organization.maxCpu)
    throw badRequest(`CPU request ${cpu} exceeds maximum allowed per sandbox (${organization.maxCpu}).\n${LIMITS}`);
  if (memory > organization.maxMemory)
    throw badRequest(
      `Memory request ${memory}GB exceeds maximum allowed per sandbox (${organization.maxMemory}GB).\n${LIMITS}`,
    );
  if (disk > organization.maxDisk)
    throw badRequest(
      `Disk request ${disk}GB exceeds maximum allowed per sandbox (${organization.maxDisk}GB).\n${LIMITS}`,
    );
  if (gpu > 0 && organization.gpuQuota === 0) throw badRequest("GPU quota exceeded. Maximum allowed: 0.");
}
