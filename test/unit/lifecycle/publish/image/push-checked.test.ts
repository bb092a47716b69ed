import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { Failure } from "../../../../../provider/lifecycle/call/errors";
import { systemClock } from "../../../../../provider/lifecycle/call/system-clock";
import { pushImage } from "../../../../../provider/lifecycle/publish/image/push-image";
import { ImageError } from "../../../../../provider/source/local-image/image-error";
import { verified } from "../../../../../provider/source/local-image/layer/verified";
import type { ImageLayer, LocalImage } from "../../../../../provider/source/local-image/local-image";
import { readLocalImage } from "../../../../../provider/source/local-image/read-local-image";
import { writeFolder, writeTar } from "../../../source/local-image/images";
import { byDigest, gzipped, layoutOf, savedOf, tarOf, zstded } from "../../../source/local-image/made";
import { type FakeRegistry, serveRegistry } from "./registry";

let registry: FakeRegistry;
let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "push-checked-"));
  mkdirSync(join(folder, "tmp"));
  registry = await serveRegistry();
});
afterEach(async () => {
  await registry.close();
  rmSync(folder, { recursive: true });
});
const at = (name: string): string => join(folder, name);

const read = (written: string) =>
  readLocalImage(written, folder, { env: { TMPDIR: at("tmp") }, home: folder, platform: "linux" });
async function push(image: LocalImage, signal = new AbortController().signal): Promise<string> {
  return pushImage({
    image,
    access: { username: "u", secret: "s", registryUrl: `http://${registry.host}`, project: "daytona" },
    clock: { ...systemClock, sleep: () => Promise.resolve() },
    signal,
    log: { debug: () => undefined, progress: () => undefined },
    doing: 'creating snapshot "agent"',
    env: {},
  });
}
const failure = async (image: LocalImage): Promise<[string, string, unknown]> => {
  const error: unknown = await push(image).then(
    () => null,
    (it: unknown) => it,
  );
  if (!(error instanceof Failure)) throw error ?? new Error("the push succeeded");
  expect(error.code).toBe("source");
  return [error.notice.summary, error.notice.detail, error.notice.attribute];
};
const manifests = (): unknown[] =>
  registry.seen.filter(({ method, url }) => method === "PUT" && url.includes("/manifests/"));

/** An image whose only layer reads so. */
function imageOf(open: ImageLayer["open"], released: string[] = []): LocalImage {
  const layer: ImageLayer = { digest: null, mediaType: "application/x", size: 3, plain: false, open };
  const content = { kind: "archive", config: Buffer.from("{}"), manifest: null, layers: [layer] } as const;
  const release = (): Promise<void> => Promise.resolve(void released.push("released"));
  return { written: "oci:agent", hash: `v2:${"a".repeat(64)}`, content: { ...content, release } };
}

test("a layer that turns out to be another one ends the push before the manifest, and what was open is released", async () => {
  const released: string[] = [];
  const diffId = `sha256:${"0".repeat(64)}`;
  const found = `sha256:${createHash("sha256").update("abc").digest("hex")}`;
  const open = (): Readable =>
    verified(Readable.from([Buffer.from("abc")], { objectMode: false }), { digest: null, diffId, compression: "none" });
  expect(await failure(imageOf(open, released))).toEqual([
    'creating snapshot "agent": the image archive is damaged',
    `A layer of "oci:agent" has the digest ${found}, but the configuration of the image says ${diffId}. No snapshot was created. Write the archive again.`,
    ["localImage"],
  ]);
  expect(manifests()).toEqual([]);
  expect(released).toEqual(["released"]);
  // It is not sent again: it would be the same.
  expect(registry.seen.filter(({ method }) => method === "POST").length).toBeLessThanOrEqual(2);
});

test("an archive that cannot be read any more is told as what it is", async () => {
  const open = (): Readable =>
    Readable.from(
      (async function* (): AsyncGenerator<Buffer> {
        throw new ImageError("The image archive no longer exists. Try again.");
      })(),
    );
  expect(await failure(imageOf(open))).toEqual([
    'creating snapshot "agent": local image not usable',
    "The image archive no longer exists. Try again. No snapshot was created.",
    ["localImage"],
  ]);
  expect(manifests()).toEqual([]);
});

test("after a push, and after one that was interrupted, what was open is released", async () => {
  const released: string[] = [];
  const open = (): Readable => Readable.from([Buffer.from("abc")], { objectMode: false });
  await push(imageOf(open, released));
  expect(released).toEqual(["released"]);
  const stop = new AbortController();
  const interrupted = (): Readable => {
    stop.abort(new Error("interrupted"));
    return open();
  };
  await expect(push(imageOf(interrupted, released), stop.signal)).rejects.toThrow("interrupted");
  expect(released).toEqual(["released", "released"]);
});

test("a compressed archive is unpacked for a push, and again for the next, and nothing of it stays", async () => {
  writeTar(at("a.tar"), savedOf({ layers: [{ bytes: tarOf("a"), name: "a/layer.tar" }] }));
  writeFileSync(at("a.tar.gz"), gzipSync(readFileSync(at("a.tar"))));
  const image = await read("docker-archive:a.tar.gz");
  for (const _ of [1, 2]) await push(image);
  expect(manifests()).toHaveLength(2);
  expect(readdirSync(at("tmp"))).toEqual([]);
  writeFileSync(at("a.tar.gz"), "");
  expect((await failure(image))[1]).toMatch(/No snapshot was created\.$/);
  expect(manifests()).toHaveLength(2);
});

test.each<[string, () => string, string[]]>([
  [
    "zstd of a `docker save` archive",
    () => {
      writeTar(at("a.tar"), savedOf({ layers: [byDigest(zstded("a"), "crane"), byDigest(gzipped("b"), "docker")] }));
      return "docker-archive:a.tar";
    },
    ["tar+zstd", "tar+gzip"],
  ],
  [
    "what an OCI layout calls otherwise",
    () => {
      const mislabelled = { ...zstded("a"), mediaType: "application/vnd.oci.image.layer.v1.tar+gzip" };
      writeFolder(at("l"), layoutOf({ layers: [mislabelled, gzipped("b")] }));
      return "oci:l";
    },
    ["tar+zstd", "tar+gzip"],
  ],
])("the manifest calls each layer what it is: %s", async (_what, write, types) => {
  const image = await read(write());
  await push(image);
  if (image.content.kind !== "archive") throw new Error("an archive was expected");
  expect(image.content.manifest).toBeNull();
  expect(image.content.layers.map(({ mediaType }) => mediaType.split(".v1.")[1])).toEqual(types);
  expect(manifests()).toHaveLength(1);
});
