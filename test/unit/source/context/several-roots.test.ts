import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ContextError } from "../../../../provider/source/context-error";
import { readContext } from "../../../../provider/source/context/read-context";

let folder: string;
beforeEach(() => void (folder = realpathSync(mkdtempSync(join(tmpdir(), "several-roots-")))));
afterEach(() => rmSync(folder, { recursive: true }));

function write(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    const [name, mode] = path.endsWith("*") ? [path.slice(0, -1), 0o755] : [path, 0o644];
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text, { mode });
  }
}
const read = (context: string[], contextDir = join(folder, "project")) =>
  readContext({ contextDir, dockerfileText: "FROM a:1\n", sources: [], context }, { now: () => Date.now() });
const paths = async (context: string[]): Promise<string[]> => (await read(context)).files.map(({ path }) => path);
const problems = (context: string[]): Promise<readonly string[]> =>
  read(context).then(
    () => [],
    (error: unknown) => (error as ContextError).problems.map((text) => text.replaceAll(folder, "DIR")),
  );

test("a path after /./ is sent without what is before it, from any folder", async () => {
  write({ "project/a": "a", "project/sub/b": "b", "shared/c": "c", "shared/d/e": "e", "shared/d/f/g": "g" });
  expect(await paths(["a", "sub/./b", "../shared/./c", "../shared/d/./f", `${join(folder, "shared")}/./d/e`])).toEqual([
    "a",
    "b",
    "c",
    "d/e",
    "f/g",
  ]);
  expect(await paths([`/./${join(folder, "shared/c").slice(1)}`])).toEqual([join(folder, "shared/c").slice(1)]);
});

test("a dot that leads nowhere else changes nothing", async () => {
  write({ "project/a": "a", "project/sub/b": "b" });
  for (const context of [
    ["a", "sub/b"],
    ["./a", "sub/b"],
    ["././a", "./sub/b"],
    ["./a", "./sub"],
  ])
    expect([context, await paths(context)]).toEqual([context, ["a", "sub/b"]]);
});

test("the same files have the same hash, whichever folders they come from", async () => {
  write({ "one/a": "a", "two/b": "b", "all/a": "a", "all/b": "b" });
  const [several, one] = [await read(["../one/./a", "../two/./b"]), await read(["a", "b"], join(folder, "all"))];
  expect(several.sourceHash).toBe(one.sourceHash);
  expect(several.archives.map(({ hash }) => hash)).toEqual(one.archives.map(({ hash }) => hash));
  expect(several).toMatchObject({ totalBytes: 2, files: one.files });
  expect(several.largest).toHaveLength(2);
});

test("what is the same in two folders is sent once", async () => {
  write({ "one/a": "a", "two/a": "a", "two/b": "b" });
  const found = await read(["../one/./a", "../two/./a", "../two/./b"]);
  expect(found.files.map(({ path }) => path)).toEqual(["a", "b"]);
  expect(found.archives).toHaveLength(2);
});

test("different files of one path are refused, also by their executable bits, and so is a file that is a folder elsewhere", async () => {
  write({ "one/a": "a", "two/a": "other", "three/a*": "a", "four/a/b": "b" });
  const both = (other: string): string =>
    `context: "a" is in "DIR/one" and in "DIR/${other}", with different content. A build context has only one file for each path: rename one of them.`;
  expect(await problems(["../one/./a", "../two/./a"])).toEqual([both("two")]);
  expect(await problems(["../one/./a", "../three/./a"])).toEqual([both("three")]);
  expect(await problems(["../one/./a", "../four/./a"])).toEqual([
    'context: "a" is a file in "DIR/one" and a folder in "DIR/four". A build context has one of them: rename the other.',
  ]);
});

test("each folder has ignore rules of its own, and nothing leads out of it", async () => {
  write({ "project/a": "a", "one/a.log": "x", "one/b": "b", "one/.dockerignore": "*.log\n", "two/c.log": "c" });
  expect(await paths(["a", "../one/./b", "../two/./c.log"])).toEqual(["a", "b", "c.log"]);
  expect((await problems(["a", "../one/./a.log"]))[0]).toContain('"a.log"');
  expect((await problems(["a", "../one/./../two/c.log"]))[0]).toBe(
    'context: "../two/c.log" is outside of the build context "DIR/one". A build can only use files inside of it; set contextDir to a folder that contains all of them.',
  );
  expect((await problems(["a", "../one/./none"]))[0]).toContain('"none" does not exist in the build context.');
});

test("warnings of all folders are told, each once", async () => {
  write({ "one/a": "a", "two/b": "b" });
  mkdirSync(join(folder, "one/empty"));
  mkdirSync(join(folder, "two/empty"));
  const { warnings } = await read(["../one/./.", "../two/./."]);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain('"empty"');
});
