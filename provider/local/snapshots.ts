import { createHash } from "node:crypto";
import { snapshotDto } from "./dto";
import { badRequest, forbidden, HttpError, notFound, unexpected } from "./httpError";
import { INTERNAL_REGISTRY } from "./options";
import { runnerClass, type Runner, tooLarge } from "./runner";
import type { BuildRow, OrganizationRow, RegionRow, SnapshotRow } from "./rows";
import { checkCreate, checkImageName, checkSnapshotName, isUuid } from "./validation";
import type { World } from "./world";

const LIMITS = "Need higher resource limits per-sandbox? Contact us at support@daytona.io and let us know about your use case.";
const CONSUMING = ["pending", "pulling", "building", "active"];
/** How long the first create of a build is under way: an identical one in this time fails with a 500, as two inserts of one key do. */
const INSERT_MS = 5;

type Fields = Record<string, unknown>;

/** The calls on snapshots, with the server's checks in the server's order. */
export class SnapshotCalls {
  readonly #inserting = new Set<string>();

  constructor(private readonly world: World, private readonly runner: Runner) {}

  /** `POST /snapshots` */
  async create(organization: OrganizationRow, body: unknown): Promise<unknown> {
    const fields = checkCreate(body);
    const build = fields.buildInfo as Fields | undefined | null;
    if (build) {
      if (fields.imageName) throw badRequest("Cannot specify an image name when using a build info entry");
      if (fields.entrypoint) throw badRequest("Cannot specify an entrypoint when using a build info entry");
    } else if (!fields.imageName) throw badRequest("Must specify an image name when not using a build info entry");

    const region = this.#region(organization, fields.regionId as string | undefined);
    const name = fields.name as string;
    checkSnapshotName(name);
    if (!build) checkImageName(fields.imageName as string);
    const sandboxClass = (fields.sandboxClass as string | undefined | null) ?? "container";
    if (sandboxClass === "windows") {
      throw badRequest("Windows snapshots cannot be created via this endpoint; they are produced by snapshot-from-sandbox flows.");
    }
    if (!region.runners.includes(runnerClass(sandboxClass))) {
      throw badRequest(`No runners are configured in region '${region.name}' for sandbox class '${sandboxClass}'. Try a different region or sandbox class.`);
    }
    this.#notSuspended(organization);
    this.#quotas(organization, fields);
    const row = columns(fields, region.id);
    row.organizationId = typeof fields.organizationId === "string" ? fields.organizationId : organization.id;
    row.sandboxClass = sandboxClass;
    row.gpuType = row.gpu ? ((fields.gpuType as string[] | undefined)?.[0] ?? "H100") : null;

    let hashes: unknown;
    if (build) hashes = await this.#attachBuild(organization, row, build);
    else row.entrypoint = cleanEntrypoint(fields.entrypoint);
    if (fields.id !== undefined || !this.world.organizations.has(row.organizationId)) throw unexpected();
    if (this.world.byName(row.organizationId, name)) throw new HttpError(409, `Snapshot with name "${name}" already exists for this organization`);
    const inserted = this.world.insert({ ...row, name });
    const dto = snapshotDto(this.world, inserted, "created", hashes);
    this.world.emit(inserted.organizationId, "snapshot.created", dto);
    this.runner.start(inserted);
    return dto;
  }

  /** Finds or makes the shared build, and takes over a finished image of the same text. @returns the hashes as the answer shows them */
  async #attachBuild(organization: OrganizationRow, row: Partial<SnapshotRow>, build: Fields): Promise<unknown> {
    const { world } = this;
    const dockerfile = build.dockerfileContent;
    const hashes = build.contextHashes ?? [];
    if (typeof dockerfile !== "string" || !(typeof hashes === "string" || Array.isArray(hashes))) throw unexpected();
    row.entrypoint = cleanEntrypoint(dockerfileEntrypoint(dockerfile));
    const key = buildKey(dockerfile, hashes);
    if (this.#inserting.has(key)) throw unexpected();
    const known = world.builds.get(key);
    const now = world.clock.now();
    if (known) {
      if (now - known.lastTouched >= 60_000) known.updatedAt = known.lastTouched = now;
    } else {
      this.#inserting.add(key);
      await world.clock.sleep(INSERT_MS);
      this.#inserting.delete(key);
      this.keepBuild(dockerfile, build.contextHashes);
    }
    row.buildRef = key;
    row.ref = buildImage(key);
    const size = this.runner.ready.has(row.ref) ? world.withRef(row.ref).find((s) => s.size !== null)?.size : undefined;
    if (size !== undefined && size !== null) {
      if (size > organization.maxSnapshotSize) throw badRequest(tooLarge(size, organization.maxSnapshotSize));
      Object.assign(row, { size, state: "active", lastUsedAt: world.clock.now() });
    }
    return known ? undefined : (build.contextHashes ?? null);
  }

