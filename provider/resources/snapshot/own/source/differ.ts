/** How what is there differs from the source that is asked for, in words. */

import type { SnapshotDto } from "../../../../api/types";
import { isPushOf, pushedHash } from "../../local-image";
import type { Written } from "../../record";
import { type Source, triggersHash, triggersHashIn } from "../../source";
import { show } from "../../table/differ";
import { known } from "../../../../kit/unknown";
import { compareFiles, contextHashesOf } from "./files";
import { sameSource, sourceOf } from "./observe";
import { sandboxDifference } from "./sandbox";
import { imageBuildOf, isPinned } from "./image-build";
import { imageToSend, isSameContent, pins } from "./pin";
import { buildOf, imageHashOf } from "./send";

type Spell = (name: string) => string;

/** @param exact also compares the triggers in a build's last comment line */
export function differSource(desired: Written, dto: SnapshotDto, spell: Spell, exact: boolean): string[] {
  const build = buildOf(desired);
  const wanted = { image: imageToSend(desired), dockerfileContent: build?.text ?? null };
  const actual = sourceOf(dto);
  const found = originDifference(desired, wanted, dto, spell);
  const sent = wanted.dockerfileContent !== null || (wanted.image !== null && imageBuildOf(dto) !== null);
  if (found.length === 0 && exact && sent && !hasTriggersOf(desired, dto))
    found.push("triggers: the snapshot was built with other triggers");
  if (build !== null && actual !== null && actual.image === null) {
    const files = compareFiles(build, contextHashesOf(dto));
    if (files.is !== "same") found.push(`context: ${files.text}`);
  }
  return found;
}

/** The image, or the text of the Dockerfile. */
function originDifference(desired: Written, wanted: Source, dto: SnapshotDto, spell: Spell): string[] {
  const sandbox = known(desired.sourceSandbox ?? null);
  if (sandbox !== null) return sandboxDifference(sandbox, desired, dto, spell);
  const localImage = known(desired.localImage);
  if (localImage !== null) return imageDifference(localImage, desired, dto.imageName ?? null, spell);
  if (wanted.image === null && wanted.dockerfileContent === null) return [];
  const actual = sourceOf(dto);
  // Made from a tag, or from a digest that nobody has told: not what was asked for.
  if (known(desired.pinDigest) === true && wanted.image !== null && !isPinned(wanted.image))
    return [`${spell("pinDigest")}: the digest of ${show(wanted.image)} is unknown, so nothing can be compared`];
  if (wanted.image !== null && isSameImage(wanted.image, desired, actual)) return [];
  return kindDifference(wanted, actual, spell, desired.dockerfile === null ? "dockerfileContent" : "dockerfile");
}

/** Whether what is there was made from the digest that is asked for, with or without its tag. */
function isSameImage(wanted: string, desired: Written, actual: Source | null): boolean {
  if (actual === null || actual.image === null) return false;
  const digest = pins(desired) ? null : known(desired.imageDigest ?? null);
  return isSameContent({ image: wanted, digest }, { image: actual.image, digest: null });
}

function hasTriggersOf(desired: Written, { buildInfo }: SnapshotDto): boolean {
  return triggersHash(known(desired.triggers)) === triggersHashIn(buildInfo?.dockerfileContent ?? "");
}

/** @param attribute the input that has the Dockerfile */
function kindDifference(wanted: Source, actual: Source | null, spell: Spell, attribute: string): string[] {
  // Taken from a sandbox: what cannot be compared must not be taken for the same.
  if (actual === null)
    return [
      `source: requested ${wanted.image !== null ? `image ${show(wanted.image)}` : "a Dockerfile build"}, but the API does not report a source`,
    ];
  if (sameSource(wanted, actual)) return [];
  if (wanted.image !== null && actual.image !== null)
    return [`${spell("image")}: requested ${show(wanted.image)}, found ${show(actual.image)}`];
  if (wanted.image !== null) return [`source: requested image ${show(wanted.image)}, found a Dockerfile build`];
  if (actual.image !== null) return [`source: requested a Dockerfile build, found image ${show(actual.image)}`];
  return [`${spell(attribute)}: the text of the Dockerfile differs`];
}

/** A push tells the hash of its content in its tag; that of another program does not, and cannot be taken for the same. */
function imageDifference(localImage: string, desired: Written, imageName: string | null, spell: Spell): string[] {
  const hash = imageHashOf(desired);
  if (imageName === null) return [`source: requested local image ${show(localImage)}, found no image`];
  if (hash !== null && isPushOf(imageName, localImage, hash) === "same") return [];
  return [
    pushedHash(imageName) === null
      ? `source: requested local image ${show(localImage)}, found image ${show(imageName)}`
      : `${spell("localImage")}: the content of the image differs`,
  ];
}
