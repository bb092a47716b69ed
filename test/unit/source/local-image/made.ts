import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

export const digestOf = (bytes: Buffer | string, algorithm = "sha256"): string =>
  `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}`;
const hexOf = (bytes: Buffer | string): string => digestOf(bytes).slice("sha256:".length);

/** A tar with one file. */
export function tarOf(text: string): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "made-"));
  try {
    writeFileSync(join(folder, "file"), text);
    const fixed = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"];
    return spawnSync("tar", [...fixed, "-C", folder, "-c", "file"], { maxBuffer: 1e9 }).stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A zstd frame that holds the bytes as they are: not every Node.js can compress. At most 128 KiB. */
export function zstdOf(bytes: Buffer): Buffer {
  const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32LE(bytes.length, 5);
  header.writeUIntLE((bytes.length << 3) | 1, 9, 3);
  return Buffer.concat([header, bytes]);
}

export const LAYER = "application/vnd.oci.image.layer.v1.tar";
export const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

export interface MadeLayer {
  /** As it is in the archive. */
  readonly bytes: Buffer;
  readonly mediaType?: string | undefined;
  /** Of the unpacked layer; default: of the bytes. */
  readonly diffId?: string;
  /** Of the descriptor; default: those of the bytes. */
  readonly digest?: string;
  readonly size?: number;
}

export const gzipped = (text: string): MadeLayer => {
  const tar = tarOf(text);
  return { bytes: gzipSync(tar), mediaType: `${LAYER}+gzip`, diffId: digestOf(tar) };
};
export const zstded = (text: string): MadeLayer => {
  const tar = tarOf(text);
  return { bytes: zstdOf(tar), mediaType: `${LAYER}+zstd`, diffId: digestOf(tar) };
};

export interface MadeImage {
  readonly layers?: readonly MadeLayer[];
  /** What the configuration says besides. */
  readonly config?: object;
  readonly configType?: string;
  /** What the manifest says besides. */
  readonly manifest?: object;
  /** What the descriptor in the index says besides: its platform, its annotations. */
  readonly entry?: object;
  readonly manifestType?: string;
}

type Files = Record<string, string | Buffer>;

function configOf(layers: readonly MadeLayer[], more: object = {}): string {
  return JSON.stringify({
    os: "linux",
    architecture: "amd64",
    config: { Cmd: ["/file"] },
    rootfs: { type: "layers", diff_ids: layers.map(({ bytes, diffId }) => diffId ?? digestOf(bytes)) },
    ...more,
  });
}

/**
 * An OCI layout.
 * @param entries images; or lists of them, each an index
 * @param names the descriptor of an index
 */
export function layoutOf(...entries: (MadeImage | { images: MadeImage[]; entry?: object })[]): Files {
  const files: Files = { "oci-layout": '{"imageLayoutVersion":"1.0.0"}' };
  const blob = (bytes: Buffer | string, mediaType: string | undefined) => {
    files[`blobs/sha256/${hexOf(bytes)}`] = bytes;
    return { mediaType, digest: digestOf(bytes), size: Buffer.byteLength(bytes) };
  };
  const image = (made: MadeImage): object => {
    const { layers = [gzipped("one")], manifestType = MANIFEST } = made;
    const manifest = {
      schemaVersion: 2,
      mediaType: manifestType,
      config: blob(configOf(layers, made.config), made.configType ?? "application/vnd.oci.image.config.v1+json"),
      layers: layers.map(({ bytes, mediaType, digest, size }) => ({
        ...blob(bytes, mediaType),
        ...(digest === undefined ? {} : { digest }),
        ...(size === undefined ? {} : { size }),
      })),
      ...made.manifest,
    };
    return { ...blob(JSON.stringify(manifest), manifestType), ...made.entry };
  };
  const manifests = entries.map((one) =>
    "images" in one
      ? {
          ...blob(
            JSON.stringify({ schemaVersion: 2, manifests: one.images.map(image) }),
            "application/vnd.oci.image.index.v1+json",
          ),
          ...one.entry,
        }
      : image(one),
  );
  return { ...files, "index.json": JSON.stringify({ schemaVersion: 2, manifests }) };
}

/** A `docker save` archive; each layer with its name in it. */
export function savedOf(
  ...images: { tags?: string[]; layers: readonly (MadeLayer & { name: string })[]; config?: object }[]
): Files {
  const files: Files = {};
  const list = images.map(({ tags = [], layers, config }) => {
    const text = configOf(layers, config);
    files[`${hexOf(text)}.json`] = text;
    for (const { name, bytes } of layers) files[name] = bytes;
    return { Config: `${hexOf(text)}.json`, RepoTags: tags, Layers: layers.map(({ name }) => name) };
  });
  return { ...files, "manifest.json": JSON.stringify(list) };
}

/** As crane names it, and Docker with containerd's store. */
export const byDigest = (layer: MadeLayer, form: "crane" | "docker"): MadeLayer & { name: string } => ({
  ...layer,
  name: form === "crane" ? `${hexOf(layer.bytes)}.tar.gz` : `blobs/sha256/${hexOf(layer.bytes)}`,
});
