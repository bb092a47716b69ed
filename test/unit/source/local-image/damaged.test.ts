import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { folderStore } from "../../../../provider/source/local-image/blob-store";
import { readLocalImage } from "../../../../provider/source/local-image/read-local-image";
import { dockerFiles, ociFiles, writeFolder, writeTar } from "./images";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "damaged-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const read = (written: string, signal?: AbortSignal) =>
  readLocalImage(written, folder, { env: {}, home: folder, platform: "linux", exists: () => false }, signal);
const problem = async (written: string): Promise<string> =>
  String(
    await read(written).then(
      () => "read",
      (error: Error) => error.message,
    ),
  ).replaceAll(folder, "CWD");
const at = (name: string): string => join(folder, name);
const sha = (text: string | Buffer): string => createHash("sha256").update(text).digest("hex");

/** An OCI layout whose index, manifest or configuration is this. */
function layout(parts: { index?: unknown; manifest?: unknown; config?: unknown }): void {
  const files: Record<string, string> = {};
  const blob = (value: unknown): { digest: string } => {
    const text = JSON.stringify(value);
    files[`blobs/sha256/${sha(text)}`] = text;
    return { digest: `sha256:${sha(text)}` };
  };
  const config = blob(parts.config ?? { os: "linux", architecture: "amd64", config: {}, rootfs: { diff_ids: [] } });
  const manifest = blob(
    parts.manifest === undefined
      ? { config, layers: [] }
      : typeof parts.manifest === "function"
        ? (parts.manifest as (config: object) => unknown)(config)
        : parts.manifest,
  );
  writeFolder(at("l"), {
    ...files,
    "index.json": JSON.stringify(parts.index === undefined ? { manifests: [manifest] } : parts.index),
  });
}

const image = 'The image archive "l"';
const again = "Write the archive again.";

