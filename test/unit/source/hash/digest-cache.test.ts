import { fork } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../../../../provider/source/hash/cache-folder";
import { DigestCache } from "../../../../provider/source/hash/digest-cache";
import { digestFile } from "../../../../provider/source/hash/file-digest";
import { isSettled } from "../../../../provider/source/hash/identity";
import { copy, emptyFolder, onDisk, read } from "../context/tree-on-disk";

const DAY = 86_400_000;
const sum = (text: string): string => createHash("sha256").update(text).digest("hex");
/** A clock by which the files on disk are old enough to be believed. */
const later = () => Date.now() + 10_000;

/** Replaces the digests in the cache by others, with a sum that fits: whoever reads them did not read the files. */
function forge(folder: string): void {
  for (const name of readdirSync(folder)) {
    const [, ...lines] = readFileSync(join(folder, name), "utf8").split("\n");
    const body = lines.map((line) => line.replace(/^[0-9a-f]{64}/, "f".repeat(64))).join("\n");
    writeFileSync(join(folder, name), `daytona-iac digests 1 ${sum(body)}\n${body}`);
  }
}

const digests = async (root: string, folder: string | undefined, now = later): Promise<string[]> =>
  (await read(root, [copy(".")], {}, { cache: new DigestCache({ folder, now }), now })).files.map(
    ({ sha256 }) => sha256,
  );

test("another process believes what is kept, as long as the file is the same", async () => {
  const root = onDisk({ a: "a", 'with\nnewline "é"': "b" });
  const folder = join(emptyFolder(), "made", "anew");
  expect(await digests(root, folder)).toEqual([sum("a"), sum("b")]);
  forge(folder);
  expect(await digests(root, folder)).toEqual(["f".repeat(64), "f".repeat(64)]);
  writeFileSync(join(root, "a"), "c");
  utimesSync(join(root, "a"), 1, 1);
  expect(await digests(root, folder)).toEqual([sum("c"), "f".repeat(64)]);
  chmodSync(join(root, "a"), 0o700);
  expect(await digests(root, folder)).toEqual([sum("c"), "f".repeat(64)]);
  expect(statSync(join(folder, readdirSync(folder)[0]!)).mode & 0o077).toBe(0);
});

test("a file with the same size and times in another's place is read", async () => {
  const root = onDisk({ a: "a" });
  const folder = emptyFolder();
  await digests(root, folder);
  const { mtime } = statSync(join(root, "a"));
  writeFileSync(join(root, "b"), "b");
  utimesSync(join(root, "b"), mtime, mtime);
  renameSync(join(root, "b"), join(root, "a"));
  expect(await digests(root, folder)).toEqual([sum("b")]);
});

test("a file changed only just now is read again", async () => {
  const root = onDisk({ a: "a" });
  const folder = emptyFolder();
  const written = statSync(join(root, "a")).mtimeMs;
  await digests(root, folder, () => Math.floor(written));
  expect(readdirSync(folder)).toEqual([]);
  const stats = (ns: bigint) => ({ mtimeNs: ns, ctimeNs: ns - 1n }) as never;
  expect(isSettled(stats(1_000_000_001n), 1049)).toBe(false);
  expect(isSettled(stats(1_000_000_001n), 1051)).toBe(true);
  // Whole seconds come from file systems that keep nothing finer.
  expect(isSettled(stats(1_000_000_000n), 1500)).toBe(false);
  expect(isSettled(stats(1_000_000_000n), 3001)).toBe(true);
});

test.each<[string, (text: string) => string | Buffer]>([
  ["empty", () => ""],
  ["cut short", (text) => text.slice(0, -20)],
  ["of another version", (text) => text.replace("digests 1", "digests 2")],
  ["changed by a bit", (text) => text.replace(/[0-9a-f]{64} /, "f".repeat(64) + " ")],
  ["binary", () => Buffer.from([0xff, 0, 1, 2, 10, 13])],
])("a cache file that is %s costs nothing but time", async (_what, damage) => {
  const root = onDisk({ a: "a", b: "b" });
  const folder = emptyFolder();
  await digests(root, folder);
  const [name] = readdirSync(folder);
  writeFileSync(join(folder, name!), damage(readFileSync(join(folder, name!), "utf8")));
  expect(await digests(root, folder)).toEqual([sum("a"), sum("b")]);
  forge(folder);
  expect(await digests(root, folder)).toEqual(["f".repeat(64), "f".repeat(64)]);
});

test("a cache that cannot be written, or is off, costs nothing but time", async () => {
  const root = onDisk({ a: "a" });
  expect(await digests(root, join(root, "a", "no-folder"))).toEqual([sum("a")]);
  expect(await digests(root, undefined)).toEqual([sum("a")]);
  const folder = emptyFolder();
  await digests(root, folder);
  mkdirSync(join(folder, "in-the-way"));
  utimesSync(join(folder, "in-the-way"), 1, 1);
  writeFileSync(join(root, "b"), "b");
  expect(await digests(root, folder)).toEqual([sum("a"), sum("b")]);
});

