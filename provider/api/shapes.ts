import { UnreachableError, WrongAddressError } from "./errors";
import type { ApiKeyDto, RegionDto, SnapshotDto, SnapshotPage } from "./types";

/** Checks only what later steps depend on. New fields, new states and missing optional fields are accepted. */
function object(value: unknown): Record<string, unknown> | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
}

/** Whether a value can be used as a snapshot. */
export function isSnapshot(value: unknown): value is SnapshotDto {
  const it = object(value);
  return it !== null && ["id", "name", "state"].every((field) => typeof it[field] === "string" && it[field] !== "");
}

/** Anything with an ID and a name counts as a snapshot, whatever its state; null otherwise. */
function snapshotOf(value: unknown): SnapshotDto | null {
  if (isSnapshot(value)) return value;
  const it = object(value);
  const named = it !== null && ["id", "name"].every((field) => typeof it[field] === "string" && it[field] !== "");
  return named ? ({ ...it, state: "unknown" } as unknown as SnapshotDto) : null;
}

/** @throws UnreachableError if the answer is not a snapshot */
export function asSnapshot(value: unknown, request: string): SnapshotDto {
  const dto = snapshotOf(value);
  if (dto === null) throw foreign(request, "a snapshot");
  return dto;
}

/** @throws UnreachableError if the answer is not a page of snapshots */
export function asPage(value: unknown, request: string): SnapshotPage {
  const it = object(value);
  const shown = it?.["items"];
  // One unusable row must not hide the others.
  const items = Array.isArray(shown) ? shown.map(snapshotOf).filter((dto) => dto !== null) : [];
  if (!Array.isArray(shown) || (shown.length > 0 && items.length === 0)) throw foreign(request, "a page of snapshots");
  const number = (field: string, otherwise: number): number => (typeof it?.[field] === "number" ? it[field] : otherwise);
  return { items, total: number("total", items.length), page: number("page", 1), totalPages: number("totalPages", 1) };
}

/** @throws UnreachableError if the answer is not a list of regions */
export function asRegions(value: unknown, request: string): RegionDto[] {
  if (Array.isArray(value) && value.every((it) => typeof object(it)?.["id"] === "string")) return value as RegionDto[];
  throw foreign(request, "a list of regions");
}

/** null: not an API key. */
export function asApiKey(value: unknown): ApiKeyDto | null {
  const it = object(value);
  const permissions = it?.["permissions"];
  return Array.isArray(permissions) && permissions.every((one) => typeof one === "string") ? (value as ApiKeyDto) : null;
}

/** The organization of the storage credentials. Nothing else of them is kept. */
export function asOrganization(value: unknown): string | null {
  const id = object(value)?.["organizationId"];
  return typeof id === "string" && id !== "" ? id : null;
}

function foreign(request: string, what: string): UnreachableError {
  return new WrongAddressError(`the answer to ${request} is not ${what}. Check the API URL; it usually ends in /api`, { status: 200, request });
}
