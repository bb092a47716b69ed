import type { Found } from "../ports";

/** The API's answers, as far as data sources show them. Structural, so that this face knows the API by its fields only. */
interface Answer {
  mem?: number;
  buildInfo?: { dockerfileContent?: string | null } | null;
  regionIds?: string[] | null;
}

/** A snapshot of the API under the names of the attribute table. */
export function foundSnapshot(dto: Answer): Found {
  const { mem, buildInfo, ...rest } = dto;
  return { ...(rest as Found), memory: mem ?? null, dockerfileContent: buildInfo?.dockerfileContent ?? null };
}

/** Regions in an order that does not move. */
export function foundRegions(regions: readonly { id: string }[]): Found[] {
  return [...regions].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)) as unknown as Found[];
}

/** What the API cannot filter by. */
export function matches(dto: { state: string; regionIds?: string[] | null }, filter: { states: string[] | null; region: string | null }): boolean {
  if (filter.states !== null && !filter.states.includes(dto.state)) return false;
  return filter.region === null || (dto.regionIds ?? []).includes(filter.region);
}