test("a process reads a file once for all its snapshots, also at the same time", async () => {
  const root = onDisk({ a: "a", large: Buffer.alloc(3 * 2 ** 20, 1) });
  const cache = new DigestCache({ now: later });
  const all = await Promise.all(Array.from({ length: 5 }, () => read(root, [copy(".")], {}, { cache, now: later })));
  expect(new Set(all.map(({ sourceHash }) => sourceHash)).size).toBe(1);
  const kept = await cache.of(root);
  let reads = 0;
  const identity = (await digestFile(join(root, "large"), undefined, later)).identity;
  expect(kept.get(join(root, "large"), identity)).toBe(all[0]!.files[1]!.sha256);
  const once = () => kept.once("x", identity, () => Promise.resolve(String(++reads)));
  expect(await Promise.all([once(), once(), once()])).toEqual(["1", "1", "1"]);
});

test("what one gives up, another who waits for the same file still gets", async () => {
  const root = onDisk({ large: Buffer.alloc(8 * 2 ** 20, 1) });
  const cache = new DigestCache({ now: later });
  const given = new AbortController();
  const [one, other] = [given.signal, undefined].map((signal) =>
    read(root, [copy(".")], {}, { cache, now: later, signal }),
  );
  given.abort(new Error("enough"));
  await expect(one).rejects.toThrow("enough");
  expect((await other!).totalBytes).toBe(8 * 2 ** 20);
});

test("entries and files that nobody has used for a month go", async () => {
  const root = onDisk({ a: "a", b: "b" });
  const other = onDisk({ c: "c" });
  const folder = emptyFolder();
  await digests(other, folder);
  writeFileSync(join(folder, "killed.tmp"), "");
  await digests(root, folder);
  expect(readdirSync(folder)).toHaveLength(3);
  const month = () => later() + 31 * DAY;
  writeFileSync(join(root, ".dockerignore"), "b\n");
  await digests(root, folder, month);
  const left = readdirSync(folder);
  expect(left).toHaveLength(1);
  expect(readFileSync(join(folder, left[0]!), "utf8")).not.toContain('/b"');
});

test("what another process has written since the file was read stays in it", async () => {
  const root = onDisk({ a: "a", b: "b" });
  const folder = emptyFolder();
  const caches = [new DigestCache({ folder, now: later }), new DigestCache({ folder, now: later })];
  // Both have read the file, which is not there yet.
  for (const cache of caches) await cache.of(root);
  for (const [index, path] of ["a", "b"].entries())
    await read(root, [copy(path)], {}, { cache: caches[index]!, now: later });
  forge(folder);
  expect(await digests(root, folder)).toEqual(["f".repeat(64), "f".repeat(64)]);
});

test("several processes at once leave a whole file with what all of them found", async () => {
  const root = onDisk(
    Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`d${index % 4}/f${index}`, `content ${index}`])),
  );
  const folder = emptyFolder();
  const worker = join(emptyFolder(), "worker.cjs");
  const hook = require.resolve("@swc/core");
  writeFileSync(
    worker,
    `
    const { transformSync } = require(${JSON.stringify(hook)});
    require.extensions[".ts"] = (module, file) => module._compile(transformSync(require("fs").readFileSync(file, "utf8"), { filename: file, jsc: { target: "es2022", parser: { syntax: "typescript" } }, module: { type: "commonjs" } }).code, file);
    const source = ${JSON.stringify(join(__dirname, "../../../../provider/source"))};
    const { readContext } = require(source + "/context/read-context.ts");
    const { DigestCache } = require(source + "/hash/digest-cache.ts");
    const now = () => Date.now() + 10000;
    (async () => {
      for (let i = 0; i < 10; i++) {
        const sources = [{ line: 1, instruction: "COPY", kind: "copy", paths: ["d" + process.argv[2]], exclude: [], parents: false, wildcards: true, required: true }];
        await readContext({ contextDir: ${JSON.stringify(root)}, dockerfileText: "", sources }, { now, cache: new DigestCache({ folder: ${JSON.stringify(folder)}, now }) });
      }
    })().catch((error) => { console.error(error); process.exit(1); });`,
  );
  const codes = await Promise.all(
    [0, 1, 2, 3].map(
      (part) =>
        new Promise<number | null>((resolve) => fork(worker, [String(part)], { execArgv: [] }).on("exit", resolve)),
    ),
  );
  expect(codes).toEqual([0, 0, 0, 0]);
  const honest = Array.from({ length: 40 }, (_, index) => sum(`content ${index}`)).sort();
  expect((await digests(root, folder)).sort()).toEqual(honest);
  expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  forge(folder);
  expect(new Set(await digests(root, folder))).toEqual(new Set(["f".repeat(64)]));
});

test.each<[NodeJS.Platform, Record<string, string>, string, string | undefined]>([
  ["linux", { XDG_CACHE_HOME: "/x" }, "/home/u", "/x/daytona-iac/digests"],
  ["linux", { XDG_CACHE_HOME: "" }, "/home/u", "/home/u/.cache/daytona-iac/digests"],
  ["darwin", { XDG_CACHE_HOME: "/x" }, "/Users/u", "/Users/u/Library/Caches/daytona-iac/digests"],
  ["win32", { LOCALAPPDATA: "/l" }, "/u", "/l/daytona-iac/digests"],
  ["win32", {}, "/u", undefined],
  ["linux", {}, "", undefined],
])("the cache folder on %s with %j", (platform, env, home, expected) => {
  expect(cacheFolder(env, platform, home)).toBe(expected);
});
