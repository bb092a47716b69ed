import { archiveOf } from "../local-image";
import type { Written } from "../record";
import { known } from "../desired";
import { isUnknown } from "../unknown";
import { textProblem } from "./rules";

/** Reports a problem at the path of an attribute. */
export type Refuse = (attribute: (string | number)[], summary: string, detail: string) => void;
/** Spells an attribute as programs of the tool do. */
export type Spell = (name: string) => string;

/** Rules for the inputs of a Dockerfile build. */
export function buildNotices(written: Written, spell: Spell, refuse: Refuse): void {
  const { dockerfile, dockerfileContent, contextDir, context, buildArgs, target, image } = written;
  const empty = (name: "dockerfile" | "contextDir" | "target", what: string) => {
    if (known(written[name]) === "") refuse([name], `Empty ${what}`, `The value is empty. Set ${spell(name)}, or remove it.`);
  };
  localImageNotice(known(written.localImage), refuse);
  empty("dockerfile", "path");
  empty("contextDir", "path");
  empty("target", "build stage");
  const needsBuild = ([["contextDir", contextDir], ["context", context], ["buildArgs", buildArgs], ["target", target]] as const).filter(([, value]) => value !== null && !isUnknown(value)).map(([name]) => name);
  const [first] = needsBuild;
  const instead = image !== null && !isUnknown(image) ? "image" : written.localImage !== null && !isUnknown(written.localImage) ? "localImage" : null;
  if (first !== undefined && dockerfile === null && dockerfileContent === null && instead !== null) {
    refuse([first], `${spell(first)} without a Dockerfile`, `${spell(first)} can only be set for a build. Remove it, or set ${spell("dockerfile")} instead of ${spell(instead)}.`);
  }
  if (context !== null && !isUnknown(context) && contextDir === null && dockerfile === null && dockerfileContent !== null && !isUnknown(dockerfileContent)) {
    refuse(["context"], `${spell("context")} without ${spell("contextDir")}`, `The paths are inside the build context. Set ${spell("contextDir")} to its root folder.`);
  }
  if (context !== null && !isUnknown(context)) {
    if (context.length === 0) refuse(["context"], "Empty context", `The list is empty. Remove ${spell("context")} to send the files that the Dockerfile uses.`);
    listNotices(context, "context", "context", refuse);
  }
  if (buildArgs !== null && !isUnknown(buildArgs)) {
    for (const [key, value] of Object.entries(buildArgs)) {
      if ((value as unknown) === null) refuse(["buildArgs", key], "Invalid build argument", `The value of "${key}" is null. Set it to a string, or remove the key.`);
    }
  }
}

function localImageNotice(localImage: string | null, refuse: Refuse): void {
  if (localImage === null) return;
  const archive = archiveOf(localImage);
  if (/^(docker|docker-daemon|containers-storage|dir):/.test(localImage)) {
    refuse(["localImage"], "Invalid local image", `"${localImage}" has a transport that is not supported. Use the name of an image in the local engine, or "oci-archive:FILE", "oci:FOLDER" or "docker-archive:FILE".`);
  } else if (localImage.trim() === "" || (archive === null && /\s/.test(localImage)) || archive?.reference === "") {
    refuse(["localImage"], "Invalid local image", `"${localImage}" is not the name of an image. Use a name with a tag, such as "agent:dev", or "oci-archive:FILE".`);
  } else if (/^(oci|oci-archive|docker-archive):?$/.test(localImage)) {
    refuse(["localImage"], "Invalid local image", `"${localImage}" has no path. Write "${localImage.replace(":", "")}:PATH".`);
  }
}

/** Rules for the entrypoint. */
export function entrypointNotices(written: Written, spell: Spell, refuse: Refuse): void {
  const { entrypoint, dockerfile, dockerfileContent } = written;
  if (entrypoint === null || isUnknown(entrypoint)) return;
  if ((dockerfile !== null && !isUnknown(dockerfile)) || (dockerfileContent !== null && !isUnknown(dockerfileContent))) {
    refuse(["entrypoint"], "Entrypoint with a Dockerfile", `A Dockerfile defines its own entrypoint. Use ENTRYPOINT in the Dockerfile, and remove ${spell("entrypoint")}.`);
  }
  if (entrypoint.length === 0) {
    refuse(["entrypoint"], "Empty entrypoint", `The list is empty. Remove ${spell("entrypoint")} to use the entrypoint of the image.`);
  }
  listNotices(entrypoint, "entrypoint", "entrypoint", refuse);
}

/** Items of a list: no null, no blank ones. */
export function listNotices(list: Written["gpuTypes"], attribute: string, what: string, refuse: Refuse): void {
  if (list === null || isUnknown(list)) return;
  list.forEach((item: unknown, index) => {
    if (isUnknown(item)) return;
    if (typeof item !== "string") return refuse([attribute, index], `Invalid ${what}`, "The item is null. Set it to a string, or remove it.");
    if (item.trim() === "") return refuse([attribute, index], `Invalid ${what}`, "The item is blank, and the API would drop it. Remove it.");
    const problem = textProblem(item);
    if (problem !== null) refuse([attribute, index], `Invalid ${what}`, problem);
  });
}
