import { createHash } from "node:crypto";
import type { BlobStore } from "./blob-store";
import { json, readConfig } from "./config-blob";
import { ImageError } from "./image-error";
import { archivedLayer } from "./layer/archived-layer";
import type { ArchivedImage, ImageLayer } from "./local-image";
import { imagesNamed, severalImages } from "./named-images";
import { objectsOf, textsOf } from "./shape";

interface Saved {
  readonly Config?: string;
  readonly RepoTags?: readonly string[] | null;
  readonly Layers?: readonly string[];
}

/** How the tools name a layer by its digest: Docker since version 25, which writes an OCI layout as well, and crane. */
const BY_DIGEST = /^(?:blobs\/sha256\/([0-9a-f]{64})|(?:.*\/)?([0-9a-f]{64})\.tar\.(?:gz|zst))$/;
/** Every tool names the configuration by its digest. */
const CONFIG = /^(?:blobs\/sha256\/|sha256:)?([0-9a-f]{64})(?:\.json)?$/;

/**
 * The image of a `docker save` archive, by its manifest.json.
 * @param reference name and tag that choose one of several images; null: there is one
 * @throws ImageError
 */
export async function readDockerArchive(
  store: BlobStore,
  reference: string | null,
  label: string,
): Promise<ArchivedImage> {
  if ((await store.size("manifest.json")) === null)
    throw new ImageError(
      `${label} is not a \`docker save\` archive: it has no manifest.json. For an OCI archive, use "oci-archive:".`,
    );
  const list = objectsOf<Saved>(
    json(await store.read("manifest.json"), "manifest.json", label),
    "manifest.json",
    label,
  );
  for (const { RepoTags } of list) textsOf(RepoTags, '"RepoTags" in manifest.json', label);
  const images = list.map((saved) => ({
    item: saved,
    id: JSON.stringify([saved.Config, saved.Layers]),
    names: saved.RepoTags ?? [],
    aliases: (saved.RepoTags ?? []).map(fullName),
  }));
  const found = imagesNamed(images, reference, label);
  if (found.length > 1) throw severalImages(found, reference, label, { what: "name", byId: false });
  const saved = (found[0] as (typeof found)[number]).item;
  if (typeof saved.Config !== "string" || !Array.isArray(saved.Layers))
    throw new ImageError(
      `${label} is damaged: manifest.json names no configuration or no layers. Write the archive again.`,
    );
  const config = await store.read(saved.Config);
  const named = CONFIG.exec(saved.Config)?.[1];
  if (named !== undefined && createHash("sha256").update(config).digest("hex") !== named)
    throw new ImageError(
      `${label} is damaged: the content of ${saved.Config} does not match its digest. Write the archive again.`,
    );
  const about = readConfig(config, saved.Config, label);
  const names = textsOf(saved.Layers, '"Layers" in manifest.json', label);
  if (about.diffIds.length !== names.length)
    throw new ImageError(
      `${label} is damaged: it has ${names.length} layers, but its configuration lists ${about.diffIds.length}. Write the archive again.`,
    );
  const layers: ImageLayer[] = [];
  for (const [index, name] of names.entries())
    layers.push(await layerOf(store, name, about.diffIds[index] as string, label));
  return { ...about, variants: [], config, manifest: null, layers };
}

/** `agent:1` is `docker.io/library/agent:1`. */
function fullName(name: string): string {
  const [host, ...path] = name.split("/") as [string, ...string[]];
  if (path.length === 0) return `docker.io/library/${name}`;
  return host === "localhost" || /[.:]/.test(host) ? name : `docker.io/${name}`;
}

async function layerOf(store: BlobStore, name: string, diffId: string, label: string): Promise<ImageLayer> {
  const found = BY_DIGEST.exec(name);
  const hex = found?.[1] ?? found?.[2];
  const digest = hex ? `sha256:${hex}` : null;
  return (await archivedLayer(store, { name, digest, diffId, size: null, compress: true }, label)).layer;
}
