import { archiveOf } from "../local-image";
import type { Written } from "../record";
import { known } from "../../../kit/unknown";
import { isUnknown } from "../../../kit/unknown";
import type { Refuse } from "./items";
import type { Spell } from "../../../kit/spell";

/** Rules for the inputs of a Dockerfile build. */
export function buildNotices(written: Written, spell: Spell, refuse: Refuse): void {
  const empty = (name: "dockerfile" | "contextDir" | "target", what: string) => {
    if (known(written[name]) === "")
      refuse([name], `Empty ${what}`, `The value is empty. Set ${spell(name)}, or remove it.`);
  };
  localImageNotice(known(written.localImage), refuse);
  empty("dockerfile", "path");
  empty("contextDir", "path");
  empty("target", "build stage");
  buildOnlyNotice(written, spell, refuse);
  contextNotices(written, spell, refuse);
}

/** What only an image in a registry has. */
export function tagNotices(written: Written, spell: Spell, refuse: Refuse): void {
  const isKnown = (name: keyof Written): boolean => written[name] != null && !isUnknown(written[name]);
  const instead = (["dockerfile", "dockerfileContent", "localImage", "sourceSandbox"] as const).find(isKnown);
  if (instead === undefined) return;
  for (const name of ["pinDigest", "trackTag"] as const)
    if (known(written[name]) === true)
      refuse(
        [name],
        `${spell(name)} without an image`,
        `${spell(name)} is about the tag of ${spell("image")}, but the source is ${spell(instead)}. Remove ${spell(name)}.${instead === "localImage" || instead === "sourceSandbox" ? "" : " To pin a base image, write its digest in FROM."}`,
      );
}

/** What only a build has, beside an image. */
function buildOnlyNotice(written: Written, spell: Spell, refuse: Refuse): void {
  if (written.dockerfile !== null || written.dockerfileContent !== null) return;
  const isKnown = (name: keyof Written): boolean => (written[name] ?? null) !== null && !isUnknown(written[name]);
  const first = (["contextDir", "context", "buildArgs", "target"] as const).find(isKnown);
  const instead = (["image", "localImage", "sourceSandbox"] as const).find(isKnown);
  if (first === undefined || instead === undefined) return;
  refuse(
    [first],
    `${spell(first)} without a Dockerfile`,
    `${spell(first)} can only be set for a build. Remove it, or set ${spell("dockerfile")} instead of ${spell(instead)}.`,
  );
}

function contextNotices(written: Written, spell: Spell, refuse: Refuse): void {
  const { context, contextDir, dockerfile, dockerfileContent } = written;
  if (context === null || isUnknown(context)) return;
  if (contextDir === null && dockerfile === null && known(dockerfileContent) !== null)
    refuse(
      ["context"],
      `${spell("context")} without ${spell("contextDir")}`,
      `The paths are inside the build context. Set ${spell("contextDir")} to its root folder.`,
    );
  if (context.length === 0)
    refuse(
      ["context"],
      "Empty context",
      `The list is empty. Remove ${spell("context")} to send the files that the Dockerfile uses.`,
    );
}

/**
 * Names and IDs of images, with or without a tag and a digest. The name becomes a part of a URL of the engine's API: with others, such as
 * `./agent` or `agent?x`, the engine would be asked for something else, or answer with a redirect.
 */
const IMAGE_NAME =
  /^(?:\[[0-9a-fA-F:.]+\](?::\d+)?\/)?\w[\w.-]*(?::\d+(?=\/))?(?:\/\w[\w.-]*)*(?::\w[\w.-]{0,127})?(?:@\w+:[0-9a-fA-F]+)?$/;

/** A transport alone, whose path is missing. */
const isTransport = (localImage: string): boolean => /^(oci|oci-archive|docker-archive):?$/.test(localImage);

function localImageNotice(localImage: string | null, refuse: Refuse): void {
  if (localImage === null) return;
  const archive = archiveOf(localImage);
  if (/^(docker|docker-daemon|containers-storage|dir):/.test(localImage)) {
    refuse(
      ["localImage"],
      "Invalid local image",
      `"${localImage}" has a transport that is not supported. Use the name of an image in the local engine, or "oci-archive:FILE", "oci:FOLDER" or "docker-archive:FILE".`,
    );
  } else if (archive === null && /^[./~]/.test(localImage)) {
    refuse(
      ["localImage"],
      "Invalid local image",
      `"${localImage}" is a path, not the name of an image. For an image archive, write "oci-archive:FILE", "docker-archive:FILE" or "oci:FOLDER".`,
    );
  } else if (
    (archive === null && !isTransport(localImage) && !IMAGE_NAME.test(localImage)) ||
    archive?.reference === ""
  ) {
    refuse(
      ["localImage"],
      "Invalid local image",
      `"${localImage}" is not the name of an image. Use a name with a tag, such as "agent:dev", or "oci-archive:FILE".`,
    );
  } else if (isTransport(localImage)) {
    refuse(
      ["localImage"],
      "Invalid local image",
      `"${localImage}" has no path. Write "${localImage.replace(":", "")}:PATH".`,
    );
  }
}

/** Rules for the entrypoint. */
export function entrypointNotices(written: Written, spell: Spell, refuse: Refuse): void {
  const { entrypoint, dockerfile, dockerfileContent } = written;
  if (entrypoint === null || isUnknown(entrypoint)) return;
  if (
    (dockerfile !== null && !isUnknown(dockerfile)) ||
    (dockerfileContent !== null && !isUnknown(dockerfileContent))
  ) {
    refuse(
      ["entrypoint"],
      "Entrypoint with a Dockerfile",
      `A Dockerfile defines its own entrypoint. Use ENTRYPOINT in the Dockerfile, and remove ${spell("entrypoint")}.`,
    );
  }
  if (entrypoint.length === 0) {
    refuse(
      ["entrypoint"],
      "Empty entrypoint",
      `The list is empty. Remove ${spell("entrypoint")} to use the entrypoint of the image.`,
    );
  }
}
