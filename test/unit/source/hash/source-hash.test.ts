import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { archiveHash, sortedByPath, sourceHash } from "../../../../provider/source/hash/source-hash";
import { copy, emptyFolder, onDisk, read } from "../context/tree-on-disk";

interface Vector {
  dockerfile: string;
  files: Record<string, string>;
  executable: string[];
  sourceHash: string;
}

const page = readFileSync(join(__dirname, "../../../../docs/source-hash.md"), "utf8");
const block = (language: string): string => new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, "s").exec(page)![1]!;
const vectors = JSON.parse(block("json")) as Vector[];
const tree = ({ files, executable }: Vector) =>
  onDisk(
    Object.fromEntries(
      Object.entries(files).map(([path, content]) => [path, executable.includes(path) ? { run: content } : content]),
    ),
  );

function python(): boolean {
  try {
    return execFileSync("python3", ["--version"], { stdio: "pipe" }).length > 0;
  } catch {
    return false;
  }
}

test.each(vectors)("the vector $sourceHash in the documentation is what we compute", async (vector) => {
  const { sourceHash: hash, files } = await read(tree(vector), [copy(".")], { dockerfileText: vector.dockerfile });
  expect(hash).toBe(vector.sourceHash);
  expect(files).toHaveLength(Object.keys(vector.files).length);
});

(python() ? test : test.skip).each(vectors)("the script in the documentation prints $sourceHash", (vector) => {
  const folder = emptyFolder();
  writeFileSync(join(folder, "script.py"), block("python"));
  writeFileSync(join(folder, "Dockerfile"), vector.dockerfile);
  const out = execFileSync("python3", [
    join(folder, "script.py"),
    join(folder, "Dockerfile"),
    tree(vector),
    ...Object.keys(vector.files).reverse(),
  ]);
  expect(out.toString()).toBe(`${vector.sourceHash}\n`);
});

test("paths are sorted by their bytes in UTF-8", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" })), (paths) => {
      const byBytes = [...paths].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      expect(sortedByPath(paths.map((path) => ({ path }))).map(({ path }) => path)).toEqual(byBytes);
    }),
  );
});

test("one executable bit, one byte, one name, the Dockerfile: each changes the hash; times and other bits do not", async () => {
  const root = onDisk({ a: "a", "d/b": "b" });
  const hash = async (): Promise<string> => (await read(root, [copy(".")])).sourceHash;
  const first = await hash();
  chmodSync(join(root, "a"), 0o755);
  const executable = await hash();
  chmodSync(join(root, "a"), 0o677);
  expect(await hash()).toBe(first);
  chmodSync(join(root, "a"), 0o600);
  utimesSync(join(root, "a"), 1, 1);
  expect(await hash()).toBe(first);
  writeFileSync(join(root, "a"), "c");
  const content = await hash();
  const text = (await read(root, [copy(".")], { dockerfileText: "FROM a:2\n" })).sourceHash;
  const fewer = (await read(root, [copy("a")])).sourceHash;
  expect(new Set([first, executable, content, text, fewer]).size).toBe(5);
});

test("what ends a path cannot be taken for a part of another", () => {
  const sha256 = createHash("sha256").digest("hex");
  const file = (path: string) => ({ path, executable: false, sha256 });
  expect(sourceHash("", [file(`a\n- ${sha256} b`)])).not.toBe(sourceHash("", [file("a"), file("b")]));
  expect(archiveHash([file("a")])).toMatch(/^[0-9a-f]{64}$/);
  expect(archiveHash([file("a")])).not.toBe(archiveHash([{ ...file("a"), executable: true }]));
});
