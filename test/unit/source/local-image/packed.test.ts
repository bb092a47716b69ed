import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { canUnpack } from "../../../../provider/source/local-image/layer/compression";
import { readLocalImage } from "../../../../provider/source/local-image/read-local-image";
import { ociFiles, writeTar } from "./images";
import { savedOf, tarOf, zstdOf } from "./made";

let folder: string;
let temporary: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "packed-"));
  mkdirSync((temporary = join(folder, "tmp")));
});
afterEach(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);
/** Files in the folder for temporary ones, and what is open of those that have no name any more. */
const left = (): string[] => [...readdirSync(at("tmp")), ...openFiles()];
function openFiles(): string[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)].filter((path) => path.startsWith(at("tmp")));
    } catch {
      return [];
    }
  });
}

const read = (written: string, signal?: AbortSignal) =>
  readLocalImage(
    written,
    folder,
    { env: { TMPDIR: temporary }, home: folder, platform: "linux", exists: () => false },
    signal,
  );
const problem = (written: string): Promise<string> =>
  read(written).then(
    () => "read",
    (error: Error) => error.message.replaceAll(folder, "CWD"),
  );
const layers = [
  { bytes: tarOf("one"), name: "one/layer.tar" },
  { bytes: tarOf("two"), name: "two/layer.tar" },
];
const pack = (name: string, packed: (tar: Buffer) => Buffer = gzipSync): void => {
  writeTar(at("plain.tar"), savedOf({ layers }));
  writeFileSync(at(name), packed(readFileSync(at("plain.tar"))));
};

async function contents(
  image: Awaited<ReturnType<typeof read>>,
  signal = new AbortController().signal,
): Promise<Buffer[]> {
  if (image.content.kind !== "archive") throw new Error("an archive was expected");
  return Promise.all(
    image.content.layers.map(async (layer) => {
      const parts: Buffer[] = [];
      for await (const part of layer.open(signal)) parts.push(part as Buffer);
      return Buffer.concat(parts);
    }),
  );
}
const release = async ({ content }: Awaited<ReturnType<typeof read>>): Promise<void> =>
  content.kind === "archive" ? content.release?.() : undefined;

test("an archive with gzip is the same image, is unpacked as often as it is needed, and leaves nothing behind", async () => {
  pack("image.tar.gz");
  const [packed, plain] = [await read("docker-archive:image.tar.gz"), await read("docker-archive:plain.tar")];
  expect(packed.hash).toBe(plain.hash);
  expect(left()).toEqual([]);
  for (const again of [1, 2]) {
    expect([again, await contents(packed)]).toEqual([again, layers.map(({ bytes }) => bytes)]);
    expect(readdirSync(at("tmp"))).toEqual([]);
    await release(packed);
    await release(packed);
    expect(left()).toEqual([]);
  }
  await release(plain);
  writeTar(at("oci.tar"), ociFiles([{}]));
  writeFileSync(at("oci.tar.gz"), gzipSync(readFileSync(at("oci.tar"))));
  expect((await read("oci-archive:oci.tar.gz")).hash).toBe((await read("oci-archive:oci.tar")).hash);
});

test("the compression is that of the content, whatever the name says", async () => {
  pack("image.tar");
  expect(await problem("docker-archive:image.tar")).toBe("read");
  pack("plain.tar.gz", (tar) => tar);
  expect(await problem("docker-archive:plain.tar.gz")).toBe("read");
});

test("an archive with zstd is taken where Node.js can unpack it, and the message says what to do where it cannot", async () => {
  pack("image.tar.zst", zstdOf);
  expect(await problem("docker-archive:image.tar.zst")).toBe(
    canUnpack("zstd")
      ? "read"
      : `The image archive "image.tar.zst" is compressed with zstd, which Node.js ${process.version} cannot unpack. Unpack it first with \`zstd -d\`, or use Node.js 22.15 or later.`,
  );
});

