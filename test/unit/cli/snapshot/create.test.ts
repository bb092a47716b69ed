import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandLine } from "./run";

const { api, run } = commandLine();
const here = process.cwd();
let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "daytona-cli-")));
  process.chdir(folder);
  mkdirSync("app/src", { recursive: true });
  writeFileSync("app/Dockerfile", "ARG VERSION=1\nFROM alpine:3.20\nCOPY src /src\nRUN make\n");
  writeFileSync("app/src/a", "a");
});
afterEach(() => {
  process.chdir(here);
  rmSync(folder, { recursive: true });
});

test("from an image, with every flag; ends when it is active", async () => {
  const { code, out, err } = await run([
    "create",
    "agent",
    "-i",
    "ubuntu:24.04",
    "-e",
    "sh -c 'echo \"a  b\" $HOME'",
    "--cpu",
    "2",
    "--memory",
    "4",
    "--disk",
    "5",
    "--region",
    "us",
    "--sandbox-class",
    "container",
  ]);
  const made = api().control.snapshot("agent")!;
  expect({ code, out }).toEqual({ code: 0, out: `Snapshot "agent" is active.\nID: ${made.id}\n` });
  expect(made).toMatchObject({
    imageName: "ubuntu:24.04",
    entrypoint: ["sh", "-c", 'echo "a  b" $HOME'],
    cpu: 2,
    mem: 4,
    disk: 5,
    state: "active",
    regionIds: ["us"],
  });
  expect(err).toMatch(/^pending, \d s\n(.*\n)*active, \d s\n$/);
});

test("from a sandbox: it has the sandbox's resources, and what cannot be set is refused", async () => {
  api().control.sandbox({ name: "box", cpu: 2 });
  const { code, out } = await run(["create", "taken", "--from-sandbox", "box"]);
  const made = api().control.snapshot("taken")!;
  expect({ code, out }).toEqual({ code: 0, out: `Snapshot "taken" is active.\nID: ${made.id}\n` });
  expect(made).toMatchObject({ cpu: 2, imageName: "" });
  const again = await run(["create", "taken", "--from-sandbox", "box", "--if-not-exists"]);
  expect(again.code).toBe(0);
  const refused = async (...flags: string[]) => {
    const { code, err } = await run(["create", "other", "--from-sandbox", "box", ...flags]);
    return { code, err };
  };
  expect(await refused("--cpu", "4")).toEqual({
    code: 64,
    err: expect.stringContaining("A snapshot of a sandbox gets its --cpu from the sandbox. Remove --cpu."),
  });
  expect((await refused("--image", "ubuntu:24.04")).err).toContain("--image and --from-sandbox are set.");
  expect((await refused("--replace")).err).toContain("--replace cannot be combined with --from-sandbox");
  expect(await refused("--include-memory")).toEqual({
    code: 1,
    err: expect.stringContaining("only the memory of VMs can be included. Remove --include-memory."),
  });
  expect((await run(["create", "other", "--from-sandbox", "none"])).err).toContain('there is no sandbox "none"');
  expect(
    api()
      .control.snapshots()
      .map(({ name }) => name),
  ).toEqual(["taken"]);
});

test("from a Dockerfile: its files are sent, and its log is shown while it builds", async () => {
  const { code, err } = await run(["create", "built", "--dockerfile", "app/Dockerfile", "--build-arg", "VERSION=2"]);
  expect(code).toBe(0);
  expect(api().control.snapshot("built")?.buildInfo).toMatchObject({
    dockerfileContent: expect.stringContaining("ARG VERSION=2\n"),
    contextHashes: [expect.any(String)],
  });
  expect(err).toContain("RUN make\n");
  expect((await run(["create", "quiet", "--dockerfile", "app/Dockerfile", "--quiet"])).err).toBe("");
});

test("paths of --context count from the working folder", async () => {
  writeFileSync("Dockerfile", "FROM alpine:3.20\nCOPY app/src /src\n");
  expect((await run(["create", "built", "-f", "Dockerfile", "-c", "app/src", "-q"])).code).toBe(0);
  expect(api().control.snapshot("built")?.buildInfo?.contextHashes).toHaveLength(1);
  const other = await run(["create", "x", "-f", "app/Dockerfile", "-c", "none"]);
  expect(other).toMatchObject({
    code: 1,
    err: expect.stringContaining('"none" does not exist in the build context. Correct the path;') as string,
  });
});

