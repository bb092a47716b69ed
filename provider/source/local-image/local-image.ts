import type { Readable } from "node:stream";
import type { ImageFacts } from "./config-blob";
import type { ImageEngine } from "./engine/image-engine";

/** One layer of an image in an archive. */
export interface ImageLayer {
  /** Digest of the blob as it is; null: it is not known before the blob has been sent. */
  readonly digest: string | null;
  /** As it is sent. */
  readonly mediaType: string;
  /** Bytes in the archive. */
  readonly size: number;
  /** Whether the layer is not compressed, and is compressed while it is sent. */
  readonly plain: boolean;
  /**
   * The bytes in the archive, checked against the image's manifest and configuration. A layer that is not the one they name fails with a
   * DamagedLayer before its last part.
   */
  open(signal: AbortSignal): Readable;
}

/** A local image that has been read: its hash, and where its content is. */
export interface LocalImage {
  /** As the program writes it. */
  readonly written: string;
  /** `v2:<64 hex>` over the content. */
  readonly hash: string;
  /** What works, but may surprise: a sentence or more each. Absent: nothing. */
  readonly warnings?: readonly string[];
  readonly content:
    | { readonly kind: "engine"; readonly engine: ImageEngine; readonly id: string }
    | ({ readonly kind: "archive" } & ImageContent);
}

/** What is pushed of an image in an archive. */
export interface ImageContent {
  readonly config: Buffer;
  /** The manifest as it is; null: one is made for the layers as they are sent. */
  readonly manifest: { readonly bytes: Buffer; readonly mediaType: string } | null;
  readonly layers: readonly ImageLayer[];
  /** Frees what the layers needed, such as an archive that was unpacked. They can be opened again. Absent: there is nothing to free. */
  readonly release?: () => Promise<void>;
}

/** An image as an archive describes it. */
export interface ArchivedImage extends Omit<ImageContent, "release">, ImageFacts {
  /** The generations of the processor that it is there for, the lowest first. Empty: only one. */
  readonly variants: readonly string[];
}