test.each<[string, Parameters<typeof layout>[0], string | RegExp]>([
  ["an index of null", { index: null }, `${image} is damaged: index.json is not valid JSON. ${again}`],
  ["null manifests", { index: { manifests: null } }, `${image} contains no image.`],
  ["no manifests", { index: {} }, `${image} contains no image.`],
  [
    "a null manifest",
    { index: { manifests: [null] } },
    `${image} is damaged: "manifests" in index.json is not a list of objects. ${again}`,
  ],
  [
    "manifests in an object",
    { index: { manifests: {} } },
    `${image} is damaged: "manifests" in index.json is not a list of objects. ${again}`,
  ],
  ["a manifest without digest", { index: { manifests: [{}] } }, `${image} is damaged: "" is not a digest. ${again}`],
  [
    "a digest that leads elsewhere",
    { index: { manifests: [{ digest: "sha256:../../etc/passwd" }] } },
    `${image} is damaged: "sha256:../../etc/passwd" is not a digest. ${again}`,
  ],
  [
    "a digest of another kind",
    { index: { manifests: [{ digest: `md5:${"0".repeat(64)}` }] } },
    `${image} is damaged: "md5:${"0".repeat(64)}" is not a digest. ${again}`,
  ],
  [
    "a manifest that is missing",
    { index: { manifests: [{ digest: `sha256:${"0".repeat(64)}` }] } },
    `${image} is incomplete: it has no blobs/sha256/${"0".repeat(64)}. ${again}`,
  ],
  [
    "a manifest of null",
    { manifest: null },
    /^The image archive "l" is damaged: sha256:[0-9a-f]{64} is not valid JSON\. Write the archive again\.$/,
  ],
  [
    "a manifest without configuration",
    { manifest: { layers: [] } },
    `${image} is not an image: its manifest has no configuration or no layers.`,
  ],
  [
    "a manifest with a null configuration",
    { manifest: { config: null, layers: [] } },
    `${image} is not an image: its manifest has no configuration or no layers.`,
  ],
  [
    "a manifest with null layers",
    { manifest: (config: object) => ({ config, layers: null }) },
    `${image} is not an image: its manifest has no configuration or no layers.`,
  ],
  [
    "a null layer",
    { manifest: (config: object) => ({ config, layers: [null] }) },
    /^The image archive "l" is damaged: "layers" in sha256:[0-9a-f]{64} is not a list of objects\. Write the archive again\.$/,
  ],
  [
    "a layer that is missing",
    { manifest: (config: object) => ({ config, layers: [{ digest: `sha256:${"1".repeat(64)}` }] }) },
    `${image} is incomplete: the layer blobs/sha256/${"1".repeat(64)} is missing. ${again}`,
  ],
  [
    "null manifests beside an image",
    { manifest: (config: object) => ({ config, layers: [], manifests: null }) },
    "read",
  ],
  [
    "an index of nothing",
    { manifest: { manifests: [] } },
    /has no image for linux\/amd64, but sandboxes need one\. Platforms: none\./,
  ],
  [
    "an index of null manifests",
    { manifest: { manifests: [null] } },
    /is damaged: "manifests" in sha256:[0-9a-f]{64} is not a list of objects/,
  ],
  [
    "layers of numbers",
    { config: { os: "linux", architecture: "amd64", rootfs: { diff_ids: [1] } } },
    /^The image archive "l" is damaged: "diff_ids" in sha256:[0-9a-f]{64} is not a list of strings\. Write the archive again\.$/,
  ],
  [
    "no layers at all",
    { config: { os: "linux", architecture: "amd64" } },
    /is damaged: sha256:[0-9a-f]{64} lists no layers\./,
  ],
  ["a null rootfs", { config: { os: "linux", architecture: "amd64", rootfs: null } }, /lists no layers\./],
  [
    "a configuration in a list",
    { config: { os: "linux", architecture: "amd64", config: [], rootfs: { diff_ids: [] } } },
    /is damaged: "config" in sha256:[0-9a-f]{64} is not an object\./,
  ],
  [
    "a configuration of null",
    { config: { os: "linux", architecture: "amd64", config: null, rootfs: { diff_ids: [] } } },
    "read",
  ],
  [
    "a platform of a wrong type",
    { config: { os: 1, architecture: ["amd64"], rootfs: { diff_ids: [] } } },
    /is for an unknown system\/an unknown architecture, but sandboxes run linux\/amd64\./,
  ],
])("OCI layout with %s", async (_what, parts, message) => {
  layout(parts);
  const told = await problem("oci:l");
  if (typeof message === "string") expect(told).toBe(message);
  else expect(told).toMatch(message);
});

test("indexes inside indexes are followed four deep", async () => {
  const nested = (depth: number): void => {
    const files: Record<string, string> = {};
    const blob = (value: unknown): string => {
      const text = JSON.stringify(value);
      files[`blobs/sha256/${sha(text)}`] = text;
      return `sha256:${sha(text)}`;
    };
    let digest = blob({
      config: { digest: blob({ os: "linux", architecture: "amd64", rootfs: { diff_ids: [] } }) },
      layers: [],
    });
    for (let at_ = 0; at_ < depth; at_ += 1) digest = blob({ manifests: [{ digest }] });
    rmSync(at("l"), { recursive: true, force: true });
    writeFolder(at("l"), { ...files, "index.json": JSON.stringify({ manifests: [{ digest }] }) });
  };
  nested(4);
  expect(await problem("oci:l")).toBe("read");
  nested(5);
  expect(await problem("oci:l")).toBe(`${image} has indexes inside indexes, more than 4 deep.`);
});

