/** `entrypoint`: a Dockerfile brings its own, and the API fills in that of the image, sometimes late. */

import type { SnapshotDto } from "../../../api/types";
import type { SnapshotRecord, Written } from "../record";
import type { Difference } from "../table/compare";
import type { Differ } from "../table/differ";
import { known } from "../../../kit/unknown";
import { sameList } from "../table/values";
import { hasUnknown, isUnknown } from "../../../kit/unknown";

export function compareEntrypoint(prior: SnapshotRecord, { entrypoint }: Written): Difference[] {
  if (entrypoint === null) return [];
  const same =
    !isUnknown(entrypoint) &&
    !hasUnknown(entrypoint) &&
    prior.entrypoint !== null &&
    sameList(entrypoint, prior.entrypoint);
  return same ? [] : [{ name: "entrypoint", asks: "content" }];
}

/** The entrypoint of a create request for an image; undefined: the image's own. With a Dockerfile, the API refuses even an empty one. */
export function entrypointToSend(planned: Written): string[] | undefined {
  const entrypoint = known(planned.entrypoint);
  return entrypoint !== null && entrypoint.length > 0 ? [...entrypoint] : undefined;
}

/** The entrypoint as a refresh stores it. One that comes late is taken over with the next change only. */
export function refreshedEntrypoint(dto: SnapshotDto, prior: SnapshotRecord, same: boolean): string[] | null {
  return prior.entrypoint !== null || !same ? (dto.entrypoint ?? prior.entrypoint) : null;
}

/** What a state says about the entrypoint of a build is only what the API said before. */
export function differEntrypoint(desired: Written, dto: SnapshotDto, differ: Differ): void {
  const entrypoint = known(desired.entrypoint);
  const ofImage = known(desired.image) !== null || known(desired.localImage) !== null;
  if (ofImage && entrypoint !== null && dto.entrypoint !== undefined && !sameList(entrypoint, dto.entrypoint ?? []))
    differ("entrypoint", entrypoint, dto.entrypoint);
}