test.each([
  ["xz", "fd377a585a00"],
  ["bzip2", "425a68393141"],
])("an archive with %s is refused", async (name, head) => {
  writeFileSync(at("image"), Buffer.concat([Buffer.from(head, "hex"), Buffer.alloc(1000)]));
  expect(await problem("docker-archive:image")).toBe(
    `The image archive "image" is compressed with ${name}, and only gzip and zstd can be unpacked. Unpack it first with \`${name} -d\`.`,
  );
});

(process.platform === "win32" ? test.skip : test)("what is no file ends at once", async () => {
  execFileSync("mkfifo", [at("pipe")]);
  symlinkSync("/dev/zero", at("zero"));
  for (const name of ["pipe", "zero"])
    expect(await problem(`docker-archive:${name}`)).toBe(
      `The image archive "${name}" is not a regular file. Write the archive to a regular file.`,
    );
});

test("what is damaged is told, and leaves nothing behind", async () => {
  pack("image.tar.gz");
  truncateSync(at("image.tar.gz"), 200);
  expect(await problem("docker-archive:image.tar.gz")).toBe(
    'The image archive "image.tar.gz" is damaged: it cannot be unpacked (unexpected end of file). Write the archive again.',
  );
  writeFileSync(at("none.tar.gz"), gzipSync("no tar ".repeat(200)));
  expect(await problem("docker-archive:none.tar.gz")).toBe('The image archive "none.tar.gz" is not a tar archive.');
  pack("twice.tar.gz", (tar) => gzipSync(gzipSync(tar)));
  expect(await problem("docker-archive:twice.tar.gz")).toBe(
    'The image archive "twice.tar.gz" is compressed with gzip. Decompress it first.',
  );
  expect(left()).toEqual([]);
});

test("content that grows beyond measure is not unpacked to its end", async () => {
  writeFileSync(at("bomb.tar.gz"), gzipSync(Buffer.alloc(200 * 2 ** 20)));
  expect(await problem("docker-archive:bomb.tar.gz")).toBe(
    'The image archive "bomb.tar.gz" becomes more than 200 times as large when it is unpacked, which no image does. Unpack it first with `gzip -d` if the archive is correct.',
  );
  expect(left()).toEqual([]);
});

test("a folder for temporary files that is none is told", async () => {
  pack("image.tar.gz");
  temporary = at("none");
  expect(await problem("docker-archive:image.tar.gz")).toMatch(
    /^The image archive "image\.tar\.gz" cannot be unpacked into CWD\/none: .*\. Set TMPDIR to a writable folder\.$/,
  );
});

test("an archive that another has replaced since it was read does not pass", async () => {
  pack("image.tar.gz");
  const image = await read("docker-archive:image.tar.gz");
  const replace = (name: string): void => {
    writeTar(at("plain.tar"), savedOf({ layers: [{ bytes: tarOf("three"), name }, layers[1]!] }));
    writeFileSync(at("image.tar.gz"), gzipSync(readFileSync(at("plain.tar"))));
  };
  replace("three/layer.tar");
  await expect(contents(image)).rejects.toThrow(
    'The image archive "image.tar.gz" has changed since it was read: one/layer.tar no longer exists. Try again.',
  );
  await release(image);
  replace("one/layer.tar");
  await expect(contents(image)).rejects.toThrow(/^has the digest sha256:\w+, but the configuration of the image says /);
  await release(image);
});

test("an interrupt ends the unpacking", async () => {
  pack("image.tar.gz");
  const stop = new AbortController();
  stop.abort(new Error("interrupted"));
  await expect(read("docker-archive:image.tar.gz", stop.signal)).rejects.toThrow("interrupted");
  const image = await read("docker-archive:image.tar.gz");
  await expect(contents(image, stop.signal)).rejects.toThrow("interrupted");
  expect(await contents(image)).toEqual(layers.map(({ bytes }) => bytes));
  await release(image);
  expect(left()).toEqual([]);
});
