import type { Notice } from "../../kit/notice";
import { isUnknown, known } from "../../kit/unknown";
import type { ToolWords } from "../../kit/words";
import { isPinned } from "../../resources/snapshot/own/source/image-build";
import type { Planned } from "../../resources/snapshot/record";
import { needsReading } from "../../resources/snapshot/source";
import type { Call } from "../call/call";
import { Failure } from "../call/errors";
import type { ImageResolution } from "../resolve/contract";
import { sandboxOf, withSandboxId } from "../sandbox/read-sandbox";
import { readSourceToBuild } from "./prepare-source";

/**
 * The plan with everything that its source needs: the files of a build or a local image as they are now, and the digest of a tag that the
 * snapshot is to be made from, if the plan could not tell it, and the ID of a sandbox.
 * @throws Failure if the source cannot be read, has changed since the plan, or has no digest; Interrupted, DeadlinePassed
 */
export async function sourceToMake(call: Call, planned: Planned): Promise<Planned> {
  if (sandboxOf(planned) !== null) return withSandboxId(call, planned);
  return needsReading(planned) ? readSourceToBuild(call, planned) : pinned(call, planned);
}

/** Whether there is anything to wait for. Without it, a create and a delete of one run keep their order. */
export function needsMore(planned: Planned): boolean {
  return needsReading(planned) || tagToPin(planned) !== null || sandboxOf(planned) !== null;
}

/** The tag whose digest is needed and not known; null: there is none. */
export function tagToPin({ image: written, pinDigest, imageDigest }: Planned): string | null {
  const image = known(written);
  if (known(pinDigest) !== true || image === null || isPinned(image)) return null;
  return isUnknown(imageDigest) || imageDigest === null ? image : null;
}

/** Never makes a snapshot of a tag that was to be pinned. */
async function pinned(call: Call, planned: Planned): Promise<Planned> {
  const image = tagToPin(planned);
  if (image === null) return planned;
  const images = call.shared.images();
  const answer = images === null ? null : await call.deadline.read((signal) => images.resolve(image, signal));
  if (answer?.kind === "resolved") return { ...planned, imageDigest: answer.digest };
  throw new Failure(unknownDigest(call.doing, image, answer, call.context.words), { code: "source" });
}

/**
 * Why no snapshot is made of a tag that is to be pinned.
 * @param doing the beginning of the message
 * @param answer of the registry; null: none is asked
 */
export function unknownDigest(
  doing: string,
  image: string,
  answer: Unresolved | null,
  { attribute }: Pick<ToolWords, "attribute">,
): Notice {
  return {
    summary: `${doing}: the digest of ${image} is unknown`,
    detail: `${reasonOf(answer, attribute("resolveTags"))} ${attribute("pinDigest")} is true, so the snapshot is not created from the tag. Nothing was changed. ${
      answer?.kind === "missing"
        ? `Correct ${attribute("image")}, or push the image.`
        : `Log in to the registry on this machine (\`docker login\`), write the digest in ${attribute("image")} ("${image}@sha256:…"), or set ${attribute("pinDigest")} to false.`
    }`,
    attribute: ["image"],
  };
}

type Unresolved = Exclude<ImageResolution, { kind: "resolved" }>;

function reasonOf(answer: Unresolved | null, resolveTags: string): string {
  return answer === null ? `No registry was asked, because ${resolveTags} is false.` : `${answer.reason}.`;
}
