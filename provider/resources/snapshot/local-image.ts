import type { SnapshotDto } from "../../api/types";

/** `repository-20261127093000123:v2-<64 hex>`: the last part of an image name that was pushed for a local image. */
const PUSHED = /\/([^/:@]+)-\d{17}:v2-([0-9a-f]{64})$/;
/** The same of the official command line, whose tag is the time. */
const OFFICIAL = /\/([^/:@]+):\d{14}$/;

/** How `localImage` names an archive, as skopeo spells it. */
const ARCHIVE = /^(oci|oci-archive|docker-archive):(.+)$/s;

export interface LocalArchive {
  readonly format: "oci" | "oci-archive" | "docker-archive";
  /** Path of the folder or file. */
  readonly path: string;
  /** Tag or name that chooses one of several images; null: there is only one. */
  readonly reference: string | null;
}

/** The archive that a `localImage` names; null: it is an image in the local engine. */
export function archiveOf(localImage: string): LocalArchive | null {
  const found = ARCHIVE.exec(localImage);
  if (found === null) return null;
  const format = found[1] as LocalArchive["format"];
  const rest = found[2] as string;
  // A colon in second place belongs to the drive of a Windows path.
  const colon = rest.indexOf(":", /^[a-z]:[\\/]/i.test(rest) ? 2 : 0);
  return colon === -1
    ? { format, path: rest, reference: null }
    : { format, path: rest.slice(0, colon), reference: rest.slice(colon + 1) };
}

/** The last part of a local image's name, in the characters that a repository may have: `ghcr.io/acme/agent:1` becomes `agent`. */
export function repositoryOf(localImage: string): string {
  const archive = archiveOf(localImage);
  const name =
    archive === null
      ? localImage.replace(/@.*$/, "").replace(/:[^/:]*$/, "")
      : archive.path.replace(/[\\/]+$/, "").replace(/\.(tgz|(tar|oci)(\.(gz|zst))?)$/i, "");
  const last = (name.split(/[\\/]/).pop() ?? "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return last === "" ? "image" : last.slice(0, 100).replace(/-+$/, "");
}

/** Repository and tag that a local image is pushed to: a repository of its own for every create, since the server may remove it after one. */
export function pushedName(localImage: string, hash: string, now: Date): string {
  const time = now.toISOString().replace(/\D/g, "");
  return `${repositoryOf(localImage)}-${time}:${hash.replace(":", "-")}`;
}

/** The source hash in the name of a pushed image; null: the name does not tell. */
export function pushedHash(imageName: string | null | undefined): string | null {
  const hash = PUSHED.exec(imageName ?? "")?.[2];
  return hash === undefined ? null : `v2:${hash}`;
}

/** Whether an image at the API was pushed from a local one, by us or by the official command line. */
export function isPushed(imageName: string): boolean {
  return PUSHED.test(imageName) || OFFICIAL.test(imageName);
}

/**
 * Whether an image at the API is a push of `localImage`.
 * @param hash the local image's source hash; null: unknown
 * @returns "same" or "other" if the content is known, "maybe" if only the names agree
 */
export function isPushOf(imageName: string, localImage: string, hash: string | null): "same" | "other" | "maybe" {
  const pushed = pushedHash(imageName);
  if (pushed !== null && hash !== null) return pushed === hash ? "same" : "other";
  const repository = (PUSHED.exec(imageName) ?? OFFICIAL.exec(imageName))?.[1];
  return repository === repositoryOf(localImage) ? "maybe" : "other";
}

/** The image of a snapshot as a lock knows it: pushes of the same content are one image. */
export function imageKey(dto: Pick<SnapshotDto, "imageName">): string {
  return `image ${pushedHash(dto.imageName) ?? dto.imageName}`;
}
