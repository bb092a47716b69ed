// Longer than most: each kind of source, and each way in which one cannot be used.
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UNKNOWN } from "../../../provider/kit/unknown";
import { type BuildInputs, prepareBuild, SourceError } from "../../../provider/source/prepare";
import { ociFiles, writeFolder } from "./local-image/images";
import { DigestCache } from "../../../provider/source/hash/digest-cache";

let folder: string;
const NOTHING: BuildInputs = {
  localImage: null,
  dockerfile: null,
  dockerfileContent: null,
  contextDir: null,
  context: null,
  buildArgs: null,
  target: null,
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "daytona-prepare-"));
  write(
    "app/Dockerfile",
    "ARG VERSION=1\nFROM alpine:3.20 AS base\nARG VERSION\nCOPY src /app/src\nFROM base\nCOPY run.sh /\n",
  );
  write("app/src/main.py", "print(1)\n");
  write("app/run.sh", "#!/bin/sh\n");
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), text);
}

const prepare = (inputs: Partial<BuildInputs>, cwd = folder, signal?: AbortSignal) =>
  prepareBuild(
    { ...NOTHING, ...inputs },
    {
      cwd,
      signal,
      cache: new DigestCache({ now: () => Date.now() }),
      now: () => Date.now(),
      engine: { env: {}, home: folder, platform: "linux", exists: () => false },
      spell: (name) => `<${name}>`,
    },
  );
const hash = async (inputs: Partial<BuildInputs> = { dockerfile: "app/Dockerfile" }) =>
  (await prepare(inputs))?.source.hash;
async function problem(inputs: Partial<BuildInputs>): Promise<[string, string, unknown]> {
  const error = await prepare(inputs).then(
    () => null,
    (it: unknown) => it,
  );
  if (!(error instanceof SourceError)) throw error ?? new Error("nothing was refused");
  return [error.notice.summary, error.notice.detail.replaceAll(folder, "CWD"), error.notice.attribute];
}

test("an image, and inputs that are not known yet, read nothing", async () => {
  expect(await prepare({})).toBeNull();
  expect(await prepare({ dockerfile: UNKNOWN })).toBeNull();
  expect(await prepare({ dockerfile: "no/such/file", contextDir: UNKNOWN })).toBeNull();
  expect(await prepare({ dockerfile: "no/such/file", buildArgs: { A: UNKNOWN as never } })).toBeNull();
});

test.each<[string, Partial<BuildInputs>]>([
  ["localImage", { localImage: UNKNOWN }],
  ["dockerfileContent", { dockerfileContent: UNKNOWN }],
  ["context", { context: UNKNOWN }],
  ["an item of context", { context: ["a", UNKNOWN as never] }],
  ["buildArgs", { buildArgs: UNKNOWN }],
  ["target", { target: UNKNOWN }],
])("nothing is read while %s is not known", async (_, inputs) =>
  expect(await prepare({ dockerfile: "no/such/file", ...inputs })).toBeNull(),
);

test("an interrupt ends it, also where nothing of a context is read", async () => {
  const stopped = AbortSignal.abort(new Error("stopped"));
  await expect(prepare({ dockerfile: "app/Dockerfile" }, folder, stopped)).rejects.toThrow("stopped");
  await expect(prepare({ dockerfileContent: "FROM alpine\n" }, folder, stopped)).rejects.toThrow("stopped");
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
  expect(await prepare({ dockerfile: "Dockerfile" }, join(folder, "app")).then((build) => build?.source.hash)).toBe(
    await hash(),
  );
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
  expect(inline?.source).toEqual({
    text: "FROM alpine:3.20\nRUN true\n",
    hash: expect.stringMatching(/^v1:/) as string,
    contextHashes: [],
  });
  expect((await prepare({ dockerfile: "Dockerfile.plain" }))?.source).toEqual(inline?.source);
});

test("an inline Dockerfile with a context folder sends its files", async () => {
  const build = await prepare({ dockerfileContent: "FROM alpine:3.20\nCOPY run.sh /\n", contextDir: "app" });
  expect(build?.archives.map(({ files }) => files.map(({ path }) => path))).toEqual([["run.sh"]]);
});

