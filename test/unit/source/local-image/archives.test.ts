import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { readLocalImage } from "../../../../provider/source/local-image/read-local-image";
import { dockerFiles, ociFiles, writeFolder, writeTar } from "./images";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "archives-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const read = (written: string) =>
  readLocalImage(written, folder, { env: {}, home: folder, platform: "linux", exists: () => false });
const hash = async (written: string) => (await read(written)).hash;
const problem = async (written: string) =>
  String(
    await read(written).then(
      () => "read",
      (error: Error) => error.message,
    ),
  ).replaceAll(folder, "CWD");
const at = (name: string) => join(folder, name);

test.each(["gnu", "pax", "ustar"])(
  "the same image has the same hash in every archive (tar format %s)",
  async (format) => {
    writeTar(at("oci.tar"), ociFiles([{}]), format);
    writeTar(at("docker.tar"), dockerFiles([{ name: "agent:dev" }]), format);
    writeFolder(at("layout"), ociFiles([{}]));
    const expected = await hash("oci:layout");
    expect(expected).toMatch(/^v2:[0-9a-f]{64}$/);
    expect([
      await hash("oci-archive:oci.tar"),
      await hash("docker-archive:docker.tar"),
      await hash(`docker-archive:${at("docker.tar")}`),
    ]).toEqual([expected, expected, expected]);
  },
);

test("content, command and platform variant change the hash; age, author and history do not", async () => {
  const hashes: string[] = [];
  for (const [index, image] of [
    {},
    { config: { created: "2026-01-01T00:00:00Z", author: "x", history: [{}] } },
    { config: { config: { Cmd: ["/file"], Env: ["A=1"], Labels: {}, Volumes: null, User: "" } } },
    { text: "two" },
    { config: { config: { Cmd: ["/other"], Env: ["A=1"] } } },
    { config: { variant: "v3" } },
  ].entries()) {
    writeFolder(at(`layout${index}`), ociFiles([image]));
    hashes.push(await hash(`oci:layout${index}`));
  }
  expect(hashes.slice(0, 3)).toEqual([hashes[0], hashes[0], hashes[0]]);
  expect(new Set(hashes).size).toBe(4);
});

test("of several platforms, linux/amd64 is chosen", async () => {
  writeFolder(at("one"), ociFiles([{}]));
  for (const indexed of [true, false]) {
    writeFolder(
      at(`many-${indexed}`),
      indexed ? ociFiles([{ text: "arm", config: { architecture: "arm64" } }, {}], true) : flat(),
    );
    expect(await hash(`oci:many-${indexed}`)).toBe(await hash("oci:one"));
  }
  function flat() {
    const files = ociFiles([{ text: "arm", config: { architecture: "arm64" } }, {}], true);
    const index = JSON.parse(String(files["index.json"])) as { manifests: { digest: string }[] };
    return { ...files, "index.json": files[`blobs/sha256/${index.manifests[0]!.digest.slice(7)}`]! };
  }
  writeFolder(at("arm"), ociFiles([{ config: { architecture: "arm64" } }, { config: { os: "windows" } }], true));
  expect(await problem("oci:arm")).toBe(
    'The image archive "arm" has no image for linux/amd64, but sandboxes need one. Platforms: linux/arm64, windows/amd64. Build it with `docker build --platform linux/amd64`, and write the archive again.',
  );
});

test("of several images, the tag chooses", async () => {
  writeFolder(
    at("two"),
    ociFiles([
      { tag: "1", text: "a" },
      { tag: "2", text: "b" },
    ]),
  );
  writeTar(
    at("two.tar"),
    dockerFiles([
      { name: "agent:1", text: "a" },
      { name: "agent:2", text: "b" },
    ]),
  );
  expect(await hash("oci:two:2")).toBe(await hash("docker-archive:two.tar:agent:2"));
  expect(await problem("oci:two")).toBe(
    'The image archive "two" has 2 images. Add the tag of one to the path, such as ":1". Images: 1, 2.',
  );
  expect(await problem("oci:two:3")).toBe('The image archive "two" has no image named "3". Images: 1, 2.');
  expect(await problem("docker-archive:two.tar")).toBe(
    'The image archive "two.tar" has 2 images. Add the name of one to the path, such as ":agent:1". Images: agent:1, agent:2.',
  );
  expect(await problem("docker-archive:two.tar:x:1")).toBe(
    'The image archive "two.tar" has no image named "x:1". Images: agent:1, agent:2.',
  );
});

