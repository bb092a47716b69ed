import { spawnSync } from "node:child_process";
import { linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tarStore } from "../../../../provider/source/local-image/blob-store";
import { indexTar } from "../../../../provider/source/local-image/tar-index";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "tar-index-"))));
afterEach(() => rmSync(folder, { recursive: true }));

interface Header {
  name?: string;
  size?: number | Buffer;
  type?: string;
  link?: string;
  magic?: string;
  prefix?: string;
  sum?: number;
}

/** One block of a header, and the content after it. */
function entry(
  { name = "file", size, type = "0", link = "", magic = "ustar\0" + "00", prefix = "", sum }: Header,
  content = "",
): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write("0000644\0", 100);
  if (Buffer.isBuffer(size)) size.copy(header, 124);
  else header.write(`${(size ?? Buffer.byteLength(content)).toString(8).padStart(11, "0")}\0`, 124);
  header.write(type, 156);
  header.write(link, 157);
  header.write(magic, 257, "latin1");
  header.write(prefix, 345);
  header.fill(" ", 148, 156);
  const total = sum ?? header.reduce((all, byte) => all + byte, 0);
  header.write(`${total.toString(8).padStart(6, "0")}\0 `, 148);
  return Buffer.concat([header, Buffer.from(content), Buffer.alloc((512 - (Buffer.byteLength(content) % 512)) % 512)]);
}

const end = Buffer.alloc(1024);
function write(...parts: Buffer[]): string {
  const path = join(folder, "a.tar");
  writeFileSync(path, Buffer.concat(parts));
  return path;
}
const names = async (...parts: Buffer[]): Promise<string[]> => [...(await indexTar(write(...parts), "X")).keys()];
const problem = (...parts: Buffer[]): Promise<string> =>
  indexTar(write(...parts), "X").then(
    () => "read",
    (error: Error) => error.message,
  );
const pax = (key: string, value: string): string => {
  for (let length = 1; ; length += 1) {
    const record = `${length} ${key}=${value}\n`;
    if (Buffer.byteLength(record) === length) return record;
  }
};

test("entries of every kind, with offsets and sizes that give their content", async () => {
  const path = write(
    entry({ name: "./one" }, "first"),
    entry({ name: "folder/", type: "5" }),
    entry({ type: "g" }, pax("comment", "x")),
    entry({ name: "two" }, "x".repeat(513)),
    entry({ name: "three" }, ""),
    end,
    entry({ name: "after the end" }, "never"),
  );
  const found = await indexTar(path, "X");
  expect([...found.keys()]).toEqual(["one", "two", "three"]);
  const bytes = readFileSync(path);
  const text = (name: string): string =>
    bytes.toString("utf8", found.get(name)!.offset, found.get(name)!.offset + found.get(name)!.size);
  expect([text("one"), text("two"), text("three")]).toEqual(["first", "x".repeat(513), ""]);
});

test("names: of GNU, of PAX, with a prefix, each for one entry only", async () => {
  const long = "n".repeat(200);
  expect(
    await names(
      entry({ name: "@LongLink", type: "L" }, `${long}\0`),
      entry({ name: "cut" }, "a"),
      entry({ name: "next" }),
      end,
    ),
  ).toEqual([long, "next"]);
  expect(
    await names(
      entry({ type: "x" }, pax("path", `${long}/ü`)),
      entry({ name: "cut" }, "a"),
      entry({ name: "next" }),
      end,
    ),
  ).toEqual([`${long}/ü`, "next"]);
  // Of several headers each says what it has; the last has the word.
  expect(
    await names(
      entry({ name: "@LongLink", type: "L" }, `${long}\0`),
      entry({ type: "x" }, pax("mtime", "1")),
      entry({ name: "cut" }, "a"),
      entry({ type: "x" }, pax("path", "first")),
      entry({ type: "x" }, pax("path", "second")),
      entry({ name: "cut" }, "a"),
      end,
    ),
  ).toEqual([long, "second"]);
  expect(
    await names(
      entry({ name: "b", prefix: "a/deep" }),
      entry({ name: "c", prefix: "ignored", magic: "ustar  \0" }),
      end,
    ),
  ).toEqual(["a/deep/b", "c"]);
  expect(await names(entry({ name: "/../x" }), entry({ name: ".//y" }), end)).toEqual(["../x", "y"]);
});

test("sizes: octal, binary, and of PAX, which wins for its entry only", async () => {
  const binary = Buffer.alloc(12);
  binary[0] = 0x80;
  binary.writeUInt32BE(600, 8);
  const found = await indexTar(
    write(
      entry({ name: "binary", size: binary }, "b".repeat(600)),
      entry({ type: "x" }, pax("size", "5")),
      entry({ name: "pax", size: 0 }, "five!"),
      entry({ name: "next" }, "abc"),
      end,
    ),
    "X",
  );
  expect([...found].map(([name, { size }]) => [name, size])).toEqual([
    ["binary", 600],
    ["pax", 5],
    ["next", 3],
  ]);
});

test("links: hard and symbolic, with long targets, followed to the entry that they mean", async () => {
  const target = `${"t".repeat(150)}/layer.tar`;
  const path = write(
    entry({ type: "x" }, pax("path", target)),
    entry({ name: "cut" }, "layer"),
    entry({ type: "x" }, pax("linkpath", target)),
    entry({ name: "pax", type: "1" }),
    entry({ name: "@LongLink", type: "K" }, `${target}\0`),
    entry({ name: "gnu", type: "2", link: "cut" }),
    entry({ name: "dir/relative", type: "2", link: "../pax" }),
    entry({ name: "loop", type: "2", link: "loop" }),
    entry({ name: "nowhere", type: "1", link: "gone" }),
    end,
  );
  const store = await tarStore(path, "X");
  for (const name of ["pax", "gnu", "dir/relative"])
    expect([name, await store.size(name), String(await store.read(name))]).toEqual([name, 5, "layer"]);
  expect([await store.size("loop"), await store.size("nowhere"), await store.size("missing")]).toEqual([
    null,
    null,
    null,
  ]);
  await expect(store.read("missing")).rejects.toThrow("X is incomplete: it has no missing. Write the archive again.");
});

