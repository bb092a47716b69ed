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
          : ` It has the image ${image}. What the tag names now was not compared: give the digest to have a tag followed.`;
      return `Snapshot "${name}" is the same already, so nothing was done.${moved}`;
    }
    case "activated":
      return `Snapshot "${name}" was the same already, and is active now.`;
    case "replaced":
      return `Snapshot "${name}" is replaced, and is active.`;
    default:
      return `Snapshot "${name}" is active.`;
  }
}