test.each<[string, unknown, string]>([
  ["null", null, "manifest.json is not valid JSON"],
  ["an object", {}, "manifest.json is not a list of objects"],
  ["a null image", [null], "manifest.json is not a list of objects"],
  ["names in a text", [{ RepoTags: "a" }], '"RepoTags" in manifest.json is not a list of strings'],
  ["no configuration", [{ Layers: [] }], "manifest.json names no configuration or no layers"],
  ["null layers", [{ Config: "c.json", Layers: null }], "manifest.json names no configuration or no layers"],
])("`docker save` archive whose manifest.json is %s", async (_what, manifest, told) => {
  writeTar(at("l"), {
    "manifest.json": JSON.stringify(manifest),
    "c.json": JSON.stringify({ os: "linux", architecture: "amd64", rootfs: { diff_ids: ["sha256:a"] } }),
  });
  expect(await problem("docker-archive:l")).toBe(`${image} is damaged: ${told}. ${again}`);
});

test("`docker save` archive: a layer of another type, one too few, one that is missing, and none", async () => {
  const files = dockerFiles([{}]);
  const [saved] = JSON.parse(String(files["manifest.json"])) as [{ Layers: string[] }];
  const of = async (Layers: unknown): Promise<string> => {
    writeTar(at("l"), { ...files, "manifest.json": JSON.stringify([{ ...saved, Layers }]) });
    return problem("docker-archive:l");
  };
  expect(await of([1])).toBe(`${image} is damaged: "Layers" in manifest.json is not a list of strings. ${again}`);
  expect(await of([])).toBe(`${image} is damaged: it has 0 layers, but its configuration lists 1. ${again}`);
  expect(await of(["gone/layer.tar"])).toBe(`${image} is incomplete: the layer gone/layer.tar is missing. ${again}`);
  writeTar(at("l"), { "manifest.json": "[]" });
  expect(await problem("docker-archive:l")).toBe(`${image} contains no image.`);
});

test("layers are compressed while they are sent, unless they are already", async () => {
  const files = dockerFiles([{}]);
  const [name] = Object.keys(files).filter((file) => file.endsWith("layer.tar")) as [string];
  const plain = async (content: Buffer | string): Promise<unknown> => {
    writeTar(at("l"), { ...files, [name]: content });
    const { content: found } = await read("docker-archive:l");
    return (
      found.kind === "archive" &&
      found.layers.map((layer) => ({
        plain: layer.plain,
        digest: layer.digest,
        size: layer.size,
        mediaType: layer.mediaType,
      }))
    );
  };
  const mediaType = "application/vnd.oci.image.layer.v1.tar+gzip";
  const zipped = gzipSync(files[name]!);
  expect(await plain(files[name]!)).toEqual([
    { plain: true, digest: null, size: Buffer.byteLength(files[name]!), mediaType },
  ]);
  expect(await plain(zipped)).toEqual([{ plain: false, digest: null, size: zipped.length, mediaType }]);
  expect(await plain(Buffer.from([0x1f]))).toEqual([{ plain: true, digest: null, size: 1, mediaType }]);
  expect(await plain(Buffer.from([0x1f, 0x00]))).toEqual([{ plain: true, digest: null, size: 2, mediaType }]);
  expect(await plain("")).toEqual([{ plain: true, digest: null, size: 0, mediaType }]);
});

test("an OCI layer goes as it is, with its digest and media type", async () => {
  writeFolder(at("l"), ociFiles([{}]));
  const { content, written } = await read("oci:l");
  expect(written).toBe("oci:l");
  if (content.kind !== "archive") throw new Error("an archive was expected");
  expect(content.layers).toMatchObject([
    {
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string,
      plain: false,
      mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
    },
  ]);
  expect(content.manifest?.mediaType).toBe("application/vnd.oci.image.manifest.v1+json");
  const [layer] = content.layers;
  const parts: Buffer[] = [];
  for await (const part of layer!.open(new AbortController().signal)) parts.push(part as Buffer);
  expect(`sha256:${sha(Buffer.concat(parts))}`).toBe(layer!.digest);
  expect(layer!.size).toBe(Buffer.concat(parts).length);
});

