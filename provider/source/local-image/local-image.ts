import type { Readable } from "node:stream";
import type { ImageEngine } from "./engine/image-engine";

/** One layer of an image in an archive. */
export interface ImageLayer {
  /** Digest of the blob as it is; null: it is not known before the blob has been compressed. */
  readonly digest: string | null;
  readonly mediaType: string;
  /** Bytes in the archive. */
  readonly size: number;
  /** Whether the layer is not compressed, and is compressed while it is sent. */
  readonly plain: boolean;
  open(signal: AbortSignal): Readable;
}

/** A local image that has been read: its hash, and where its content is. */
export interface LocalImage {
  /** As the program writes it. */
  readonly written: string;
  /** `v2:<64 hex>` over the content. */
  readonly hash: string;
  readonly content:
    | { readonly kind: "engine"; readonly engine: ImageEngine; readonly id: string }
    | ({ readonly kind: "archive" } & ArchivedImage);
}

/** An image in an archive. */
export interface ArchivedImage {
  readonly config: Buffer;
  /** The manifest as it is; null: one is made for the layers as they are sent. */
  readonly manifest: { readonly bytes: Buffer; readonly mediaType: string } | null;
  readonly layers: readonly ImageLayer[];
}
