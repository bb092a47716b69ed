/** Names of images as `distribution/reference` v0.6 accepts them: host, path, tag and digest. */
const PART = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const HOST_PART = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const HOST = `(?:${HOST_PART}(?:\\.${HOST_PART})*|\\[(?:[a-fA-F0-9:]+)\\])(?::[0-9]+)?`;
const TAG = ":[\\w][\\w.-]{0,127}";
const DIGEST = "@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}";
const REFERENCE = new RegExp(`^(${HOST}/${PART}(?:/${PART})*)(?:${TAG})?(?:${DIGEST})?$`);
const HEX_DIGITS = new Map([
  ["sha256", 64],
  ["sha384", 96],
  ["sha512", 128],
]);

/** Path, tag and digest at their longest, and more. */
const LONGEST = 1000;

export function isImageName(name: string): boolean {
  if (name.length > LONGEST || /^[a-f0-9]{64}$/.test(name)) return false;
  const slash = name.indexOf("/");
  const first = name.slice(0, slash);
  // Without a host the image is on Docker Hub. The first part is a host if it looks like one.
  const hosted = slash !== -1 && (/[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase());
  const match = REFERENCE.exec(hosted ? name : `docker.io/${slash === -1 ? "library/" : ""}${name}`);
  if (!match || (match[1] as string).length > 255) return false;
  if (!name.includes("@")) return true;
  const [, algorithm = "", hex = ""] = /@([^:]*):([a-f0-9]*)$/.exec(name) ?? [];
  return hex !== "" && hex.length === HEX_DIGITS.get(algorithm);
}