  /** The shared build of this text, made when it is new. */
  keepBuild(dockerfileContent: string, contextHashes: unknown): { buildRef: string; ref: string } {
    const buildRef = buildKey(dockerfileContent, contextHashes ?? []);
    const now = this.world.clock.now();
    const made: BuildRow = { snapshotRef: buildRef, dockerfileContent, contextHashes: storedHashes(contextHashes), createdAt: now, updatedAt: now, lastTouched: 0 };
    if (!this.world.builds.has(buildRef)) this.world.builds.set(buildRef, made);
    return { buildRef, ref: buildImage(buildRef) };
  }

  /** `GET /snapshots/{id or name}` */
  get(organizationId: string, idOrName: string): unknown {
    const found = this.access(organizationId, idOrName, true);
    return snapshotDto(this.world, found, "read");
  }

  /** `DELETE /snapshots/{uuid}` */
  delete(organizationId: string, id: string): void {
    const row = this.#byUuid(organizationId, id);
    if (row.general) throw forbidden("You cannot delete a general snapshot");
    this.world.update(row, { state: "removing" });
    this.runner.planCron();
  }

  /** `POST /snapshots/{uuid}/activate` */
  activate(organization: OrganizationRow, id: string): unknown {
    const { world } = this;
    const row = this.#byUuid(organization.id, id);
    if (row.state === "active") throw badRequest(`Snapshot ${id} is already active`);
    if (row.state !== "inactive") throw badRequest(`Snapshot ${id} cannot be activated - it is in ${row.state} state`);
    if (world.clock.now() - row.updatedAt < world.settings.activationCooldownMs) {
      throw badRequest("Snapshot deactivation is still in progress. Please try again in a few minutes.");
    }
    this.#notSuspended(organization);
    if (!world.regions.has(row.regionIds[0] ?? "")) throw notFound(`Region for snapshot ${id} not found`);
    this.#quotas(organization, { cpu: row.cpu, memory: row.mem, disk: row.disk, gpu: row.gpu });
    world.update(row, { state: "pending" });
    const dto = snapshotDto(world, row, "read");
    this.runner.start(row);
    return dto;
  }

  /** `POST /snapshots/{uuid}/deactivate`: in any state, and so it cancels a removal. */
  deactivate(organizationId: string, id: string): void {
    const row = this.#byUuid(organizationId, id);
    if (row.state === "inactive") return;
    this.world.update(row, { state: "inactive" });
    this.runner.forget(row);
  }

  /** The server's access guards. `read` lets other organizations' general snapshots pass. */
  access(organizationId: string, idOrName: string, read = false): SnapshotRow {
    const { world } = this;
    const row = (isUuid(idOrName) && world.snapshots.get(idOrName.toLowerCase())) || world.byName(organizationId, idOrName) || world.generalByName(idOrName);
    if (!row) throw notFound(`Snapshot with name ${idOrName} not found`);
    if (row.organizationId !== organizationId && !(read && row.general)) throw notFound(`Snapshot with ID or name ${idOrName} not found`);
    return row;
  }

