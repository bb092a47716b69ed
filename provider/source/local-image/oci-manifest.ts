import { createHash } from "node:crypto";
import type { BlobStore } from "./blob-store";
import { json } from "./config-blob";
import { ImageError } from "./image-error";
import { objectsOf } from "./shape";

const INDEXES = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];
const CONFIGS = ["application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"];
const OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";

/** How an OCI layout refers to a blob. */
export interface Descriptor {
  readonly mediaType?: string;
  readonly artifactType?: string;
  readonly digest?: string;
  readonly size?: number;
  readonly platform?: { readonly os?: string; readonly architecture?: string; readonly variant?: string } | null;
  readonly annotations?: Readonly<Record<string, unknown>> | null;
}

/** An image by its manifest. */
export interface OciImage {
  readonly kind: "image";
  readonly digest: string;
  readonly manifest: { readonly bytes: Buffer; readonly mediaType: string };
  readonly config: { readonly digest: string; readonly bytes: Buffer };
  readonly layers: readonly Descriptor[];
}

/** What a descriptor of an index leads to. */
export type OciDocument =
  | OciImage
  | { readonly kind: "index"; readonly manifests: readonly Descriptor[] }
  | { readonly kind: "artifact"; readonly type: string };

/** Reads what a descriptor leads to: an image with its configuration, an index, or something that is no image. @throws ImageError */
export async function readDocument(store: BlobStore, descriptor: Descriptor, label: string): Promise<OciDocument> {
  const bytes = await blob(store, descriptor, label);
  const digest = String(descriptor.digest);
  const document = json(bytes, digest, label) as {
    mediaType?: string;
    artifactType?: unknown;
    manifests?: unknown;
    config?: Descriptor | null;
    layers?: unknown;
  };
  const mediaType = descriptor.mediaType ?? document.mediaType ?? OCI_MANIFEST;
  if (INDEXES.includes(mediaType) || (document.manifests !== undefined && document.manifests !== null))
    return { kind: "index", manifests: objectsOf(document.manifests, `"manifests" in ${digest}`, label) };
  const { artifactType, config, layers } = document;
  if (typeof artifactType === "string" && artifactType !== "") return { kind: "artifact", type: artifactType };
  if (typeof config?.mediaType === "string" && !CONFIGS.includes(config.mediaType))
    return { kind: "artifact", type: config.mediaType };
  if (config?.digest === undefined || !Array.isArray(layers))
    throw new ImageError(`${label} is not an image: its manifest has no configuration or no layers.`);
  return {
    kind: "image",
    digest,
    manifest: { bytes, mediaType },
    config: { digest: String(config.digest), bytes: await blob(store, config, label) },
    layers: objectsOf<Descriptor>(layers, `"layers" in ${digest}`, label),
  };
}

/** Path of a blob in a layout. @throws ImageError for what is no digest */
export function blobPath(digest: string | undefined, label: string): string {
  const found = /^(sha256|sha512):([0-9a-f]{64,128})$/.exec(digest ?? "");
  if (found === null)
    throw new ImageError(`${label} is damaged: "${digest ?? ""}" is not a digest. Write the archive again.`);
  return `blobs/${found[1]}/${found[2]}`;
}

async function blob(store: BlobStore, descriptor: Descriptor, label: string): Promise<Buffer> {
  const path = blobPath(descriptor.digest, label);
  const bytes = await store.read(path);
  const [algorithm, hex] = String(descriptor.digest).split(":") as [string, string];
  if (createHash(algorithm).update(bytes).digest("hex") !== hex)
    throw new ImageError(
      `${label} is damaged: the content of ${path} does not match its digest. Write the archive again.`,
    );
  return bytes;
}
