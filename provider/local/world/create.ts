import { createHash } from "node:crypto";
import { checkNotSuspended, checkQuotas, pickRegion, runnersGpu } from "./checks";
import { snapshotDto } from "./dto";
import { badRequest, HttpError, unexpected } from "../protocol/http-error";
import { INTERNAL_REGISTRY } from "../options";
import { runnerClass, type Runner, tooLarge } from "./runner";
import type { BuildRow, OrganizationRow, RegionRow, SnapshotRow } from "./rows";
import { checkCreate, checkImageName, checkSnapshotName, databaseUuid } from "../protocol/validation";
import type { World } from "./world";

type Fields = Record<string, unknown>;

/** `POST /snapshots`, with the server's checks in the server's order. */
export class CreateCall {
  readonly #inserting = new Set<string>();

  constructor(
    private readonly world: World,
    private readonly runner: Runner,
  ) {}

  /** `POST /snapshots` */
  async handle(organization: OrganizationRow, body: unknown): Promise<unknown> {
    const fields = checkCreate(body);
    const build = fields.buildInfo as Fields | undefined | null;
    checkSource(fields, build);
    const region = pickRegion(this.world, organization, fields.regionId as string | undefined);
    const name = fields.name as string;
    checkSnapshotName(name);
    if (!build) checkImageName(fields.imageName as string);
    const sandboxClass = (fields.sandboxClass as string | undefined | null) ?? "container";
    checkSandboxClass(sandboxClass, region);
    checkNotSuspended(this.world, organization);
    checkQuotas(this.world, organization, fields);
    const row = columns(fields, region.id);
    row.organizationId =
      fields.organizationId === undefined ? organization.id : (columnUuid(fields.organizationId) ?? "");
    row.sandboxClass = sandboxClass;
    row.gpuType = row.gpu ? runnersGpu(this.world.settings.gpuTypes, fields.gpuType as string[] | undefined) : null;

    let hashes: unknown;
    if (build) hashes = await this.#attachBuild(organization, row, build);
    else row.entrypoint = cleanEntrypoint(fields.entrypoint);
    this.#checkInsertable(row, name, fields.id);
    const inserted = this.world.insert({ ...row, name });
    const dto = snapshotDto(this.world, inserted, "created", hashes);
    this.world.emit(inserted.organizationId, "snapshot.created", dto);
    this.runner.start(inserted);
    return dto;
  }

  /** What the database refuses. @throws HttpError 409, 500 */
  #checkInsertable(row: Partial<SnapshotRow>, name: string, wantedId: unknown): void {
    const id = wantedId === undefined ? undefined : columnUuid(wantedId);
    if (
      Object.values(row)
        .flat()
        .some((value) => typeof value === "string" && value.includes("\0"))
    )
      throw unexpected();
    const taken = row.organizationId !== "" && this.world.byName(row.organizationId!, name) !== undefined;
    if (taken || (typeof id === "string" && this.world.snapshots.has(id)))
      throw new HttpError(409, `Snapshot with name "${name}" already exists for this organization`);
    // Its region is stored under the id that the server had drawn.
    if (id !== undefined) throw unexpected();
  }

  /** Finds or makes the shared build, and takes over a finished image of the same text. @returns the hashes as the answer shows them */
  async #attachBuild(organization: OrganizationRow, row: Partial<SnapshotRow>, build: Fields): Promise<unknown> {
    const { world } = this;
    const { dockerfile, hashes } = textsOf(build);
    row.entrypoint = cleanEntrypoint(dockerfileEntrypoint(dockerfile));
    const key = buildKey(dockerfile, hashes);
    if (this.#inserting.has(key)) throw unexpected();
    const known = world.builds.get(key);
    const now = world.clock.now();
    if (known) {
      if (now - known.lastTouched >= 60_000) known.updatedAt = known.lastTouched = now;
    } else {
      this.#inserting.add(key);
      await world.clock.sleep(world.settings.insertMs);
      this.#inserting.delete(key);
      this.keepBuild(dockerfile, build.contextHashes);
    }
    row.buildRef = key;
    row.ref = buildImage(key);
    this.#reuseImage(organization, row, row.ref);
    return known ? undefined : (build.contextHashes ?? null);
  }

  /** Takes over the image where the runner has it already. @throws HttpError 400 where it is too large */
  #reuseImage(organization: OrganizationRow, row: Partial<SnapshotRow>, ref: string): void {
    const { world } = this;
    const size = this.runner.ready.has(ref) ? world.withRef(ref).find((s) => s.size !== null)?.size : undefined;
    if (size === undefined || size === null) return;
    if (size > organization.maxSnapshotSize) throw badRequest(tooLarge(size, organization.maxSnapshotSize));
    Object.assign(row, { size, state: "active", lastUsedAt: world.clock.now() });
  }

  /** The shared build of this text, made when it is new. */
  keepBuild(dockerfileContent: string, contextHashes: unknown): { buildRef: string; ref: string } {
    const buildRef = buildKey(dockerfileContent, contextHashes ?? []);
    const now = this.world.clock.now();
    const made: BuildRow = {
      snapshotRef: buildRef,
      dockerfileContent,
      contextHashes: storedHashes(contextHashes),
      createdAt: now,
      updatedAt: now,
      lastTouched: 0,
    };
    if (!this.world.builds.has(buildRef)) this.world.builds.set(buildRef, made);
    return { buildRef, ref: buildImage(buildRef) };
  }
}

