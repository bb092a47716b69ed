import { mkdirSync, writeFileSync } from "node:fs";
import { json, refuse, serve, snapshot, type TestServer } from "../../api/server";
import { world } from "../world";
import { runOn } from "./run";

/** What goes out of `create` and `push`: the request's body, for every flag. */

const { api } = ((it) => ({ api: () => it.api }))(world());
const ID = "00000000-0000-4000-8000-00000000000a";
let server: TestServer;
beforeAll(
  async () =>
    void (server = await serve((seen, response) =>
      json(response, 200, snapshot(ID, { name: "agent", state: seen.method === "POST" ? "pending" : "active" })),
    )),
);
afterAll(() => server.close());
beforeEach(() => {
  server.requests.length = 0;
  mkdirSync("app");
  writeFileSync("app/Dockerfile", "ARG A\nARG B=1\nFROM alpine:3.20 AS base\nRUN make\nFROM base AS final\nRUN test\n");
});

const run = (argv: string[], env: Record<string, string> = {}) =>
  runOn(api(), argv, { env: { DAYTONA_API_URL: server.url, ...env } });

async function posted(flags: string[], env: Record<string, string> = {}): Promise<Record<string, unknown>> {
  const { code, err } = await run(["create", "agent", ...flags, "--no-wait", "-q"], env);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  const [post, ...others] = server.requests.filter(({ method }) => method === "POST");
  expect(others).toEqual([]);
  return JSON.parse(post!.body) as Record<string, unknown>;
}

const image = { name: "agent", imageName: "debian:12" };

test.each<[string[], Record<string, unknown>]>([
  [[], image],
  [["--cpu", "2"], { ...image, cpu: 2 }],
  [["--memory", "4"], { ...image, memory: 4 }],
  [["--disk", "5"], { ...image, disk: 5 }],
  [["--gpu", "1"], { ...image, gpu: 1 }],
  [["--gpu", "0"], { ...image, gpu: 0 }],
  [["--gpu", "1", "--gpu-type", "H200", "--gpu-type", "H100"], { ...image, gpu: 1, gpuType: ["H200", "H100"] }],
  [["--region", "eu"], { ...image, regionId: "eu" }],
  [["--sandbox-class", "linux-vm"], { ...image, sandboxClass: "linux-vm" }],
  [["-e", "sleep infinity"], { ...image, entrypoint: ["sleep", "infinity"] }],
])("an image with %j", async (flags, body) => expect(await posted(["--image", "debian:12", ...flags])).toEqual(body));

test("the region is the flag's, else DAYTONA_TARGET's, else the organization's", async () => {
  expect(await posted(["-i", "debian:12"], { DAYTONA_TARGET: "eu" })).toMatchObject({ regionId: "eu" });
  server.requests.length = 0;
  expect(await posted(["-i", "debian:12", "--region", "us"], { DAYTONA_TARGET: "eu" })).toMatchObject({
    regionId: "us",
  });
});

test.each<[string, string[]]>([
  ["sh -c 'echo $HOME && ls'", ["sh", "-c", "echo $HOME && ls"]],
  ['sh -c "a  b"', ["sh", "-c", "a  b"]],
  ["echo $HOME ${X}", ["echo", "$HOME", "$X"]],
  ["ls *.txt", ["ls", "*.txt"]],
  ["a\\ b c", ["a b", "c"]],
  ["  x   y ", ["x", "y"]],
])("an entrypoint is split as a shell does, and variables are the container's: %s", async (text, entrypoint) => {
  expect(await posted(["-i", "debian:12", "-e", text])).toMatchObject({ entrypoint });
});

test.each<[string, string]>([
  ["a && b", "&&"],
  ["a > b", ">"],
  ["a; b", ";"],
  ["a # b", "#"],
  ["a | b", "|"],
])("what only a shell would do is wrong usage: %s", async (text, operator) => {
  expect(await run(["create", "agent", "-i", "debian:12", "-e", text])).toEqual({
    code: 64,
    out: "",
    err: `Error: --entrypoint contains "${operator}" outside of quotes\n  The command does not run in a shell. To use one, pass --entrypoint 'sh -c "…"'.\n`,
  });
  expect(server.requests).toEqual([]);
});

