import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AbortError,
  AuthenticationError,
  BuildFailedError,
  ConflictError,
  DaytonaError,
  InvalidArgumentError,
  NotFoundError,
  PermissionError,
  QuotaError,
  RateLimitError,
  SnapshotService,
  TimeoutError,
} from "../../../provider";
import { snapshotOf } from "../../../provider/library/snapshot";
import { type LocalApi, startLocalApi } from "../../../provider/local";

test("dates are dates, and missing ones null", () => {
  const dto = {
    id: "1",
    name: "n",
    state: "active",
    createdAt: "2026-01-02T03:04:05.000Z",
    updatedAt: "2026-01-03T00:00:00.000Z",
    lastUsedAt: null,
  } as never;
  expect(snapshotOf(dto)).toMatchObject({
    createdAt: new Date("2026-01-02T03:04:05.000Z"),
    updatedAt: new Date("2026-01-03T00:00:00.000Z"),
    lastUsedAt: null,
  });
  expect(snapshotOf({ id: "1" } as never)).toMatchObject({ createdAt: null, updatedAt: null, lastUsedAt: null });
});

describe("against the API", () => {
  let api: LocalApi;
  let snapshots: SnapshotService;
  const folder = mkdtempSync(join(tmpdir(), "library-rules-"));
  beforeAll(
    async () =>
      void (api = await startLocalApi({ pullSeconds: 0.03, cronSeconds: 0.02, activationCooldownSeconds: 0 })),
  );
  beforeEach(() => void (snapshots = new SnapshotService({ apiKey: api.apiKey, apiUrl: api.apiUrl })));
  afterEach(() => (snapshots.close(), api.control.reset()));
  afterAll(async () => (rmSync(folder, { recursive: true }), api.close()));
  const refused = (work: Promise<unknown>): Promise<DaytonaError> =>
    work.then(
      () => Promise.reject(new Error("expected an error")),
      (error: DaytonaError) => error,
    );

  test("every parameter arrives", async () => {
    const made = await snapshots.create({
      name: "all",
      image: "ubuntu:24.04",
      resources: { cpu: 2, memory: 3, disk: 4 },
      entrypoint: ["a", "b"],
      regionId: "us",
    });
    expect(made).toMatchObject({
      name: "all",
      imageName: "ubuntu:24.04",
      cpu: 2,
      mem: 3,
      disk: 4,
      entrypoint: ["a", "b"],
      regionIds: ["us"],
    });
  });

  test.each<[string, object, string]>([
    ["a local image", { localImage: "agent:dev" }, "create has no localImage\nCall push(localImage, params) instead."],
    [
      "a Dockerfile",
      { dockerfile: "Dockerfile" },
      'create has no dockerfile\nSet image to an Image object, such as Image.fromDockerfile("Dockerfile").',
    ],
    [
      "a context beside an image",
      { image: "ubuntu:24.04", contextDir: "." },
      'create has no contextDir\nSet image to an Image object, such as Image.fromDockerfile("Dockerfile").',
    ],
    [
      "nothing",
      { localImage: null },
      "image is missing\nSet it to an image in a registry or to an Image object. For a local image, call push(localImage, params).",
    ],
  ])("create with %s says what to call", async (_what, params, message) => {
    const error = await refused(snapshots.create({ name: "x", ...params } as never));
    expect(error).toBeInstanceOf(InvalidArgumentError);
    expect(error.message).toBe(`creating snapshot "x": ${message}`);
    expect(api.control.snapshot("x")).toBeNull();
  });

  test("push does not name what it does not have", async () => {
    const before = process.env["DOCKER_HOST"];
    const engine = createServer((_request, response) => response.writeHead(404).end('{"message":"no such image"}'));
    await new Promise<void>((resolve) => engine.listen(join(folder, "engine.sock"), resolve));
    process.env["DOCKER_HOST"] = `unix://${join(folder, "engine.sock")}`;
    try {
      const error = await refused(snapshots.push("agent:none", { name: "x" }));
      expect(error.message).toMatch(/, or use `create` with `image` instead of localImage\.$/);
    } finally {
      if (before === undefined) delete process.env["DOCKER_HOST"];
      else process.env["DOCKER_HOST"] = before;
      engine.close();
    }
  });

  test("a name that is taken is not adopted unless asked for", async () => {
    api.control.insert({ name: "there", imageName: "ubuntu:24.04" });
    const id = api.control.snapshot("there")!.id;
    expect(await refused(snapshots.create({ name: "there", image: "ubuntu:24.04" }))).toBeInstanceOf(ConflictError);
    expect(
      await refused(snapshots.create({ name: "there", image: "ubuntu:24.04" }, { ifNotExists: false })),
    ).toBeInstanceOf(ConflictError);
    expect((await snapshots.create({ name: "there", image: "ubuntu:24.04" }, { ifNotExists: true })).id).toBe(id);
  });

  test("a general snapshot belongs to another organization: nothing changes it", async () => {
    const general = "daytonaio/sandbox:0.5.0-slim";
    for (const [verb, work] of [
      ["deleting", snapshots.delete(general)],
      ["activating", snapshots.activate(general)],
      ["deactivating", snapshots.deactivate(general)],
    ] as const) {
      const error = await refused(work);
      expect(error).toBeInstanceOf(InvalidArgumentError);
      expect(error.message).toMatch(
        new RegExp(
          `^${verb} snapshot "${general}": it belongs to another organization\nSnapshot [0-9a-f-]{36} is a general snapshot`,
        ),
      );
    }
    expect((await snapshots.get(general)).state).toBe("active");
  });

  test("what is failed cannot be activated, what is active already is left alone", async () => {
    api.control.insert({ name: "failed", state: "error", errorReason: "boom" });
    for (const [verb, work] of [
      ["activating", snapshots.activate("failed")],
      ["deactivating", snapshots.deactivate("failed")],
    ] as const) {
      expect(await refused(work)).toMatchObject({
        message: `${verb} snapshot "failed": a snapshot in the state error cannot be ${verb.replace("ing", "ed")}\nDelete and recreate it.`,
        reason: "boom",
      });
    }
    api.control.insert({ name: "on" });
    api.control.clearRequests();
    expect((await snapshots.activate("on")).state).toBe("active");
    expect(api.control.requests().filter(({ method }) => method === "POST")).toEqual([]);
  });

  test("wrong parameters are refused before anything is sent", async () => {
    api.control.clearRequests();
    expect(await refused(snapshots.create({ name: "x", image: "ubuntu:24.04", resources: { cpu: -1 } }))).toMatchObject(
      {
        name: "InvalidArgumentError",
        status: null,
        request: null,
        message: expect.stringMatching(/^creating snapshot "x": /) as string,
      },
    );
    expect(api.control.requests()).toEqual([]);
  });

  test("pages: the first hundred by default, as asked otherwise", async () => {
    api.control.seed(120);
    expect(await snapshots.list()).toMatchObject({ page: 1, items: { length: 100 }, total: 121 });
    expect(await snapshots.list(3, 50)).toMatchObject({ page: 3, items: { length: 21 } });
    expect(await snapshots.list({ limit: 7 })).toMatchObject({ page: 1, items: { length: 7 } });
    let general = 0;
    for await (const one of snapshots.all()) general += one.general ? 1 : 0;
    expect(general).toBe(1);
  });

  test("a signal that is aborted already: nothing is made", async () => {
    const stop = new AbortController();
    stop.abort();
    await refused(snapshots.create({ name: "never", image: "ubuntu:24.04" }, { signal: stop.signal }));
    expect(api.control.snapshot("never")).toBeNull();
  });

  test("a time limit of 0 is none, and of less is none either", async () => {
    for (const timeout of [0, -1])
      expect((await snapshots.create({ name: `no-limit${timeout}`, image: "ubuntu:24.04" }, { timeout })).state).toBe(
        "active",
      );
  });
});

test("a build that failed is a DaytonaError, as every other", () => {
  for (const Kind of [
    InvalidArgumentError,
    AuthenticationError,
    PermissionError,
    NotFoundError,
    ConflictError,
    QuotaError,
    RateLimitError,
    TimeoutError,
    AbortError,
    BuildFailedError,
  ])
    expect(Kind.prototype).toBeInstanceOf(DaytonaError);
});