/** A snapshot is of an image or of a build. @throws HttpError 400 */
function checkSource(fields: Fields, build: Fields | undefined | null): void {
  if (build) {
    if (fields.imageName) throw badRequest("Cannot specify an image name when using a build info entry");
    if (fields.entrypoint) throw badRequest("Cannot specify an entrypoint when using a build info entry");
  } else if (!fields.imageName) throw badRequest("Must specify an image name when not using a build info entry");
}

/** @throws HttpError 400 */
function checkSandboxClass(sandboxClass: string, region: RegionRow): void {
  if (sandboxClass === "windows") {
    throw badRequest(
      "Windows snapshots cannot be created via this endpoint; they are produced by snapshot-from-sandbox flows.",
    );
  }
  if (!region.runners.includes(runnerClass(sandboxClass))) {
    throw badRequest(
      `No runners are configured in region '${region.name}' for sandbox class '${sandboxClass}'. Try a different region or sandbox class.`,
    );
  }
}

/** The Dockerfile and the hashes of a build; what the server cannot work with is a 500. */
function textsOf(build: Fields) {
  const dockerfile = build.dockerfileContent;
  const hashes = build.contextHashes === undefined ? [] : build.contextHashes;
  if (typeof dockerfile !== "string" || !(typeof hashes === "string" || Array.isArray(hashes))) throw unexpected();
  if (dockerfile.includes("\0") || String(hashes).includes("\0")) throw unexpected();
  return { dockerfile, hashes };
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
  const size = fields.size === undefined || fields.size === null ? null : Number(fields.size);
  if (
    Number.isNaN(size) ||
    fields.imageName === null ||
    !/^(t|true|f|false|y|yes|n|no|on|off|1|0)$/i.test(
      String(fields.hideFromUsers ?? (fields.hideFromUsers === null ? "" : "f")),
    )
  )
    throw unexpected();
  const createdAt = time(fields.createdAt),
    updatedAt = time(fields.updatedAt),
    lastUsedAt = time(fields.lastUsedAt);
  return {
    imageName: (fields.imageName as string | undefined) ?? "",
    cpu: whole(fields.cpu, 1),
    gpu: whole(fields.gpu, 0),
    mem: whole(fields.memory, 1),
    disk: whole(fields.disk, 3),
    size,
    errorReason: typeof fields.errorReason === "string" ? fields.errorReason : null,
    initialRunnerId: typeof fields.initialRunnerId === "string" ? fields.initialRunnerId : null,
    hideFromUsers: fields.hideFromUsers === true,
    regionIds: [regionId],
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(updatedAt === undefined ? {} : { updatedAt }),
    ...(lastUsedAt === undefined ? {} : { lastUsedAt }),
  };
}

/** null stays; what is no UUID is refused by the database. */
function columnUuid(value: unknown): string | null {
  const uuid = typeof value === "string" ? databaseUuid(value) : null;
  if (value !== null && uuid === null) throw unexpected();
  return uuid;
}

function cleanEntrypoint(entrypoint: unknown): string[] | null {
  if (!Array.isArray(entrypoint)) return null;
  // The server trims whatever is there.
  if (entrypoint.some((word) => Boolean(word) && typeof word !== "string")) throw unexpected();
  const kept = entrypoint.filter((word): word is string => Boolean(word) && word.trim() !== "");
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
  return `daytona-${createHash("sha256")
    .update(dockerfile + sorted)
    .digest("hex")}:daytona`;
}

const buildImage = (key: string) => `${INTERNAL_REGISTRY}/daytona/${key}`;

/** The database keeps hashes in one comma-joined column. */
function storedHashes(hashes: unknown): string[] | null {
  if (hashes === undefined || hashes === null) return null;
  const joined = Array.isArray(hashes) ? hashes.join(",") : String(hashes);
  return joined === "" ? [] : joined.split(",");
}
