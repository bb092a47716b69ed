/** What the API says of the source. */

import type { SnapshotDto } from "../../../../api/types";
import type { SnapshotRecord } from "../../record";
import { type Source, needsReading, sameText, stripTriggers } from "../../source";
import { imageBuildOf } from "./image-build";
import { isSameContent } from "./pin";

/** The source of a snapshot, as the API reports it; null if it does not. */
export function sourceOf(dto: SnapshotDto): Source | null {
  // Whatever else is said of it, nobody can pull or build it again.
  if (dto.sourceSandboxId) return null;
  const image = imageBuildOf(dto)?.image;
  if (image !== undefined) return { image, dockerfileContent: null };
  const text = dto.buildInfo?.dockerfileContent;
  if (typeof text === "string") return { image: null, dockerfileContent: stripTriggers(text) };
  return dto.imageName ? { image: dto.imageName, dockerfileContent: null } : null;
}

/** The source as a refresh stores it, if it has changed. */
export function refreshedSource(dto: SnapshotDto, prior: SnapshotRecord): Partial<Source> {
  // The state has neither the text of a build with files, build arguments or a target, nor where a local image was pushed. The API never changes them.
  const source = needsReading(prior) ? null : sourceOf(dto);
  if (source === null || sameSource(source, prior)) return {};
  // Made from the digest of the tag that the program writes, which stays what it is compared with.
  const pinned =
    source.image !== null &&
    prior.image !== null &&
    isSameContent({ image: source.image, digest: null }, { image: prior.image, digest: prior.imageDigest ?? null });
  return pinned ? {} : source;
}

/** Whether what the API tells is the source that a record has (line ends and the comment line of triggers aside). */
export function sameSource(source: Source, other: Source): boolean {
  if (source.image !== other.image) return false;
  if (source.dockerfileContent === null || other.dockerfileContent === null)
    return source.dockerfileContent === other.dockerfileContent;
  return sameText(source.dockerfileContent, other.dockerfileContent);
}
