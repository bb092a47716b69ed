/** The API's own rules for single values, with messages that say what to do. Every function answers null for a good value. */

import { hasImageMark } from "../own/source/image-build";
import { normalizeText, triggersHashIn } from "../source";

// What the API takes for both snapshot names and image names.
const COMPONENTS = /^[a-zA-Z0-9_.\-:]+(?:\/[a-zA-Z0-9_.\-:]+)*(?:@sha256:[a-f0-9]{64})?$/;
const DIGEST = /@sha256:[a-f0-9]{64}$/;
// Display strings must not hold what could become a link; the check looks anywhere in the name, in any case.
const LINK =
  /https?:\/\/|ftps?:\/\/|sftp:\/\/|ssh:\/\/|wss?:\/\/|file:\/\/|ldaps?:\/\/|javascript:|data:|mailto:|tel:|www\./i;
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;
const NEXT = /--next-[0-9a-f]{8}$/;

/** A snapshot's name. */
export function nameProblem(name: string): string | null {
  if (name === "") return "The name is empty.";
  const link = LINK.exec(name);
  if (link !== null) return `"${name}" contains "${link[0]}", which the API treats as a link. Choose another name.`;
  if (!COMPONENTS.test(name)) {
    return `"${name}" is not accepted by the API. A name can contain letters, digits, ".", "_", "-", ":" and single "/" between parts, but not at the beginning or the end.`;
  }
  if (/^\.+$/.test(name)) return `"${name}" consists of dots only, so no URL can contain it. Add a letter or a digit.`;
  if (DIGEST.test(name))
    return `"${name}" ends in a digest. The API accepts that, but a swap could not name a successor. Remove the digest.`;
  if (NEXT.test(name))
    return `"${name}" ends like the name of a swap's successor (--next- and 8 hex digits). Choose another ending.`;
  return null;
}

/** An image in a registry. */
export function imageProblem(image: string): string | null {
  if (image.trim() === "") return 'The image is empty. Set one, such as "ubuntu:24.04".';
  if (CONTROL.test(image)) return "The image contains control characters.";
  if (image.includes("@sha256:")) {
    const [name, digest] = image.split("@sha256:");
    if (name && digest && /^[a-f0-9]{64}$/.test(digest)) return pinnedProblem(image);
    return `"${image}" has an invalid digest. A digest is @sha256: followed by 64 lowercase hex digits.`;
  }
  if (!image.includes(":") || /:\s*$/.test(image)) {
    return `"${image}" has no tag. Add one, such as "${suggestion(image)}", or a digest (@sha256:…). The API requires one.`;
  }
  if (image.endsWith(":latest")) {
    return `"${image}" has the tag "latest", which the API does not accept because it moves. Use a version, such as "ubuntu:24.04", or a digest.`;
  }
  if (!COMPONENTS.test(image)) {
    return `"${image}" is not an image name that the API accepts. It can contain letters, digits, ".", "_", "-", and single "/" between parts, followed by ":" and a tag, or by a digest.`;
  }
  return null;
}
/** The API takes anything before a digest, but it becomes the FROM line of a build. */
function pinnedProblem(image: string): string | null {
  return COMPONENTS.test(image)
    ? null
    : `"${image}" is not the name of an image. Before the digest, it can contain letters, digits, ".", "_", "-", single "/" between parts, and ":" with a tag.`;
}

/** Suggests a tag only for well-known images. */
function suggestion(image: string): string {
  const name = image.replace(/:\s*$/, "") || "ubuntu";
  return `${name}:${name === "ubuntu" ? "24.04" : "TAG"}`;
}

/** Text of a Dockerfile. */
export function dockerfileProblem(text: string): string | null {
  if (text.trim() === "") return "The Dockerfile is empty. It needs at least a FROM line.";
  if (!text.split("\n").some((line) => /^\s*FROM\s+\S/i.test(line)))
    return "The Dockerfile has no FROM line, so it cannot be built.";
  return reservedProblem(text) ?? textProblem(text);
}

/** A last line of ours: it would be taken for one that was added. */
export function reservedProblem(text: string): string | null {
  const sent = normalizeText(text);
  const [what, line] =
    triggersHashIn(sent) !== null
      ? ["triggers", "# daytona-iac triggers …"]
      : hasImageMark(sent)
        ? ["an image with a digest", "# daytona-iac image"]
        : [];
  return what === undefined
    ? null
    : `The Dockerfile ends in the comment line that is reserved for ${what} (${line}). Remove that line.`;
}

/** What no text may hold that the API has to store. */
export function textProblem(text: string): string | null {
  if (text.includes("\0")) return "It contains a NUL character, which the API cannot store.";
  // The API returns a lone surrogate as another character, which would show as permanent drift.
  if (/\p{Surrogate}/u.test(text)) return "It contains half of a surrogate pair, which is not a character.";
  return null;
}