test.each<[string, string, () => void, string]>([
  [
    "nothing there",
    "oci-archive:none.tar",
    () => undefined,
    'The image archive "none.tar" (CWD/none.tar) does not exist. Build the image first, or correct the path.',
  ],
  [
    "a folder for a file",
    "oci-archive:layout",
    () => writeFolder(at("layout"), ociFiles([{}])),
    'The image archive "layout" is a folder. For an OCI layout in a folder, use "oci:layout".',
  ],
  [
    "a file for a folder",
    "oci:a.tar",
    () => writeTar(at("a.tar"), ociFiles([{}])),
    'The image archive "a.tar" is a file. For an OCI layout in a tar file, use "oci-archive:a.tar".',
  ],
  [
    "the other kind",
    "docker-archive:a.tar",
    () => writeTar(at("a.tar"), ociFiles([{}])),
    'The image archive "a.tar" is not a `docker save` archive: it has no manifest.json. For an OCI archive, use "oci-archive:".',
  ],
  [
    "no layout",
    "oci:empty",
    () => writeFolder(at("empty"), { x: "" }),
    'The image archive "empty" is not an OCI image layout: it has no index.json.',
  ],
  [
    "compressed twice",
    "docker-archive:a.tar",
    () => (
      writeTar(at("b.tar"), dockerFiles([{}])),
      writeFileSync(at("a.tar"), gzipSync(gzipSync(readFileSync(at("b.tar")))))
    ),
    'The image archive "a.tar" is compressed with gzip. Decompress it first.',
  ],
  [
    "no tar",
    "docker-archive:a.tar",
    () => writeFileSync(at("a.tar"), "x".repeat(1000)),
    'The image archive "a.tar" is not a tar archive.',
  ],
  [
    "cut off",
    "oci-archive:a.tar",
    () => (writeTar(at("a.tar"), { x: "y".repeat(5000) }), truncateSync(at("a.tar"), 2000)),
    'The image archive "a.tar" is cut off: it ends in the middle of an entry. Write the archive again.',
  ],
  [
    "no image",
    "oci:l",
    () => writeFolder(at("l"), { "index.json": '{"manifests":[]}' }),
    'The image archive "l" contains no image.',
  ],
  [
    "no JSON",
    "oci:l",
    () => writeFolder(at("l"), { "index.json": "{" }),
    'The image archive "l" is damaged: index.json is not valid JSON. Write the archive again.',
  ],
  [
    "another platform",
    "docker-archive:a.tar",
    () => writeTar(at("a.tar"), dockerFiles([{ config: { architecture: "arm64", variant: "v8" } }])),
    'The image archive "a.tar" is for linux/arm64/v8, but sandboxes run linux/amd64. Build it with `docker build --platform linux/amd64`, and write the archive again.',
  ],
])("a message that says what to do: %s", async (_what, written, make, message) => {
  make();
  expect(await problem(written)).toBe(message);
});

test("a blob that is not what its digest says is refused", async () => {
  const files = ociFiles([{}]);
  const index = JSON.parse(String(files["index.json"])) as { manifests: { digest: string }[] };
  const name = `blobs/sha256/${index.manifests[0]!.digest.slice(7)}`;
  writeFolder(at("layout"), { ...files, [name]: `${String(files[name])} ` });
  expect(await problem("oci:layout")).toBe(
    `The image archive "layout" is damaged: the content of ${name} does not match its digest. Write the archive again.`,
  );
});

test("a long name and a link in the archive are followed", async () => {
  const files = dockerFiles([{}]);
  const [layer] = Object.keys(files).filter((name) => name.endsWith("layer.tar"));
  const long = `${"x".repeat(90)}/${"y".repeat(90)}/layer.tar`;
  const manifest = String(files["manifest.json"]).replace(layer!, long);
  writeTar(at("long.tar"), { ...files, [long]: files[layer!]!, "manifest.json": manifest });
  writeTar(at("plain.tar"), files);
  expect(await hash("docker-archive:long.tar")).toBe(await hash("docker-archive:plain.tar"));
});

test("without an engine, the message names what else there is", async () => {
  expect(await problem("agent:dev")).toBe(
    'The local image "agent:dev" cannot be read: no Docker or Podman engine was found. Start Docker, or set DOCKER_HOST to the address of the engine. Without an engine, use "oci-archive:FILE" or "docker-archive:FILE".',
  );
});
