import type { Transform } from "node:stream";

/** How a layer or an archive is compressed. "none" is everything that no other is. */
export type Compression = "none" | "gzip" | "zstd" | "bzip2" | "xz";

/** So many bytes of a file tell its compression. */
export const HEAD_BYTES = 6;

/** What is unpacked comes in parts of this size. The default is 16 KiB, which takes more than twice as long. */
const OUTPUT_BYTES = 256 * 1024;

const MAGIC: readonly (readonly [Compression, RegExp])[] = [
  ["gzip", /^1f8b/],
  // A frame, or one to be skipped, as parallel compressors write it first.
  ["zstd", /^(28b52ffd|5.2a4d18)/],
  ["bzip2", /^425a68/],
  ["xz", /^fd377a585a00/],
];

/** What the first bytes say, whatever a name or a media type says. The same as the engines recognize. */
export function compressionOf(head: Buffer): Compression {
  const hex = head.subarray(0, HEAD_BYTES).toString("hex");
  return MAGIC.find(([, magic]) => magic.test(hex))?.[0] ?? "none";
}

/**
 * A stream that unpacks.
 * @returns null where this program cannot: bzip2 and xz, and zstd in Node.js before 22.15
 */
export function unpacker(compression: Exclude<Compression, "none">): Transform | null {
  const zlib = process.getBuiltinModule("node:zlib") as typeof import("node:zlib") & {
    createZstdDecompress?: (options: { chunkSize: number }) => Transform;
  };
  if (compression === "gzip") return zlib.createGunzip({ chunkSize: OUTPUT_BYTES });
  return compression === "zstd" ? (zlib.createZstdDecompress?.({ chunkSize: OUTPUT_BYTES }) ?? null) : null;
}

/** Whether `unpacker` has a stream for it. */
export function canUnpack(compression: Exclude<Compression, "none">): boolean {
  const stream = unpacker(compression);
  stream?.destroy();
  return stream !== null;
}
