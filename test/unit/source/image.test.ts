import { Image } from "@daytona/sdk";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { DigestCache } from "../../../provider/source/hash/digest-cache";
import { isImageObject, plainSource } from "../../../provider/source/image";
import { prepareBuild } from "../../../provider/source/prepare";

const image = { dockerfile: "FROM ubuntu:24.04\nRUN echo ${HOME}\n", contextList: [] };

test("an Image object is its Dockerfile, to the letter", () => {
  expect(plainSource({ image }, "here")).toEqual({ image: undefined, dockerfileContent: image.dockerfile });
});

test("one of the official SDK is one", () => {
  const official = Image.base("ubuntu:24.04").runCommands("apt-get update");
  expect(plainSource({ image: official }, "here")).toEqual({
    image: undefined,
    dockerfileContent: official.dockerfile,
  });
});

test("in plain JavaScript the list of local files may be missing", () => {
  expect(plainSource({ image: { dockerfile: "FROM a:1" } }, "here").dockerfileContent).toBe("FROM a:1");
});

test.each<[string, { image?: unknown; dockerfileContent?: unknown }]>([
  ["a name", { image: "ubuntu:24.04" }],
  ["a Dockerfile", { dockerfileContent: "FROM a:1" }],
  ["both, which is for others to judge", { image: "ubuntu:24.04", dockerfileContent: "FROM a:1" }],
  ["nothing", {}],
  ["null", { image: null }],
  ["a reference to a value that is not known yet", { image: { apply: () => undefined } }],
  ["a reference that has every property", { image: new Proxy({}, { has: () => true, get: () => ({}) }) }],
])("%s stays as it is", (_what, source) => {
  expect(isImageObject(source.image)).toBe(false);
  const plain = plainSource(source, "here");
  expect(plain.image).toBe(source.image);
  expect(plain.dockerfileContent).toBe(source.dockerfileContent);
});

const files = (...list: [string, string][]) => ({
  dockerfile: "FROM a:1\nCOPY x /x\n",
  contextList: list.map(([sourcePath, archivePath]) => ({ sourcePath, archivePath })),
});

test.each<[string, [string, string][], string, string[]]>([
  ["a relative path", [["src/app.py", "src/app.py"]], ".", ["src/app.py"]],
  [
    "a path with a dot",
    [
      ["./src", "./src"],
      ["src", "src"],
    ],
    ".",
    ["src"],
  ],
  ["an absolute path", [["/opt/files/a", "/opt/files/a"]], "/", ["opt/files/a"]],
  [
    "the folder of a Dockerfile",
    [
      [resolve("images/agent/run.sh"), "run.sh"],
      [resolve("images/agent/src"), "src"],
    ],
    "images/agent",
    ["run.sh", "src"],
  ],
  ["a folder beside the program", [[resolve("../shared/x"), "x"]], "../shared", ["x"]],
])("local files become a build context: %s", (_what, list, contextDir, context) => {
  const image = files(...list);
  expect(plainSource({ image }, "here")).toEqual({
    image: undefined,
    dockerfileContent: image.dockerfile,
    contextDir,
    context,
  });
});

test.each<[string, [string, string][], string[]]>([
  [
    "two folders",
    [
      ["x/a", "a"],
      ["y/b", "b"],
      ["x/c/d", "c/d"],
    ],
    ["x/./a", "y/./b", "x/./c/d"],
  ],
  [
    "the program's own and another",
    [
      ["src/a", "src/a"],
      ["../lib/b", "b"],
    ],
    ["src/a", "../lib/./b"],
  ],
  [
    "an absolute path beside one of the program's",
    [
      ["src", "src"],
      ["/opt/f", "/opt/f"],
    ],
    ["src", "/./opt/f"],
  ],
])("files of several folders are in one context, each told with its folder: %s", (_what, list, context) => {
  const image = files(...list);
  expect(plainSource({ image }, "here")).toEqual({
    image: undefined,
    dockerfileContent: image.dockerfile,
    contextDir: ".",
    context,
  });
});

test("what a build context cannot have is refused, by the place's name", () => {
  expect(() => plainSource({ image: files(["x/a", "b"]) }, 'Snapshot "agent"')).toThrow(
    new Error(
      'Snapshot "agent": the Image object sends "x/a" as "b", but a build context cannot rename files. Keep the end of the path the same.',
    ),
  );
  expect(() => plainSource({ image, contextDir: "x" }, 'Snapshot "agent"')).toThrow(
    new Error(
      'Snapshot "agent": image is an Image object, which already contains a build context, so contextDir cannot be set as well. Remove one of them.',
    ),
  );
});

