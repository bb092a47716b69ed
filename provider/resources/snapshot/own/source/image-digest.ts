/** The digest of an image, as the API tells it. */

import type { SnapshotDto } from "../../../../api/types";
import { imageBuildOf, isPinned } from "./image-build";

/** The digest that a snapshot was made from; undefined: it was made from a tag, or from something else. */
export function imageDigestOf(dto: Pick<SnapshotDto, "buildInfo" | "imageName">): string | undefined {
  const image = imageBuildOf(dto)?.image ?? dto.imageName ?? "";
  return isPinned(image) ? image.slice(image.lastIndexOf("@") + 1) : undefined;
}