test("a build that fails says why, shows its log once, and ends with 1", async () => {
  api().control.source({ dockerfile: "RUN make", outcome: "fail", reason: "make: *** No rule" });
  writeFileSync("Dockerfile", "FROM alpine:3.20\nRUN make once\n");
  const shown = await run(["create", "shown", "-f", "Dockerfile"]);
  expect(shown.code).toBe(1);
  expect(shown.err.match(/^ *#1 DONE/gm)).toHaveLength(1);
  expect(shown.err).toContain("  Reason: make: *** No rule.\n  The failed snapshot is kept.");
  // A program reads the error in JSON, and not the lines before it.
  const json = await run(["create", "parsed", "-f", "Dockerfile", "--format", "json"]);
  const { error } = JSON.parse(json.err.trimEnd().split("\n").at(-1)!) as { error: { detail: string } };
  expect(error.detail).toContain("\nLast lines of the build log:\n  #1 ");
  // Without progress, the error has the end of the log.
  const { code, out, err } = await run(["create", "built", "-f", "app/Dockerfile", "--quiet"]);
  expect({ code, out }).toEqual({ code: 1, out: "" });
  expect(err).toMatch(
    /Error: creating snapshot "built": the build failed \(state `\w+`\)\n {2}Reason: make: \*\*\* No rule\.\n {2}Last lines of the build log:\n/,
  );
  expect(err).toMatch(
    / {2}The failed snapshot is kept\. Fix the cause, delete it with `daytona-iac snapshot delete built`, and recreate it\.\n$/,
  );
});

test("--if-not-exists succeeds if the same is there, waking it, and fails if it differs", async () => {
  await run(["create", "agent", "-i", "ubuntu:24.04"]);
  const { id } = api().control.snapshot("agent")!;
  expect((await run(["create", "agent", "-i", "ubuntu:24.04"])).err).toContain(
    "It matches the requested snapshot.\n  To adopt it, add `--if-not-exists`.",
  );
  api().control.update("agent", { state: "inactive", updatedAt: Date.now() - 11 * 60_000 });
  expect(await run(["create", "agent", "-i", "ubuntu:24.04", "--if-not-exists"])).toMatchObject({
    code: 0,
    out: `Snapshot "agent" is active.\nID: ${id}\n`,
  });
  const other = await run(["create", "agent", "-i", "debian:12", "--if-not-exists"]);
  expect(other.code).toBe(1);
  expect(other.err).toContain('    --image: requested "debian:12", found "ubuntu:24.04"\n');
});

test("--no-wait ends when the API has accepted it; --timeout limits the wait", async () => {
  api().control.source({ image: "debian:12", outcome: "hang" });
  api().control.source({ image: "debian:13", outcome: "hang" });
  expect(await run(["create", "agent", "-i", "debian:12", "--no-wait"])).toMatchObject({
    code: 0,
    out: expect.stringContaining('Snapshot "agent" is being created: pending.\n') as string,
  });
  const late = await run(["create", "late", "-i", "debian:13", "--timeout", "1s"]);
  expect(late.code).toBe(1);
  expect(late.err).toContain("timed out");
  expect(late.err).toContain(
    "The server waits for a runner to finish the pull. If there is no more progress, the job may be lost: a runner that restarts can forget it, and the server gives up on the snapshot after an hour, and on the job after two.",
  );
});

test("a hung job of another snapshot stands in the way: the pauses are shown, and the error says until when", async () => {
  api().control.source({ image: "debian:12", outcome: "hang" });
  await run(["create", "first", "-i", "debian:12", "--timeout", "1s"]);
  const { code, err } = await run(["create", "second", "-i", "debian:12", "--timeout", "12s"]);
  expect(code).toBe(1);
  expect(err).toContain("another operation on the same source was in progress; trying again");
  expect(err).toContain("waiting for the next attempt (another operation on the same source was in progress)");
  expect(err).toContain("A runner has an unfinished job for the same source: for another snapshot");
  expect(err).toContain("or after two hours, when the server gives up on it");
  expect(err).toMatch(/This was attempt \d, \d+s after the first one began\./);
});

test("an interrupt says what exists now, and which command goes on", async () => {
  api().control.source({ image: "debian:12", outcome: "hang" });
  const stop = new AbortController();
  const begun = Date.now();
  setTimeout(() => stop.abort(new Error("interrupted")), 400);
  const { code, err } = await run(["create", "agent", "-i", "debian:12"], { signal: stop.signal });
  expect(code).toBe(1);
  expect(Date.now() - begun).toBeLessThan(3000);
  expect(err).toContain(`Run \`daytona-iac snapshot activate ${api().control.snapshot("agent")!.id}\` to wait for it.`);
});

test.each<[string, string[], string]>([
  ["no source", ["create", "x"], "Error: one of --image, --dockerfile, --local-image and --from-sandbox is required\n"],
  [
    "two sources",
    ["create", "x", "-i", "a:1", "-f", "app/Dockerfile"],
    "Error: --image cannot be combined with --dockerfile or --context\n  An image is used as it is. Remove one of the flags.\n",
  ],
  [
    "an entrypoint for a build",
    ["create", "x", "-f", "app/Dockerfile", "-e", "sh"],
    "Error: --entrypoint cannot be combined with --dockerfile or --context\n",
  ],
  ["the tag latest", ["create", "x", "-i", "a:latest"], 'Error: Invalid image\n  "a:latest" has the tag "latest"'],
  ["a name that cannot be", ["create", "a b", "-i", "a:1"], "Error: Invalid snapshot name\n"],
  [
    "no number",
    ["create", "x", "-i", "a:1", "--cpu", "two"],
    "Error: option '--cpu <cores>' argument 'two' is invalid. It must be a whole number.\n",
  ],
  ["no name", ["create", "-i", "a:1"], "Error: missing required argument 'name'\n"],
  [
    "an operator in the entrypoint",
    ["create", "x", "-i", "a:1", "-e", "a | b"],
    'Error: --entrypoint contains "|" outside of quotes\n',
  ],
  [
    "a time that is none",
    ["create", "x", "-i", "a:1", "--timeout", "soon"],
    "Error: --timeout soon is not a duration\n",
  ],
  [
    "a build argument without a value",
    ["create", "x", "-f", "app/Dockerfile", "--build-arg", "NOT_SET_ANYWHERE"],
    "Error: --build-arg NOT_SET_ANYWHERE has no value\n",
  ],
  [
    "an unknown flag",
    ["create", "x", "--imagee", "a:1"],
    "Error: unknown option '--imagee'\n(Did you mean --image?)\n",
  ],
  [
    "a doubled flag",
    ["create", "x", "-i", "a:1", "--image", "a:2"],
    "Error: option '-i, --image <image>' is given twice. Remove one of them.\n",
  ],
  ["an unknown command", ["crate", "x"], "Error: unknown command 'crate'\n(Did you mean create?)\n"],
])("%s is wrong usage", async (_what, args, message) => {
  const { code, out, err } = await run(args);
  expect({ code, out }).toEqual({ code: 64, out: "" });
  expect(err).toContain(message);
  expect(api().control.snapshots()).toEqual([]);
});

test("errors as JSON", async () => {
  const { code, err } = await run(["create", "x", "-f", "none", "--format", "json"]);
  expect(code).toBe(1);
  expect(JSON.parse(err)).toEqual({
    error: {
      summary: 'creating snapshot "x": Dockerfile not readable',
      detail: expect.stringContaining("correct --dockerfile."),
      status: null,
    },
  });
  // Each of these is an answer of the API to the create itself.
  api().control.insert({ name: "taken", imageName: "debian:12" });
  // A command has no other resource that could delete the holder of the name: it waits for none.
  expect((await run(["create", "taken", "-i", "ubuntu:24.04"])).err).not.toContain("waiting for");
  const errorOf = async (name: string, ...more: string[]): Promise<unknown> =>
    JSON.parse((await run(["create", name, "-i", "ubuntu:24.04", "--quiet", "--format", "json", ...more])).err).error;
  expect(await errorOf("taken")).toMatchObject({
    summary: 'creating snapshot "taken": the name "taken" is already taken',
    detail: expect.stringMatching(
      /^Snapshot [0-9a-f-]{36} in this organization has the name \(state `active`, created [^)]*\)\.\nIt differs from the requested snapshot:\n[^]*\nTo replace it, add `--replace`, as `daytona-iac snapshot replace` does: the old snapshot stays until the new one is active\.\n`--if-not-exists` does not adopt a snapshot that differs\. /,
    ) as string,
    status: 409,
  });
  for (const [status, message] of [
    [400, "Resource limits"],
    [400, "Snapshot quota exceeded. Maximum allowed: 1"],
    [403, "Forbidden"],
  ] as const) {
    api().control.fault({ kind: "create", action: "answer", status, body: { statusCode: status, message }, times: -1 });
    expect(await errorOf("x", "--timeout", "20s")).toMatchObject({ detail: expect.stringContaining(message), status });
    api().control.clearFaults();
  }
  api().control.source({ image: "ubuntu:24.04", outcome: "hang" });
  expect(await errorOf("x", "--timeout", "1s")).toMatchObject({
    summary: expect.stringContaining("timed out"),
    status: null,
  });
  const denied = await run(["list", "--format", "json"], { env: { DAYTONA_API_KEY: "dtn_wrong" } });
  expect(JSON.parse(denied.err)).toMatchObject({
    error: { summary: "listing snapshots: the API rejected the credentials", status: 401 },
  });
});
