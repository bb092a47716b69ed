import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { ContextSource } from "../../../../provider/source/context-source";
import { copy, emptyFolder, onDisk, paths, problems, read } from "./tree-on-disk";

const unix = process.platform === "win32" ? test.skip : test;

unix(
  "sockets and named pipes are left out with a warning, and never opened; one that is named is an error",
  async () => {
    const root = onDisk({ a: "", "to-pipe": { link: "pipe" } });
    execFileSync("mkfifo", [join(root, "pipe")]);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(root, "sock"), resolve));
    try {
      for (const source of [copy("."), copy("*"), { ...copy("**/*"), parents: true }]) {
        const { files, warnings } = await read(root, [source]);
        expect(files.map(({ path }) => path)).toEqual(["a"]);
        expect([...warnings].sort()).toEqual([
          'Sockets, named pipes and devices in the build context are left out: "pipe" (named pipe), "sock" (socket). Add them to .dockerignore to end this warning.',
          'Symlinks whose targets are not sent are left out of the build context: "to-pipe" (to "pipe", a named pipe). The image will not have them, because the builder turns symlinks ' +
            "into empty files. If the image needs one, create it with RUN ln -s; if not, add it to .dockerignore to end this warning.",
        ]);
      }
      expect(await problems(root, [copy("pipe")])).toEqual([
        'Dockerfile, line 2, COPY: "pipe" in the build context is a named pipe, which cannot be sent to the builder. Remove it, or add it to the ignore file.',
      ]);
      writeFileSync(join(root, ".dockerignore"), "*pipe\nsock\n");
      expect(await paths(root, [copy(".")])).toEqual(["a"]);
    } finally {
      server.close();
    }
  },
);

(process.platform === "linux" ? test : test.skip)("a name that is no UTF-8", async () => {
  const root = onDisk({ "d/a": "", "d/\uFFFD": "" });
  writeFileSync(Buffer.concat([Buffer.from(`${root}/d/x`), Buffer.from([0xff])]), "");
  expect(await problems(root, [copy("d")])).toEqual([
    'The name of "d/x\uFFFD" in the build context is not valid UTF-8, so other machines would see a different name. Rename it, or add it to .dockerignore.',
  ]);
  expect(await paths(root, [copy("d/a", "d/\uFFFD")])).toEqual(["d/a", "d/\uFFFD"]);
  writeFileSync(join(root, ".dockerignore"), "d/x*\n");
  expect(await paths(root, [copy("d")])).toEqual(["d/a", "d/\uFFFD"]);
});

/** Runs it as a user who may not read everything. */
async function withoutRights<T>(run: () => Promise<T>): Promise<T> {
  const before = process.geteuid!();
  if (before === 0) process.seteuid!(65534);
  try {
    return await run();
  } finally {
    if (before === 0) process.seteuid!(before);
  }
}

unix("what cannot be read is named; what cannot contribute is never read", async () => {
  const root = onDisk({
    "src/a": "a",
    "src/shut/x": "x",
    "node_modules/m/x": "x",
    "other/x": "x",
    ".dockerignore": "node_modules\n",
    secret: "s",
    "docs/deep/shut/x": "x",
  });
  chmodSync(root, 0o755);
  const shut = ["src/shut", "node_modules", "other", "secret", "docs/deep"];
  for (const path of shut) chmodSync(join(root, path), 0);
  try {
    expect(await withoutRights(() => problems(root, [copy("src", "secret")]))).toEqual([
      'The folder "src/shut" in the build context cannot be read: permission denied. Make it readable, or add it to the ignore file.',
    ]);
    expect(await withoutRights(() => problems(root, [copy("secret", "src/a")]))).toEqual([
      '"secret" in the build context cannot be read: permission denied. Make it readable, or add it to the ignore file.',
    ]);
    // A folder that is ignored, and one that no source names.
    expect(await withoutRights(() => paths(root, [copy("src/a", "s*c/a")]))).toEqual(["src/a"]);
    expect(await withoutRights(() => paths(root, [copy("s*c/a", "src/a*")]))).toEqual(["src/a"]);
    writeFileSync(join(root, ".dockerignore"), "node_modules\nother\n*/shut\nsecret\ndocs/deep\n");
    expect(await withoutRights(() => paths(root, [copy(".")]))).toEqual(["src/a"]);
    expect(await withoutRights(() => paths(root, [copy("*")]))).toEqual(["src/a"]);
    // A class may match one slash, and no more.
    writeFileSync(join(root, ".dockerignore"), "node_modules\nother\n*/shut\n");
    expect(await withoutRights(() => paths(root, [{ ...copy("[x].txt"), required: false }]))).toEqual([]);
    expect(await withoutRights(() => problems(root, [copy("node_modules/[a-z]*")]))).toEqual([
      expect.stringContaining('line 1 of .dockerignore ("node_modules") excludes "node_modules"'),
    ]);
    expect(await withoutRights(() => problems(root, [copy("*[.-0]x")]))).toEqual([
      expect.stringContaining('nothing in the build context matches "*[.-0]x". '),
    ]);
    writeFileSync(join(root, ".dockerignore"), "*\n!src/a\n");
    expect(await withoutRights(() => paths(root, [copy(".")]))).toEqual(["src/a"]);
  } finally {
    for (const path of shut) chmodSync(join(root, path), 0o700);
  }
});