describe("a Dockerfile", () => {
  const textOf = async (flags: string[], env: Record<string, string> = {}): Promise<string> =>
    ((await posted(["--dockerfile", "app/Dockerfile", ...flags], env)) as { buildInfo: { dockerfileContent: string } })
      .buildInfo.dockerfileContent;

  test("is sent as text, with the values of its arguments; a value may have a = or be empty", async () => {
    expect(await textOf(["--build-arg", "A=x=y", "--build-arg", "B="])).toMatch(/^ARG A=.?x=y.?\nARG B=(""|'')?\n/);
  });

  test("a build argument without a value has that of the environment, as in docker build", async () => {
    expect(await textOf(["--build-arg", "A"], { A: "from-outside" })).toMatch(/^ARG A=.?from-outside.?\n/);
  });

  test("ends with the stage of --target", async () => {
    const text = await textOf(["--target", "base"]);
    expect(text).toContain("RUN make");
    expect(text).not.toContain("RUN test");
  });

  test.each<[string[], string, string]>([
    [["--build-arg", "=x"], "--build-arg =x has no value", "Write NAME=VALUE."],
    [
      ["--build-arg", "UNSET_ANYWHERE"],
      "--build-arg UNSET_ANYWHERE has no value",
      "Write UNSET_ANYWHERE=VALUE, or set UNSET_ANYWHERE in the environment.",
    ],
    [
      ["-e", "sh"],
      "--entrypoint cannot be combined with --dockerfile or --context",
      "A Dockerfile defines its own entrypoint. Use ENTRYPOINT in the Dockerfile.",
    ],
    [
      ["-i", "debian:12"],
      "--image cannot be combined with --dockerfile or --context",
      "An image is used as it is. Remove one of the flags.",
    ],
  ])("with %j is wrong usage", async (flags, summary, detail) => {
    expect(await run(["create", "agent", "-f", "app/Dockerfile", ...flags])).toEqual({
      code: 64,
      out: "",
      err: `Error: ${summary}\n  ${detail}\n`,
    });
    expect(server.requests).toEqual([]);
  });

  test("that leaves something to say is created all the same, and it is said on stderr", async () => {
    const { code, err } = await run(["create", "agent", "-f", "app/Dockerfile", "--build-arg", "TYPO=1", "--no-wait"]);
    expect(code).toBe(0);
    expect(err).toMatch(/^Warning: .*\n {2}--build-arg TYPO is not used: the Dockerfile has no ARG TYPO\.\n/);
  });

  test("--context counts from the working folder also where --context-dir is given, which stays the root of the paths", async () => {
    mkdirSync("src/lib", { recursive: true });
    writeFileSync("src/lib/main", "x");
    writeFileSync("app/Dockerfile", "FROM alpine:3.20\nCOPY lib/main /main\n");
    const made = await runOn(api(), [
      "create",
      "agent",
      "-f",
      "app/Dockerfile",
      "--context-dir",
      "src",
      "--context",
      "src/lib",
      "-q",
      "--no-wait",
    ]);
    expect({ code: made.code, err: made.err }).toEqual({ code: 0, err: "" });
    // The same files below the same root.
    await runOn(api(), ["create", "other", "-f", "app/Dockerfile", "--context-dir", "src", "-q", "--no-wait"]);
    expect(api().control.snapshot("agent")!.buildInfo!.contextHashes).toEqual(
      api().control.snapshot("other")!.buildInfo!.contextHashes,
    );
    const outside = await run(["create", "agent", "-f", "app/Dockerfile", "--context-dir", "src", "--context", "lib"]);
    expect(outside).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^Error: creating snapshot "agent": build context not usable\n/) as string,
    });
  });

  test("is no longer read when the signal ends the command, and nothing is sent", async () => {
    mkdirSync("src");
    writeFileSync("src/main", "x");
    writeFileSync("app/Dockerfile", "FROM alpine:3.20\nCOPY src/main /main\n");
    const { code, err } = await runOn(api(), ["create", "agent", "-f", "app/Dockerfile", "-c", "src/missing"], {
      env: { DAYTONA_API_URL: server.url },
      signal: AbortSignal.abort(new Error("interrupted")),
    });
    expect({ code, sent: server.requests.length }).toEqual({ code: 1, sent: 0 });
    expect(err).toContain("nterrupted");
  });

  test("that a snapshot of the name was built from: --if-not-exists says which files were compared", async () => {
    mkdirSync("src");
    writeFileSync("src/main", "x");
    writeFileSync("app/Dockerfile", "FROM alpine:3.20\nCOPY main /main\n");
    const args = ["create", "agent", "-f", "app/Dockerfile", "--context-dir", "src"];
    expect((await runOn(api(), args)).code).toBe(0);
    const same = await runOn(api(), [...args, "--if-not-exists", "--verbose"]);
    expect({ code: same.code, err: same.err }).toEqual({
      code: 0,
      err: expect.stringContaining(
        "the files are those that the snapshot was built from: compared 1 set of 1 file on this machine (COPY main: 1 file) with 1 set of the snapshot",
      ) as string,
    });
    writeFileSync("src/main", "y");
    const other = await runOn(api(), [...args, "--if-not-exists"]);
    expect({ code: other.code, err: other.err }).toEqual({
      code: 1,
      err: expect.stringContaining(
        "context: the files of the build context differ from those that the snapshot was built from: compared 1 set of 1 file on this machine (COPY main: 1 file) with 1 set of the snapshot; different: COPY main",
      ) as string,
    });
  });

  test("whose context is another folder is read from there", async () => {
    mkdirSync("src");
    writeFileSync("src/main", "x");
    writeFileSync("app/Dockerfile", "FROM alpine:3.20\nCOPY main /main\n");
    const without = await run(["create", "agent", "-f", "app/Dockerfile"]);
    expect(without).toMatchObject({ code: 1, err: expect.stringContaining('creating snapshot "agent": ') as string });
    const made = await runOn(api(), [
      "create",
      "agent",
      "-f",
      "app/Dockerfile",
      "--context-dir",
      "src",
      "-q",
      "--no-wait",
    ]);
    expect({ code: made.code, err: made.err }).toEqual({ code: 0, err: "" });
    expect(api().control.snapshot("agent")!.buildInfo!.contextHashes).toHaveLength(1);
  });
});

