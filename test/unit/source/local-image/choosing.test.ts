import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readLocalImage } from "../../../../provider/source/local-image/read-local-image";
import { writeFolder, writeTar } from "./images";
import { byDigest, digestOf, gzipped, layoutOf, type MadeImage, MANIFEST, savedOf, tarOf } from "./made";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "choosing-"))));
afterEach(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

const read = (written: string) =>
  readLocalImage(written, folder, { env: {}, home: folder, platform: "linux", exists: () => false });
/** The text in the image's file, or the error. */
async function chosen(written: string): Promise<string> {
  try {
    const { content } = await read(written);
    if (content.kind !== "archive") throw new Error("an archive was expected");
    const { rootfs } = JSON.parse(content.config.toString()) as { rootfs: { diff_ids: string[] } };
    const texts = ["one", "two", "three", "four"];
    return texts.find((text) => digestOf(tarOf(text)) === rootfs.diff_ids[0]) ?? "another";
  } catch (error) {
    return (error as Error).message;
  }
}
const image = (text: string, more: MadeImage = {}): MadeImage => ({ layers: [gzipped(text)], ...more });
const platform = (architecture: string, variant?: string, os = "linux"): object => ({
  platform: { os, architecture, ...(variant === undefined ? {} : { variant }) },
});
const names = (ref: string | undefined, full?: string): object => ({
  annotations: {
    ...(ref === undefined ? {} : { "org.opencontainers.image.ref.name": ref }),
    ...(full === undefined ? {} : { "io.containerd.image.name": full }),
  },
});
const manifestsOf = (files: Record<string, string | Buffer>): { digest: string }[] =>
  (JSON.parse(String(files["index.json"])) as { manifests: { digest: string }[] }).manifests;

describe("names in an OCI layout", () => {
  test("an image that is listed twice is one, with all of its names", async () => {
    const files = layoutOf(
      { ...image("one"), entry: names("1", "docker.io/acme/agent:1") },
      { ...image("one"), entry: names("2", "docker.io/acme/agent:2") },
    );
    writeFolder(at("l"), files);
    expect(manifestsOf(files)).toHaveLength(2);
    for (const reference of ["", ":1", ":2", ":docker.io/acme/agent:2", ":acme/agent:1"])
      expect([reference, await chosen(`oci:l${reference}`)]).toEqual([reference, "one"]);
    // As crane appends it.
    writeFolder(at("m"), layoutOf(image("one"), image("one")));
    expect(await chosen("oci:m")).toBe("one");
  });

  test("two images with one tag are told apart by their full names, and not without", async () => {
    writeTar(
      at("l.tar"),
      layoutOf(
        { ...image("one"), entry: names("dev", "docker.io/acme/agent:dev") },
        { ...image("two"), entry: names("dev", "docker.io/acme/tools:dev") },
      ),
    );
    expect(await chosen("oci-archive:l.tar:docker.io/acme/agent:dev")).toBe("one");
    expect(await chosen("oci-archive:l.tar:docker.io/acme/tools:dev")).toBe("two");
    expect(await chosen("oci-archive:l.tar:tools:dev")).toBe("two");
    const both = "Images: docker.io/acme/agent:dev, docker.io/acme/tools:dev.";
    expect(await chosen("oci-archive:l.tar:dev")).toBe(
      `The image archive "l.tar" has 2 images that match "dev". Add the full name of one to the path instead, such as ":docker.io/acme/agent:dev". ${both}`,
    );
    expect(await chosen("oci-archive:l.tar")).toBe(
      `The image archive "l.tar" has 2 images. Add the tag of one to the path, such as ":docker.io/acme/agent:dev". ${both}`,
    );
    expect(await chosen("oci-archive:l.tar:gent:dev")).toBe(
      `The image archive "l.tar" has no image named "gent:dev". ${both}`,
    );
  });

  test("images with the very same name, or none, are told apart by their digests", async () => {
    const files = layoutOf({ ...image("one"), entry: names("dev") }, { ...image("two"), entry: names("dev") });
    writeFolder(at("l"), files);
    const [one, two] = manifestsOf(files).map(({ digest }) => digest) as [string, string];
    expect(await chosen("oci:l:dev")).toBe(
      `The image archive "l" has 2 images named "dev", and their names do not distinguish them. Add the digest of one to the path, such as ":${one}". Images: ${one}, ${two}.`,
    );
    expect(await chosen(`oci:l:${two}`)).toBe("two");
    writeFolder(at("m"), layoutOf(image("one"), image("two")));
    expect(await chosen("oci:m")).toBe(
      `The image archive "m" has 2 images, and their names do not distinguish them. Add the digest of one to the path, such as ":${one}". Images: ${one}, ${two}.`,
    );
  });

  test("a name wins over names that end with it", async () => {
    writeFolder(
      at("l"),
      layoutOf({ ...image("one"), entry: names("acme/agent:1") }, { ...image("two"), entry: names("agent:1") }),
    );
    expect(await chosen("oci:l:agent:1")).toBe("two");
    expect(await chosen("oci:l:acme/agent:1")).toBe("one");
    expect(await chosen("oci:l:1")).toContain('has 2 images that match "1".');
  });

  test("of many names a message lists twenty", async () => {
    const files = layoutOf(
      ...Array.from({ length: 23 }, (_, index) => ({ ...image(`text ${index}`), entry: names(`v${index}`) })),
    );
    writeFolder(at("l"), files);
    expect(await chosen("oci:l:none")).toMatch(/Images: v0, .*, v19 and 3 more\.$/);
  });
});

describe("names in a `docker save` archive", () => {
  const saved = (...list: [string, string[]][]): void =>
    writeTar(
      at("a.tar"),
      savedOf(...list.map(([text, tags]) => ({ tags, layers: [byDigest({ bytes: tarOf(text) }, "docker")] }))),
    );

  test("two images with one tag are refused, and their full names are accepted", async () => {
    saved(["one", ["agent:dev", "agent:1"]], ["two", ["ghcr.io/acme/tools:dev"]]);
    const all = "Images: agent:dev, agent:1, ghcr.io/acme/tools:dev.";
    expect(await chosen("docker-archive:a.tar:dev")).toBe(
      `The image archive "a.tar" has 2 images that match "dev". Add the full name of one to the path instead, such as ":agent:dev". ${all}`,
    );
    for (const [reference, text] of [
      ["agent:dev", "one"],
      ["docker.io/library/agent:dev", "one"],
      ["library/agent:1", "one"],
      ["1", "one"],
      ["ghcr.io/acme/tools:dev", "two"],
      ["acme/tools:dev", "two"],
    ])
      expect([reference, await chosen(`docker-archive:a.tar:${reference}`)]).toEqual([reference, text]);
  });

  test("full names are those of Docker's registry where no other is named", async () => {
    saved(["one", ["acme/agent:1"]], ["two", ["localhost/agent:1"]], ["three", ["host:5000/agent:1"]]);
    expect(await chosen("docker-archive:a.tar:docker.io/acme/agent:1")).toBe("one");
    for (const name of ["localhost/agent:1", "host:5000/agent:1"])
      expect(await chosen(`docker-archive:a.tar:docker.io/${name}`)).toContain(
        `has no image named "docker.io/${name}"`,
      );
  });

  test("one image that is listed twice is one; two of the very same name are not", async () => {
    saved(["one", ["agent:1"]], ["one", ["agent:2"]]);
    expect(await chosen("docker-archive:a.tar")).toBe("one");
    saved(["one", ["agent:1"]], ["one", ["agent:1"]]);
    expect(await chosen("docker-archive:a.tar:agent:1")).toBe("one");
    saved(["one", ["agent:1"]], ["two", ["agent:1"]]);
    expect(await chosen("docker-archive:a.tar:agent:1")).toBe(
      'The image archive "a.tar" has 2 images named "agent:1", and their names do not distinguish them. Write an archive with one of them. Images: agent:1.',
    );
  });
});

describe("platforms", () => {
  const index = (...images: MadeImage[]): void => {
    rmSync(at("l"), { recursive: true, force: true });
    writeFolder(at("l"), layoutOf({ images }));
  };
  const v3 = (text: string): MadeImage => image(text, { entry: platform("amd64", "v3") });

  test.each<[string, MadeImage[], string, string[]]>([
    ["the baseline after v3", [v3("one"), image("two", { entry: platform("amd64") })], "two", []],
    ["v1, which is the baseline", [v3("one"), image("two", { entry: platform("amd64", "v1") })], "two", []],
    [
      "v2 after v3 and v4, with a note",
      [image("one", { entry: platform("amd64", "v4") }), v3("two"), image("three", { entry: platform("amd64", "v2") })],
      "three",
      [
        'The image archive "l" is for linux/amd64/v2, the lowest of its variants (v2, v3, v4). Its programs may fail on a runner with an older processor. Build it for linux/amd64, without a variant, so that every runner can run it.',
      ],
    ],
    [
      "v3 alone, with a note",
      [v3("one")],
      "one",
      [
        'The image archive "l" is for linux/amd64/v3. Its programs may fail on a runner with an older processor. Build it for linux/amd64, without a variant, so that every runner can run it.',
      ],
    ],
    [
      "one that only the configuration calls v3",
      [image("one", { config: { variant: "v3" } }), image("two", { config: { variant: "v2" } })],
      "two",
      [expect.stringContaining("is for linux/amd64/v2, the lowest of its variants (v2, v3).") as string],
    ],
    [
      "a generation that is not known, last",
      [image("one", { entry: platform("amd64", "next") }), v3("two")],
      "two",
      [expect.any(String) as string],
    ],
  ])("chosen: %s", async (_what, images, text, warnings) => {
    index(...images);
    expect(await chosen("oci:l")).toBe(text);
    expect((await read("oci:l")).warnings).toEqual(warnings);
  });

  test.each<[string, MadeImage[], string]>([
    [
      "entries without a platform, by their configurations",
      [image("one", { config: { architecture: "arm64" } }), image("two")],
      "two",
    ],
    [
      "an empty platform says nothing",
      [image("one", { config: { os: "windows" }, entry: { platform: {} } }), image("two", { entry: { platform: {} } })],
      "two",
    ],
    [
      "what BuildKit attests is no image",
      [image("one", { entry: platform("unknown", undefined, "unknown") }), image("two")],
      "two",
    ],
    [
      "an artifact beside the image",
      [image("one", { manifest: { artifactType: "application/vnd.example" } }), image("two")],
      "two",
    ],
    [
      "the same image in two compressions",
      [
        image("one"),
        image("one", { layers: [{ ...gzipped("one"), bytes: gzipped("one").bytes, mediaType: undefined }] }),
      ],
      "one",
    ],
  ])("found: %s", async (_what, images, text) => {
    index(...images);
    expect(await chosen("oci:l")).toBe(text);
  });

  test.each<[string, MadeImage[], string | RegExp]>([
    [
      "only others, by their configurations",
      [image("one", { config: { architecture: "arm64" } }), image("two", { config: { architecture: "s390x" } })],
      'The image archive "l" has no image for linux/amd64, but sandboxes need one. Platforms: linux/arm64, linux/s390x. Build it with `docker build --platform linux/amd64`, and write the archive again.',
    ],
    [
      "what is attested is no platform",
      [image("one", { entry: platform("arm64") }), image("two", { entry: platform("unknown", undefined, "unknown") })],
      /Platforms: linux\/arm64\. /,
    ],
    [
      "another by its index, another by its configuration",
      [image("one", { entry: platform("arm64") }), image("two", { config: { architecture: "s390x" } })],
      /Platforms: linux\/arm64, linux\/s390x\. /,
    ],
    [
      "an artifact beside an image for another platform",
      [
        image("one", { manifest: { artifactType: "application/vnd.x" } }),
        image("two", { config: { architecture: "s390x" } }),
      ],
      /has no image for linux\/amd64, but sandboxes need one\. Platforms: linux\/s390x\. /,
    ],
    [
      "one for another platform, which says so itself",
      [image("one", { config: { architecture: "arm64" } })],
      /^The image archive "l" is for linux\/arm64, but sandboxes run linux\/amd64\. /,
    ],
    [
      "two for linux/amd64",
      [image("one"), image("two")],
      /^The image archive "l" has 2 images for linux\/amd64 under one name: sha256:\w+, sha256:\w+\. Write an archive with one of them\.$/,
    ],
    [
      "an artifact, by its type",
      [image("one", { manifest: { artifactType: "application/vnd.example" } })],
      'The image archive "l" is not an image: it is an artifact of the type "application/vnd.example". Specify an archive of an image, such as one that `docker save` writes.',
    ],
    [
      "an artifact, by its configuration",
      [image("one", { configType: "application/vnd.cncf.helm.config.v1+json" })],
      /it is an artifact of the type "application\/vnd\.cncf\.helm\.config\.v1\+json"/,
    ],
    [
      "an index that says amd64 of an image for another platform",
      [
        image("one", { config: { architecture: "arm64" }, entry: platform("amd64") }),
        image("two", { entry: platform("arm64") }),
      ],
      /^The image archive "l" is for linux\/arm64, but sandboxes run linux\/amd64\. /,
    ],
  ])("refused: %s", async (_what, images, message) => {
    index(...images);
    if (typeof message === "string") expect(await chosen("oci:l")).toBe(message);
    else expect(await chosen("oci:l")).toMatch(message);
  });

  test("an artifact that is alone is said to be none, and an empty index has no image", async () => {
    writeFolder(at("l"), layoutOf(image("one", { configType: "application/vnd.oci.empty.v1+json" })));
    expect(await chosen("oci:l")).toContain('it is an artifact of the type "application/vnd.oci.empty.v1+json"');
    writeFolder(at("m"), layoutOf({ images: [] }));
    expect(await chosen("oci:m")).toContain("has no image for linux/amd64, but sandboxes need one. Platforms: none.");
  });

  test("platforms without an index of their own are one image, also without a platform", async () => {
    writeFolder(at("l"), layoutOf(image("one", { config: { architecture: "arm64" } }), image("two")));
    expect(await chosen("oci:l")).toBe("two");
  });

  test("an index of many manifests has a limit", async () => {
    const manifests = Array.from({ length: 1001 }, () => ({ mediaType: MANIFEST, digest: "" }));
    const files = layoutOf(image("one", { config: { architecture: "arm64" } }));
    const [{ digest }] = manifestsOf(files) as [{ digest: string }];
    const text = JSON.stringify({ manifests: manifests.map((one) => ({ ...one, digest })) });
    writeFolder(at("l"), {
      ...files,
      [`blobs/sha256/${digestOf(text).slice(7)}`]: text,
      "index.json": JSON.stringify({ manifests: [{ digest: digestOf(text) }] }),
    });
    expect(await chosen("oci:l")).toBe(
      'The image archive "l" has more than 1000 manifests. Write an archive with one image, for linux/amd64.',
    );
  });
});

test.each([
  [125, []],
  [
    126,
    [
      'The image archive "l" has 126 layers. Docker cannot run an image with more than 125 of them ("max depth exceeded"), so the snapshot may fail. Combine instructions of its Dockerfile, or squash it.',
    ],
  ],
])("%d layers", async (count, warnings) => {
  writeFolder(at("l"), layoutOf({ layers: Array.from({ length: count }, () => gzipped("one")) }));
  expect((await read("oci:l")).warnings).toEqual(warnings);
});