test("an inline Dockerfile without one says which instructions will fail", async () => {
  const build = await prepare({ dockerfileContent: "FROM alpine:3.20\nCOPY run.sh /\n" });
  expect(build?.warnings).toEqual([
    {
      summary: "The Dockerfile copies files that are not sent",
      detail:
        "There is no build context, so the build will fail at: COPY run.sh. Set <contextDir> to the folder that has the files.",
      attribute: ["dockerfileContent"],
    },
  ]);
});

test("what only an Image object of the SDK would not send is told with how to send it", async () => {
  const built = await prepare({
    dockerfileContent: "FROM a:1\nADD data.tar /\nRUN --mount=type=bind,source=etc/x,target=/x true\n",
  });
  expect(built?.warnings.map(({ detail }) => detail)).toEqual([
    "There is no build context, so the build will fail at: ADD data.tar, RUN --mount=type=bind,source=etc/x. Set <contextDir> to the folder that has the files. An Image of Daytona's SDK sends only what COPY names: use COPY there, or addLocalFile and addLocalDir.",
  ]);
});

test.each<[string, string, string[], string | null]>([
  ["all of it", "COPY src run.sh /x/", ["src", "run.sh"], null],
  ["a folder of it, and a file in it", "COPY src/main.py /x\nCOPY src /y", ["src/main.py"], null],
  ["what the builder has itself", "COPY Dockerfile /x\nCOPY . /y", ["run.sh"], null],
  ["what comes from elsewhere", "COPY --from=b:1 none /x\nADD https://host/none /y\nCOPY <<E /z\nE", ["run.sh"], null],
  ["what cannot be known", "COPY --parents none* /y\nCOPY ${UNKNOWN}/none /z\nCOPY ${UNKNOWN}* /a", ["run.sh"], null],
  ["a pattern that matches", "COPY r*.sh /x\nCOPY s?c /y\nCOPY src/*.py /z\nCOPY Docker* /a", ["run.sh", "src"], null],
  ["a copy", "COPY run.sh none /x/", ["run.sh"], "COPY none"],
  ["a file of a folder", "COPY src/none /x", ["src"], "COPY src/none"],
  ["a file with its parents", "COPY --parents src/none /x", ["src"], "COPY src/none"],
  ["a pattern of a folder that is not there", "COPY none/*.x /x", ["src"], "COPY none/*.x"],
  ["what begins like another", "COPY sr /x", ["src"], "COPY sr"],
])(
  "what the Dockerfile copies and the list of files does not have is told: %s",
  async (_what, lines, context, missing) => {
    const built = await prepare({ dockerfileContent: `FROM a:1\n${lines}\n`, contextDir: "app", context });
    expect(built?.warnings).toEqual(
      missing === null
        ? []
        : [
            {
              summary: "The Dockerfile copies files that are not sent",
              detail: `<context> does not list them, or they are ignored, so the build will fail at: ${missing}. Add them to <context>, or remove it to send what the Dockerfile uses.`,
              attribute: ["dockerfileContent"],
            },
          ],
    );
  },
);

test("what an ADD or a mount names and the list of files does not have is told with how an Image object sends it", async () => {
  write("app/data.tar", "");
  const lines = "ADD data.tar /\nRUN --mount=type=bind,source=src,target=/x true\nCOPY run.sh /";
  const built = await prepare({ dockerfileContent: `FROM a:1\n${lines}\n`, contextDir: "app", context: ["run.sh"] });
  expect(built?.warnings.map(({ detail }) => detail)).toEqual([
    "<context> does not list them, or they are ignored, so the build will fail at: ADD data.tar, RUN --mount=type=bind,source=src. Add them to <context>, or remove it to send what the Dockerfile uses. An Image of Daytona's SDK sends only what COPY names: use COPY there, or addLocalFile and addLocalDir.",
  ]);
});

test("build arguments and the target say what the list of files has to have", async () => {
  const text = "ARG D=none\nFROM a:1 AS one\nARG D\nCOPY ${D} /x\nFROM one\nCOPY none /y\n";
  const built = (more: object) =>
    prepare({ dockerfileContent: text, contextDir: "app", context: ["src"], ...more }).then(
      (it) => it?.warnings.length,
    );
  expect(await built({})).toBe(1);
  expect(await built({ buildArgs: { D: "src" }, target: "one" })).toBe(0);
});

