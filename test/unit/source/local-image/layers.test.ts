import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import * as zlib from "node:zlib";
import type { BlobStore } from "../../../../provider/source/local-image/blob-store";
import { archivedLayer } from "../../../../provider/source/local-image/layer/archived-layer";
import { canUnpack, compressionOf } from "../../../../provider/source/local-image/layer/compression";
import { DamagedLayer, type ExpectedLayer, verified } from "../../../../provider/source/local-image/layer/verified";
import { readLocalImage } from "../../../../provider/source/local-image/read-local-image";
import { writeFolder, writeTar } from "./images";
import {
  byDigest,
  digestOf,
  gzipped,
  LAYER,
  layoutOf,
  MANIFEST,
  type MadeLayer,
  savedOf,
  tarOf,
  zstded,
  zstdOf,
} from "./made";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "layers-"))));
afterEach(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

const signal = new AbortController().signal;
const canZstd = canUnpack("zstd");

async function all(stream: Readable): Promise<{ bytes: Buffer; error: string | null }> {
  const parts: Buffer[] = [];
  try {
    for await (const part of stream) parts.push(part as Buffer);
    return { bytes: Buffer.concat(parts), error: null };
  } catch (error) {
    return { bytes: Buffer.concat(parts), error: (error as Error).message };
  }
}

test.each<[string, string]>([
  ["1f8b0800", "gzip"],
  ["28b52ffd", "zstd"],
  ["502a4d18", "zstd"],
  ["5f2a4d18", "zstd"],
  ["602a4d18", "none"],
  ["425a6839", "bzip2"],
  ["fd377a585a00", "xz"],
  ["fd377a585a", "none"],
  ["1f", "none"],
  ["", "none"],
  ["66696c65", "none"],
])("the first bytes %s are %s", (hex, compression) => {
  expect(compressionOf(Buffer.from(hex, "hex"))).toBe(compression);
});

describe("a layer is checked while it passes", () => {
  const content = Buffer.from(tarOf("x".repeat(50_000)));
  const zipped = zlib.gzipSync(content, { level: 0 });
  const parts = (bytes: Buffer): Readable =>
    Readable.from(
      Array.from({ length: Math.ceil(bytes.length / 7_000) }, (_, i) => bytes.subarray(i * 7_000, (i + 1) * 7_000)),
      { objectMode: false },
    );
  const check = (bytes: Buffer, expected: Partial<ExpectedLayer>) =>
    all(verified(parts(bytes), { digest: null, diffId: digestOf(content), compression: "none", ...expected }));

  test.each<[string, Buffer, Partial<ExpectedLayer>]>([
    ["plain", content, {}],
    ["plain, with a digest", content, { digest: digestOf(content) }],
    ["gzip", zipped, { compression: "gzip" }],
    ["gzip, with a digest", zipped, { compression: "gzip", digest: digestOf(zipped) }],
    ["gzip, with sha512", zipped, { compression: "gzip", digest: digestOf(zipped, "sha512") }],
    ["a diff ID with sha512", content, { diffId: digestOf(content, "sha512"), digest: digestOf(content) }],
    [
      "gzip in several members, as estargz has it",
      Buffer.concat([zlib.gzipSync(content.subarray(0, 5000)), zlib.gzipSync(content.subarray(5000))]),
      { compression: "gzip" },
    ],
    ["zstd", zstdOf(content), { compression: "zstd", digest: digestOf(zstdOf(content)) }],
    ["nothing", Buffer.alloc(0), { diffId: digestOf("") }],
  ])("right: %s", async (_what, bytes, expected) => {
    expect(await check(bytes, expected)).toEqual({ bytes, error: null });
  });

  const flipped = (bytes: Buffer, index: number): Buffer => {
    const copy = Buffer.from(bytes);
    copy[index]! ^= 1;
    return copy;
  };
  const other = digestOf("other");
  test.each<[string, Buffer, Partial<ExpectedLayer>, string | RegExp]>([
    [
      "plain",
      flipped(content, 9_000),
      {},
      `has the digest ${digestOf(flipped(content, 9_000))}, but the configuration of the image says ${digestOf(content)}`,
    ],
    [
      "plain, right by its digest alone",
      content,
      { digest: digestOf(content), diffId: other },
      `has the digest ${digestOf(content)}, but the configuration of the image says ${other}`,
    ],
    [
      "another digest",
      zipped,
      { compression: "gzip", digest: other },
      `has the digest ${digestOf(zipped)}, but its manifest says ${other}`,
    ],
    [
      "another content",
      zipped,
      { compression: "gzip", digest: digestOf(zipped), diffId: other },
      `unpacks to ${digestOf(content)}, but the configuration of the image says ${other}`,
    ],
    [
      "gzip that is damaged",
      flipped(zipped, zipped.length - 6),
      { compression: "gzip" },
      /^cannot be unpacked: incorrect data check$/,
    ],
    [
      "gzip that is damaged, with a digest: that says more",
      flipped(zipped, 20_000),
      { compression: "gzip", digest: digestOf(zipped) },
      `has the digest ${digestOf(flipped(zipped, 20_000))}, but its manifest says ${digestOf(zipped)}`,
    ],
    [
      "gzip that is cut off",
      zipped.subarray(0, 30_000),
      { compression: "gzip" },
      "cannot be unpacked: unexpected end of file",
    ],
    [
      "gzip with zeros after it",
      Buffer.concat([zipped, Buffer.alloc(600)]),
      { compression: "gzip" },
      "continues after the end of its compressed content",
    ],
    [
      "gzip with far more zeros after it",
      Buffer.concat([zipped, Buffer.alloc(60_000)]),
      { compression: "gzip" },
      "continues after the end of its compressed content",
    ],
    [
      "gzip with rubbish after it",
      Buffer.concat([zipped, Buffer.from("rubbish".repeat(4000))]),
      { compression: "gzip" },
      "cannot be unpacked: incorrect header check",
    ],
    [
      "zstd with another digest",
      zstdOf(content),
      { compression: "zstd", digest: other },
      `has the digest ${digestOf(zstdOf(content))}, but its manifest says ${other}`,
    ],
    [
      "sha512",
      zipped,
      { compression: "gzip", digest: digestOf("other", "sha512") },
      /^has the digest sha512:[0-9a-f]{128}, but its manifest says sha512:/,
    ],
  ])("wrong: %s. The last part never comes", async (_what, bytes, expected, message) => {
    const found = await check(bytes, expected);
    expect(found.error).toEqual(typeof message === "string" ? message : expect.stringMatching(message));
    expect(found.bytes.length).toBeLessThan(bytes.length);
    expect(bytes.subarray(0, found.bytes.length).equals(found.bytes)).toBe(true);
  });

  (canZstd ? test : test.skip)("wrong: zstd, where this Node.js can unpack it", async () => {
    const packed = zstdOf(content);
    expect((await check(packed, { compression: "zstd", diffId: other })).error).toBe(
      `unpacks to ${digestOf(content)}, but the configuration of the image says ${other}`,
    );
    expect((await check(packed.subarray(0, 20_000), { compression: "zstd" })).error).toMatch(/^cannot be unpacked: /);
    // A frame to be skipped, as zstd:chunked ends with it, is part of the content.
    const chunked = Buffer.concat([packed, Buffer.from("502a4d180400000061626364", "hex")]);
    expect(await check(chunked, { compression: "zstd" })).toEqual({ bytes: chunked, error: null });
  });

  test("of a layer that cannot be unpacked nothing more is sent, although its digest is still worked out", async () => {
    const damaged = flipped(zlib.gzipSync(randomBytes(100_000)), 0);
    const found = await check(damaged, { compression: "gzip", digest: other });
    expect(found.error).toBe(`has the digest ${digestOf(damaged)}, but its manifest says ${other}`);
    expect(found.bytes.length).toBeLessThanOrEqual(14_000);
  });

  test("what is wrong with the file itself is told as it is, and ends it", async () => {
    const broken = new Readable({ read: () => undefined });
    const passing = all(verified(broken, { digest: null, diffId: other, compression: "gzip" }));
    broken.push(zipped.subarray(0, 1000));
    broken.destroy(new Error("EIO"));
    expect((await passing).error).toBe("EIO");
    const left = parts(content);
    const stream = verified(left, { digest: null, diffId: other, compression: "none" });
    for await (const _ of stream) break;
    await new Promise((resolve) => setImmediate(resolve));
    expect(left.destroyed).toBe(true);
    expect(new DamagedLayer("x").name).toBe("DamagedLayer");
  });
});

const read = (written: string) =>
  readLocalImage(written, folder, { env: {}, home: folder, platform: "linux", exists: () => false });
const problem = (written: string): Promise<string> =>
  read(written).then(
    () => "read",
    (error: Error) => error.message,
  );
async function archived(written: string) {
  const { content } = await read(written);
  if (content.kind !== "archive") throw new Error("an archive was expected");
  return content;
}

test.each<[string, MadeLayer & { name: string }, object]>([
  [
    "gzip of crane",
    byDigest(gzipped("a"), "crane"),
    { mediaType: `${LAYER}+gzip`, plain: false, digest: digestOf(gzipped("a").bytes) },
  ],
  [
    "zstd of crane, which some releases call .tar.gz",
    byDigest(zstded("a"), "crane"),
    { mediaType: `${LAYER}+zstd`, plain: false, digest: digestOf(zstded("a").bytes) },
  ],
  [
    "zstd of crane 0.22",
    { ...zstded("a"), name: byDigest(zstded("a"), "crane").name.replace(/\.gz$/, ".zst") },
    { mediaType: `${LAYER}+zstd`, plain: false, digest: digestOf(zstded("a").bytes) },
  ],
  [
    "zstd of Docker with containerd's store",
    byDigest(zstded("a"), "docker"),
    { mediaType: `${LAYER}+zstd`, plain: false, digest: digestOf(zstded("a").bytes) },
  ],
  [
    "plain of Docker 25",
    byDigest({ bytes: tarOf("a") }, "docker"),
    { mediaType: `${LAYER}+gzip`, plain: true, digest: null },
  ],
  [
    "gzip under another name",
    { ...gzipped("a"), name: "a/layer.tar" },
    { mediaType: `${LAYER}+gzip`, plain: false, digest: null },
  ],
])("a layer of a `docker save` archive is what its first bytes say: %s", async (_what, layer, expected) => {
  writeTar(at("a.tar"), savedOf({ layers: [layer] }));
  const { layers, manifest } = await archived("docker-archive:a.tar");
  expect(layers).toMatchObject([{ ...expected, size: layer.bytes.length }]);
  expect(manifest).toBeNull();
  expect(await all(layers[0]!.open(signal))).toEqual({ bytes: layer.bytes, error: null });
});

test("a layer of a `docker save` archive that is another one than its name or its configuration says does not pass", async () => {
  const wrong = (layer: MadeLayer, more: object): MadeLayer & { name: string } => ({
    ...byDigest(layer, "crane"),
    ...more,
  });
  const bytes = gzipped("b").bytes;
  for (const [layer, error] of [
    [
      wrong(gzipped("a"), { bytes, diffId: digestOf(tarOf("b")) }),
      `has the digest ${digestOf(bytes)}, but its manifest says ${digestOf(gzipped("a").bytes)}`,
    ],
    [
      wrong(gzipped("a"), { diffId: digestOf("b") }),
      `unpacks to ${digestOf(tarOf("a"))}, but the configuration of the image says ${digestOf("b")}`,
    ],
    [
      { bytes: tarOf("a"), diffId: digestOf("b"), name: "x/layer.tar" },
      `has the digest ${digestOf(tarOf("a"))}, but the configuration of the image says ${digestOf("b")}`,
    ],
  ] as const) {
    writeTar(at("a.tar"), savedOf({ layers: [layer] }));
    const { layers } = await archived("docker-archive:a.tar");
    expect((await all(layers[0]!.open(signal))).error).toBe(error);
  }
});

test("a configuration that is not what its name says is refused", async () => {
  const files = savedOf({ layers: [{ bytes: tarOf("a"), name: "layer.tar" }] });
  const [name] = Object.keys(files).filter((key) => key.endsWith(".json") && key !== "manifest.json") as [string];
  writeTar(at("a.tar"), { ...files, [name]: String(files[name]).replace("/file", "/evil") });
  expect(await problem("docker-archive:a.tar")).toBe(
    `The image archive "a.tar" is damaged: the content of ${name} does not match its digest. Write the archive again.`,
  );
});

test("a file that comes byte by byte is known by its first six", async () => {
  const store: BlobStore = {
    size: () => Promise.resolve(layer.bytes.length),
    read: () => Promise.reject(new Error("a layer is not read")),
    open: () => Readable.from([...layer.bytes].map((byte) => Buffer.from([byte]))),
    close: () => Promise.resolve(),
  };
  const layer = { bytes: Buffer.from("fd377a585a00", "hex") };
  const named = { name: "l", digest: null, diffId: digestOf("x"), size: null, compress: true };
  await expect(archivedLayer(store, named, "X")).rejects.toThrow("X has a layer that is compressed with xz, l,");
});

test.each(["bzip2", "xz"])("a layer with %s is refused: no registry takes it", async (compression) => {
  const head = { bzip2: "425a68393141", xz: "fd377a585a00" }[compression] as string;
  writeTar(at("a.tar"), savedOf({ layers: [{ bytes: Buffer.from(head, "hex"), name: "l.tar" }] }));
  expect(await problem("docker-archive:a.tar")).toBe(
    `The image archive "a.tar" has a layer that is compressed with ${compression}, l.tar, but registries accept only gzip and zstd. Write the archive again with one of them, or without compression.`,
  );
});

test("a zstd layer that nothing names by its digest needs a Node.js that unpacks it", async () => {
  writeTar(at("a.tar"), savedOf({ layers: [{ ...zstded("a"), name: "l.tar" }] }));
  expect(await problem("docker-archive:a.tar")).toBe(
    canZstd
      ? "read"
      : `The image archive "a.tar" has a layer that is compressed with zstd, l.tar, which Node.js ${process.version} cannot unpack to check it. Use Node.js 22.15 or later, or write an OCI archive ("oci-archive:").`,
  );
});

describe("an OCI layout", () => {
  const layout = (...layers: MadeLayer[]): void => writeFolder(at("l"), layoutOf({ layers }));

  test.each<[string, MadeLayer]>([
    ["gzip", gzipped("a")],
    ["zstd", zstded("a")],
    ["plain", { bytes: tarOf("a"), mediaType: LAYER }],
  ])("is sent with its own manifest where that calls the layers what they are: %s", async (_what, layer) => {
    layout(layer);
    const { layers, manifest } = await archived("oci:l");
    expect(manifest?.mediaType).toBe(MANIFEST);
    expect(layers).toMatchObject([{ digest: digestOf(layer.bytes), mediaType: layer.mediaType, plain: false }]);
    expect(await all(layers[0]!.open(signal))).toEqual({ bytes: layer.bytes, error: null });
  });

  test.each<[string, MadeLayer, string, string | undefined]>([
    ["zstd that is called gzip", { ...zstded("a"), mediaType: `${LAYER}+gzip` }, `${LAYER}+zstd`, undefined],
    ["gzip that is called plain", { ...gzipped("a"), mediaType: LAYER }, `${LAYER}+gzip`, undefined],
    ["plain that is called gzip", { bytes: tarOf("a"), mediaType: `${LAYER}+gzip` }, LAYER, undefined],
    ["a layer without a media type", { ...gzipped("a"), mediaType: undefined }, `${LAYER}+gzip`, undefined],
    [
      "zstd in a manifest of Docker, as crane appends it",
      zstded("a"),
      `${LAYER}+zstd`,
      "application/vnd.docker.distribution.manifest.v2+json",
    ],
    [
      "zstd by a name that Docker's manifests do not have",
      { ...zstded("a"), mediaType: "application/vnd.docker.image.rootfs.diff.tar.zstd" },
      `${LAYER}+zstd`,
      "application/vnd.docker.distribution.manifest.v2+json",
    ],
  ])("gets a manifest of its own where it has %s", async (_what, layer, mediaType, manifestType) => {
    writeFolder(at("l"), layoutOf({ layers: [layer], ...(manifestType === undefined ? {} : { manifestType }) }));
    const { layers, manifest } = await archived("oci:l");
    expect(manifest).toBeNull();
    expect(layers).toMatchObject([{ digest: digestOf(layer.bytes), mediaType, plain: false }]);
  });

  test("of Docker's types is sent as it is", async () => {
    const manifestType = "application/vnd.docker.distribution.manifest.v2+json";
    const layer = { ...gzipped("a"), mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip" };
    writeFolder(
      at("l"),
      layoutOf({ layers: [layer], manifestType, configType: "application/vnd.docker.container.image.v1+json" }),
    );
    expect((await archived("oci:l")).manifest?.mediaType).toBe(manifestType);
  });

  test.each<[string, MadeLayer, string]>([
    [
      "another content than the configuration lists",
      { ...gzipped("a"), diffId: digestOf("b") },
      `unpacks to ${digestOf(tarOf("a"))}, but the configuration of the image says ${digestOf("b")}`,
    ],
    [
      "another plain content",
      { bytes: tarOf("a"), mediaType: LAYER, diffId: digestOf("b") },
      `has the digest ${digestOf(tarOf("a"))}, but the configuration of the image says ${digestOf("b")}`,
    ],
  ])("with %s does not pass", async (_what, layer, error) => {
    layout(layer);
    const { layers } = await archived("oci:l");
    expect((await all(layers[0]!.open(signal))).error).toBe(error);
  });

  test("whose layers changed on the disk does not pass", async () => {
    const layer = gzipped("a");
    layout(layer);
    const { layers } = await archived("oci:l");
    const path = at(`l/blobs/sha256/${digestOf(layer.bytes).slice(7)}`);
    writeFileSync(path, Buffer.concat([readFileSync(path).subarray(0, -1), Buffer.from([1])]));
    expect((await all(layers[0]!.open(signal))).error).toMatch(
      /^has the digest sha256:\w+, but its manifest says sha256:\w+$/,
    );
  });

  test.each<[string, MadeLayer, RegExp]>([
    [
      "a size that is wrong",
      { ...gzipped("a"), size: 7 },
      /^The image archive "l" is damaged: the layer blobs\/sha256\/\w+ has \d+ bytes, but its manifest says 7\. Write the archive again\.$/,
    ],
    [
      "a media type that is no layer's",
      { ...gzipped("a"), mediaType: "application/vnd.in-toto+json" },
      /^The image archive "l" is not an image that a sandbox can run: a layer has the media type "application\/vnd\.in-toto\+json"\. Write an archive of an image, as `docker save` does\.$/,
    ],
    [
      "a layer that is encrypted",
      { ...gzipped("a"), mediaType: `${LAYER}+gzip+encrypted` },
      /a layer has the media type "application\/vnd\.oci\.image\.layer\.v1\.tar\+gzip\+encrypted"/,
    ],
  ])("with %s is refused when it is read", async (_what, layer, message) => {
    layout(layer);
    expect(await problem("oci:l")).toMatch(message);
  });

  test("with another number of layers than its configuration lists is refused", async () => {
    writeFolder(at("l"), layoutOf({ config: { rootfs: { diff_ids: [] } } }));
    expect(await problem("oci:l")).toBe(
      'The image archive "l" is damaged: it has 1 layers, but its configuration lists 0. Write the archive again.',
    );
  });
});