test("what real tar writes: hard links and symbolic links of a folder", async () => {
  mkdirSync(join(folder, "in/a"), { recursive: true });
  writeFileSync(join(folder, "in/a/layer.tar"), "layer");
  linkSync(join(folder, "in/a/layer.tar"), join(folder, "in/hard"));
  symlinkSync("a/layer.tar", join(folder, "in/soft"));
  spawnSync("tar", ["-C", join(folder, "in"), "-cf", join(folder, "a.tar"), "."]);
  const store = await tarStore(join(folder, "a.tar"), "X");
  for (const name of ["a/layer.tar", "hard", "soft"]) expect(String(await store.read(name))).toBe("layer");
});

test.each<[string, () => Buffer[], string]>([
  ["an empty file", () => [], "X is not a tar archive."],
  ["a short file", () => [Buffer.from("hello")], "X is not a tar archive."],
  ["a short gzip file", () => [Buffer.from([0x1f, 0x8b, 8])], "X is compressed with gzip. Decompress it first."],
  [
    "zstd",
    () => [Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), Buffer.alloc(600, 1)])],
    "X is compressed with zstd. Decompress it first.",
  ],
  ["a wrong sum", () => [entry({ sum: 1 }), end], "X is not a tar archive."],
  [
    "a wrong sum later",
    () => [entry({}, "a"), entry({ sum: 1 }), end],
    "X is damaged: there is no valid tar header at byte 1024. Write the archive again.",
  ],
  [
    "a content that is cut off",
    () => [entry({ size: 5000 })],
    "X is cut off: it ends in the middle of an entry. Write the archive again.",
  ],
  [
    "an extended header that is cut off",
    () => [entry({ type: "x", size: 600 }), Buffer.alloc(512)],
    "X is cut off: it ends in the middle of an entry. Write the archive again.",
  ],
  [
    "an extended header that is too large",
    () => [entry({ type: "x", size: 1024 * 1024 + 1 }), Buffer.alloc(2 * 1024 * 1024)],
    "X is damaged: it has an extended header of 1048577 bytes. Write the archive again.",
  ],
])("%s is told", async (_what, parts, message) => {
  expect(await problem(...parts())).toBe(message);
});

test("an extended header of the largest size is read", async () => {
  expect(
    await names(entry({ type: "L" }, `name\0${"x".repeat(1024 * 1024 - 5)}`), entry({ name: "cut" }), end),
  ).toEqual(["name"]);
});

test("an archive without the end's blocks is read to its end", async () => {
  expect(await names(entry({ name: "a" }, "1"), entry({ name: "b" }, "2"))).toEqual(["a", "b"]);
});

test("an interrupt ends the reading", async () => {
  await expect(indexTar(write(entry({}), end), "X", AbortSignal.abort(new Error("interrupted")))).rejects.toThrow(
    "interrupted",
  );
});

test.each<[string, () => Buffer[]]>([
  ["a negative one in an extended header", () => [entry({ type: "x" }, pax("size", "-1024")), entry({}, "x")]],
  ["one that leads back to the beginning", () => [entry({ type: "x" }, pax("size", "-1536")), entry({}, "x")]],
  ["one that is no number", () => [entry({ type: "x" }, pax("size", "1e1")), entry({}, "x")]],
  ["none", () => [entry({ type: "x" }, pax("size", "")), entry({}, "x")]],
  ["a larger one than numbers hold", () => [entry({ type: "x" }, pax("size", "9".repeat(30))), entry({}, "x")]],
  ["a negative octal one", () => [entry({ size: Buffer.from("-0000001000\0") }), entry({}, "x")]],
  ["octal digits that are none", () => [entry({ size: Buffer.from("00000000009\0") }), entry({}, "x")]],
  ["a negative binary one", () => [entry({ size: Buffer.alloc(12, 0xff) }), entry({}, "x")]],
])("a size that is %s is refused", async (_what, parts) => {
  expect(await problem(...parts(), end)).toMatch(
    /^X is damaged: the entry at byte (0|1024) has no valid size\. Write the archive again\.$/,
  );
});

test("entries have a number and their names a length", async () => {
  const one = entry({}, "");
  expect(await problem(Buffer.concat(Array<Buffer>(100_000).fill(one)), end)).toBe("read");
  expect(await problem(Buffer.concat(Array<Buffer>(100_001).fill(one)), end)).toBe(
    "X has more than 100000 entries, so it is not an image archive.",
  );
  expect(await names(entry({ type: "x" }, pax("path", "n".repeat(4096))), one, end)).toEqual(["n".repeat(4096)]);
  expect(await problem(entry({ type: "x" }, pax("path", "n".repeat(4097))), one, end)).toBe(
    "X is damaged: the name of an entry has more than 4096 characters. Write the archive again.",
  );
});

test("what is no file is not read", async () => {
  spawnSync("mkfifo", [join(folder, "pipe")]);
  for (const path of [join(folder, "pipe"), "/dev/zero"])
    await expect(indexTar(path, "X")).rejects.toThrow(
      new Error("X is not a regular file. Write the archive to a regular file."),
    );
});