describe("the official SDK's builder methods, all of them", () => {
  let folder: string;
  const here = process.cwd();
  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "daytona-image-")));
    process.chdir(folder);
    for (const [name, text] of Object.entries({
      "requirements.txt": "numpy\n",
      "pyproject.toml": '[project]\nname = "x"\nversion = "1"\ndependencies = ["requests"]\n',
      "src/main.py": "print(1)\n",
      "images/Dockerfile": "FROM python:3.12-slim\nCOPY run.sh /run.sh\nCOPY lib/ /lib/\n",
      "images/run.sh": "#!/bin/sh\n",
      "images/lib/a": "a",
      "other/lib/b": "b",
    })) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
  });
  afterAll(() => {
    process.chdir(here);
    rmSync(folder, { recursive: true });
  });
  /** The names in the archives, and the text, as they are sent. */
  async function sent(image: Image): Promise<{ text: string; names: string[] }> {
    const { image: _, ...source } = plainSource<Image, string>({ image }, "here");
    const nothing = {
      localImage: null,
      dockerfile: null,
      contextDir: null,
      context: null,
      buildArgs: null,
      target: null,
    };
    const engine = { env: {}, home: folder, platform: "linux" as const };
    const build = await prepareBuild(
      { ...nothing, ...source, dockerfileContent: source.dockerfileContent ?? null },
      {
        cwd: folder,
        cache: new DigestCache({ now: () => Date.now() }),
        now: () => Date.now(),
        spell: (name) => name,
        engine,
      },
    );
    const names: string[] = [];
    for (const archive of build!.archives) {
      const parts: Buffer[] = [];
      for await (const part of archive.open(new AbortController().signal)) parts.push(part as Buffer);
      names.push(
        ...spawnSync("tar", ["-t"], { input: Buffer.concat(parts), encoding: "utf8" })
          .stdout.trim()
          .split("\n"),
      );
    }
    return { text: build!.source.text, names: names.sort() };
  }

  test.each<[string, () => Image, string[]]>([
    [
      "base, runCommands, env, workdir, entrypoint, cmd",
      () =>
        Image.base("ubuntu:24.04")
          .runCommands("apt-get update", ["echo", "a b"])
          .env({ A: "b c" })
          .workdir("/app")
          .entrypoint(["/bin/sh"])
          .cmd(["-c", "true"]),
      [],
    ],
    ["debianSlim, pipInstall", () => Image.debianSlim("3.12").pipInstall(["numpy", "pandas"], { pre: true }), []],
    [
      "pipInstallFromRequirements",
      () => Image.debianSlim("3.12").pipInstallFromRequirements("requirements.txt"),
      ["requirements.txt"],
    ],
    ["pipInstallFromPyproject", () => Image.debianSlim("3.12").pipInstallFromPyproject("pyproject.toml"), []],
    [
      "addLocalFile, addLocalDir",
      () => Image.base("a:1").addLocalFile("src/main.py", "/app/").addLocalDir("images/lib", "/lib"),
      ["images/lib/a", "src/main.py"],
    ],
    [
      "an absolute path",
      () => Image.base("a:1").addLocalFile(join(folder, "src/main.py"), "/main.py"),
      ["FOLDER/src/main.py"],
    ],
    [
      "an absolute path beside others",
      () =>
        Image.base("a:1")
          .addLocalFile(join(folder, "src/main.py"), "/main.py")
          .addLocalDir("images/lib", "/lib")
          .addLocalFile("requirements.txt", "/r"),
      ["FOLDER/src/main.py", "images/lib/a", "requirements.txt"],
    ],
    [
      "dockerfileCommands with several folders, of which one path is in both",
      () =>
        Image.base("a:1")
          .dockerfileCommands(["COPY run.sh /x", "COPY lib /lib"], "images")
          .dockerfileCommands(["COPY lib /lib"], "other"),
      ["lib/a", "lib/b", "run.sh"],
    ],
    ["fromDockerfile", () => Image.fromDockerfile("images/Dockerfile"), ["lib/a", "run.sh"]],
    [
      "dockerfileCommands",
      () => Image.base("a:1").dockerfileCommands(["COPY src/main.py /x", "RUN true"]),
      ["src/main.py"],
    ],
    [
      "dockerfileCommands with a folder",
      () => Image.base("a:1").dockerfileCommands(["COPY run.sh /x"], "images"),
      ["run.sh"],
    ],
  ])("%s", async (_what, make, names) => {
    const image = make();
    expect(await sent(image)).toEqual({
      text: image.dockerfile,
      names: names.map((name) => name.replace("FOLDER", folder.slice(1))).sort(),
    });
  });
});

test("one beside a Dockerfile is refused, by the place's name", () => {
  expect(() => plainSource({ image, dockerfileContent: "FROM a:1" }, 'Snapshot "agent"')).toThrow(
    new Error(
      'Snapshot "agent": image is an Image object, which already contains a Dockerfile, so dockerfileContent cannot be set as well. Remove one of them.',
    ),
  );
});
