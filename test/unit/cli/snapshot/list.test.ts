import { parse } from "yaml";
import { json, serve, snapshot } from "../../api/server";
import { commandLine } from "./run";

const { api, run } = commandLine();
const asked = (): string[] =>
  api()
    .control.requests()
    .filter(({ kind }) => kind === "list")
    .map(({ url }) => url.replace(/^.*\?/, ""));
const names = (out: string): string[] =>
  (JSON.parse(out) as { name: string; general: boolean }[])
    .filter(({ general }) => !general)
    .map(({ name }) => name)
    .sort();

describe("a page", () => {
  test("is the first of 100, unless --page and --limit say otherwise", async () => {
    await run(["list"]);
    await run(["ls", "-p", "3", "-l", "20"]);
    expect(asked()).toEqual([
      expect.stringMatching(/^page=1&limit=100(&|$)/),
      expect.stringMatching(/^page=3&limit=20(&|$)/),
    ]);
  });

  test("says on stderr that there are more, and how to get them; the last one does not", async () => {
    api().control.seed(4, { name: "s" });
    expect((await run(["list", "--limit", "2"])).err).toBe(
      "Page 1 of 3. Use --page 2 for the next one, or --all-pages.\n",
    );
    expect((await run(["list", "--limit", "2", "--page", "2"])).err).toBe(
      "Page 2 of 3. Use --page 3 for the next one, or --all-pages.\n",
    );
    expect((await run(["list", "--limit", "2", "--page", "3"])).err).toBe("");
    expect((await run(["list", "--limit", "2", "--format", "json"])).err).toBe("");
  });

  test("past the end is empty, and says how many there are", async () => {
    api().control.seed(4, { name: "s" });
    expect(await run(["list", "--limit", "2", "--page", "4"])).toEqual({
      code: 0,
      out: "",
      err: "Page 4 is empty. There are 3 pages.\n",
    });
    expect(await run(["list", "--page", "4", "--format", "json"])).toEqual({ code: 0, out: "[]\n", err: "" });
  });

  test("is left to the API to filter by name", async () => {
    api().control.seed(2, { name: "agent" });
    api().control.insert({ name: "tool" });
    expect(names((await run(["list", "--name", "AGENT", "--format", "json"])).out)).toEqual(["agent-1", "agent-2"]);
    expect(asked()).toEqual([expect.stringMatching(/^page=1&limit=100&(.*&)?name=AGENT(&|$)/)]);
  });
});

describe("filters that the API does not have", () => {
  beforeEach(() => {
    api().control.region({ id: "eu" });
    api().control.seed(150, { name: "ready" });
    api().control.insert({ name: "failed", state: "error" });
    api().control.insert({ name: "building", state: "build_failed" });
  });

  test("--state is searched in all pages, and can be given several times", async () => {
    expect(names((await run(["list", "--state", "error", "--format", "json"])).out)).toEqual(["failed"]);
    expect(names((await run(["list", "--state", "error", "--state", "build_failed", "--format", "json"])).out)).toEqual(
      ["building", "failed"],
    );
    expect((await run(["list", "--state", "active", "--no-headers"])).out.trimEnd().split("\n")).toHaveLength(151);
  });

  test("--region is searched in all pages", async () => {
    expect(names((await run(["list", "--region", "us", "--name", "ready", "--format", "json"])).out)).toHaveLength(150);
    for (const [format, out] of [
      ["table", ""],
      ["json", "[]\n"],
    ] as const)
      expect(await run(["list", "--region", "nowhere", "--format", format])).toEqual({
        code: 0,
        out,
        err: 'Warning: no snapshot matches --region nowhere\n  The organization has no region "nowhere". Available: eu and us. To see all snapshots, leave it out.\n',
      });
    api().control.fault({ kind: "regions", times: -1, action: "answer", status: 403, body: { message: "No" } });
    expect((await run(["list", "--region", "nowhere"])).err).toBe(
      "Warning: no snapshot matches --region nowhere\n  To see all snapshots, leave it out.\n",
    );
  });

  test.each([
    ["--page", "1", "--all-pages"],
    ["--limit", "5", "--state", "error"],
    ["-p", "1", "--region", "us"],
    ["-l", "5", "--all-pages"],
  ])("%s %s with %s is wrong usage: these read all pages", async (...flags) => {
    expect(await run(["list", ...flags])).toEqual({
      code: 64,
      out: "",
      err: "Error: --page and --limit cannot be combined with --all-pages, --state, --region or --source-sandbox-id\n  These read all pages. Remove one of the flags.\n",
    });
    expect(asked()).toEqual([]);
  });
});

