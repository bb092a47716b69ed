import { createHash } from "node:crypto";
import type { BlobStore } from "./blob-store";
import { json, readConfig } from "./config-blob";
import { ImageError } from "./image-error";
import type { ArchivedImage, ImageLayer } from "./local-image";

const INDEXES = ["application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"];
const OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const NAME = "org.opencontainers.image.ref.name";
/** Nested indexes that are followed. */
const DEPTH = 4;

interface Descriptor {
  readonly mediaType?: string;
  readonly digest?: string;
  readonly size?: number;
  readonly platform?: { readonly os?: string; readonly architecture?: string; readonly variant?: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * The linux/amd64 image of an OCI layout.
 * https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 * @param reference tag that chooses one of several images; null: there is one
 * @throws ImageError
 */
export async function readOciLayout(store: BlobStore, reference: string | null, label: string): Promise<{ hash: string; image: ArchivedImage }> {
  if ((await store.size("index.json")) === null) throw new ImageError(`${label} is not an OCI image layout: it has no index.json.`);
  const index = json(await store.read("index.json"), "index.json", label) as { manifests?: Descriptor[] };
  let descriptor = chosen(index.manifests ?? [], reference, label);
  for (let depth = 0; ; depth += 1) {
    const bytes = await blob(store, descriptor, label);
    const document = json(bytes, String(descriptor.digest), label) as { mediaType?: string; manifests?: Descriptor[]; config?: Descriptor; layers?: Descriptor[] };
    const mediaType = descriptor.mediaType ?? document.mediaType ?? OCI_MANIFEST;
    if (INDEXES.includes(mediaType) || document.manifests !== undefined) {
      if (depth >= DEPTH) throw new ImageError(`${label} has indexes inside indexes, more than ${DEPTH} deep.`);
      descriptor = amd64(document.manifests ?? [], label);
      continue;
    }
    if (document.config?.digest === undefined || !Array.isArray(document.layers)) throw new ImageError(`${label} is not an image: its manifest has no configuration or no layers.`);
    const config = await blob(store, document.config, label);
    const layers: ImageLayer[] = [];
    for (const layer of document.layers) layers.push(await layerOf(store, layer, label));
    return { hash: readConfig(config, String(document.config.digest), label).hash, image: { config, manifest: { bytes, mediaType }, layers } };
  }
}

function chosen(manifests: readonly Descriptor[], reference: string | null, label: string): Descriptor {
  const names = manifests.map(({ annotations }) => annotations?.[NAME] ?? "");
  const listed = [...new Set(names.filter((name) => name !== ""))].join(", ") || "none with a name";
  if (reference !== null) {
    const at = names.findIndex((name) => name === reference || name.endsWith(`:${reference}`));
    const found = manifests[at];
    if (found === undefined) throw new ImageError(`${label} has no image named "${reference}". Images: ${listed}.`);
    return found;
  }
  const [only] = manifests;
  if (only === undefined) throw new ImageError(`${label} has no image.`);
  if (manifests.length === 1) return only;
  // One image for several platforms, without an index of its own.
  const platforms = manifests.filter(({ platform }) => platform !== undefined);
  if (platforms.length === manifests.length && new Set(names).size === 1) return amd64(manifests, label);
  throw new ImageError(`${label} has ${manifests.length} images. Add the tag of one to the path, such as ":${names.find((name) => name !== "") ?? "latest"}". Images: ${listed}.`);
}

function amd64(manifests: readonly Descriptor[], label: string): Descriptor {
  const found = manifests.find(({ platform }) => platform?.os === "linux" && platform.architecture === "amd64");
  const only = manifests.length === 1 && manifests[0]?.platform === undefined ? manifests[0] : undefined;
  const descriptor = found ?? only;
  if (descriptor !== undefined) return descriptor;
  const platforms = manifests.map(({ platform }) => `${platform?.os ?? "?"}/${platform?.architecture ?? "?"}`).filter((name) => name !== "unknown/unknown");
  throw new ImageError(`${label} has no image for linux/amd64, but sandboxes need one. Platforms: ${platforms.join(", ") || "none"}. Build it with \`docker build --platform linux/amd64\`, and write the archive again.`);
}

function pathOf(digest: string | undefined, label: string): string {
  const found = /^(sha256|sha512):([0-9a-f]{64,128})$/.exec(digest ?? "");
  if (found === null) throw new ImageError(`${label} is damaged: "${digest ?? ""}" is not a digest. Write the archive again.`);
  return `blobs/${found[1]}/${found[2]}`;
}

async function blob(store: BlobStore, descriptor: Descriptor, label: string): Promise<Buffer> {
  const path = pathOf(descriptor.digest, label);
  const bytes = await store.read(path);
  const [algorithm, hex] = String(descriptor.digest).split(":") as [string, string];
  if (createHash(algorithm).update(bytes).digest("hex") !== hex) throw new ImageError(`${label} is damaged: the content of ${path} does not match its digest. Write the archive again.`);
  return bytes;
}

async function layerOf(store: BlobStore, descriptor: Descriptor, label: string): Promise<ImageLayer> {
  const path = pathOf(descriptor.digest, label);
  const size = await store.size(path);
  if (size === null) throw new ImageError(`${label} is incomplete: the layer ${path} is missing. Write the archive again.`);
  return { digest: String(descriptor.digest), mediaType: descriptor.mediaType ?? "application/vnd.oci.image.layer.v1.tar+gzip", size, plain: false, open: (signal) => store.open(path, signal) };
}
