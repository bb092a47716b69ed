import { fieldsOf } from "../image-registry/errors";

/** What the text of a manifest says of its image. */
export type ManifestKind =
  | { readonly kind: "image" }
  | { readonly kind: "index"; readonly platforms: readonly string[] | null }
  | { readonly kind: "schema1" }
  | { readonly kind: "other" };

/** Of an index, in entries. */
const MOST_ENTRIES = 1_000;
const WORD = /^[a-z0-9][a-z0-9._-]{0,63}$/i;

/** The media type of Docker's first manifests, which registries still send of images that are older than the second. */
export const SCHEMA_1 = /^application\/vnd\.docker\.distribution\.manifest\.v1\+(json|prettyjws)$/;

export function readManifest(body: Buffer): ManifestKind {
  const fields = fieldsOf(body);
  if (fields["schemaVersion"] === 1) return { kind: "schema1" };
  const isIndex = Array.isArray(fields["manifests"]);
  const isImage = Array.isArray(fields["layers"]) && isObject(fields["config"]);
  // A text that is both means one thing to one program and another thing to the next.
  if (fields["schemaVersion"] !== 2 || isIndex === isImage) return { kind: "other" };
  return isIndex
    ? { kind: "index", platforms: platformsOf(fields["manifests"] as readonly unknown[]) }
    : { kind: "image" };
}

/** null: it does not say all of them. */
function platformsOf(entries: readonly unknown[]): string[] | null {
  if (entries.length > MOST_ENTRIES) return null;
  const found = entries.filter((entry) => !isAttestation(entry)).map(platformOf);
  return found.includes(null) ? null : [...new Set(found as string[])];
}

/** What BuildKit puts beside an image: its provenance and its bill of materials. */
function isAttestation(entry: unknown): boolean {
  const { platform, annotations } = (isObject(entry) ? entry : {}) as Record<string, unknown>;
  if (isObject(annotations) && annotations["vnd.docker.reference.type"] === "attestation-manifest") return true;
  return isObject(platform) && platform["os"] === "unknown" && platform["architecture"] === "unknown";
}

function platformOf(entry: unknown): string | null {
  const platform = isObject(entry) ? entry["platform"] : null;
  if (!isObject(platform)) return null;
  const { os, architecture, variant } = platform;
  const words = [os, architecture, ...(variant === undefined || variant === "" ? [] : [variant])];
  return words.every((word) => typeof word === "string" && WORD.test(word)) ? words.join("/") : null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
