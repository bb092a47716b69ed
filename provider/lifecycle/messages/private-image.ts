import type { SnapshotDto } from "../../api/types";
import { registryOf } from "../../resources/registry/address";
import { isPushed } from "../../resources/snapshot/local-image";
import { sourceOf } from "../../resources/snapshot/observed";
import { outsideImages } from "../../source/dockerfile";
import type { Call } from "../call/call";
import { words } from "./tool-words";

/** How registries, Docker and BuildKit refuse somebody. "permission denied" is a file's, unless a permission is named. */
const REFUSED =
  /\bunauthori[sz]ed\b|(?<!permission )\bdenied\b|no basic auth credentials|authentication required|insufficient_scope|\bstatus\b[^\n]*\b40[13]\b|\b40[13] (?:unauthorized|forbidden)\b/i;
/** The pull went well, and Daytona's own registry did not take the image. */
const PUSH = /\bpush(?:es|ed|ing)?\b/i;
/** What a build says where it asks a registry for an image. An ADD from the network and the storage of build contexts can be refused as well. */
const BASE_IMAGE =
  /failed to authorize|pull access denied|failed to resolve (?:source metadata|reference)|\/v2\/\S+\/(?:manifests|blobs)\/|^(?:unprocessable entity: )?(?:error response from daemon: )?(?:unauthorized|denied): /i;
/** What a build says of a RUN that failed, with the command's own text. */
const STEP = /did not complete successfully|returned a non-zero code/i;

/** What to do where a registry did not let Daytona pull the image, or the base image of the build; "": the snapshot failed of something else. */
export function privateImageAdvice(call: Call, dto: SnapshotDto): string {
  const hosts = refusingHosts(dto);
  if (hosts === null) return "";
  const what = dto.buildInfo && !sourceOf(dto)?.image ? "base image" : "image";
  const host = hosts.map((name) => `\`${name}\``).join(" or ");
  const refused =
    host === ""
      ? `The registry of the ${what} did not let Daytona pull it.`
      : `The registry ${host} did not let Daytona pull the ${what}.`;
  const credentials = `If the image is private, ${words(call).createRegistry(host === "" ? "that registry" : host)}, or correct the existing one; \`daytona-iac doctor\` lists them.`;
  return `${refused} ${credentials} Many registries respond the same way if there is no such image, so check its name as well.`;
}

/** The registries, and the images, that the reason may speak of; none: they are not known. */
export function registriesIn(dto: SnapshotDto): { hosts: string[]; images: string[] } {
  const { errorReason, imageName, buildInfo } = dto;
  if (!buildInfo)
    return imageName ? { hosts: [registryOf(imageName).host], images: [imageName] } : { hosts: [], images: [] };
  const outside = outsideImages(buildInfo.dockerfileContent ?? "");
  const hosts = hostsIn(errorReason ?? "", outside.map(registryOf));
  return { hosts, images: outside.filter((image) => hosts.includes(registryOf(image).host)) };
}

/** The registries of which one refused; none: they are not known. null: no registry did. */
function refusingHosts({ errorReason, imageName, buildInfo }: SnapshotDto): string[] | null {
  const reason = errorReason ?? "";
  if (!REFUSED.test(reason) || PUSH.test(reason)) return null;
  if (!buildInfo) return !imageName || isPushed(imageName) ? null : [registryOf(imageName).host];
  if (STEP.test(reason) || !BASE_IMAGE.test(reason)) return null;
  return hostsIn(reason, outsideImages(buildInfo.dockerfileContent ?? "").map(registryOf));
}

/** Of the registries of these images those that the reason speaks of, or else all. */
function hostsIn(reason: string, images: ReturnType<typeof registryOf>[]): string[] {
  // An address as an image's name: `https://HOST/v2/REPOSITORY/manifests/TAG`, `…?scope=repository%3AREPOSITORY%3Apull`.
  const text = reason
    .replace(/%3A/gi, ":")
    .replace(/%2F/gi, "/")
    .replace(/\/v2\//g, "/")
    .replace(/\/(?:manifests|blobs)\//g, ":");
  const isNamed = (name: string): boolean =>
    new RegExp(`(?<![\\w.-])${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\w/-])`).test(text);
  const whole = images.filter(({ host, repository }) => isNamed(`${host}/${repository}`));
  const known = whole.length > 0 ? whole : images.filter(({ repository }) => isNamed(repository));
  return [...new Set((known.length > 0 ? known : images).map(({ host }) => host))];
}
