import type { BlobStore } from "./blob-store";
import { json, readConfig } from "./config-blob";
import { ImageError } from "./image-error";
import type { ArchivedImage, ImageLayer } from "./local-image";

const GZIP_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";

interface Saved {
  readonly Config?: string;
  readonly RepoTags?: readonly string[] | null;
  readonly Layers?: readonly string[];
}

/**
 * The image of a `docker save` archive, by its manifest.json. Layers are usually not compressed.
 * @param reference name and tag that choose one of several images; null: there is one
 * @throws ImageError
 */
export async function readDockerArchive(store: BlobStore, reference: string | null, label: string): Promise<{ hash: string; image: ArchivedImage }> {
  if ((await store.size("manifest.json")) === null) throw new ImageError(`${label} is not a \`docker save\` archive: it has no manifest.json. For an OCI archive, use "oci-archive:".`);
  const list = json(await store.read("manifest.json"), "manifest.json", label) as unknown as Saved[];
  const saved = chosen(Array.isArray(list) ? list : [], reference, label);
  if (typeof saved.Config !== "string" || !Array.isArray(saved.Layers)) throw new ImageError(`${label} is damaged: manifest.json names no configuration or no layers. Write the archive again.`);
  const config = await store.read(saved.Config);
  const { hash, layers: listed } = readConfig(config, saved.Config, label);
  if (listed !== saved.Layers.length) throw new ImageError(`${label} is damaged: it has ${saved.Layers.length} layers, but its configuration lists ${listed}. Write the archive again.`);
  const layers: ImageLayer[] = [];
  for (const name of saved.Layers) layers.push(await layerOf(store, name, label));
  return { hash, image: { config, manifest: null, layers } };
}

function chosen(list: readonly Saved[], reference: string | null, label: string): Saved {
  const names = list.flatMap(({ RepoTags }) => RepoTags ?? []);
  const [only] = list;
  if (only === undefined) throw new ImageError(`${label} has no image.`);
  if (reference !== null) {
    const found = list.find(({ RepoTags }) => (RepoTags ?? []).some((name) => name === reference || name.endsWith(`:${reference}`) || name.endsWith(`/${reference}`)));
    if (found === undefined) throw new ImageError(`${label} has no image named "${reference}". Images: ${names.join(", ") || "none with a name"}.`);
    return found;
  }
  if (list.length > 1) throw new ImageError(`${label} has ${list.length} images. Add the name of one to the path, such as ":${names[0] ?? "name:tag"}". Images: ${names.join(", ")}.`);
  return only;
}

async function layerOf(store: BlobStore, name: string, label: string): Promise<ImageLayer> {
  const size = await store.size(name);
  if (size === null) throw new ImageError(`${label} is incomplete: the layer ${name} is missing. Write the archive again.`);
  const plain = !(await isGzip(store, name, size));
  return { digest: null, mediaType: GZIP_LAYER, size, plain, open: (signal) => store.open(name, signal) };
}

async function isGzip(store: BlobStore, name: string, size: number): Promise<boolean> {
  if (size < 2) return false;
  const reading = new AbortController();
  const stream = store.open(name, reading.signal);
  try {
    for await (const part of stream) return (part as Buffer)[0] === 0x1f && (part as Buffer)[1] === 0x8b;
    return false;
  } finally {
    stream.destroy();
  }
}
