import { registryOf } from "./address";

/** The parts of an image's name, as Docker reads it. */
export interface ImageParts {
  /** Host, and port if there is one; `docker.io` where the name has none. */
  readonly registry: string;
  /** With `library/` for an official image of Docker Hub. */
  readonly repository: string;
  readonly tag: string | null;
  /** `sha256:` and 64 hex digits. */
  readonly digest: string | null;
}

// https://pkg.go.dev/github.com/distribution/reference: what Docker takes for the name of an image.
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?";
const HOST = new RegExp(`^(?:${LABEL}(?:\\.${LABEL})*|\\[[0-9A-Fa-f:]+\\])(?::[0-9]+)?$`);
const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const MOST_NAME = 255;

/** Reads the name of an image; a text says why it is none. */
export function imageParts(image: string): ImageParts | string {
  if (image.trim() === "") return "It is empty.";
  const at = image.indexOf("@");
  const name = at === -1 ? image : image.slice(0, at);
  const digest = at === -1 ? null : image.slice(at + 1);
  if (digest !== null && !DIGEST.test(digest))
    return "Its digest is invalid. A digest is `@sha256:` followed by 64 lowercase hex digits.";
  const colon = name.lastIndexOf(":");
  const tag = colon > name.lastIndexOf("/") ? name.slice(colon + 1) : null;
  if (tag !== null && !TAG.test(tag))
    return `Its tag "${tag}" is invalid. A tag has at most 128 letters, digits, ".", "_" and "-", and begins with a letter, a digit or "_".`;
  const { host, repository } = registryOf(name);
  if (!HOST.test(host)) return `"${host}" is not the host of a registry.`;
  if (!REPOSITORY.test(repository))
    return `"${repository}" is not a repository. It can contain lowercase letters and digits, with ".", "_" or "-" between them, and "/" between its parts.`;
  if (host.length + repository.length + 1 > MOST_NAME)
    return `Its name is longer than ${MOST_NAME} characters, the most that registries accept.`;
  return { registry: host, repository, tag, digest };
}
