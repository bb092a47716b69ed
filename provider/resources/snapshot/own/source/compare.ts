/** The source: one of several inputs names an image or a Dockerfile, and the source hash tells whether what they stand for has changed. */

import { isPushOf } from "../../local-image";
import {
  type ComparedFiles,
  type Marks,
  SPELLED,
  type SnapshotInputs,
  type SnapshotRecord,
  type Written,
} from "../../record";
import { isBuild, isCurrentHash, isPlainText, needsReading, sameText, sourceHash } from "../../source";
import type { Difference } from "../../table/compare";
import { comparedFiles } from "./files";
import { compareSandbox, isFromSandbox } from "./sandbox";
import { isSameImageWritten } from "./pin";
import { type MaybeUnknown, UNKNOWN, hasUnknown, isUnknown } from "../../../../kit/unknown";

/** Inputs of a Dockerfile build whose change only matters if it changes what is sent. */
const BUILD_INPUTS = ["dockerfile", "dockerfileContent", "contextDir", "context", "buildArgs", "target"] as const;

export function compareSource(prior: SnapshotRecord, written: Written, marks: Marks): Difference[] {
  // Nothing can be compared; the hash says so.
  if (isUnread(written)) return compareHash(prior, written, null);
  const images = (["image", "localImage"] as const).filter((name) => written[name] !== prior[name]);
  const build = BUILD_INPUTS.filter(
    (name) => isUnknown(written[name]) || hasUnknown(written[name]) || !isSame(written[name], prior[name]),
  );
  return [
    ...placed(images, () => isSameImage(prior, written, marks), prior, written),
    ...placed(build, () => isSameBuild(prior, written, build), prior, written),
    ...compareSandbox(prior, written, marks),
    ...compareHash(prior, written, comparedFiles(prior, written, marks)),
  ];
}

function placed(
  names: readonly (keyof SnapshotInputs)[],
  isSame: () => boolean,
  prior: SnapshotRecord,
  written: Written,
): Difference[] {
  if (names.length === 0) return [];
  // A tool may only keep the prior value of what the program writes.
  const spelled = SPELLED.filter((name) => names.includes(name) && prior[name] !== null && written[name] !== null);
  const asks = !isSame() ? "content" : spelled.length === names.length ? "spelling" : "managed";
  return names.map((name) => ({ name, asks }));
}

/** Whether it is not known what a source is that cannot be read. A given hash tells. */
export function isUnread(written: Written): boolean {
  return written.unread === true && isUnknown(hashOf(written));
}

/** Whether another name of a local image, or a local image in place of the image that it was pushed as, is the same content. */
function isSameImage(prior: SnapshotRecord, written: Written, marks: Marks): boolean {
  if (isSameImageWritten(prior, written)) return true;
  const { localImage, image, prepared } = written;
  if (typeof localImage !== "string" || image !== null) return false;
  const given = typeof written.sourceHash === "string" ? written.sourceHash : null;
  const hash = given ?? prepared?.hash ?? null;
  if (prior.localImage !== null) return hash !== null && hash === prior.sourceHash;
  if (prior.image === null) return false;
  const pushed = isPushOf(prior.image, localImage, given === null ? hash : null);
  return pushed === "same" || (pushed === "maybe" && marks.imported === true);
}

/** Whether the inputs that differ make the same build. */
function isSameBuild(
  prior: SnapshotRecord,
  written: Written,
  differing: readonly (typeof BUILD_INPUTS)[number][],
): boolean {
  if (
    !isBuild(written) ||
    !isBuild(prior) ||
    differing.some((name) => isUnknown(written[name]) || hasUnknown(written[name]))
  )
    return false;
  const told = tellByHash(prior, written);
  if (told !== null) return told;
  const { prepared, dockerfileContent } = written;
  // After an import there is no hash: the API's text has to do.
  const text = prepared?.text ?? (isPlainText(written) ? dockerfileContent : null);
  return typeof text === "string" && prior.dockerfileContent !== null && sameText(text, prior.dockerfileContent);
}

/** Whether the hashes say that it is the same build; null: they say nothing. */
function tellByHash({ sourceHash: before }: SnapshotRecord, { sourceHash: given, prepared }: Written): boolean | null {
  if (before === null) return null;
  // A hash that the program gives stands for all of the inputs; compareHash judges it.
  if (typeof given === "string") return given === before;
  return prepared !== undefined && isCurrentHash(before) ? prepared.hash === before : null;
}

/** @param files of an import, which has no hash to compare with */
function compareHash(prior: SnapshotRecord, written: Written, files: ComparedFiles | null): Difference[] {
  const before = prior.sourceHash;
  const given = written.sourceHash;
  if (isUnknown(given)) return [{ name: "sourceHash", asks: "content" }];
  if (given !== null) {
    // No hash in the state (an import) says nothing about the source.
    return given === before ? [] : [{ name: "sourceHash", asks: before === null ? "managed" : "content" }];
  }
  if (isUnread(written)) return [{ name: "sourceHash", asks: "content" }];
  if (files?.is === "different") return [{ name: "sourceHash", asks: "content" }];
  if (files?.is === "unknown") return [{ name: "sourceHash", asks: "managed" }];
  if (before === null || !isCurrentHash(before) || isSameImageWritten(prior, written)) return [];
  const now = hashOf(written);
  return typeof now === "string" && now !== before ? [{ name: "sourceHash", asks: "content" }] : [];
}

/** The hash of what is written; UNKNOWN while a part of it is unknown or has not been read. */
export function hashOf(written: Written): MaybeUnknown<string | null> {
  if (written.sourceHash !== null) return written.sourceHash;
  if (written.prepared) return written.prepared.hash;
  const { image, dockerfileContent, sourceSandbox } = written;
  // Nothing tells what a sandbox holds. An unknown one can still turn out to be null.
  if (isFromSandbox(written)) return isUnknown(sourceSandbox) ? UNKNOWN : null;
  if (
    isUnknown(image) ||
    isUnknown(dockerfileContent) ||
    written.localImage !== null ||
    BUILD_INPUTS.some((name) => isUnknown(written[name]) || hasUnknown(written[name]))
  )
    return UNKNOWN;
  if (isBuild(written) && !isPlainText(written)) return UNKNOWN;
  return sourceHash({ image, dockerfileContent });
}

/**
 * The planned hash of a snapshot that exists. A hash of another recipe stays until the next real change.
 * @param content what differs and asks for another snapshot @param sure whether at least one of these is certain
 */
export function plannedHash(
  prior: SnapshotRecord,
  written: Written,
  content: readonly string[],
  sure: boolean,
): MaybeUnknown<string | null> {
  const hash = hashOf(written);
  if (written.sourceHash !== null) return written.sourceHash;
  // Whether there is a change may not be known yet.
  if (content.length > 0) return sure || hash === prior.sourceHash ? hash : UNKNOWN;
  // After an import, only a hash can tell when the files change.
  const adopted =
    (written.prepared !== undefined &&
      needsReading(written) &&
      (prior.sourceHash === null || (prior.image !== null && written.localImage !== null))) ||
    (prior.sourceHash !== null && isCurrentHash(prior.sourceHash) && isSameImageWritten(prior, written));
  return adopted ? hash : prior.sourceHash;
}

/** Deep equality of known values; the order of a map does not count. */
function isSame(a: unknown, b: unknown): boolean {
  const plain = (value: unknown): string =>
    JSON.stringify(
      value === null || typeof value !== "object"
        ? value
        : Array.isArray(value)
          ? value
          : Object.entries(value).sort(([x], [y]) => (x < y ? -1 : 1)),
    );
  return plain(a) === plain(b);
}
