import { UnreachableError, WrongAddressError } from "./errors";
import type { ApiKeyDto, RegionDto, RegistryDto, SandboxDto, SnapshotDto, SnapshotPage } from "./types";

/** Checks only what later steps depend on. New fields, new states and missing optional fields are accepted. */
function object(value: unknown): Record<string, unknown> | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}

const isText = (value: unknown): boolean => typeof value === "string";
const isNumber = (value: unknown): boolean => typeof value === "number";
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);

/** What a field has to be, and how a message says that. `T` is the type that later steps take it for. */
interface Shape<T> {
  readonly what: string;
  readonly is: (value: unknown) => boolean;
  /** Never there: it lets the compiler refuse the shape of another type. */
  readonly of?: (value: T) => T;
}

const text: Shape<string> = { what: "a string", is: isText };
const number: Shape<number> = { what: "a number", is: isNumber };
const flag: Shape<boolean> = { what: "true or false", is: (value) => typeof value === "boolean" };
const texts: Shape<string[]> = { what: "a list of strings", is: isTexts };

/** What later steps take the fields of a snapshot for. Each may be missing or null. */
const FIELDS: { readonly [Name in Checked]: Shape<NonNullable<SnapshotDto[Name]>> } = {
  organizationId: text,
  imageName: text,
  errorReason: text,
  createdAt: text,
  updatedAt: text,
  lastUsedAt: text,
  ref: text,
  gpuType: text,
  sandboxClass: text,
  initialRunnerId: text,
  sourceSandboxId: text,
  size: number,
  cpu: number,
  gpu: number,
  mem: number,
  disk: number,
  general: flag,
  entrypoint: texts,
  regionIds: texts,
  buildInfo: { what: "a description of a build", is: isBuildInfo },
};
/** Every field but those without which nothing counts as a snapshot (`isNamed`). */
type Checked = Exclude<keyof Required<SnapshotDto>, "id" | "name" | "state">;

/** The server gives the hashes back as it got them, which another client may have sent as one text. */
function isBuildInfo(value: unknown): boolean {
  const it = object(value);
  const fits = (field: string, is: (value: unknown) => boolean): boolean =>
    it?.[field] === undefined || it[field] === null || is(it[field]);
  return (
    it !== null &&
    fits("dockerfileContent", isText) &&
    fits("contextHashes", (hashes) => isText(hashes) || isTexts(hashes)) &&
    fits("snapshotRef", isText)
  );
}

/** The fields of another type than later steps take them for. */
function wrongFields(dto: SnapshotDto): { name: string; what: string }[] {
  return Object.entries(FIELDS).flatMap(([name, { what, is }]) => {
    const value = dto[name as Checked];
    return value === undefined || value === null || is(value) ? [] : [{ name, what }];
  });
}

/** Whether a value can be used as a snapshot. */
export function isSnapshot(value: unknown): value is SnapshotDto {
  return isNamed(value) && wrongFields(value).length === 0;
}

function isNamed(value: unknown): value is SnapshotDto {
  const it = object(value);
  return it !== null && ["id", "name", "state"].every((field) => typeof it[field] === "string" && it[field] !== "");
}

/** Anything with an ID and a name counts as a snapshot, whatever its state; null otherwise. */
function snapshotOf(value: unknown): SnapshotDto | null {
  if (isNamed(value)) return value;
  const it = object(value);
  const unknown = { ...it, state: "unknown" };
  return isSnapshot(unknown) ? unknown : null;
}

/** @throws WrongAddressError if the answer is not a snapshot, or a field of it is of another type than expected */
export function asSnapshot(value: unknown, request: string): SnapshotDto {
  const dto = snapshotOf(value);
  if (dto === null) throw foreign(request, "a snapshot");
  return understood(dto, request);
}