test("what may surprise about a local image is a warning at its attribute", async () => {
  writeFolder(join(folder, "layout"), ociFiles([{ config: { variant: "v3" } }]));
  const build = await prepare({ localImage: "oci:layout" });
  expect(build?.warnings).toEqual([
    {
      summary: "Local image",
      detail:
        'The image archive "layout" is for linux/amd64/v3. Its programs may fail on a runner with an older processor. Build it for linux/amd64, without a variant, so that every runner can run it.',
      attribute: ["localImage"],
    },
  ]);
});

test("a list of files stands in for what cannot be known from the Dockerfile", async () => {
  write("app/Dockerfile", "FROM alpine:3.20\nCOPY $FROM_IMAGE /x\n");
  expect((await problem({ dockerfile: "app/Dockerfile" }))[1]).toMatch(
    /^In app\/Dockerfile: Dockerfile line 2 \(COPY \$FROM_IMAGE \/x\): \$FROM_IMAGE is not set .*list the files that the build reads in <context>\.$/,
  );
  expect((await prepare({ dockerfile: "app/Dockerfile", context: ["src"] }))?.archives).toHaveLength(1);
});

test.each<[string, () => Partial<BuildInputs>, [string, string, string[]]]>([
  [
    "a Dockerfile that does not exist",
    () => ({ dockerfile: "no/Dockerfile" }),
    [
      "Dockerfile not readable",
      'The Dockerfile "no/Dockerfile" (CWD/no/Dockerfile) does not exist. Restore the file, or correct <dockerfile>.',
      ["dockerfile"],
    ],
  ],
  [
    "a folder",
    () => ({ dockerfile: "app" }),
    [
      "Dockerfile not readable",
      'The Dockerfile "app" (CWD/app) is a folder. Set <dockerfile> to the file in it.',
      ["dockerfile"],
    ],
  ],
  [
    "a wrong instruction",
    () => (write("D", "FROM a:1\nCOYP a b\n"), { dockerfile: "D" }),
    ["Invalid Dockerfile", "In D: Dockerfile line 2 (COYP a b): unknown instruction: COYP", ["dockerfile"]],
  ],
  [
    "a stage that is not there",
    () => ({ dockerfile: "app/Dockerfile", target: "nope" }),
    [
      "Invalid Dockerfile",
      'In app/Dockerfile: Dockerfile line 5: target is "nope", which is not a stage of the Dockerfile. Its stages: base, 1.',
      ["dockerfile"],
    ],
  ],
])("%s is refused", async (_, inputs, expected) => {
  expect(await problem(inputs())).toEqual(expected);
});

test.each<[string, string[] | undefined, string]>([
  [
    "a list of files",
    ["run.sh"],
    "If files should match: Add them to <context>, or remove it to send what the Dockerfile uses.",
  ],
  ["no build context", undefined, "If files should match: Set <contextDir> to the folder that has them."],
])("a pattern that matches nothing of %s is told, as nothing fails", async (_what, context, advice) => {
  const lines = 'COPY package*.json ./\nCOPY ["lib?.py", "Dockerf*", "./"]\nADD *.tar /x\nADD https://host/*.tgz /y';
  const built = await prepare({
    dockerfileContent: `FROM a:1\n${lines}\n`,
    ...(context === undefined ? {} : { contextDir: "app", context }),
  });
  expect(built?.warnings).toEqual([
    {
      summary: "The Dockerfile copies patterns that match no files",
      detail: `No file that is sent matches, so nothing is copied at: COPY package*.json, COPY lib?.py, ADD *.tar. ${advice} An Image of Daytona's SDK for TypeScript sends the files of a pattern only if it is in quotes, as in COPY "*.json" ./.`,
      attribute: ["dockerfileContent"],
    },
  ]);
});

test("a file that is not there is named with its instruction", async () => {
  write("D", "FROM a:1\nCOPY missing.txt /x\n");
  const [summary, detail] = await problem({ dockerfile: "D" });
  expect(summary).toBe("Build context not usable");
  expect(detail).toMatch(/missing\.txt/);
});

