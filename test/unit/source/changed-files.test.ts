import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { sourceChange } from "../../../provider/lifecycle/source-change";
import { changedFiles, changedFilesText, changeText, type FoundSource } from "../../../provider/source/changed-files";
import { PlanMemory } from "../../../provider/source/plan-memory";
import type { BuildInputs, PreparedBuild } from "../../../provider/source/prepare";
import { createSourceReader, type SourceReader } from "../../../provider/source/source-reader";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "daytona-changed-"));
  write("app/Dockerfile", "FROM alpine:3.20\nARG V=1\nCOPY . /app\n");
  write("app/app.py", "print(1)\n");
  write("app/old.py", "print(0)\n");
  write("app/run.sh", "#!/bin/sh\n");
});
afterEach(() => rmSync(dir, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  writeFileSync(join(dir, path), text);
}

const build: BuildInputs = {
  localImage: null,
  dockerfile: "app/Dockerfile",
  dockerfileContent: null,
  contextDir: null,
  context: null,
  buildArgs: null,
  target: null,
};
const cache = (): string => join(dir, "cache");
/** A process of its own on the same machine. */
const reader = (folder = cache()): SourceReader => createSourceReader({ cwd: dir, env: { XDG_CACHE_HOME: folder } });
const read = async (inputs: Partial<BuildInputs> = {}, from = reader()): Promise<PreparedBuild> =>
  (await from.prepare({ ...build, ...inputs }, (name) => name))!;
/** What is said of a source that another process has read before. */
function said(before: PreparedBuild, now: PreparedBuild, inputs: Partial<BuildInputs> = {}, from = reader()) {
  const written = { ...build, ...inputs };
  return sourceChange({ ...build, sourceHash: before.source.hash }, written, now.source.hash, from);
}

test("another process on the machine names what has changed, was added and removed, and the executable bit", async () => {
  const before = await read();
  write("app/app.py", "print(2)\n");
  write("app/lib/new.py", "print(3)\n");
  rmSync(join(dir, "app/old.py"));
  chmodSync(join(dir, "app/run.sh"), 0o755);
  const now = await read();
  expect(said(before, now)).toEqual({
    files: [
      { path: "app.py", change: "changed" },
      { path: "lib/new.py", change: "added" },
      { path: "old.py", change: "removed" },
      { path: "run.sh", change: "executable bit changed" },
    ],
    text: "In its source: 1 file changed (app.py), 1 added (lib/new.py), 1 removed (old.py), 1 with a changed executable bit (run.sh).",
  });
  expect(said(now, now)).toBeNull();
});

test("a Dockerfile is named once, as the program writes it, also where it is in the context", async () => {
  const before = await read();
  write("app/Dockerfile", "FROM alpine:3.21\nARG V=1\nCOPY . /app\n");
  expect(said(before, await read())).toEqual({
    files: [{ path: "app/Dockerfile", change: "changed" }],
    text: "In its source: 1 file changed (app/Dockerfile).",
  });
});

test("an argument is no file, and a Dockerfile that changes with it is one", async () => {
  const before = await read({ buildArgs: { V: "1" } });
  expect(said(before, await read({ buildArgs: { V: "2" } }), { buildArgs: { V: "2" } })).toBeNull();
  write("app/Dockerfile", "FROM alpine:3.20\nARG V=1\nCOPY . /srv\n");
  expect(said(before, await read({ buildArgs: { V: "2" } }))?.files).toEqual([
    { path: "app/Dockerfile", change: "changed" },
  ]);
});

test("what the machine does not know is said to be unknown, whichever of the two it is", async () => {
  const before = await read();
  write("app/app.py", "print(2)\n");
  const now = await read();
  const unknown = { files: null, text: "Which of its files have changed is unknown on this machine." };
  expect(said(before, now, {}, reader(join(dir, "other")))).toEqual(unknown);
  const elsewhere = reader(join(dir, "third"));
  await read({}, elsewhere);
  expect(said(before, now, {}, elsewhere)).toEqual(unknown);
  expect(sourceChange({ ...build, sourceHash: before.source.hash }, build, before.source.hash, elsewhere)).toBeNull();
});

test("nothing is said of what has no files, of an image, and of a hash that the program gives", async () => {
  const before = await read();
  const hash = `v1:${"b".repeat(64)}`;
  const of = (was: object, is: object, now = hash) =>
    sourceChange({ ...build, sourceHash: before.source.hash, ...was }, { ...build, ...is }, now, reader());
  expect(of({}, { dockerfile: null, dockerfileContent: "FROM a:1" })).toBeNull();
  expect(of({}, { dockerfile: null, dockerfileContent: "FROM a:1", contextDir: "app" })?.files).toBeNull();
  expect(of({ dockerfile: null }, {})).toBeNull();
  expect(of({}, { dockerfile: null })).toBeNull();
  expect(of({ sourceHash: "by-hand-1" }, {})).toBeNull();
  expect(of({ sourceHash: null }, {})).toBeNull();
  expect(of({}, {}, "by-hand-2")).toBeNull();
});

test("what is kept is damaged, cut, of another source or of another form: it is not known", async () => {
  const before = await read();
  write("app/app.py", "print(2)\n");
  const now = await read();
  const folder = join(cache(), "daytona-iac", "sources");
  const file = readdirSync(folder)
    .map((name) => join(folder, name))
    .find((path) => readFileSync(path, "utf8").includes(before.source.hash))!;
  const kept = JSON.parse(readFileSync(file, "utf8")) as FoundSource;
  expect(said(before, now)?.files).toHaveLength(1);
  for (const text of [
    "{",
    "null",
    "[]",
    JSON.stringify({ ...kept, hash: now.source.hash }),
    JSON.stringify({ ...kept, files: { "app.py": 1 } }),
    JSON.stringify({ ...kept, files: "app.py" }),
    JSON.stringify({ ...kept, files: undefined }),
    JSON.stringify({ ...kept, text: 1 }),
    JSON.stringify({ ...kept, dockerfile: 1 }),
    JSON.stringify({ ...kept, files: null }),
  ]) {
    writeFileSync(file, text);
    expect([text, said(before, now)?.files]).toEqual([text, null]);
  }
});

test("what is kept has no content of a file, and only the user may read it", async () => {
  write("app/.env", "PASSWORD=hunter2-hunter2\n");
  await read({ context: [".env", "app.py"] });
  const folder = join(cache(), "daytona-iac", "sources");
  expect(readdirSync(folder)).toHaveLength(1);
  for (const name of readdirSync(folder)) expect(readFileSync(join(folder, name), "utf8")).not.toContain("hunter2");
});

test("a source that is used stays; one that nobody plans goes after its time, and the oldest where there are too many bytes", () => {
  const source = (name: string): FoundSource => ({ hash: name, text: "t", files: { [name]: "x".repeat(1000) } });
  const limits = { keptMs: 10 * 86_400_000, bytes: 2500 };
  const memory = () => new PlanMemory({ XDG_CACHE_HOME: cache() }, "sources", () => Date.now(), limits);
  const folder = join(cache(), "daytona-iac", "sources");
  const fileOf = (name: string): string =>
    readdirSync(folder)
      .map((file) => join(folder, file))
      .find((file) => readFileSync(file, "utf8").includes(`"${name}"`))!;
  const age = (name: string, days: number): void => {
    const at = Date.now() / 1000 - days * 86_400;
    utimesSync(fileOf(name), at, at);
  };
  const known = (...names: string[]) => names.filter((name) => memory().recallSource(name) !== null);
  memory().rememberSource(source("a"));
  age("a", 9);
  memory().rememberSource(source("a"));
  age("a", (Date.now() - statSync(fileOf("a")).mtimeMs) / 86_400_000 + 9);
  memory().rememberSource(source("b"));
  expect(known("a", "b")).toEqual(["a", "b"]);
  age("b", 11);
  memory().rememberSource(source("c"));
  expect(known("a", "b", "c")).toEqual(["a", "c"]);
  memory().rememberSource(source("d"));
  expect(known("a", "b", "c", "d")).toEqual(["c", "d"]);
});

test("long lists are cut, and names steer no terminal", () => {
  const files = (count: number, digest: string): Record<string, string> =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`f${String(at).padStart(2, "0")}`, `-${digest}`]));
  const found = (more: Partial<FoundSource>): FoundSource => ({ hash: "h", text: "t", files: {}, ...more });
  const changes = changedFiles(found({ files: files(12, "a") }), found({ files: files(12, "b") }), null)!;
  expect(changedFilesText(changes)).toBe(
    "12 files changed (f00, f01, f02, f03, f04, f05, f06, f07, f08, f09, and 2 more)",
  );
  expect(changedFilesText([{ path: "a\u001b[2Jb\nc", change: "added" }])).toBe("1 added (ab c)");
  expect(changedFiles(found({ files: null }), found({}), null)).toBeNull();
  expect(changedFiles(found({}), found({ files: null }), null)).toBeNull();
  // An earlier release kept whole digests.
  const whole = found({ files: { a: `-${"a".repeat(64)}` } });
  expect(changedFiles(whole, found({ files: { a: `-${"a".repeat(16)}` } }), null)).toEqual([]);
});

test("the error of an apply lists the same, a line each", async () => {
  const before = await read();
  const first = reader();
  await read({}, first);
  write("app/app.py", "print(2)\n");
  const now = await read({}, first);
  expect(changeText(first.recall!(before.source.hash)!, now, "app/Dockerfile")).toBe(
    "Changed since then:\n  app.py (changed)\n",
  );
});