test("an empty folder that an instruction names fails a build, one within is dropped with a note", async () => {
  const root = onDisk({
    empty: { folder: true },
    "src/a": "",
    "src/hollow": { folder: true },
    "logs/x.log": "",
    "logs/sub/y.log": "",
    ".dockerignore": "**/*.log\n",
  });
  const none = (path: string, more = ""): string =>
    `Dockerfile, line 2, COPY: the folder "${path}" has no files to send. The builder drops empty folders, so the build will not find it. Put a file such as .keep into it${more}.`;
  const rules = ", or check whether .dockerignore or --exclude removes its files";
  expect(await problems(root, [copy("empty", "src", "logs")])).toEqual([none("empty"), none("logs", rules)]);
  expect(await problems(root, [{ ...copy("empty"), kind: "bind", wildcards: false }])).toEqual([none("empty")]);
  expect(await problems(root, [{ ...copy("src"), exclude: ["a"] }])).toEqual([none("src", rules)]);
  const hollow =
    'Empty folders in the build context: "src/hollow". The builder drops empty folders, so they will be missing in the image. Put a file such as .keep into each folder that the image needs, or create it with RUN mkdir.';
  expect(await read(root, [copy("src")])).toMatchObject({ files: [{ path: "src/a" }], warnings: [hollow] });
  // Another instruction sends something of it, so it is there.
  expect(await read(root, [{ ...copy("src"), exclude: ["a"] }, copy("src/a")])).toMatchObject({
    files: [{ path: "src/a" }],
    warnings: [hollow],
  });
  // What a pattern matches, and what the program lists, no instruction has to find.
  expect(await read(root, [{ ...copy("e*", "src/a"), required: false }])).toMatchObject({ warnings: [none("empty")] });
  expect(await read(root, [], { context: ["empty", "src/a"] })).toMatchObject({
    warnings: [none("empty").replace("Dockerfile, line 2, COPY", "context")],
  });
});

test("a pattern in a folder of which nothing is sent fails a build", async () => {
  const root = onDisk({
    "certs/README": "",
    "certs/sub/a.crt": "",
    "conf/x": "",
    "conf2/y": "",
    link: { link: "conf" },
  });
  const pattern = (path: string, more: Partial<ContextSource> = {}): ContextSource => ({
    ...copy(path),
    required: false,
    ...more,
  });
  const lost = (path: string, folder: string): string =>
    `Dockerfile, line 2, COPY: nothing in the build context matches "${path}", and nothing else in the folder "${folder}" is sent. The builder drops empty folders, so the build will not find it. Put a file that matches into it, or remove the path from the instruction.`;
  const empty = (path: string): string =>
    `Dockerfile, line 2, COPY: nothing in the build context matches "${path}". The build continues without it.`;
  expect(await problems(root, [pattern("certs/*.crt")])).toEqual([lost("certs/*.crt", "certs")]);
  expect(await problems(root, [pattern("conf/*.crt"), copy("conf2")])).toEqual([lost("conf/*.crt", "conf")]);
  expect(await problems(root, [pattern("certs/sub/*.pem"), copy("certs/README")])).toEqual([
    lost("certs/sub/*.pem", "certs/sub"),
  ]);
  expect(await problems(root, [pattern("link/*.crt"), copy("conf")])).toEqual([lost("link/*.crt", "link")]);
  // The folder is there through another instruction, before or after it.
  for (const sources of [
    [pattern("certs/*.pem"), copy("certs/sub")],
    [copy("certs/README"), pattern("certs/*.pem")],
  ])
    expect((await read(root, sources)).warnings).toEqual([empty("certs/*.pem")]);
  // The root is always there.
  expect((await read(root, [pattern("*.crt"), pattern("c?rts/*.x")])).warnings).toEqual([
    empty("*.crt"),
    empty("c?rts/*.x"),
  ]);
});