test.each(["dockerfile", "dockerfileContent"] as const)(
  "a build argument that no ARG takes is named as the tool spells it (%s)",
  async (attribute) => {
    const build = await prepare({
      [attribute]: attribute === "dockerfile" ? "app/Dockerfile" : "FROM alpine:3.20\n",
      buildArgs: { TYPO: "1" },
    });
    expect(build?.warnings.map(({ detail }) => detail)).toEqual([
      "<buildArgs>.TYPO is not used: the Dockerfile has no ARG TYPO.",
    ]);
  },
);

test.each([
  ["COPY --parents nope/f /x/", 'nothing in the build context matches "nope/f"'],
  ["COPY certs/*.crt /x/", 'nothing else in the folder "certs" is sent'],
  ["COPY emptydir /x/", 'the folder "emptydir" has no files to send'],
  ["COPY .dockerignore /x/", '".dockerignore" is not sent'],
  ["RUN --mount=type=bind,source=emptydir,target=/x true", 'the folder "emptydir" has no files to send'],
])("%s is an error where the builder is certain to fail", async (instruction, why) => {
  mkdirSync(join(folder, "app/emptydir"));
  write("app/certs/README", "");
  write("app/.dockerignore", "x\n");
  write("app/Dockerfile", `FROM alpine:3.20\n${instruction}\nCOPY *.none src /y/\n`);
  const [summary, detail, attribute] = await problem({ dockerfile: "app/Dockerfile" });
  expect([summary, attribute]).toEqual(["Build context not usable", ["dockerfile"]]);
  expect(detail).toContain(why);
  expect(detail).not.toContain("*.none");
});

