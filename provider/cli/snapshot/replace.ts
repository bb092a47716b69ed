import type { Replaced } from "../../lifecycle";
import type { Planned } from "../../resources/snapshot/record";
import { imageToSend } from "../../resources/snapshot/own/source/pin";

/** What a replace has done, in words. */
export function replacedText(did: Replaced | null, name: string, planned: Planned): string {
  switch (did) {
    case "same": {
      const image = imageToSend(planned);
      const moved =
        image === null || image.includes("@")
          ? ""
          : ` It has the image ${image}. Whether the tag has moved was not checked. To check it, add --pin.`;
      return `Snapshot "${name}" already matches. Nothing was changed.${moved}`;
    }
    case "activated":
      return `Snapshot "${name}" already matched, and is now active.`;
    case "replaced":
      return `Snapshot "${name}" was replaced, and is active.`;
    default:
      return `Snapshot "${name}" is active.`;
  }
}