describe("nothing", () => {
  beforeEach(() => api().control.removeAll());

  test.each([[[]], [["--all-pages"]]])("there are no snapshots: how to make one, on stderr: %j", async (flags) => {
    expect(await run(["list", ...flags])).toEqual({
      code: 0,
      out: "",
      err: "There are no snapshots yet. To create one, run `daytona-iac snapshot create`.\n",
    });
  });

  test.each([
    [["--name", "x"], "--name x", "it"],
    [["--name", "x", "--all-pages"], "--name x", "it"],
    [["--state", "error", "--state", "inactive"], "--state error, inactive", "it"],
    [["--region", "us"], "--region us", "it"],
    [["--name", "x", "--region", "us", "--state", "error"], "--name x, --state error and --region us", "them"],
    [["--source-sandbox-id", "box", "--state", "error"], "--state error and --source-sandbox-id box", "them"],
  ])("none matches %j", async (flags, given, them) => {
    const err = `Warning: no snapshot matches ${given}\n  To see all snapshots, leave ${them} out.\n`;
    expect(await run(["list", ...flags])).toEqual({ code: 0, out: "", err });
    expect(await run(["list", ...flags, "-o", "json"])).toEqual({ code: 0, out: "[]\n", err });
  });

  test.each<["json" | "yaml"]>([["json"], ["yaml"]])("is an empty array as %s", async (format) => {
    for (const flags of [[], ["--all-pages"]])
      expect(await run(["list", ...flags, "--format", format])).toEqual({ code: 0, out: "[]\n", err: "" });
  });
});

describe("columns", () => {
  test.each<[string, string[]]>([
    ["id,name", ["ID", "NAME"]],
    [" state , name ,", ["STATE", "NAME"]],
    ["used", ["LAST USED"]],
  ])("%j", async (columns, titles) => {
    api().control.insert({ name: "a" });
    expect((await run(["list", "--columns", columns])).out.split("\n")[0]!.split(/ {2,}/)).toEqual(titles);
  });

  test.each<[string, string]>([
    ["name,color", "--columns name,color names an unknown column: color"],
    ["", "--columns  names no column"],
    [" , ", "--columns  ,  names no column"],
  ])("%j is wrong usage, with the list of columns, before anything is asked", async (columns, summary) => {
    expect(await run(["list", "--columns", columns])).toEqual({
      code: 64,
      out: "",
      err: `Error: ${summary}\n  Columns: name, id, state, size, resources, region, created, used.\n`,
    });
    expect(asked()).toEqual([]);
  });
});