test("--parents: a path without wildcards has to be there, and so has the folder where it begins", async () => {
  const root = onDisk({ "a/b/f": "", "a/hollow": { folder: true } });
  const parents = (path: string, required: boolean): ContextSource => ({ ...copy(path), parents: true, required });
  const ends = ` Correct the path, or set contextDir; the root of the build context is "${root}".`;
  const nothing = (path: string): string => `Dockerfile, line 2, COPY: nothing in the build context matches "${path}".`;
  expect(await problems(root, [parents("nope/f", true)])).toEqual([`${nothing("nope/f")}${ends}`]);
  expect(await problems(root, [parents("a/./nope", true)])).toEqual([`${nothing("a/./nope")}${ends}`]);
  expect(await problems(root, [parents("a/hollow", true)])).toEqual([`${nothing("a/hollow")}${ends}`]);
  expect(await problems(root, [parents("nope/./*", false)])).toEqual([
    `Dockerfile, line 2, COPY: "nope/./*" does not exist in the build context, because there is no "nope".${ends}`,
  ]);
  expect(await problems(root, [parents("a/./*.x", false)])).toEqual([
    'Dockerfile, line 2, COPY: nothing in the build context matches "a/./*.x", and nothing else in the folder "a" is sent. The builder drops empty folders, so the build will not find it. Put a file that matches into it, or remove the path from the instruction.',
  ]);
  expect((await read(root, [parents("a/./*.x", false), copy("a/b")])).warnings).toEqual([
    `${nothing("a/./*.x")} The build continues without it.`,
  ]);
  expect((await read(root, [parents("nope/*.x", false)])).warnings).toEqual([
    `${nothing("nope/*.x")} The build continues without it.`,
  ]);
  expect(await paths(root, [parents("a/./b/f", true)])).toEqual(["a/b/f"]);
});

const TEXT = "FROM a:1\n";

test("the builder has the Dockerfile already", async () => {
  const root = onDisk({
    Dockerfile: TEXT,
    a: "",
    ".dockerignore": "",
    "Dockerfile.dockerignore": "",
    "sub/Dockerfile": "other",
    "sub/.dockerignore": "",
  });
  const { files, warnings } = await read(root, [copy(".")], { dockerfile: `${root}/Dockerfile` });
  expect([files.map(({ path }) => path), warnings]).toEqual([["a", "sub/.dockerignore", "sub/Dockerfile"], []]);
});

test("a root Dockerfile that differs from the text sent is never sent", async () => {
  const root = onDisk({ Dockerfile: "FROM b:1\n", a: "" });
  const own = { dockerfile: `${root}/Dockerfile` };
  const worked =
    '"Dockerfile" in the image has buildArgs, target and triggers applied, because the builder has that text under this name.';
  expect(await read(root, [copy(".")], own)).toMatchObject({ files: [{ path: "a" }], warnings: [worked] });
  expect(await read(root, [copy("Dockerfile", "a")], own)).toMatchObject({
    files: [{ path: "a" }],
    warnings: [`Dockerfile, line 2, COPY: ${worked}`],
  });
  expect((await read(root, [copy("*")])).warnings).toEqual([
    'The image gets the Dockerfile that is built as "Dockerfile", because the builder supports only one file with that name. The one at the root of the build context is a different file and is not sent; ' +
      "rename it if the image needs it, or add it to the ignore file.",
  ]);
  expect(await problems(root, [copy("Dockerfile")])).toEqual([
    'Dockerfile, line 2, COPY: "Dockerfile" at the root of the build context is not the Dockerfile that is built, and the builder supports only one file with that name. Rename it or move it into a ' +
      "folder, and change the instruction.",
  ]);
});

test("a folder named Dockerfile, and an ignore file that is named", async () => {
  expect(await problems(onDisk({ "Dockerfile/x": "" }), [copy(".")])).toEqual([
    'The build context has a folder "Dockerfile" at its root, where the builder puts the Dockerfile to build. Rename the folder, or add it to the ignore file.',
  ]);
  const root = onDisk({ ".dockerignore": "x", a: "" });
  const ignoreFile =
    'COPY: ".dockerignore" is not sent, because the builder would apply it as its own ignore file. The build will not find it; copy it under another name.';
  expect(await problems(root, [copy(".dockerignore")])).toEqual([`Dockerfile, line 2, ${ignoreFile}`]);
  expect(await problems(root, [copy("."), copy(".dockerignore")])).toEqual([`Dockerfile, line 2, ${ignoreFile}`]);
  expect(await read(root, [copy("."), { ...copy(".docker*"), required: false }])).toMatchObject({ warnings: [] });
  expect(await read(root, [], { context: [".", ".dockerignore"] })).toMatchObject({
    warnings: [ignoreFile.replace("COPY", "context")],
  });
});

test("a large context is a warning with the largest files", async () => {
  const root = emptyFolder();
  mkdirSync(join(root, "d"));
  for (const [index, mib] of [60, 1, 50, 2, 3, 4].entries())
    writeFileSync(join(root, `d/f${index}`), Buffer.alloc(mib * 2 ** 20 + 1));
  const names = '"d/f0" (60.0 MiB), "d/f2" (50.0 MiB), "d/f5" (4.0 MiB), "d/f4" (3.0 MiB), "d/f3" (2.0 MiB)';
  const result = await read(root, [copy(".")]);
  expect(result.warnings).toEqual([
    `The build context is 120.0 MiB (6 files). Largest files: ${names}. Add files that the image does not need to an ignore file, ".dockerignore", at the root of the build context.`,
  ]);
  expect([result.totalBytes, result.largest.map(({ path }) => path)]).toEqual([
    120 * 2 ** 20 + 6,
    ["d/f0", "d/f2", "d/f5", "d/f4", "d/f3"],
  ]);
  writeFileSync(join(root, ".dockerignore"), "d/f0\n");
  expect((await read(root, [copy(".")])).warnings).toEqual([]);
});
