/** A tag and its digest: what an image names, what it is made from, and whether two names mean the same content. */

import { type MaybeUnknown, UNKNOWN, isUnknown, known } from "../../../../kit/unknown";
import type { SnapshotRecord, Written } from "../../record";
import type { Difference } from "../../table/compare";
import { isPinned } from "./image-build";

/** An image as it is written, in its parts. */
interface Parts {
  /** With the registry, and `library/` where Docker Hub implies it. */
  readonly repository: string;
  readonly tag: string | null;
  readonly digest: string | null;
}

function partsOf(image: string): Parts {
  const at = image.indexOf("@");
  const digest = at === -1 ? null : image.slice(at + 1);
  const named = at === -1 ? image : image.slice(0, at);
  const colon = named.lastIndexOf(":");
  const tagged = colon > named.lastIndexOf("/");
  return {
    repository: fullName(tagged ? named.slice(0, colon) : named),
    tag: tagged ? named.slice(colon + 1) : null,
    digest,
  };
}

/** `ubuntu` is `docker.io/library/ubuntu`. */
function fullName(name: string): string {
  const first = name.split("/", 1)[0] as string;
  const hasHost = name.includes("/") && (/[.:]/.test(first) || first === "localhost");
  const [host, path] = hasHost ? [first, name.slice(first.length + 1)] : ["docker.io", name];
  if (host !== "docker.io" && host !== "index.docker.io") return name;
  return `docker.io/${path.includes("/") ? path : `library/${path}`}`;
}

/** The digest that an image is written with; null: it has none. */
export function digestIn(image: string): string | null {
  return isPinned(image) ? partsOf(image).digest : null;
}

/** An image and the digest that it is known to have; null: it is not known. */
interface Named {
  readonly image: string;
  readonly digest: string | null;
}

/** Whether two names have the same repository, digest, and tag, if both have one. The same text is the same name. */
export function isSameContent(one: Named, other: Named): boolean {
  if (one.image === other.image) return true;
  const digest = digestIn(one.image) ?? one.digest;
  return digest !== null && digest === (digestIn(other.image) ?? other.digest) && hasSameName(one.image, other.image);
}

/** Whether two images have the same repository, and the same tag, if both have one. */
function hasSameName(one: string, other: string): boolean {
  const [a, b] = [partsOf(one), partsOf(other)];
  return a.repository === b.repository && (a.tag === null || b.tag === null || a.tag === b.tag);
}

/** Whether a snapshot is to be made from the digest of its tag. */
export function pins({ pinDigest, trackTag }: Pick<Written, "pinDigest" | "trackTag">): boolean {
  return known(pinDigest) === true || known(trackTag) === true;
}

/**
 * The image that a create asks for: with the digest that was planned, if the snapshot is to be made from it. The tag stays beside the digest, so
 * that what a program writes can be read back.
 */
export function imageToSend(planned: Written): string | null {
  const image = known(planned.image);
  const digest = known(planned.imageDigest ?? null);
  return image === null || isPinned(image) || !pins(planned) || digest === null ? image : `${image}@${digest}`;
}

/** The image that the snapshot of a record was made from. `imageName` tells: it is empty where a build has taken the image over. */
export function imageMadeFrom(record: Written): string | null {
  const { imageName } = record;
  if (imageName === undefined || isUnknown(imageName)) return imageToSend(record);
  const image = known(record.image);
  const digest = known(record.imageDigest ?? null);
  return image === null || isPinned(image) || digest === null || imageName ? image : `${image}@${digest}`;
}

/** The digest that a program's image names now; null: nobody knows. */
export function digestNow(written: Written): string | null {
  const image = known(written.image);
  if (image === null) return null;
  return digestIn(image) ?? (written.resolution?.kind === "resolved" ? written.resolution.digest : null);
}

/** Whether the image of a snapshot that exists was pulled by its tag, so that a runner decided what it is. */
export function isUnpinned({ image, imageName }: SnapshotRecord): boolean {
  return image !== null && !isPinned(image) && typeof imageName === "string" && imageName !== "";
}