describe("one snapshot", () => {
  const at = Date.parse("2026-01-02T03:04:05Z");
  const shown = async (name: string): Promise<[string, string][]> => {
    const { code, out, err } = await run(["get", name]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    return out
      .trimEnd()
      .split("\n")
      .map((line) => [line.slice(0, 15).trimEnd(), line.slice(15)]);
  };

  test("is shown with everything that it has, one value a line", async () => {
    const id = api().control.insert({
      name: "full",
      state: "error",
      errorReason: "no space",
      imageName: "debian:12",
      entrypoint: ["sh", "-c", "echo a b"],
      size: 1.234,
      cpu: 2,
      mem: 4,
      disk: 6,
      gpu: 1,
      gpuType: "H100",
      sandboxClass: "linux-vm",
      createdAt: at,
      lastUsedAt: null,
    } as never);
    const rows = await shown("full");
    expect(rows).toEqual([
      ["Name", "full"],
      ["ID", id],
      ["State", "error"],
      ["Error", "no space"],
      ["Image", "debian:12"],
      ["Entrypoint", "sh -c 'echo a b'"],
      ["Size", "1.23 GiB"],
      ["CPU", "2"],
      ["Memory", "4 GiB"],
      ["Disk", "6 GiB"],
      ["GPU", "1 H100"],
      ["Sandbox class", "linux-vm"],
      ["Regions", "us"],
      ["Created", expect.stringMatching(/^2026-01-02T03:04:05\.000Z \(.* ago\)$/)],
      ["Last used", "-"],
    ]);
  });

  test("leaves out what it does not have, and marks what the API does not tell", async () => {
    api().control.insert({ name: "bare", size: null } as never);
    const rows = Object.fromEntries(await shown("bare"));
    expect(rows).toMatchObject({ Size: "-", State: "active" });
    for (const absent of ["Error", "GPU", "General", "Entrypoint"]) expect(rows).not.toHaveProperty(absent);
  });

  test("of another organization is marked", async () => {
    api().control.addGeneral("shared");
    expect(Object.fromEntries(await shown("shared"))).toMatchObject({ General: "yes: every organization can use it" });
  });

  test("of an image with a digest names it, whichever way it was made", async () => {
    const image = `ghcr.io/acme/agent:1@sha256:${"3".repeat(64)}`;
    api().control.insert({ name: "built", dockerfileContent: `FROM ${image}\n# daytona-iac image\n` });
    api().control.insert({ name: "pulled", imageName: image });
    for (const name of ["built", "pulled"])
      expect(Object.fromEntries(await shown(name))).toMatchObject({ Image: image });
  });

  test("that was built is shown with its Dockerfile", async () => {
    api().control.insert({ name: "built", dockerfileContent: "FROM debian:12\n\nRUN make\n\n" });
    expect((await run(["get", "built"])).out).toMatch(/\n\nDockerfile\n {2}FROM debian:12\n {2}\n {2}RUN make\n$/);
  });

  test.each<[string, (text: string) => unknown]>([
    ["json", JSON.parse],
    ["yaml", parse],
  ])("is the API's object as %s", async (format, read) => {
    const id = api().control.insert({ name: "a", cpu: 3, mem: 5 });
    const { code, out, err } = await run(["get", id, "-f", format]);
    expect({ code, err, value: read(out) }).toEqual({
      code: 0,
      err: "",
      value: expect.objectContaining({ id, name: "a", cpu: 3, mem: 5, state: "active" }) as unknown,
    });
  });
});

test("what an API leaves out of a snapshot is marked, not made up", async () => {
  const {
    cpu: _c,
    mem: _m,
    disk: _d,
    regionIds: _r,
    size: _s,
    ...sparse
  } = snapshot("x", { name: "x", imageName: "" });
  const server = await serve((_seen, response) => json(response, 200, sparse));
  try {
    const { code, out } = await run(["get", "x"], { env: { DAYTONA_API_URL: server.url } });
    expect(code).toBe(0);
    for (const title of ["Size", "CPU", "Memory", "Disk", "Regions"])
      expect(out).toMatch(new RegExp(`^${title} +-$`, "m"));
    for (const absent of ["Image", "GPU", "Entrypoint"]) expect(out).not.toMatch(new RegExp(`^${absent} `, "m"));
  } finally {
    await server.close();
  }
});

test.each([
  [["list"]],
  [["list", "--all-pages"]],
  [["list", "--state", "error", "--no-headers"]],
  [["get", "a"]],
  [["logs", "a"]],
])("Ctrl-C ends %j at once, although the API is silent", async (argv) => {
  api().control.insert({ name: "a" });
  const hung = api().control.fault({ method: "GET", times: -1, action: "hang-before" });
  const stop = new AbortController();
  const ended = run(argv, { signal: stop.signal });
  await api().control.faultReached(hung);
  const begun = Date.now();
  stop.abort(new Error("interrupted"));
  const { code, out, err } = await ended;
  api().control.releaseFault(hung);
  expect({ code, out }).toEqual({ code: 1, out: "" });
  expect(err).toMatch(/^Error: .*: interrupted\n {2}Nothing was changed\.\n$/);
  expect(Date.now() - begun).toBeLessThan(2_000);
});

describe("the build log", () => {
  const built = async (outcome: "fail" | "hang" | undefined): Promise<void> => {
    if (outcome) api().control.source({ dockerfile: "RUN make", outcome, reason: "make failed" });
    const response = await fetch(`${api().apiUrl}/snapshots`, {
      method: "POST",
      headers: { authorization: `Bearer ${api().apiKey}`, "content-type": "application/json" },
      body: JSON.stringify({
        name: "built",
        buildInfo: { dockerfileContent: "FROM alpine:3.20\nRUN make\n", contextHashes: [] },
      }),
    });
    expect(response.status).toBe(200);
  };
  const until = async (state: string): Promise<void> => {
    while (api().control.snapshot("built")!.state !== state) await new Promise((resolve) => setTimeout(resolve, 10));
  };

  test.each(["logs", "log"])("is on stdout, and nothing else: %s", async (command) => {
    await built("fail");
    await until("error");
    const { code, out, err } = await run([command, "built"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^#1 .*\n(.+\n)*$/);
  });

  test("--follow ends with the build", async () => {
    await built(undefined);
    const { code, out } = await run(["logs", "built", "--follow"]);
    await until("active");
    // A runner ends the log once its engine has the image, a moment before the snapshot is active.
    expect({ code, out }).toEqual({ code: 0, out: (await run(["logs", "built"])).out });
    expect(out).toMatch(/RUN make\n(.*\n)*#9 DONE 0\.2s\n$/);
  });

  test("that is still empty, or not kept any more, says so on stderr", async () => {
    api().control.insert({ name: "old", dockerfileContent: "FROM debian:11\n" });
    expect(await run(["logs", "old"])).toEqual({
      code: 0,
      out: "",
      err: "The log is empty, or the server no longer keeps it.\n",
    });
    api().control.insert({ name: "new", state: "building", dockerfileContent: "FROM debian:10\n" });
    expect(await run(["logs", "new"])).toEqual({
      code: 0,
      out: "",
      err: "The build has not written a log yet. Use --follow to wait for it.\n",
    });
  });

  test("is not complete after an interrupt: 1", async () => {
    await built("hang");
    await until("building");
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error("interrupted")), 200);
    expect((await run(["logs", "built", "--follow"], { signal: stop.signal })).code).toBe(1);
  });

  test("of an image there is none", async () => {
    const id = api().control.insert({ name: "pulled", imageName: "debian:12" });
    expect(await run(["logs", "pulled"])).toEqual({
      code: 1,
      out: "",
      err: `Error: snapshot "pulled" has no build log\n  Snapshot ${id} was not built from a Dockerfile: it was created from the image debian:12.\n`,
    });
  });
});
