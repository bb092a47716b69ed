import type { RegionDto, SnapshotDto } from "../../lifecycle";
import type { Found } from "../ports";

/** A snapshot of the API under the names of the attribute table. */
export function foundSnapshot(dto: SnapshotDto): Found {
  const { mem, buildInfo, ...rest } = dto;
  return { ...rest, memory: mem, dockerfileContent: buildInfo?.dockerfileContent ?? null };
}

/** Regions in an order that does not move. */
export function foundRegions(regions: readonly RegionDto[]): Found[] {
  return [...regions].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)) as unknown as Found[];
}
