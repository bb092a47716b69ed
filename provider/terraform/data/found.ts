import type { RegionDto } from "../../lifecycle";
import type { Found } from "../ports";

/** Regions in a stable order. */
export function foundRegions(regions: readonly RegionDto[]): Found[] {
  return [...regions].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)).map((region) => ({ ...region }));
}