/** The snapshot that was just created: whatever else is wrong with the answer, its ID must not be lost. @throws WrongAddressError if the answer is not a snapshot */
export function asCreated(value: unknown, request: string): SnapshotDto {
  const dto = snapshotOf(value);
  if (dto === null) throw foreign(request, "a snapshot");
  const wrong = wrongFields(dto).map(({ name }) => [name, null]);
  return wrong.length === 0 ? dto : { ...dto, ...(Object.fromEntries(wrong) as object) };
}

/** Left out, such a field would look as if the snapshot had none. */
function understood(dto: SnapshotDto, request: string): SnapshotDto {
  const [wrong] = wrongFields(dto);
  if (wrong === undefined) return dto;
  throw new WrongAddressError(
    `the response to ${request} cannot be used: the "${wrong.name}" of snapshot ${dto.id} is not ${wrong.what}. Check the API URL, and whether a newer release of daytona-iac supports this server`,
    { status: 200, request },
  );
}

/** @throws WrongAddressError if the answer is not a page of snapshots, or a field of one is of another type than expected */
export function asPage(value: unknown, request: string): SnapshotPage {
  const it = object(value);
  const shown = it?.["items"];
  // One unusable row must not hide the others.
  const items = Array.isArray(shown) ? shown.map(snapshotOf).filter((dto) => dto !== null) : [];
  if (!Array.isArray(shown) || (shown.length > 0 && items.length === 0)) throw foreign(request, "a page of snapshots");
  const number = (field: string, otherwise: number): number =>
    typeof it?.[field] === "number" ? it[field] : otherwise;
  items.forEach((dto) => understood(dto, request));
  return { items, total: number("total", items.length), page: number("page", 1), totalPages: number("totalPages", 1) };
}

/** @throws UnreachableError if the answer is not a list of regions */
export function asRegions(value: unknown, request: string): RegionDto[] {
  if (Array.isArray(value) && value.every((it) => typeof object(it)?.["id"] === "string")) return value as RegionDto[];
  throw foreign(request, "a list of regions");
}

/** @throws WrongAddressError if the answer is not a sandbox, or its class is of another type than expected */
export function asSandbox(value: unknown, request: string): SandboxDto {
  const it = object(value);
  const fits = (field: string): boolean => it?.[field] === undefined || it[field] === null || isText(it[field]);
  const usable =
    it !== null &&
    ["id", "name", "state"].every((field) => typeof it[field] === "string" && it[field] !== "") &&
    ["organizationId", "desiredState", "sandboxClass", "errorReason", "updatedAt"].every(fits);
  if (!usable) throw foreign(request, "a sandbox");
  return it as unknown as SandboxDto;
}

/** @throws WrongAddressError if the answer is not a registry. A name may be empty. */
export function asRegistry(value: unknown, request: string): RegistryDto {
  const it = object(value);
  const usable =
    it !== null &&
    typeof it["id"] === "string" &&
    it["id"] !== "" &&
    ["name", "url", "username"].every((field) => typeof it[field] === "string");
  if (!usable) throw foreign(request, "a registry");
  return it as unknown as RegistryDto;
}

/** @throws WrongAddressError if the answer is not a list of registries: an unusable one among them must not read as "gone" */
export function asRegistries(value: unknown, request: string): RegistryDto[] {
  if (!Array.isArray(value)) throw foreign(request, "a list of registries");
  return value.map((item) => asRegistry(item, request));
}

/** null: not an API key. */
export function asApiKey(value: unknown): ApiKeyDto | null {
  const it = object(value);
  const permissions = it?.["permissions"];
  return Array.isArray(permissions) && permissions.every((one) => typeof one === "string")
    ? (value as ApiKeyDto)
    : null;
}

/** The organization of the storage credentials. Nothing else of them is kept. */
export function asOrganization(value: unknown): string | null {
  const id = object(value)?.["organizationId"];
  return typeof id === "string" && id !== "" ? id : null;
}

function foreign(request: string, what: string): UnreachableError {
  return new WrongAddressError(
    `the response to ${request} is not ${what}. Check the API URL; it usually ends in /api`,
    {
      status: 200,
      request,
    },
  );
}
