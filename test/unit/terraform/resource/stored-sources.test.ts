import { randomBytes } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import type { FoundSource } from "../../../../provider/source/changed-files";
import type { PreparedBuild } from "../../../../provider/source/prepare";
import { createSourceReader, type SourceReader } from "../../../../provider/source/source-reader";
import { learnSource, withOnlySource, withSource } from "../../../../provider/terraform/resource/stored-sources";

function build(hash: string, files: Record<string, string>, image: unknown = null): PreparedBuild {
  return {
    source: { text: "FROM a:1\n", hash, contextHashes: [] },
    dockerfile: "FROM a:1\n",
    archives: [
      {
        files: Object.entries(files).map(([path, sha256]) => ({
          path,
          executable: path.endsWith(".sh"),
          size: 1,
          sha256,
        })),
      },
    ],
    image,
    warnings: [],
  } as unknown as PreparedBuild;
}
const digest = (of: string): string => of.repeat(64).slice(0, 64);
function learned(stored: object, hash: unknown): FoundSource | null {
  let found: FoundSource | null = null;
  const sources: SourceReader = { prepare: () => Promise.resolve(null), learn: (source) => (found = source) };
  learnSource(stored as never, hash, sources);
  return found;
}

test("a state tells the files by the hash, with six digits of each digest, and keeps what else is in it", () => {
  const stored = withSource({ owner: "me" }, build("h1", { "a.py": digest("ab"), "run.sh": digest("cd") }));
  expect(stored["owner"]).toBe("me");
  expect(learned(stored, "h1")).toMatchObject({ hash: "h1", files: { "a.py": "-ababab", "run.sh": "xcdcdcd" } });
  const found = learned(stored, "h1")!;
  expect([found.text.length, found.dockerfile!.length]).toEqual([6, 6]);
  expect(learned(stored, "h2")).toBeNull();
  expect(learned(stored, null)).toBeNull();
});

test("the plan keeps both sources, and the state the one that its snapshot has, also after an apply that failed", () => {
  const before = withSource({}, build("h1", { a: digest("1") }));
  const planned = withSource(before, build("h2", { a: digest("2") }));
  expect([learned(planned, "h1")?.hash, learned(planned, "h2")?.hash]).toEqual(["h1", "h2"]);
  const failed = withOnlySource(planned, "h1");
  expect([learned(failed, "h1")?.hash, learned(failed, "h2")]).toEqual(["h1", null]);
  expect(withOnlySource(planned, "h3")).toEqual({});
  expect(withOnlySource({ ...planned, owner: "me" }, null)).toEqual({ owner: "me" });
});

test("an image has no files, and a source with too many is left to the machine", () => {
  expect(withSource({ owner: "me" }, null)).toEqual({ owner: "me" });
  expect(withSource({ owner: "me" }, build("h", { a: digest("1") }, {}))).toEqual({ owner: "me" });
  const files = (count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, at) => [`src/module-${at}/index.py`, randomBytes(32).toString("hex")]),
    );
  const kept = withSource({}, build("some", files(1000)));
  expect(Object.keys(learned(kept, "some")!.files!)).toHaveLength(1000);
  expect(JSON.stringify(kept).length).toBeLessThan(33_000);
  expect(withSource({ owner: "me" }, build("many", files(5000)))).toEqual({ owner: "me" });
  expect(withSource({ owner: "me" }, build("more", files(20_001)))).toEqual({ owner: "me" });
});

test("a source that many snapshots share is packed once, and what the reader knows is not unpacked", () => {
  const first = withSource({}, build("shared", { a: digest("1") }));
  const unread = { ...build("shared", {}), archives: new Proxy([], { get: () => expect(true).toBe(false) }) };
  expect(withSource({}, unread)).toEqual(first);
  // Of a Dockerfile that is written another way, which makes the same text.
  expect(withSource({}, { ...build("shared", { a: digest("1") }), dockerfile: "FROM a:1 # other\n" })).not.toEqual(
    first,
  );
  const learn = jest.fn();
  const sources = (known: FoundSource | null): SourceReader => ({
    prepare: () => Promise.resolve(null),
    recall: () => known,
    learn,
  });
  learnSource(first, "shared", sources({ hash: "shared", text: "t", files: {} }));
  expect(learn).not.toHaveBeenCalled();
  learnSource(first, "shared", sources(null));
  expect(learn).toHaveBeenCalledTimes(1);
});

test("what is damaged, of another release or huge when unpacked is not known", () => {
  const pack = (value: unknown): string => deflateRawSync(JSON.stringify(value)).toString("base64");
  const good = { hash: "h", text: "t", files: {} };
  expect(learned({ sources: { h: pack(good) } }, "h")).toEqual(good);
  for (const sources of [
    null,
    [],
    "h",
    { h: 1 },
    { h: "" },
    { h: "!" },
    { h: pack({ ...good, hash: "other" }) },
    { h: pack({ ...good, files: { a: 1 } }) },
    { h: pack({ ...good, files: { a: "x".repeat(5 * 2 ** 20) } }) },
  ])
    expect([sources, learned({ sources }, "h")]).toEqual([sources, null]);
});

test("a reader whose cache folder cannot be written still knows what a state tells", () => {
  const stored = withSource({}, build("h1", { "a.py": digest("ab") }));
  // A file in place of the folder: not even root can write below it.
  const reader = createSourceReader({ env: { HOME: __filename, XDG_CACHE_HOME: __filename } });
  expect(reader.recall!("h1")).toBeNull();
  learnSource(stored, "h1", reader);
  expect(reader.recall!("h1")).toMatchObject({ hash: "h1", files: { "a.py": "-ababab" } });
});
