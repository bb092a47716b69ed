import { copy, onDisk, paths, problems, read } from "./tree-on-disk";

test("what a link points to comes in its place", async () => {
  const root = onDisk({
    "real/a": { run: "a" },
    "real/deep/b": "b",
    file: { link: "real/a" },
    dir: { link: "real" },
    "src/up": { link: "../real/deep" },
    twice: { link: "dir/deep" },
  });
  const { files } = await read(root, [copy("file", "dir", "src", "twice/b")]);
  expect(files.map(({ path, executable, size }) => [path, executable, size])).toEqual([
    ["dir/a", true, 1],
    ["dir/deep/b", false, 1],
    ["file", true, 1],
    ["src/up/b", false, 1],
    ["twice/b", false, 1],
  ]);
});

test("an absolute link stays inside when its target is", async () => {
  const root = onDisk({ "real/a": "a" });
  const { symlinkSync } = await import("node:fs");
  symlinkSync(`${root}/real`, `${root}/link`);
  expect(await paths(root, [copy("link")])).toEqual(["link/a"]);
});

test("a context that is itself a link", async () => {
  const root = onDisk({ "real/a": "a", context: { link: "real" } });
  expect(await paths(`${root}/context`, [copy(".")])).toEqual(["a"]);
});

test("wildcards and --parents do not look through links, but take the ones they match", async () => {
  const root = onDisk({ "real/a.txt": "a", link: { link: "real" }, "b.txt": { link: "real/a.txt" } });
  expect(await paths(root, [copy("*/a.txt")])).toEqual(["real/a.txt"]);
  expect(await paths(root, [copy("link/*.txt", "*.txt")])).toEqual(["b.txt", "link/a.txt"]);
  expect(await paths(root, [{ ...copy("**/a.txt"), parents: true }])).toEqual(["real/a.txt"]);
  expect(await paths(root, [{ ...copy("l*"), parents: true }])).toEqual(["link/a.txt"]);
});

test("ignore rules are asked about the link, and about where its target lies", async () => {
  const tree = { "real/a": "a", "real/b.log": "b", link: { link: "real" }, other: { link: "real" } };
  expect(await paths(onDisk({ ...tree, ".dockerignore": "real/*.log\nother\n" }), [copy("link", ".")])).toEqual([
    "link/a",
    "real/a",
  ]);
  // A build sends link and target apart, so a path through the link means nothing to it.
  expect(await paths(onDisk({ ...tree, ".dockerignore": "link/a\nother\n" }), [copy("link")])).toEqual([
    "link/a",
    "link/b.log",
  ]);
});

const leftOut = (links: string): string =>
  `Symlinks whose targets are not sent are left out of the build context: ${links}. The image will not have them, because the builder turns symlinks into empty files. ` +
  "If the image needs one, create it with RUN ln -s; if not, add it to .dockerignore to end this warning.";
test.each<[string, Record<string, { link: string } | string>, string]>([
  ["dangles", { l: { link: "nope/x" } }, '"l" (to "nope", which does not exist)'],
  ["leaves", { "d/l": { link: "../../etc" } }, '"d/l" (to "../../etc", outside of the build context)'],
  ["leaves by an absolute path", { l: { link: "/etc/hosts" } }, '"l" (to "/etc/hosts", outside of the build context)'],
  ["is itself", { l: { link: "l" } }, '"l" (to itself, or to a folder that contains it)'],
  ["leads to a folder above", { "d/e/l": { link: "../../d" } }, '"d/e/l" (to itself, or to a folder that contains it)'],
  ["leads to the root", { l: { link: "." } }, '"l" (to itself, or to a folder that contains it)'],
  [
    "has an ignored target",
    { l: { link: "x.log" }, "x.log": "", ".dockerignore": "*.log" },
    '"l" (to "x.log", which line 1 of .dockerignore excludes)',
  ],
  [
    "has an ignored folder for its target",
    { l: { link: "x" }, "x/a": "", ".dockerignore": "x" },
    '"l" (to "x", which line 1 of .dockerignore excludes)',
  ],
  [
    "has an ignored secret for its target",
    { "packages/x/.env": { link: "../../.env" }, ".env": "KEY=1", ".dockerignore": ".env" },
    '"packages/x/.env" (to ".env", which line 1 of .dockerignore excludes)',
  ],
])("a link that %s is left out with a warning", async (_what, tree, link) => {
  const { files, warnings } = await read(onDisk({ ...tree, kept: "" }), [copy(".")]);
  expect([files.map(({ path }) => path), warnings]).toEqual([["kept"], [leftOut(link)]]);
  const path = Object.keys(tree)[0]!;
  // Nobody minds what nobody takes.
  const ignored = await read(onDisk({ ...tree, ".dockerignore": `${path}\n`, kept: "" }), [copy(".")]);
  expect(ignored.files.map((file) => file.path)).not.toContain(path);
  expect(ignored.warnings).toEqual([]);
});