test("of several images without an index, all of one name are platforms of one image; of other names they are several", async () => {
  const make = (names: (string | undefined)[]): void => {
    const files = ociFiles(
      names.map((tag, index) => ({
        ...(tag === undefined ? {} : { tag }),
        text: String(index),
        config: { architecture: index === 0 ? "arm64" : "amd64" },
      })),
    );
    const index = JSON.parse(String(files["index.json"])) as { manifests: object[] };
    const platforms = index.manifests.map((manifest, order) => ({
      ...manifest,
      platform: { os: "linux", architecture: order === 0 ? "arm64" : "amd64" },
    }));
    rmSync(at("l"), { recursive: true, force: true });
    writeFolder(at("l"), { ...files, "index.json": JSON.stringify({ manifests: platforms }) });
  };
  make([undefined, undefined]);
  expect(await problem("oci:l")).toBe("read");
  make(["1", "1"]);
  expect(await problem("oci:l")).toBe("read");
  make(["1", "2"]);
  expect(await problem("oci:l")).toBe(
    `${image} has 2 images. Add the tag of one to the path, such as ":1". Images: 1, 2.`,
  );
  // The tag alone chooses the platform's manifest that it names.
  expect(await problem("oci:l:1")).toMatch(/is for linux\/arm64/);
  expect(await problem("oci:l:2")).toBe("read");
});

test("a tag is the whole of a name, or what follows its last colon", async () => {
  writeFolder(at("l"), ociFiles([{ tag: "ghcr.io/acme/agent:1.2" }, { tag: "other:2" }]));
  expect(await problem("oci:l:1.2")).toBe("read");
  expect(await problem("oci:l:ghcr.io/acme/agent:1.2")).toBe("read");
  expect(await problem("oci:l:2")).toBe("read");
  writeFolder(at("m"), ociFiles([{ tag: "1.2" }, { tag: "x" }]));
  expect(await problem("oci:m:2")).toBe('The image archive "m" has no image named "2". Images: 1.2, x.');
});

test("a name of a `docker save` archive: whole, by its tag, or without the registry", async () => {
  writeTar(
    at("l"),
    dockerFiles([
      { name: "ghcr.io/acme/agent:1", text: "a" },
      { name: "other:2", text: "b" },
    ]),
  );
  for (const reference of ["ghcr.io/acme/agent:1", "1", "agent:1", "2"])
    expect([reference, await problem(`docker-archive:l:${reference}`)]).toEqual([reference, "read"]);
  expect(await problem("docker-archive:l:gent:1")).toBe(
    `${image} has no image named "gent:1". Images: ghcr.io/acme/agent:1, other:2.`,
  );
  writeTar(at("m"), dockerFiles([{ text: "a" }, { text: "b" }]));
  expect(await problem("docker-archive:m:x")).toBe(
    'The image archive "m" has no image named "x". Images: none with a name.',
  );
});

test("files of a folder: only regular ones count, and documents have a limit", async () => {
  mkdirSync(at("s/folder"), { recursive: true });
  writeFileSync(at("s/file"), "abc");
  writeFileSync(at("s/large"), Buffer.alloc(8 * 1024 * 1024 + 1));
  writeFileSync(at("s/most"), Buffer.alloc(8 * 1024 * 1024));
  const store = folderStore(at("s"), "X");
  expect([
    await store.size("file"),
    await store.size("folder"),
    await store.size("none"),
    await store.size("file/below"),
  ]).toEqual([3, null, null, null]);
  expect((await store.read("most")).length).toBe(8 * 1024 * 1024);
  await expect(store.read("large")).rejects.toThrow(`X is damaged: large has ${8 * 1024 * 1024 + 1} bytes. ${again}`);
  await expect(store.read("folder")).rejects.toThrow(`X is incomplete: it has no folder. ${again}`);
});

test("an interrupt is the signal's reason, and not a damaged archive", async () => {
  writeTar(at("l"), dockerFiles([{}]));
  await expect(read("docker-archive:l", AbortSignal.abort(new Error("interrupted")))).rejects.toThrow("interrupted");
});
