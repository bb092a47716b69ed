/** `region`: a program names one, the API answers all in which the snapshot is available. */

import type { SnapshotDto } from "../../../api/types";
import { regionsOf } from "../attributes/read";
import type { SnapshotRecord, Written } from "../record";
import type { Difference } from "../table/compare";
import type { Differ } from "../table/differ";
import { known } from "../../../kit/unknown";
import { type MaybeUnknown, UNKNOWN, isUnknown } from "../../../kit/unknown";

export function compareRegion(prior: SnapshotRecord, { region }: Written): Difference[] {
  if (region === null || region === prior.region) return [];
  // One of the snapshot's regions is enough; without any, the API has said nothing that could differ.
  const regions = prior.regionIds ?? [];
  const elsewhere = isUnknown(region) || (regions.length > 0 ? !regions.includes(region) : prior.region !== null);
  return [{ name: "region", asks: elsewhere ? "content" : "managed" }];
}

/** The region of a new snapshot. @param ofProvider the provider's default */
export function plannedRegion({ region }: Written, ofProvider: MaybeUnknown<string | null>): MaybeUnknown<string> {
  return region ?? ofProvider ?? UNKNOWN;
}

/**
 * The region as a refresh stores it. A snapshot keeps its region: one that is missing here is one that the organization may no longer use, and
 * no reason to make another snapshot.
 * @param same whether neither `state` nor the ID has changed
 */
export function refreshedRegion(dto: SnapshotDto, prior: SnapshotRecord, same: boolean): string | null {
  return prior.region === null && !same ? firstRegion(dto) : prior.region;
}

/** The region of a snapshot that no state knows yet. */
export function firstRegion(dto: SnapshotDto): string | null {
  return regionsOf(dto)?.[0] ?? null;
}

export function differRegion(desired: Written, { regionIds }: SnapshotDto, differ: Differ): void {
  const region = known(desired.region);
  if (region !== null && regionIds && regionIds.length > 0 && !regionIds.includes(region))
    differ("region", region, regionIds);
}
