import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import fc from "fast-check";
import { tarHeader } from "../../../../provider/source/archive/tar-header";
import { copy, emptyFolder, onDisk, read, type Content } from "../context/tree-on-disk";

const tar = (...args: string[]) => execFileSync("tar", args, { maxBuffer: 2 ** 28 });

/** Files below a folder: path, whether executable, content. */
function extracted(archive: Buffer): [string, boolean, string][] {
  const folder = emptyFolder();
  writeFileSync(join(folder, "t.tar"), archive);
  mkdirSync(join(folder, "x"));
  tar("-xpf", join(folder, "t.tar"), "-C", join(folder, "x"));
  const found: [string, boolean, string][] = [];
  for (const entry of readdirSync(join(folder, "x"), { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile())
      found.push([
        file.slice(folder.length + 3),
        (lstatSync(file).mode & 0o777) === 0o755,
        readFileSync(file, "latin1"),
      ]);
  }
  return found.sort(([a], [b]) => (a < b ? -1 : 1));
}

function packed(archive: Buffer): string {
  const file = join(emptyFolder(), "t.tar");
  writeFileSync(file, archive);
  return file;
}

const long = `${"long-".repeat(20)}/${"name-".repeat(30)}/end`;
const tree: Record<string, Content> = {
  b: "content",
  "a/run": { run: "#!/bin/sh\n" },
  [long]: "long",
  é: "composed",
  "e\u0301": "decomposed",
  "new\nline": "n",
  empty: "",
  block: Buffer.alloc(512, "x"),
  large: Buffer.alloc(3 * 2 ** 20 + 7, "y"),
  link: { link: "a" },
  [`${"x".repeat(99)}`]: "99",
  [`${"y".repeat(100)}`]: "100",
  [`${"z".repeat(101)}`]: "101",
};

test("a tar holds the files as they are, and its size is known before", async () => {
  const root = onDisk(tree);
  const {
    archives: [archive, ...more],
    files,
  } = await read(root, [copy(".")]);
  expect(more).toEqual([]);
  const bytes = await buffer(archive!.open());
  expect(bytes.length).toBe(archive!.size);
  const found = extracted(bytes);
  expect(found.map(([path, executable]) => [path, executable])).toEqual(
    files.map(({ path, executable }) => [path, executable]).sort(([a], [b]) => (a! < b! ? -1 : 1)),
  );
  for (const [path, , content] of found)
    expect(createHash("sha256").update(content, "latin1").digest("hex")).toBe(
      files.find((file) => file.path === path)!.sha256,
    );
  const list = execFileSync("tar", ["-tvf", "-", "--numeric-owner", "--utc"], { input: bytes }).toString();
  for (const line of list.trimEnd().split("\n"))
    expect(line).toMatch(/^-rw(xr-xr-x|-r--r--) 0\/0 .* 1970-01-01 00:00 /);
});

test("the same tree gives the same bytes, whatever its times, modes and place", async () => {
  const one = onDisk(tree);
  const other = onDisk(Object.fromEntries(Object.entries(tree).reverse()));
  for (const path of ["b", "a/run"]) utimesSync(join(other, path), 5, 5);
  const bytes = async (root: string) => buffer((await read(root, [copy(".")])).archives[0]!.open());
  expect((await bytes(one)).equals(await bytes(other))).toBe(true);
});

test("a mode that somebody has given to a file is sent, and is not part of the source hash", async () => {
  const modes = {
    key: 0o600,
    read: 0o400,
    sudoers: 0o440,
    frozen: 0o555,
    setuid: 0o4755,
    setgid: 0o2755,
    sticky: 0o1644,
  };
  const usual = { a: 0o644, b: 0o664, c: 0o666, d: 0o755, e: 0o775, f: 0o777 };
  const root = onDisk(Object.fromEntries(Object.keys({ ...modes, ...usual }).map((path) => [path, path])));
  for (const [path, mode] of Object.entries({ ...modes, ...usual })) chmodSync(join(root, path), mode);
  const { archives, files, sourceHash } = await read(root, [copy(".")]);
  expect(Object.fromEntries(files.map(({ path, mode }) => [path, mode]))).toEqual({
    ...Object.fromEntries(Object.keys(usual).map((path) => [path, undefined])),
    ...modes,
  });
  expect(archives[0]!.files).toEqual(files);
  const list = tar("-tvf", packed(await buffer(archives[0]!.open()))).toString();
  expect(
    Object.fromEntries(
      list
        .trimEnd()
        .split("\n")
        .map((line) => [line.split(" ").at(-1), line.slice(0, 10)]),
    ),
  ).toEqual({
    key: "-rw-------",
    read: "-r--------",
    sudoers: "-r--r-----",
    frozen: "-r-xr-xr-x",
    setuid: "-rwsr-xr-x",
    setgid: "-rwxr-sr-x",
    sticky: "-rw-r--r-T",
    a: "-rw-r--r--",
    b: "-rw-r--r--",
    c: "-rw-r--r--",
    d: "-rwxr-xr-x",
    e: "-rwxr-xr-x",
    f: "-rwxr-xr-x",
  });
  chmodSync(join(root, "key"), 0o644);
  const later = await read(root, [copy(".")]);
  expect(later.sourceHash).toBe(sourceHash);
  // The storage keeps an archive by its hash, so other bytes need another one.
  expect(later.archives[0]!.hash).not.toBe(archives[0]!.hash);
  chmodSync(join(root, "key"), 0o400);
  expect(
    new Set([...archives, ...later.archives, ...(await read(root, [copy(".")])).archives].map(({ hash }) => hash)).size,
  ).toBe(3);
});

test.each([
  [0o022, 0o644, 0o755],
  [0o002, 0o664, 0o775],
  [0o027, 0o640, 0o750],
  [0o077, 0o600, 0o700],
  [0o007, 0o660, 0o770],
])("a checkout under umask %o gives the same bytes as every other", async (_umask, plain, program) => {
  const root = onDisk({ Dockerfile: "FROM a:1\n", a: "a", run: "r", tool: "t", frozen: "f" });
  for (const [path, mode] of Object.entries({
    Dockerfile: plain,
    a: plain,
    run: program,
    tool: program | 0o4000,
    frozen: plain & 0o555,
  }))
    chmodSync(join(root, path), mode);
  const { archives, warnings } = await read(root, [copy(".")], { dockerfile: join(root, "Dockerfile") });
  expect(archives[0]!.files.map(({ path, executable, mode }) => [path, executable, mode])).toEqual([
    ["a", false, undefined],
    ["frozen", false, 0o444],
    ["run", true, undefined],
    ["tool", true, 0o4755],
  ]);
  expect(warnings).toEqual([]);
});

test("where the umask hides every file, a key that has to be hidden is told", async () => {
  const root = onDisk({ Dockerfile: "FROM a:1\n", id_rsa: "k", ".ssh/id_rsa.pub": "p", "sudoers.d/agent": "s" });
  for (const path of ["Dockerfile", "id_rsa", ".ssh/id_rsa.pub", "sudoers.d/agent"]) chmodSync(join(root, path), 0o600);
  const { files, warnings } = await read(root, [copy(".")], { dockerfile: join(root, "Dockerfile") });
  expect(files.map(({ mode }) => mode)).toEqual([undefined, undefined, undefined]);
  expect(warnings).toEqual([
    'Who may read a file is unknown on this machine, because its file system or its umask decides: "id_rsa", "sudoers.d/agent" will be readable by everyone in the image, and programs ' +
      "such as ssh and sudo refuse such files. Set the mode in the Dockerfile, for example with COPY --chmod=0600.",
  ]);
  // What can be read all the same has a mode of its own.
  chmodSync(join(root, "id_rsa"), 0o744);
  expect((await read(root, [copy("id_rsa")], { dockerfile: join(root, "Dockerfile") })).files[0]!.mode).toBe(0o744);
  chmodSync(join(root, "id_rsa"), 0o600);
  // One that is hidden on purpose is sent as it is.
  chmodSync(join(root, "Dockerfile"), 0o644);
  const own = await read(root, [copy("id_rsa")], { dockerfile: join(root, "Dockerfile") });
  expect([own.files[0]!.mode, own.warnings]).toEqual([0o600, []]);
});

test("one tar for each path; a file that two name is in the first; the hash is that of its files", async () => {
  const root = onDisk({ "package.json": "{}", "src/a": "a", "src/b": "b", x: "x" });
  const { archives, files } = await read(root, [copy("package.json", "src/a"), copy("src/a"), copy(".")]);
  expect(archives.map((archive) => archive.files.map(({ path }) => path))).toEqual([
    ["package.json"],
    ["src/a"],
    ["src/b", "x"],
  ]);
  expect(new Set(archives.map(({ hash }) => hash)).size).toBe(3);
  for (const { hash } of archives) expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(files).toHaveLength(4);
  writeFileSync(join(root, "x"), "y");
  const later = (await read(root, [copy("package.json", "src/a"), copy(".")])).archives;
  expect(later.map(({ hash }, index) => hash === [archives[0], archives[1], archives[2]][index]!.hash)).toEqual([
    true,
    true,
    false,
  ]);
});

test("a size above 8 GiB and a name of any length", () => {
  fc.assert(
    fc.property(
      fc
        .string({ unit: "grapheme", minLength: 1, maxLength: 300 })
        .filter((name) => !/[\0\u{d800}-\u{dfff}]/u.test(name)),
      fc.constantFrom(0, 1, 2 ** 33 - 1, 2 ** 33, 2 ** 40),
      (name, size) => {
        const header = tarHeader(name, false, size);
        expect(header.length % 512).toBe(0);
        const body =
          header.length > 512
            ? header.subarray(512, 512 + parseInt(header.toString("latin1", 124, 135), 8)).toString()
            : "";
        // Each record begins with its length in bytes.
        const records: Record<string, string> = {};
        for (let rest = Buffer.from(body); rest.length > 0;) {
          const length = parseInt(rest.toString("latin1"), 10);
          const [, key, value] = /^\d+ (\w+)=([^]*)\n$/.exec(rest.subarray(0, length).toString())!;
          records[key!] = value!;
          rest = rest.subarray(length);
        }
        const last = header.subarray(-512);
        expect(
          records["path"] ?? last.toString("utf8", 0, Math.max(1, last.indexOf(0)) > 100 ? 100 : last.indexOf(0)),
        ).toBe(name);
        expect(records["size"] ?? String(parseInt(last.toString("latin1", 124, 135), 8))).toBe(String(size));
      },
    ),
  );
});

test.each<[string, (file: string) => void, (before: string, after: string) => string]>([
  [
    "other content",
    (file) => writeFileSync(file, "CONTENT"),
    (before, after) => `its SHA-256 was ${before} and is ${after} now`,
  ],
  ["more content", (file) => writeFileSync(file, "content and more"), () => "it was 7 bytes and is larger now"],
  ["less content", (file) => truncateSync(file, 3), () => "it was 7 bytes and is 3 bytes now"],
  ["nothing there", (file) => unlinkSync(file), () => "it does not exist"],
])("a file that was hashed, and has %s now, is named", async (_what, change, what) => {
  const root = onDisk({ a: "a", "d/file": "content" });
  const {
    archives: [archive],
    files,
  } = await read(root, [copy(".")]);
  change(join(root, "d/file"));
  const now = createHash("sha256").update("CONTENT").digest("hex");
  await expect(buffer(archive!.open())).rejects.toThrow(
    new Error(
      `"d/file" in the build context changed after it was hashed: ${what(files[1]!.sha256, now)}. Nothing was built. Try again.`,
    ),
  );
});

test("a large file that changed, and a file that became a link", async () => {
  const root = onDisk({ large: Buffer.alloc(2 ** 20, 1), small: "s", target: "s" });
  const { archives } = await read(root, [copy("large", "small")]);
  for (const [content, what] of [
    [Buffer.alloc(2 ** 20, 2), /^"large" .*: its SHA-256 was [0-9a-f]{64} and is [0-9a-f]{64} now\./],
    [Buffer.alloc(2 ** 20 + 1), /it was 1048576 bytes and is larger now/],
    [Buffer.alloc(2 ** 18), /it was 1048576 bytes and is 262144 bytes now/],
  ] as const) {
    writeFileSync(join(root, "large"), content);
    await expect(buffer(archives[0]!.open())).rejects.toThrow(what);
  }
  rmSync(join(root, "small"));
  symlinkSync("target", join(root, "small"));
  await expect(buffer(archives[1]!.open())).rejects.toThrow(
    /^"small" in the build context changed after it was hashed: /,
  );
});

test("a tar can be read again, and given up", async () => {
  const root = onDisk({ large: Buffer.alloc(5 * 2 ** 20, 1), small: "s" });
  const {
    archives: [archive],
  } = await read(root, [copy(".")]);
  expect((await buffer(archive!.open())).equals(await buffer(archive!.open()))).toBe(true);
  const given = new AbortController();
  const stream = archive!.open(given.signal);
  stream.once("data", () => given.abort(new Error("enough")));
  await expect(buffer(stream)).rejects.toThrow("enough");
});

test("reading a context can be given up", async () => {
  const root = onDisk(
    Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`d${index % 50}/f${index}`, `${index}`])),
  );
  const given = new AbortController();
  const reading = read(root, [copy(".")], {}, { signal: given.signal });
  setTimeout(() => given.abort(new Error("enough")), 5);
  await expect(reading).rejects.toThrow("enough");
  await expect(read(root, [copy(".")], {}, { signal: AbortSignal.abort(new Error("before")) })).rejects.toThrow(
    "before",
  );
});