test("a wildcard names none of the links that it matches; at most five are listed", async () => {
  const links = Object.fromEntries([..."abcdefg"].map((name) => [`l${name}`, { link: "/nix/store/x" }]));
  const { files, warnings } = await read(onDisk({ ...links, lz: "z" }), [copy("l*")]);
  expect(files.map(({ path }) => path)).toEqual(["lz"]);
  const each = [..."abcde"].map((name) => `"l${name}" (to "/nix/store/x", outside of the build context)`);
  expect(warnings).toEqual([leftOut(`${each.join(", ")} and 2 more`)]);
});

test("links that hold each other", async () => {
  const root = onDisk({ "a/to-b": { link: "../b" }, "b/to-a": { link: "../a" }, "b/x": "" });
  const { files, warnings } = await read(root, [copy("a")]);
  expect(files.map(({ path }) => path)).toEqual(["a/to-b/x"]);
  expect(warnings).toEqual([leftOut('"b/to-a" (to itself, or to a folder that contains it)')]);
});

test("a source that is a broken link", async () => {
  const root = onDisk({ out: { link: "../x" }, dangling: { link: "nope" }, round: { link: "round" } });
  expect(await problems(root, [copy("out", "dangling", "round")])).toEqual([
    `Dockerfile, line 2, COPY: "out" in the build context is a symlink that leaves the build context, to "../x". A build cannot reach it. Replace it with its target, or add "out" to .dockerignore.`,
    `Dockerfile, line 2, COPY: "dangling" does not exist in the build context, because it leads through a symlink to "nope". Correct the path, or set contextDir; the root of the build context is "${root}".`,
    'Dockerfile, line 2, COPY: "round" in the build context is a symlink that leads to itself or to a folder that contains it, "round". Replace it with its target, or add "round" to .dockerignore.',
  ]);
});

test.each([
  ".env",
  "packages/x/.env",
  ".env.production",
  "tls/server.pem",
  "key.KEY",
  "id_rsa",
  "home/.ssh/config",
  "credentials",
  "credentials.json",
  "gcp-service-account.json",
  ".npmrc",
  "secrets/db.txt",
  "prod.tfvars",
  ".aws/config",
  ".netrc",
])("%s looks like a secret: nothing ever advises to send it", async (path) => {
  const root = onDisk({ [path]: "s", ".dockerignore": `${path}\n` });
  const why =
    `line 1 of .dockerignore ("${path}") excludes "${path}". It looks like a secret, which everyone with the image could read: ` +
    "remove the instruction, and pass the secret to the sandbox when it starts";
  expect(await problems(root, [copy(path), copy(`${path.slice(0, -1)}?`)])).toEqual([
    `Dockerfile, line 2, COPY: "${path}" is not in the build context: ${why}.`,
    path.includes("/")
      ? expect.not.stringContaining("!")
      : `Dockerfile, line 2, COPY: nothing in the build context matches "${path.slice(0, -1)}?": ${why}.`,
  ]);
});

test.each([".env.example", "id_rsa.pub", "src/environment.ts", "tokenizer.py", "monkey", "keys.md", "secretary/a.txt"])(
  "%s does not look like a secret",
  async (path) => {
    const [problem] = await problems(onDisk({ [path]: "s", ".dockerignore": `${path}\n` }), [copy(path)]);
    expect(problem).toContain(`add "!${path}" after it`);
  },
);

test("a symlink to a program in another folder is sent as a copy, and a warning says so", async () => {
  const tree = {
    "node_modules/.bin/tool": { link: "../tool/cli.js" },
    "node_modules/tool/cli.js": { run: "#!/usr/bin/env node" },
    "node_modules/tool/alias": { link: "cli.js" },
    "node_modules/.bin/readme": { link: "../tool/README" },
    "node_modules/tool/README": "r",
    whole: { link: "node_modules/tool" },
  };
  const { warnings, files } = await read(onDisk(tree), [copy(".")]);
  expect(files).toHaveLength(8);
  expect(warnings).toEqual([
    'Symlinks to programs in the build context are sent as copies of their targets: "node_modules/.bin/tool". A program that looks for other files next to its own, such as those in ' +
      "node_modules/.bin, will not find them there. If it needs them, create the symlink with RUN ln -s, or install the program in the build.",
  ]);
  // Docker follows a symlink that an instruction names.
  expect((await read(onDisk(tree), [copy("node_modules/.bin/tool")])).warnings).toEqual([]);
});
