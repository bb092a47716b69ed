import { readDockerfile } from "../../../../provider/source/dockerfile";
import { copy, onDisk, paths, problems, read } from "./tree-on-disk";

const tree = {
  "a.txt": "a",
  "b.md": "b",
  ".hidden": "h",
  "src/main.ts": "m",
  "src/deep/x.ts": "x",
  "src/deep/.env": "e",
  "docs/x.md": "d",
  "x[1].txt": "1",
  "new\nline": "n",
  é: "composed",
  "e\u0301": "decomposed",
  "lib/one/p.json": "1",
  "lib/two/p.json": "2",
  "lib/p.json": "3",
};

test.each<[string, Parameters<typeof copy>, string[]]>([
  ["a file", ["a.txt"], ["a.txt"]],
  ["from the root", ["/a.txt", "./b.md", "src/../docs/x.md", "../../a.txt"], ["a.txt", "b.md", "docs/x.md"]],
  ["a folder, with hidden files", ["src"], ["src/deep/.env", "src/deep/x.ts", "src/main.ts"]],
  ["a folder with a slash", ["docs/"], ["docs/x.md"]],
  ["wildcards", ["*.txt"], ["a.txt", "x[1].txt"]],
  ["a wildcard matches hidden files", ["?hidden", ".h*"], [".hidden"]],
  ["a wildcard for a folder", ["lib/*/p.json"], ["lib/one/p.json", "lib/two/p.json"]],
  ["a wildcard takes the whole of a folder", ["li*"], ["lib/one/p.json", "lib/p.json", "lib/two/p.json"]],
  ["an escaped bracket", ["x[[]1].txt"], ["x[1].txt"]],
  ["two stars are one star", ["lib/**"], ["lib/one/p.json", "lib/p.json", "lib/two/p.json"]],
  ["two stars are one star, below", ["**/p.json"], ["lib/p.json"]],
  ["a class matches a slash", ["docs[/]x.md"], ["docs/x.md"]],
  [
    "a class matches a slash in its range",
    ["docs[.-0]x.md", "lib[!-0]one[!-0]p.json"],
    ["docs/x.md", "lib/one/p.json"],
  ],
  ["a class of what is not meant", ["lib/[^o]*/p.json", "?[^1.]*.txt"], ["lib/two/p.json", "x[1].txt"]],
  ["a name with a newline", ["new*"], ["new\nline"]],
  ["either form of a letter", ["é"], ["é"]],
])("%s", async (_what, sources, expected) => {
  expect(await paths(onDisk(tree), [copy(...sources)])).toEqual([...expected].sort());
});

test("everything, in the order of the paths' bytes", async () => {
  expect(
    await paths(onDisk({ "\u{1f600}": "", "\uff5e": "", z: "", Z: "", "a/b": "", "a.b": "" }), [copy(".")]),
  ).toEqual(["Z", "a.b", "a/b", "z", "\uff5e", "\u{1f600}"]);
});

test("ignore rules and their exceptions", async () => {
  const root = onDisk({ ...tree, ".dockerignore": "*\n!src\nsrc/**/*.ts\n!src/deep/x.ts\n" });
  expect(await paths(root, [copy(".")])).toEqual(["src/deep/.env", "src/deep/x.ts"]);
});

test("the Dockerfile's own ignore file wins", async () => {
  const root = onDisk({
    a: "",
    b: "",
    "app.Dockerfile": "FROM a:1\n",
    "app.Dockerfile.dockerignore": "a\n*.Docker*\n",
    ".dockerignore": "b\n",
  });
  expect(await paths(root, [copy(".")], { dockerfile: `${root}/app.Dockerfile` })).toEqual(["b"]);
  expect(await paths(root, [copy(".")])).toEqual(["a", "app.Dockerfile", "app.Dockerfile.dockerignore"]);
});

test("--exclude counts within the source, and not for the source itself", async () => {
  const root = onDisk(tree);
  expect(await paths(root, [{ ...copy("src", "a.txt"), exclude: ["deep", "*.txt"] }])).toEqual([
    "a.txt",
    "src/main.ts",
  ]);
  expect(await paths(root, [{ ...copy("src"), exclude: ["deep/*", "!deep/.env"] }])).toEqual([
    "src/deep/.env",
    "src/main.ts",
  ]);
  expect(await paths(root, [{ ...copy("src"), exclude: ["deep", "!deep/.env"] }])).toEqual([
    "src/deep/.env",
    "src/main.ts",
  ]);
});

