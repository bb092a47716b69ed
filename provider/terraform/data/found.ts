import type { RegionDto, SnapshotDto } from "../../lifecycle";
import type { Found } from "../ports";

/** A snapshot from the API, with the names of the attribute table. */
export function foundSnapshot(dto: SnapshotDto): Found {
  const { mem, buildInfo, ...rest } = dto;
  return { ...rest, memory: mem, dockerfileContent: buildInfo?.dockerfileContent ?? null };
}

/** Regions in a stable order. */
export function foundRegions(regions: readonly RegionDto[]): Found[] {
  return [...regions].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)) as unknown as Found[];
}
