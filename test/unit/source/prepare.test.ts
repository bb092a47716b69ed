import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UNKNOWN } from "../../../provider/snapshot";
import { type BuildInputs, prepareBuild, SourceError } from "../../../provider/source/prepare";
import { DigestCache } from "../../../provider/source/hash/digest-cache";

let folder: string;
const NOTHING: BuildInputs = { localImage: null, dockerfile: null, dockerfileContent: null, contextDir: null, context: null, buildArgs: null, target: null };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "daytona-prepare-"));
  write("app/Dockerfile", "ARG VERSION=1\nFROM alpine:3.20 AS base\nARG VERSION\nCOPY src /app/src\nFROM base\nCOPY run.sh /\n");
  write("app/src/main.py", "print(1)\n");
  write("app/run.sh", "#!/bin/sh\n");
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), text);
}

const prepare = (inputs: Partial<BuildInputs>, cwd = folder) =>
  prepareBuild({ ...NOTHING, ...inputs }, { cwd, cache: new DigestCache({ now: () => Date.now() }), now: () => Date.now(), engine: { env: {}, home: folder, platform: "linux", exists: () => false }, spell: (name) => `<${name}>` });
const hash = async (inputs: Partial<BuildInputs> = { dockerfile: "app/Dockerfile" }) => (await prepare(inputs))?.source.hash;
async function problem(inputs: Partial<BuildInputs>): Promise<[string, string, unknown]> {
  const error = await prepare(inputs).then(() => null, (it: unknown) => it);
  if (!(error instanceof SourceError)) throw error ?? new Error("nothing was refused");
  return [error.notice.summary, error.notice.detail.replaceAll(folder, "CWD"), error.notice.attribute];
}

test("an image, and inputs that are not known yet, read nothing", async () => {
  expect(await prepare({})).toBeNull();
  expect(await prepare({ dockerfile: UNKNOWN })).toBeNull();
  expect(await prepare({ dockerfile: "no/such/file", contextDir: UNKNOWN })).toBeNull();
  expect(await prepare({ dockerfile: "no/such/file", buildArgs: { A: UNKNOWN as never } })).toBeNull();
});

test("the files that instructions name are hashed and archived; the folder of the Dockerfile is the context", async () => {
  const build = await prepare({ dockerfile: "app/Dockerfile" });
  expect(build?.source.hash).toMatch(/^v2:[0-9a-f]{64}$/);
  expect(build?.archives.map(({ files }) => files.map(({ path }) => path))).toEqual([["src/main.py"], ["run.sh"]]);
  expect(build?.source.contextHashes).toEqual(build?.archives.map((archive) => archive.hash).sort());
  expect(build?.warnings).toEqual([]);
});

test("only what the builder sees changes the hash", async () => {
  const before = await hash();
  utimesSync(join(folder, "app/run.sh"), 1, 1);
  write("app/unused.txt", "x");
  write("app/.dockerignore", "src/*.log\n");
  write("app/src/a.log", "x");
  expect(await hash()).toBe(before);
  chmodSync(join(folder, "app/run.sh"), 0o755);
  const executable = await hash();
  expect(executable).not.toBe(before);
  write("app/src/new.py", "");
  expect(await hash()).not.toBe(executable);
});

test("the same files in another folder, from another working directory, have the same hash", async () => {
  expect(await prepare({ dockerfile: "Dockerfile" }, join(folder, "app")).then((build) => build?.source.hash)).toBe(await hash());
  expect(await hash({ dockerfile: join(folder, "app/Dockerfile") })).toBe(await hash());
});

test("build arguments and target are worked into the text, and so into the hash", async () => {
  const build = await prepare({ dockerfile: "app/Dockerfile", buildArgs: { VERSION: "2" }, target: "base" });
  expect(build?.source.text).toBe("ARG VERSION=2\nFROM alpine:3.20 AS base\nARG VERSION\nCOPY src /app/src\n");
  expect(build?.archives.map(({ files }) => files.map(({ path }) => path))).toEqual([["src/main.py"]]);
  expect(await hash({ dockerfile: "app/Dockerfile", buildArgs: { VERSION: "2" } })).not.toBe(await hash());
});

test("without files the hash is that of the same text inline", async () => {
  write("Dockerfile.plain", "FROM alpine:3.20\r\nRUN true\r\n");
  const inline = await prepare({ dockerfileContent: "FROM alpine:3.20\nRUN true\n" });
  expect(inline?.source).toEqual({ text: "FROM alpine:3.20\nRUN true\n", hash: expect.stringMatching(/^v1:/) as string, contextHashes: [] });
  expect((await prepare({ dockerfile: "Dockerfile.plain" }))?.source).toEqual(inline?.source);
});

test("an inline Dockerfile with a context folder sends its files", async () => {
  const build = await prepare({ dockerfileContent: "FROM alpine:3.20\nCOPY run.sh /\n", contextDir: "app" });
  expect(build?.archives.map(({ files }) => files.map(({ path }) => path))).toEqual([["run.sh"]]);
});

test("an inline Dockerfile without one says which instructions will fail", async () => {
  const build = await prepare({ dockerfileContent: "FROM alpine:3.20\nCOPY run.sh /\n" });
  expect(build?.warnings).toEqual([{
    summary: "The Dockerfile copies files that are not sent",
    detail: "There is no build context, so the build will fail at: COPY run.sh. Set <contextDir> to the folder that has the files.",
    attribute: ["dockerfileContent"],
  }]);
});

test("a list of files stands in for what cannot be known from the Dockerfile", async () => {
  write("app/Dockerfile", "FROM alpine:3.20\nCOPY $FROM_IMAGE /x\n");
  expect((await problem({ dockerfile: "app/Dockerfile" }))[1]).toMatch(/^In app\/Dockerfile: Dockerfile line 2 \(COPY \$FROM_IMAGE \/x\): \$FROM_IMAGE is not set .*list the files that the build reads in context\.$/);
  expect((await prepare({ dockerfile: "app/Dockerfile", context: ["src"] }))?.archives).toHaveLength(1);
});

test.each<[string, () => Partial<BuildInputs>, [string, string, string[]]]>([
  ["a Dockerfile that does not exist", () => ({ dockerfile: "no/Dockerfile" }), ["Dockerfile not readable", 'The Dockerfile "no/Dockerfile" (CWD/no/Dockerfile) does not exist. Restore the file, or correct <dockerfile>.', ["dockerfile"]]],
  ["a folder", () => ({ dockerfile: "app" }), ["Dockerfile not readable", 'The Dockerfile "app" (CWD/app) is a folder. Set <dockerfile> to the file in it.', ["dockerfile"]]],
  ["a wrong instruction", () => (write("D", "FROM a:1\nCOYP a b\n"), { dockerfile: "D" }), ["Invalid Dockerfile", "In D: Dockerfile line 2 (COYP a b): unknown instruction: COYP", ["dockerfile"]]],
  ["a stage that is not there", () => ({ dockerfile: "app/Dockerfile", target: "nope" }), ["Invalid Dockerfile", 'In app/Dockerfile: Dockerfile line 5: target is "nope", which is no stage of the Dockerfile. Its stages: base, 1.', ["dockerfile"]]],
])("%s is refused", async (_, inputs, expected) => {
  expect(await problem(inputs())).toEqual(expected);
});

test("a file that is not there is named with its instruction", async () => {
  write("D", "FROM a:1\nCOPY missing.txt /x\n");
  const [summary, detail] = await problem({ dockerfile: "D" });
  expect(summary).toBe("Build context not usable");
  expect(detail).toMatch(/missing\.txt/);
});
