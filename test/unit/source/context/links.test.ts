import { copy, onDisk, paths, problems, read } from "./tree-on-disk";

test("what a link points to comes in its place", async () => {
  const root = onDisk({
    "real/a": { run: "a" }, "real/deep/b": "b", "file": { link: "real/a" }, "dir": { link: "real" }, "src/up": { link: "../real/deep" }, "twice": { link: "dir/deep" },
  });
  const { files } = await read(root, [copy("file", "dir", "src", "twice/b")]);
  expect(files.map(({ path, executable, size }) => [path, executable, size])).toEqual([
    ["dir/a", true, 1], ["dir/deep/b", false, 1], ["file", true, 1], ["src/up/b", false, 1], ["twice/b", false, 1],
  ]);
});

test("an absolute link stays inside when its target is", async () => {
  const root = onDisk({ "real/a": "a" });
  const { symlinkSync } = await import("node:fs");
  symlinkSync(`${root}/real`, `${root}/link`);
  expect(await paths(root, [copy("link")])).toEqual(["link/a"]);
});

test("a context that is itself a link", async () => {
  const root = onDisk({ "real/a": "a", "context": { link: "real" } });
  expect(await paths(`${root}/context`, [copy(".")])).toEqual(["a"]);
});

test("wildcards and --parents do not look through links, but take the ones they match", async () => {
  const root = onDisk({ "real/a.txt": "a", "link": { link: "real" }, "b.txt": { link: "real/a.txt" } });
  expect(await paths(root, [copy("*/a.txt")])).toEqual(["real/a.txt"]);
  expect(await paths(root, [copy("link/*.txt", "*.txt")])).toEqual(["b.txt", "link/a.txt"]);
  expect(await paths(root, [{ ...copy("**/a.txt"), parents: true }])).toEqual(["real/a.txt"]);
  expect(await paths(root, [{ ...copy("l*"), parents: true }])).toEqual(["link/a.txt"]);
});

test("ignore rules are asked about the link, and about where its target lies", async () => {
  const tree = { "real/a": "a", "real/b.log": "b", "link": { link: "real" }, "other": { link: "real" } };
  expect(await paths(onDisk({ ...tree, ".dockerignore": "real/*.log\nother\n" }), [copy("link", ".")])).toEqual(["link/a", "real/a"]);
  // A build sends link and target apart, so a path through the link means nothing to it.
  expect(await paths(onDisk({ ...tree, ".dockerignore": "link/a\nother\n" }), [copy("link")])).toEqual(["link/a", "link/b.log"]);
});

const ends = "Replace it with its target, or add";
test.each<[string, Record<string, { link: string } | string>, string]>([
  ["dangles", { l: { link: "nope/x" } }, `"l" in the build context is a symlink to something that does not exist: "nope". ${ends} "l" to .dockerignore.`],
  ["leaves", { "d/l": { link: "../../etc" } }, `"d/l" in the build context is a symlink that leaves the build context, to "../../etc". A build cannot reach it. ${ends} "d/l" to .dockerignore.`],
  ["leaves by an absolute path", { l: { link: "/etc/hosts" } }, `"l" in the build context is a symlink that leaves the build context, to "/etc/hosts". A build cannot reach it. ${ends} "l" to .dockerignore.`],
  ["is itself", { l: { link: "l" } }, `"l" in the build context is a symlink that leads to itself or to a folder that holds it, "l". ${ends} "l" to .dockerignore.`],
  ["leads to a folder above", { "d/e/l": { link: "../../d" } }, `"d/e/l" in the build context is a symlink that leads to itself or to a folder that holds it, "d". ${ends} "d/e/l" to .dockerignore.`],
  ["leads to the root", { "l": { link: "." } }, `"l" in the build context is a symlink that leads to itself or to a folder that holds it, ".". ${ends} "l" to .dockerignore.`],
  ["has an ignored target", { l: { link: "x.log" }, "x.log": "", ".dockerignore": "*.log" }, "\"l\" in the build context is a symlink to \"x.log\", which line 1 of .dockerignore (\"*.log\") leaves out, so that "
    + "the image would get a dangling link. Add \"!x.log\" at the end of .dockerignore, or ignore the link as well."],
  ["has an ignored folder for its target", { l: { link: "x" }, "x/a": "", ".dockerignore": "x" }, "\"l\" in the build context is a symlink to \"x\", which line 1 of .dockerignore (\"x\") leaves out, so that "
    + "the image would get a dangling link. Add \"!x\" at the end of .dockerignore, or ignore the link as well."],
])("a link that %s is refused", async (_what, tree, message) => {
  const root = onDisk(tree);
  expect(await problems(root, [copy(".")])).toEqual([message]);
  const link = Object.keys(tree)[0]!;
  // Nobody minds what nobody takes.
  expect(await paths(onDisk({ ...tree, ".dockerignore": `${link}\n` }), [copy(".")])).not.toContain(link);
});

test("links that hold each other", async () => {
  const root = onDisk({ "a/to-b": { link: "../b" }, "b/to-a": { link: "../a" } });
  expect(await problems(root, [copy("a")])).toEqual([`"b/to-a" in the build context is a symlink that leads to itself or to a folder that holds it, "a". ${ends} "b/to-a" to .dockerignore.`]);
});

test("a source that is a broken link", async () => {
  const root = onDisk({ out: { link: "../x" }, dangling: { link: "nope" } });
  expect(await problems(root, [copy("out", "dangling")])).toEqual([
    `Dockerfile, line 2, COPY: "out" in the build context is a symlink that leaves the build context, to "../x". A build cannot reach it. ${ends} "out" to .dockerignore.`,
    `Dockerfile, line 2, COPY: "dangling" does not exist in the build context, because it leads through a symlink to "nope". Correct the path or set context; the root of the build context is "${root}".`,
  ]);
});