/**
 * Whether a program names by a tag what the state has by its digest, or the other way round. A snapshot that was pulled by its tag is not the
 * same as one that is asked for by digest: a runner may have had other content.
 */
export function isSameImageWritten(prior: SnapshotRecord, written: Written): boolean {
  const image = known(written.image);
  if (image === null || prior.image === null || image === prior.image || written.localImage !== null) return false;
  if (isPinned(image)) return !isUnpinned(prior) && isSameContent({ image, digest: null }, namedIn(prior));
  if (!isPinned(prior.image)) return false;
  // With the tag beside the digest it is this tag's content, even if the tag has moved since.
  const kept = partsOf(prior.image).tag !== null && hasSameName(prior.image, image);
  return kept || isSameContent({ image, digest: digestNow(written) }, namedIn(prior));
}

const namedIn = (prior: SnapshotRecord): Named => ({
  image: prior.image as string,
  digest: prior.imageDigest ?? null,
});

/** A tag that names other content than when the snapshot was made. */
export interface MovedTag {
  readonly image: string;
  readonly from: string;
  readonly to: string;
}

/** null: it has not moved, or nobody can tell, or the program names another image. */
export function movedTag(prior: SnapshotRecord, written: Written): MovedTag | null {
  const image = known(written.image);
  const from = prior.imageDigest ?? null;
  const to = digestNow(written);
  if (image === null || isPinned(image) || from === null || to === null || from === to) return null;
  return image === prior.image || isSameImageWritten(prior, written) ? { image, from, to } : null;
}

/** What `pinDigest` and a tag that has moved ask for. */
export function comparePin(prior: SnapshotRecord, written: Written): Difference[] {
  const pinDigest = written.pinDigest ?? false;
  const found: Difference[] = [];
  const before = prior.pinDigest ?? false;
  if (pinDigest !== false && isUnpinned(prior) && known(written.image) === prior.image)
    found.push({ name: "pinDigest", asks: "content" });
  else if (pinDigest !== before) found.push({ name: "pinDigest", asks: "managed" });
  if (known(written.trackTag) === true && movedTag(prior, written) !== null)
    found.push({ name: "imageDigest", asks: "content" });
  return found;
}

/** Inputs whose change asks for what the tag names now. With any other change, a pinned snapshot keeps its content. */
const ANEW: readonly string[] = ["image", "triggers", "sourceHash", "pinDigest", "imageDigest"];

/**
 * The planned `imageDigest` of a snapshot that is made now. Known, so that a plan shows it and an apply makes exactly this: except where the
 * image is unknown, and where a digest is needed that no registry has told yet, which the apply asks for again.
 * @param prior null: there is none @param content what differs and asks for another snapshot
 */
export function plannedDigest(
  prior: SnapshotRecord | null,
  written: Written,
  content: readonly string[],
): MaybeUnknown<string | null> {
  if (isUnknown(written.image)) return UNKNOWN;
  if (written.image === null) return null;
  const now = digestNow(written);
  const before = keptDigest(prior, written);
  const unmoved = content.length > 0 && content.some((name) => ANEW.includes(name)) ? now : null;
  if (isUnknown(written.pinDigest) || isUnknown(written.trackTag)) return UNKNOWN;
  if (!pins(written)) return now;
  const digest = unmoved ?? before ?? now;
  return digest ?? (written.pinDigest === true ? UNKNOWN : null);
}

/** The digest that a change without another snapshot takes over, where none is known yet. */
export function takenDigest(written: Written): string | null {
  return isUnknown(written.image) ? null : digestNow(written);
}

/** The digest that the present snapshot has of the same image. */
export function keptDigest(prior: SnapshotRecord | null, written: Written): string | null {
  if (prior === null || prior.image === null) return null;
  const same = known(written.image) === prior.image || isSameImageWritten(prior, written);
  return same ? (prior.imageDigest ?? null) : null;
}
