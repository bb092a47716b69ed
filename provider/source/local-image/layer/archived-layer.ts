import type { BlobStore } from "../blob-store";
import { ImageError } from "../image-error";
import type { ImageLayer } from "../local-image";
import { canUnpack, type Compression, compressionOf, HEAD_BYTES } from "./compression";
import { verified } from "./verified";

/** As it is sent. What is not compressed and has no manifest of its own is sent with gzip. */
const MEDIA_TYPES = {
  none: "application/vnd.oci.image.layer.v1.tar",
  gzip: "application/vnd.oci.image.layer.v1.tar+gzip",
  zstd: "application/vnd.oci.image.layer.v1.tar+zstd",
} as const;

/** What an image says about one of its layers. */
export interface NamedLayer {
  /** Of the file in the archive. */
  readonly name: string;
  /** Digest of the file as it is; null: nothing names one. */
  readonly digest: string | null;
  /** Digest of the unpacked file. */
  readonly diffId: string;
  /** Bytes of the file; null: nothing names them. */
  readonly size: number | null;
  /** Whether a layer that is not compressed is, while it is sent. It gets another digest then. */
  readonly compress: boolean;
}

/**
 * A layer in an archive. Its content is read when it is sent; here only the first bytes are, which tell its compression.
 * @throws ImageError if it is missing, has another size, or is compressed in a way that registries do not take or this program cannot check
 */
export async function archivedLayer(
  store: BlobStore,
  layer: NamedLayer,
  label: string,
): Promise<{ layer: ImageLayer; compression: "none" | "gzip" | "zstd" }> {
  const { name, diffId } = layer;
  const size = await store.size(name);
  if (size === null)
    throw new ImageError(`${label} is incomplete: the layer ${name} is missing. Write the archive again.`);
  if (layer.size !== null && layer.size !== size)
    throw new ImageError(
      `${label} is damaged: the layer ${name} has ${size} bytes, but its manifest says ${layer.size}. Write the archive again.`,
    );
  const compression = compressionOf(await head(store, name, size));
  if (compression === "bzip2" || compression === "xz")
    throw new ImageError(
      `${label} has a layer that is compressed with ${compression}, ${name}, but registries accept only gzip and zstd. Write the archive again with one of them, or without compression.`,
    );
  const plain = compression === "none" && layer.compress;
  const digest = plain ? null : layer.digest;
  if (digest === null && compression === "zstd" && !canUnpack(compression))
    throw new ImageError(
      `${label} has a layer that is compressed with zstd, ${name}, which Node.js ${process.version} cannot unpack to check it. Use Node.js 22.15 or later, or write an OCI archive ("oci-archive:").`,
    );
  return {
    compression,
    layer: {
      digest,
      mediaType: MEDIA_TYPES[plain ? "gzip" : compression],
      size,
      plain,
      open: (signal) => verified(store.open(name, signal), { digest, diffId, compression }),
    },
  };
}

async function head(store: BlobStore, name: string, size: number): Promise<Buffer> {
  if (size === 0) return Buffer.alloc(0);
  const stream = store.open(name, new AbortController().signal);
  let found = Buffer.alloc(0);
  try {
    for await (const part of stream) {
      found = Buffer.concat([found, part as Buffer]);
      if (found.length >= HEAD_BYTES) break;
    }
    return found;
  } finally {
    stream.destroy();
  }
}

/** Media types of layers that hold files: whose they are, and what they say about the compression. */
const DECLARED =
  /^application\/vnd\.(?:(oci)\.image\.layer(?:\.nondistributable)?\.v1\.tar|(docker)\.image\.rootfs(?:\.foreign)?\.diff\.tar)(?:[+.](gzip|zstd))?$/;

/** Whether a media type is that of a layer that holds files. */
export function isLayerType(mediaType: string): boolean {
  return DECLARED.test(mediaType);
}

/**
 * Whether a layer's media type is the one for its compression in a manifest of this type. Docker's manifests know no zstd; tools write the
 * types of OCI into them then, which others do not read.
 */
export function isLabelled(mediaType: string, compression: Compression, manifestType: string): boolean {
  const [, oci, docker, declared = "none"] = DECLARED.exec(mediaType) ?? [];
  const own = manifestType.startsWith("application/vnd.docker.") ? docker !== undefined : oci !== undefined;
  return own && declared === compression && (docker === undefined || compression !== "zstd");
}