describe("what is wrong is said before anything is sent", () => {
  test.each<[string, string[], string[]]>([
    ["no source", [], ["one of --image, --dockerfile, --local-image and --from-sandbox is required"]],
    ["an image and a local one", ["-i", "debian:12", "--local-image", "agent:dev"], ["--image", "--local-image"]],
    [
      "--context with an image",
      ["-i", "debian:12", "-c", "app"],
      ["--image cannot be combined with --dockerfile or --context"],
    ],
    [
      "an entrypoint and --context of a local image",
      ["--local-image", "agent:dev", "-c", "app", "-e", "sh"],
      ["Error: --entrypoint cannot be combined with --dockerfile or --context\n"],
    ],
    [
      "no cores",
      ["-i", "debian:12", "--cpu", "0"],
      ["Invalid cpu", "--cpu must be a whole number of cores, at least 1 (got 0)."],
    ],
    ["an empty command", ["-i", "debian:12", "-e", ""], ["entrypoint"]],
    [
      "two things at once: both are named",
      ["-i", "debian", "--memory", "0"],
      [
        "Invalid image",
        'has no tag. Add one, such as "debian:TAG"',
        "Invalid memory: --memory must be a whole number of GiB, at least 1 (got 0).",
      ],
    ],
  ])("%s", async (_what, flags, texts) => {
    const { code, out, err } = await run(["create", "agent", ...flags]);
    expect({ code, out, sent: server.requests.length }).toEqual({ code: 64, out: "", sent: 0 });
    for (const text of texts) expect(err).toContain(text);
  });

  test.each([
    ["0", "is not a duration"],
    ["soon", "is not a duration"],
  ])("--timeout %s, before the Dockerfile is read", async (timeout, text) => {
    expect(await run(["create", "agent", "-f", "nowhere/Dockerfile", "--timeout", timeout])).toMatchObject({
      code: 64,
      err: expect.stringContaining(`--timeout ${timeout} ${text}`) as string,
    });
  });
});

describe("what is printed", () => {
  test("is the API's object with --format json, and nothing else on stdout", async () => {
    const { code, out } = await run(["create", "agent", "-i", "debian:12", "--format", "json"]);
    expect({ code, object: JSON.parse(out) as unknown }).toEqual({
      code: 0,
      object: expect.objectContaining({ id: ID, name: "agent", state: "active" }) as unknown,
    });
  });

  test("has the API's own fields, not those of a program", async () => {
    const object = JSON.parse((await run(["create", "agent", "-i", "debian:12", "--format", "json"])).out) as object;
    expect(object).toEqual(snapshot(ID, { name: "agent", state: "active" }));
  });

  test("says of what is there already that it is, also without waiting", async () => {
    const handler = server.handler;
    server.handler = (seen, response, request) =>
      seen.method === "POST"
        ? refuse(response, seen, 409, 'Snapshot with name "agent" already exists for this organization')
        : handler(seen, response, request);
    const { code, out } = await run(["create", "agent", "-i", "ubuntu:24.04", "--if-not-exists", "--no-wait"]).finally(
      () => (server.handler = handler),
    );
    expect({ code, out }).toEqual({ code: 0, out: `Snapshot "agent" is active.\nID: ${ID}\n` });
  });

  test("is the state and the ID else", async () => {
    expect((await run(["create", "agent", "-i", "debian:12"])).out).toBe(`Snapshot "agent" is active.\nID: ${ID}\n`);
    expect((await run(["new", "agent", "-i", "debian:12", "--no-wait"])).out).toBe(
      `Snapshot "agent" is being created: pending.\nID: ${ID}\n`,
    );
  });
});

describe("push", () => {
  test("needs a name, because an image's own may not be one", async () => {
    expect(await run(["push", "agent:dev"])).toMatchObject({
      code: 64,
      err: expect.stringContaining("required option '-n, --name <name>' not specified") as string,
    });
  });

  test("takes the image from the engine or an archive, and says which cannot be used", async () => {
    const { code, err } = await run(["push", "oci-archive:none.tar", "-n", "agent"], {
      DOCKER_HOST: "unix:///nowhere",
    });
    expect({ code, sent: server.requests.length }).toEqual({ code: 1, sent: 0 });
    expect(err).toMatch(/^Error: creating snapshot "agent": local image not usable\n {2}.*none\.tar/);
  });
});
