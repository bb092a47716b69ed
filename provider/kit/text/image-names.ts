/** Names of images as `distribution/reference` v0.6 accepts them: host, path, tag and digest. */
const PART = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const HOST_PART = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const HOST = `(?:${HOST_PART}(?:\\.${HOST_PART})*|\\[(?:[a-fA-F0-9:]+)\\])(?::[0-9]+)?`;
const TAG = ":[\\w][\\w.-]{0,127}";
const DIGEST = "@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}";
const REFERENCE = new RegExp(`^((${HOST})/(${PART}(?:/${PART})*))(${TAG})?(${DIGEST})?$`);
const HEX_DIGITS = new Map([
  ["sha256", 64],
  ["sha384", 96],
  ["sha512", 128],
]);

/** Path, tag and digest at their longest, and more. */
const LONGEST = 1000;

/** An image name in full. */
export interface ImageName {
  /** Host and port as they are written; `docker.io` where none is, and for `index.docker.io`. */
  readonly host: string;
  /** `library/ubuntu`, `team/app` */
  readonly path: string;
  /** null: none is written */
  readonly tag: string | null;
  /** `sha256:…`; null: none is written. With a tag beside it, the digest counts. */
  readonly digest: string | null;
}

/** The parts of an image name, as Docker completes it; null: it is none. */
export function parseImageName(name: string): ImageName | null {
  if (name.length > LONGEST || /^[a-f0-9]{64}$/.test(name)) return null;
  const match = REFERENCE.exec(completed(name));
  if (!match || (match[1] as string).length > 255) return null;
  const [, , host = "", path = "", tag, at] = match;
  const digest = at?.slice(1) ?? null;
  return digest === null || isDigest(digest) ? { host, path, tag: tag?.slice(1) ?? null, digest } : null;
}

function isDigest(text: string): boolean {
  const [, algorithm = "", hex = ""] = /^([^:]*):([a-f0-9]*)$/.exec(text) ?? [];
  return hex !== "" && hex.length === HEX_DIGITS.get(algorithm);
}

export function isImageName(name: string): boolean {
  return parseImageName(name) !== null;
}

/** With its host: without one, the image is on Docker Hub. */
function completed(name: string): string {
  const slash = name.indexOf("/");
  const first = name.slice(0, slash);
  // The first part is a host if it looks like one.
  const hosted = slash !== -1 && (/[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase());
  const path = !hosted ? name : /^(index\.)?docker\.io$/.test(first) ? name.slice(slash + 1) : null;
  if (path === null) return name;
  return `docker.io/${path.includes("/") ? "" : "library/"}${path}`;
}