test.each<[string, string[], string[]]>([
  ["a path", ["src/deep/x.ts"], ["src/deep/x.ts"]],
  ["two stars", ["**/*.ts"], ["src/deep/x.ts", "src/main.ts"]],
  ["a pivot", ["src/./deep"], ["src/deep/.env", "src/deep/x.ts"]],
  ["a wildcard before a pivot", ["lib/t*/./p.json"], ["lib/two/p.json"]],
  ["a file before a pivot, which counts whatever follows", ["lib/p*/./none"], ["lib/p.json"]],
  ["the root", ["."], ["docs/x.md", "lib/one/p.json"]],
])("--parents with %s", async (_what, sources, expected) => {
  const found = await paths(onDisk(tree), [{ ...copy(...sources), parents: true }]);
  if (sources[0] === ".") expect(found).toEqual(expect.arrayContaining(expected));
  else expect(found).toEqual(expected);
});

test("a bind mount's path has no wildcards", async () => {
  const root = onDisk({ "*": "star", a: "a" });
  expect(await paths(root, [{ ...copy("*"), kind: "bind", wildcards: false }])).toEqual(["*"]);
});

test("what matches nothing is an error, all of it, with the rule that hides it", async () => {
  const root = onDisk({ ...tree, ".dockerignore": "# comment\n*.md\nsrc/deep\n" });
  const sources = [
    copy("nope", "b.md"),
    { ...copy("src/deep"), line: 7, instruction: "ADD" },
    copy("docs/*.md", "no/*.x", "a.txt/*"),
    copy("src/main.ts/x"),
  ];
  const ends = `Correct the path, or set contextDir; the root of the build context is "${root}".`;
  expect(await problems(root, sources)).toEqual([
    `Dockerfile, line 2, COPY: "nope" does not exist in the build context. ${ends}`,
    `Dockerfile, line 2, COPY: "b.md" is not in the build context: line 2 of .dockerignore ("*.md") excludes "b.md". Remove that line, or add "!b.md" after it.`,
    `Dockerfile, line 7, ADD: "src/deep" is not in the build context: line 3 of .dockerignore ("src/deep") excludes "src/deep". Remove that line, or add "!src/deep" after it.`,
    `Dockerfile, line 2, COPY: "no/*.x" does not exist in the build context, because there is no "no". ${ends}`,
    `Dockerfile, line 2, COPY: "a.txt" is a file, so nothing matches "a.txt/*". ${ends}`,
    `Dockerfile, line 2, COPY: "src/main.ts/x" does not exist in the build context. ${ends}`,
  ]);
});

test("a path out of the context is named as it is written, and what the builder makes of it", async () => {
  const root = onDisk({ "a.txt": "" });
  const sources = readDockerfile(
    "FROM alpine:3.20\nCOPY ../main.tf x/../../b.txt /\nCOPY --parents x/./../a /\nCOPY ../a.txt /\n",
  ).sources;
  const says = (written: string, found: string) =>
    `"${written}" is outside of the build context. A build drops the "..", so it looks for "${found}" in "${root}", where it does not exist. Set contextDir to a folder that contains everything, and write the path from there.`;
  expect((await problems(root, sources)).slice(0, 2)).toEqual([
    `Dockerfile, line 2, COPY ../main.tf x/../../b.txt /: ${says("../main.tf", "main.tf")}`,
    `Dockerfile, line 2, COPY ../main.tf x/../../b.txt /: ${says("x/../../b.txt", "b.txt")}`,
  ]);
});

test("a wildcard that matches only what is ignored says why", async () => {
  const root = onDisk({ "a.log": "", ".dockerignore": "*.log" });
  expect(await problems(root, [copy("*.log")])).toEqual([
    'Dockerfile, line 2, COPY: nothing in the build context matches "*.log": line 1 of .dockerignore ("*.log") excludes "a.log". Remove that line, or add "!a.log" after it.',
  ]);
});

test("what may match nothing is a warning then", async () => {
  const { files, warnings } = await read(onDisk({ a: "" }), [{ ...copy("*.x"), required: false }]);
  expect(files).toEqual([]);
  expect(warnings).toEqual([
    'Dockerfile, line 2, COPY: nothing in the build context matches "*.x". The build continues without it.',
  ]);
});

