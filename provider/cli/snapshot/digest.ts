import { tagToPin } from "../../lifecycle/publish/pin-source";
import { isUnknown, known } from "../../kit/unknown";
import { isPinned } from "../../resources/snapshot/own/source/image-build";
import type { Planned } from "../../resources/snapshot/record";
import { type Session, Stop } from "../session";

/**
 * Says what the tag of an image names: on stdout, or on stderr where stdout is for objects of the API, which do not tell.
 * @throws Stop, before any request, if `--pin` needs a digest that nobody knows
 */
export async function sayDigest(session: Session, planned: Planned, doing: string): Promise<void> {
  const image = known(planned.image);
  if (image === null || isPinned(image)) return;
  const { imageDigest } = planned;
  const quiet = session.flags.quiet === true;
  if (!isUnknown(imageDigest) && imageDigest !== null) {
    const line = `Image ${image} → ${imageDigest}\n`;
    if (session.format === "table") session.say(line);
    else if (!quiet) session.io.err(line);
    return;
  }
  const { images } = session.connection;
  const answer = images === null ? null : await images.resolve(image, session.signal);
  const reason =
    answer === null || answer.kind === "resolved"
      ? "No registry was asked, because DAYTONA_RESOLVE_TAGS is false"
      : answer.reason;
  if (tagToPin(planned) !== null)
    throw new Stop({
      summary: `${doing}: the digest of ${image} is unknown`,
      detail: `${reason}. With --pin, no snapshot is created from a tag. Nothing was changed. ${
        answer?.kind === "missing"
          ? "Correct --image, or push the image."
          : `Log in to the registry on this machine (\`docker login\`), write the digest in --image ("${image}@sha256:…"), or remove --pin.`
      }`,
    });
  if (answer !== null && !quiet)
    session.io.err(`The digest of ${image} is unknown: ${reason}. Daytona pulls the tag itself.\n`);
}