  #byUuid(organizationId: string, id: string): SnapshotRow {
    this.access(organizationId, id);
    if (!isUuid(id)) throw badRequest("Validation failed (uuid is expected)");
    const row = this.world.snapshots.get(id.toLowerCase());
    if (!row) throw notFound(`Snapshot ${id} not found`);
    return row;
  }

  #region(organization: OrganizationRow, wanted: string | undefined): RegionRow {
    if (organization.defaultRegionId === null) {
      throw badRequest("This organization does not have a default region. Please open the Daytona Dashboard to set a default region.");
    }
    const id = wanted?.trim();
    const region = this.world.regions.get(id || organization.defaultRegionId);
    if (!region) throw notFound(id ? "Region not found" : "Default region not found");
    if (id && !this.world.availableRegions(organization.id).includes(region)) {
      if (region.regionType === "shared") throw forbidden(`Region ${region.id} is not available to the organization`);
      throw notFound(`Region ${region.id} not found`);
    }
    return region;
  }

  #notSuspended(organization: OrganizationRow): void {
    if (!organization.suspended || (organization.suspendedUntil !== null && organization.suspendedUntil <= this.world.clock.now())) return;
    throw forbidden(organization.suspensionReason ? `Organization is suspended: ${organization.suspensionReason}` : "Organization is suspended");
  }

  #quotas(organization: OrganizationRow, wanted: Fields): void {
    const cpu = Number(wanted.cpu ?? 0), memory = Number(wanted.memory ?? 0), disk = Number(wanted.disk ?? 0), gpu = Number(wanted.gpu ?? 0);
    if (cpu > organization.maxCpu) throw badRequest(`CPU request ${cpu} exceeds maximum allowed per sandbox (${organization.maxCpu}).\n${LIMITS}`);
    if (memory > organization.maxMemory) throw badRequest(`Memory request ${memory}GB exceeds maximum allowed per sandbox (${organization.maxMemory}GB).\n${LIMITS}`);
    if (disk > organization.maxDisk) throw badRequest(`Disk request ${disk}GB exceeds maximum allowed per sandbox (${organization.maxDisk}GB).\n${LIMITS}`);
    if (gpu > 0 && organization.gpuQuota === 0) throw badRequest("GPU quota exceeded. Maximum allowed: 0.");
    const quota = this.world.settings.snapshotQuota;
    if (quota === null || organization !== this.world.own) return;
    let used = 1;
    for (const row of this.world.snapshots.values()) if (row.organizationId === organization.id && CONSUMING.includes(row.state)) used++;
    if (used > quota) throw badRequest(`Snapshot quota exceeded. Maximum allowed: ${quota}`);
  }
}

/** Columns that the server takes from the body, some of them unintentionally. What the database refuses is a 500. */
function columns(fields: Fields, regionId: string): Partial<SnapshotRow> {
  const whole = (value: unknown, standard: number) => {
    if (value === undefined) return standard;
    if (!Number.isInteger(value)) throw unexpected();
    return value as number;
  };
  const time = (value: unknown) => {
    if (value === undefined || value === null) return undefined;
    const ms = new Date(value as string).getTime();
    if (Number.isNaN(ms)) throw unexpected();
    return ms;
  };
  if (fields.size !== undefined && fields.size !== null && typeof fields.size !== "number") throw unexpected();
  const createdAt = time(fields.createdAt), updatedAt = time(fields.updatedAt), lastUsedAt = time(fields.lastUsedAt);
  return {
    imageName: (fields.imageName as string | undefined | null) ?? "",
    cpu: whole(fields.cpu, 1), gpu: whole(fields.gpu, 0), mem: whole(fields.memory, 1), disk: whole(fields.disk, 3),
    size: (fields.size as number | undefined) ?? null,
    errorReason: typeof fields.errorReason === "string" ? fields.errorReason : null,
    initialRunnerId: typeof fields.initialRunnerId === "string" ? fields.initialRunnerId : null,
    hideFromUsers: fields.hideFromUsers === true,
    regionIds: [regionId],
    ...(createdAt === undefined ? {} : { createdAt }), ...(updatedAt === undefined ? {} : { updatedAt }), ...(lastUsedAt === undefined ? {} : { lastUsedAt }),
  };
}

function cleanEntrypoint(entrypoint: unknown): string[] | null {
  if (!Array.isArray(entrypoint)) return null;
  const kept = entrypoint.filter((word): word is string => typeof word === "string" && word.trim() !== "");
  return kept.length > 0 ? kept : null;
}

/** The last ENTRYPOINT of the text; words in shell form stay one string. */
function dockerfileEntrypoint(dockerfile: string): string[] {
  const last = [...dockerfile.matchAll(/ENTRYPOINT\s+(.*)/g)].at(-1)?.[1]?.trim();
  if (last === undefined) return ["sleep", "infinity"];
  try {
    const words: unknown = JSON.parse(last);
    if (Array.isArray(words)) return words as string[];
  } catch {
    return [last.replace(/["']/g, "")];
  }
  return ["sleep", "infinity"];
}

function buildKey(dockerfile: string, hashes: unknown): string {
  const sorted = [...(hashes as Iterable<unknown>)].sort().join("");
  return `daytona-${createHash("sha256").update(dockerfile + sorted).digest("hex")}:daytona`;
}

const buildImage = (key: string) => `${INTERNAL_REGISTRY}/daytona/${key}`;

/** The database keeps hashes in one comma-joined column. */
function storedHashes(hashes: unknown): string[] | null {
  if (hashes === undefined || hashes === null) return null;
  const joined = Array.isArray(hashes) ? hashes.join(",") : String(hashes);
  return joined === "" ? [] : joined.split(",");
}