test("a wildcard in a folder that is not there fails a build, whatever it may match", async () => {
  const root = onDisk({ "d/a": "", ".dockerignore": "d" });
  const ends = `Correct the path, or set contextDir; the root of the build context is "${root}".`;
  expect(await problems(root, [{ ...copy("no/*", "d/*"), required: false }])).toEqual([
    `Dockerfile, line 2, COPY: "no/*" does not exist in the build context, because there is no "no". ${ends}`,
    `Dockerfile, line 2, COPY: "d/*" is not in the build context: line 1 of .dockerignore ("d") excludes "d". Remove that line, or add "!d" after it.`,
  ]);
});

test("a wildcard passes over a folder of which the ignore rules leave nothing", async () => {
  const root = onDisk({ "d/a.txt": "", "e/b.md": "", f: "", ".dockerignore": "d\ne\n!**/*.md\n" });
  expect(await paths(root, [copy("*")])).toEqual(["e/b.md", "f"]);
});

test("a malformed wildcard and a malformed --exclude", async () => {
  expect(await problems(onDisk({ a: "", b: "" }), [copy("a[")])).toEqual([
    'Dockerfile, line 2, COPY: the pattern "a[" is malformed. Close every "[", and write "\\\\" for a backslash at the end.',
  ]);
  expect(await problems(onDisk({ a: "" }), [{ ...copy("."), exclude: ["[a"] }])).toEqual([
    'Dockerfile, line 2, COPY, --exclude: the pattern "[a" is invalid: a bracket is not closed. Docker refuses it as well; correct or remove it.',
  ]);
});

test("a malformed pattern of one source does not keep what is wrong with the others from being told", async () => {
  expect(await problems(onDisk({ a: "" }), [{ ...copy("."), exclude: ["[a"] }, copy("b[")])).toEqual([
    'Dockerfile, line 2, COPY, --exclude: the pattern "[a" is invalid: a bracket is not closed. Docker refuses it as well; correct or remove it.',
    'Dockerfile, line 2, COPY: the pattern "b[" is malformed. Close every "[", and write "\\\\" for a backslash at the end.',
  ]);
});

test("an invalid ignore file", async () => {
  expect(await problems(onDisk({ a: "", ".dockerignore": "ok\n!\n" }), [copy(".")])).toEqual([
    '.dockerignore, line 2: the pattern "!" is invalid: an exception needs a pattern after the "!". Docker refuses it as well; correct or remove it.',
  ]);
  expect((await problems(onDisk({ a: "", ".dockerignore": "\\y\n" }), [copy(".")]))[0]).toMatch(
    /^\.dockerignore, line 1: the pattern "\\y" is invalid/,
  );
});

test("a list of the context", async () => {
  const root = onDisk({ ...tree, ".dockerignore": "src/deep\n" });
  expect(await paths(root, [copy("docs")], { context: ["src", "./a.txt", `${root}/lib/two`] })).toEqual([
    "a.txt",
    "lib/two/p.json",
    "src/main.ts",
  ]);
  expect(await paths(root, [copy("docs")], { context: [] })).toEqual([]);
  expect(await problems(root, [], { context: ["../x", "/etc/hosts", " ", "*.txt"] })).toEqual([
    `context: "../x" is outside of the build context "${root}". A build can only use files inside of it; set contextDir to a folder that contains all of them.`,
    `context: "/etc/hosts" is outside of the build context "${root}". A build can only use files inside of it; set contextDir to a folder that contains all of them.`,
    'context: an item is blank. Specify a file or a folder, or "." for the whole build context.',
  ]);
  expect(await problems(root, [], { context: ["*.txt", "src/deep"] })).toEqual([
    `context: "*.txt" does not exist in the build context. Correct the path; the root of the build context is "${root}".`,
    `context: "src/deep" is not in the build context: line 1 of .dockerignore ("src/deep") excludes "src/deep". Remove that line, or add "!src/deep" after it.`,
  ]);
});

test("no build context", async () => {
  expect(await problems("/nowhere/at/all", [copy(".")])).toEqual([
    'The build context "/nowhere/at/all" cannot be read: it does not exist.',
  ]);
  const root = onDisk({ a: "" });
  expect(await problems(`${root}/a`, [copy(".")])).toEqual([
    `The build context "${root}/a" cannot be read: it is not a folder.`,
  ]);
});