describe("a Dockerfile and an ignore file that a repository plants", () => {
  const SECRET = "hunter2 of the machine";
  const plant = (path: string, target: string): void => {
    rmSync(join(folder, path), { force: true });
    symlinkSync(target, join(folder, path));
  };
  const told = (what: string): [string, string, string[]] => [
    "Dockerfile not readable",
    `The Dockerfile "app/Dockerfile" (CWD/app/Dockerfile) ${what}. Set <dockerfile> to a regular file in its folder or in the build context.`,
    ["dockerfile"],
  ];
  const ignored = (what: string): [string, string, string[]] => [
    "Build context not usable",
    `The ignore file ${what}. Put a regular file there, in the build context.`,
    ["dockerfile"],
  ];
  beforeEach(() => write("secret", SECRET));

  test.each(["../secret", "/dev/zero", "/proc/self/environ"])("a Dockerfile that is a link to %s", async (target) => {
    plant("app/Dockerfile", target);
    expect(await problem({ dockerfile: "app/Dockerfile" })).toEqual(
      told(`is a link to "${target}", which is outside of the allowed folders`),
    );
  });
  test("one that is a link within the context, or within its own folder, is followed as in a build", async () => {
    const plain = await hash();
    write(
      "app/docker/common",
      "ARG VERSION=1\nFROM alpine:3.20 AS base\nARG VERSION\nCOPY src /app/src\nFROM base\nCOPY run.sh /\n",
    );
    plant("app/Dockerfile", "docker/common");
    expect(await hash()).toBe(plain);
    write("docker/real", "FROM alpine:3.20\nCOPY run.sh /\n");
    plant("docker/Dockerfile", "real");
    expect((await prepare({ dockerfile: "docker/Dockerfile", contextDir: "app" }))?.archives).toHaveLength(1);
    plant("docker/Dockerfile", "../app/Dockerfile");
    expect(await hash({ dockerfile: "docker/Dockerfile", contextDir: "app" })).toBe(plain);
  });
  test("one that is a named pipe", async () => {
    rmSync(join(folder, "app/Dockerfile"));
    execFileSync("mkfifo", [join(folder, "app/Dockerfile")]);
    expect(await problem({ dockerfile: "app/Dockerfile" })).toEqual(told("is a named pipe, not a regular file"));
  });
  test("one that is too large, in a file and inline", async () => {
    const text = (bytes: number): string =>
      `FROM scratch\n${"#"
        .repeat(99)
        .concat("\n")
        .repeat(Math.ceil(bytes / 100))}`.slice(0, bytes);
    write("app/Dockerfile", text(2 ** 20));
    expect((await prepare({ dockerfile: "app/Dockerfile" }))?.archives).toEqual([]);
    write("app/Dockerfile", text(2 ** 20 + 1));
    expect(await problem({ dockerfile: "app/Dockerfile" })).toEqual(told("is larger than 1 MiB, the limit"));
    expect((await prepare({ dockerfileContent: text(2 ** 20) }))?.archives).toEqual([]);
    expect(await problem({ dockerfileContent: text(2 ** 20 + 1) })).toEqual([
      "Invalid Dockerfile",
      "The Dockerfile in <dockerfileContent> is larger than 1 MiB, the limit. Put the files that it writes into the build context.",
      ["dockerfileContent"],
    ]);
  });
  test.each([".dockerignore", "Dockerfile.dockerignore"])("%s that is a link out, a pipe, or large", async (name) => {
    plant(`app/${name}`, "../secret");
    expect(await problem({ dockerfile: "app/Dockerfile" })).toEqual(
      ignored(`"${name}" is a link to "../secret", which is outside of the allowed folders`),
    );
    rmSync(join(folder, "app", name));
    execFileSync("mkfifo", [join(folder, "app", name)]);
    expect(await problem({ dockerfile: "app/Dockerfile" })).toEqual(
      ignored(`"${name}" is a named pipe, not a regular file`),
    );
    rmSync(join(folder, "app", name));
    write(`app/${name}`, `${"#".repeat(1023)}\n`.repeat(1024));
    expect(await hash()).toMatch(/^v2:/);
    write(`app/${name}`, `${"#".repeat(1023)}\n`.repeat(1024).concat("#"));
    expect(await problem({ dockerfile: "app/Dockerfile" })).toEqual(
      ignored(`"${name}" is larger than 1 MiB, the limit`),
    );
  });
  test("an ignore file that is a link within the context is followed, and one to nothing is none", async () => {
    const plain = await hash();
    write("app/ignored", "src\n");
    plant("app/.dockerignore", "none");
    expect(await hash()).toBe(plain);
    write("docker/other", "FROM alpine:3.20\nCOPY src /\n");
    plant("docker/other.dockerignore", "../app/ignored");
    expect((await problem({ dockerfile: "docker/other", contextDir: "app" }))[1]).toContain('("src") excludes "src"');
    plant("app/.dockerignore", "ignored");
    expect((await problem({ dockerfile: "app/Dockerfile" }))[1]).toContain("line 1 of .dockerignore");
  });
  test("nothing of what a link leads to is in a message", async () => {
    write("secret", `${SECRET}\n[`);
    for (const name of ["Dockerfile", ".dockerignore"]) {
      plant(`app/${name}`, "../secret");
      expect(JSON.stringify(await problem({ dockerfile: "app/Dockerfile" }))).not.toContain("hunter2");
      rmSync(join(folder, "app", name));
      write("app/Dockerfile", "FROM scratch\n");
    }
  });
  test("a large file at the context's root that is called Dockerfile is only told apart", async () => {
    write("docker/other", "FROM alpine:3.20\nCOPY . /\n");
    write("app/Dockerfile", "x".repeat(2 ** 21));
    expect(
      (await prepare({ dockerfile: "docker/other", contextDir: "app" }))?.warnings.map(({ detail }) => detail),
    ).toEqual([expect.stringMatching(/^The image gets the Dockerfile that is built as "Dockerfile"/)]);
  });
});

test("messages about the build context spell its attributes as the tool does", async () => {
  write("app/Dockerfile", "FROM alpine:3.20\nCOPY ../nope.txt /x\n");
  expect((await problem({ dockerfile: "app/Dockerfile" }))[1]).toMatch(
    /"\.\.\/nope\.txt" is outside of the build context\. .* Set <contextDir> to a folder that contains everything/,
  );
  expect((await problem({ dockerfile: "app/Dockerfile", context: ["nope"] }))[1]).toMatch(
    /^<context>: "nope" does not exist in the build context\. Correct the path;/,
  );
});
