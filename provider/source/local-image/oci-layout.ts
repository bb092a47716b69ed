import type { BlobStore } from "./blob-store";
import { json, readConfig } from "./config-blob";
import { ImageError } from "./image-error";
import { archivedLayer, isLabelled, isLayerType } from "./layer/archived-layer";
import type { ArchivedImage, ImageLayer } from "./local-image";
import { imagesNamed, type NamedImage, severalImages } from "./named-images";
import { blobPath, type Descriptor } from "./oci-manifest";
import { type Fitting, fittingImages, type Found } from "./oci-platform";
import { objectsOf } from "./shape";

/** A tag, or whatever else the writer calls the image. */
const NAME = "org.opencontainers.image.ref.name";
/** The full name, as containerd and Docker write it. */
const FULL_NAME = "io.containerd.image.name";

/**
 * The linux/amd64 image of an OCI layout.
 * https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 * @param reference tag, full name or digest that chooses one of several images; null: there is one
 * @throws ImageError
 */
export async function readOciLayout(store: BlobStore, reference: string | null, label: string): Promise<ArchivedImage> {
  if ((await store.size("index.json")) === null)
    throw new ImageError(`${label} is not an OCI image layout: it has no index.json.`);
  const index = json(await store.read("index.json"), "index.json", label) as { manifests?: unknown };
  const listed = objectsOf<Descriptor>(index.manifests, '"manifests" in index.json', label).map(namedImage);
  const named = imagesNamed(listed, reference, label);
  // One image for several platforms may have no index of its own.
  if (new Set(named.map(({ names: [name] }) => name)).size > 1) throw several(named, reference, label);
  const found = await fittingImages(
    store,
    named.map(({ item }) => item),
    label,
  );
  const [chosen, second] = found.lowest as [Fitting, ...Fitting[]];
  if (second !== undefined) throw named.length > 1 ? several(named, reference, label) : ambiguous(found, label);
  return { ...(await archivedImage(store, chosen, label)), variants: found.variants };
}

function namedImage(item: Descriptor): NamedImage<Descriptor> {
  const text = (name: string): string[] => {
    const value = item.annotations?.[name];
    return typeof value === "string" && value !== "" ? [value] : [];
  };
  const id = String(item.digest ?? "");
  const [name, ...others] = [...text(FULL_NAME), ...text(NAME)];
  return { item, id, names: name === undefined ? [] : [name], aliases: [...others, id] };
}

function several(named: readonly NamedImage<Descriptor>[], reference: string | null, label: string): ImageError {
  return severalImages(named, reference, label, { what: "tag", byId: true });
}

function ambiguous({ lowest }: Found, label: string): ImageError {
  return new ImageError(
    `${label} has ${lowest.length} images for linux/amd64 under one name: ${lowest.map(({ image }) => image.digest).join(", ")}. Write an archive with one of them.`,
  );
}

async function archivedImage(
  store: BlobStore,
  { image, variant }: Fitting,
  label: string,
): Promise<Omit<ArchivedImage, "variants">> {
  const about = readConfig(image.config.bytes, image.config.digest, label);
  const layers: ImageLayer[] = [];
  let mislabelled = false;
  for (const [index, descriptor] of image.layers.entries()) {
    const { layer, compression } = await layerOf(store, descriptor, about.diffIds[index] ?? "", label);
    mislabelled ||= !isLabelled(descriptor.mediaType ?? "", compression, image.manifest.mediaType);
    layers.push(layer);
  }
  if (about.diffIds.length !== image.layers.length)
    throw new ImageError(
      `${label} is damaged: it has ${image.layers.length} layers, but its configuration lists ${about.diffIds.length}. Write the archive again.`,
    );
  return {
    ...about,
    variant: variant ?? about.variant,
    config: image.config.bytes,
    // One that calls a layer something else than it is would fail when it is pulled.
    manifest: mislabelled ? null : image.manifest,
    layers,
  };
}

async function layerOf(
  store: BlobStore,
  { digest, size, mediaType }: Descriptor,
  diffId: string,
  label: string,
): ReturnType<typeof archivedLayer> {
  const name = blobPath(digest, label);
  if (mediaType !== undefined && !isLayerType(mediaType))
    throw new ImageError(
      `${label} is not an image that a sandbox can run: a layer has the media type "${mediaType}". Write an archive of an image, as \`docker save\` does.`,
    );
  return archivedLayer(
    store,
    { name, digest: String(digest), diffId, size: typeof size === "number" ? size : null, compress: false },
    label,
  );
}
