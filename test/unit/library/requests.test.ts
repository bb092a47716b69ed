// Longer than most: each method of the library once, by the requests that it sends.
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AbortError,
  type CreateSnapshotParams,
  DaytonaError,
  InvalidArgumentError,
  NotFoundError,
  SnapshotService,
  type SnapshotServiceOptions,
} from "../../../provider";
import { version } from "../../../provider/version.gen";
import { json, KEY, refuse, type Seen, serve, snapshot, type TestServer } from "../api/server";

const ID = "00000000-0000-4000-8000-00000000000a";
let server: TestServer;
let state: string;
let more: Record<string, unknown>;
let snapshots: SnapshotService;

const service = (options: SnapshotServiceOptions = {}): SnapshotService =>
  (snapshots = new SnapshotService({ apiKey: KEY, apiUrl: server.url, ...options }));
const asked = (): string[] => server.requests.map(({ method, path }) => `${method} ${path}`);
const changed = (): Seen[] => server.requests.filter(({ method }) => method !== "GET");
const failure = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => null,
    (error: unknown) => error,
  );

/** One snapshot, which does what it is told at once. */
beforeAll(async () => {
  server = await serve((seen, response) => {
    const told = {
      POST:
        /activate$/.test(seen.path) && !/deactivate$/.test(seen.path)
          ? "active"
          : /deactivate$/.test(seen.path)
            ? "inactive"
            : "active",
      DELETE: "gone",
    }[seen.method];
    if (told !== undefined) state = told;
    if (seen.method === "GET" && state === "gone") return refuse(response, seen, 404, "Snapshot not found");
    const dto = snapshot(ID, { name: "agent", state, updatedAt: "2026-01-01T00:00:00.000Z", ...more });
    if (/^\/api\/snapshots\?/.test(seen.path))
      return json(response, 200, { items: [dto], total: 1, page: 1, totalPages: 1 });
    return seen.method === "DELETE" ? json(response, 200, {}) : json(response, 200, dto);
  });
});
afterAll(() => server.close());
beforeEach(() => {
  state = "active";
  more = {};
  server.requests.length = 0;
  service();
});
afterEach(() => snapshots.close());

const image = { name: "agent", imageName: "debian:12" };
test.each<[Omit<CreateSnapshotParams, "name" | "image">, Record<string, unknown>]>([
  [{}, image],
  [{ resources: {} }, image],
  [{ resources: { cpu: 2, memory: 4, disk: 6 } }, { ...image, cpu: 2, memory: 4, disk: 6 }],
  [{ resources: { gpu: 1, gpuType: "H100" } }, { ...image, gpu: 1, gpuType: ["H100"] }],
  [{ resources: { gpu: 1, gpuType: ["H200", "H100"] } }, { ...image, gpu: 1, gpuType: ["H200", "H100"] }],
  [{ entrypoint: ["sleep", "1"] }, { ...image, entrypoint: ["sleep", "1"] }],
  [{ regionId: "eu" }, { ...image, regionId: "eu" }],
  [{ sandboxClass: "linux-vm" }, { ...image, sandboxClass: "linux-vm" }],
])("what is sent of %j", async (params, body) => {
  await snapshots.create({ name: "agent", image: "debian:12", ...params });
  expect(changed().map(({ method, path, body: text }) => [method, path, JSON.parse(text) as unknown])).toEqual([
    ["POST", "/api/snapshots", body],
  ]);
});

test("the region of the service is that of snapshots without one", async () => {
  await service({ region: "eu" }).create({ name: "agent", image: "debian:12" });
  await snapshots.create({ name: "agent", image: "debian:12", regionId: "us" });
  expect(changed().map(({ body }) => (JSON.parse(body) as { regionId: string }).regionId)).toEqual(["eu", "us"]);
});

test("requests say that the library sends them, with the credentials of the options", async () => {
  await snapshots.get("agent");
  expect(server.requests[0]!.headers).toMatchObject({
    authorization: `Bearer ${KEY}`,
    "user-agent": `daytona-iac/${version} library`,
  });
  server.requests.length = 0;
  snapshots.close();
  snapshots = new SnapshotService({ jwtToken: "jwt.of.somebody", organizationId: "org-1", apiUrl: server.url });
  await snapshots.get("agent");
  expect(server.requests[0]!.headers).toMatchObject({
    authorization: "Bearer jwt.of.somebody",
    "x-daytona-organization-id": "org-1",
  });
});

describe("a page", () => {
  const query = (): Record<string, string> =>
    Object.fromEntries(new URL(server.requests[0]!.path, server.url).searchParams);

  test.each<[unknown[], string, string]>([
    [[], "1", "100"],
    [[2], "2", "100"],
    [[2, 50], "2", "50"],
    [[{}], "1", "100"],
    [[{ page: 3 }], "3", "100"],
    [[{ limit: 7 }], "1", "7"],
  ])("asked for with %j is page %s of %s", async (args, page, limit) => {
    await snapshots.list(...(args as []));
    expect(query()).toMatchObject({ page, limit });
    expect(server.requests).toHaveLength(1);
  });

  test("can be of the snapshots of one sandbox", async () => {
    await snapshots.list({ sourceSandboxId: "box" });
    expect(query()).toMatchObject({ sourceSandboxId: "box" });
  });

  test("has the snapshots and what the API counts", async () => {
    expect(await snapshots.list()).toEqual({
      items: [expect.objectContaining({ id: ID, createdAt: new Date("2026-01-01T00:00:00.000Z") })],
      total: 1,
      page: 1,
      totalPages: 1,
    });
  });
});

test("dates are Dates, and null where there is none", async () => {
  more = { lastUsedAt: null, updatedAt: "2026-02-03T04:05:06.000Z" };
  expect(await snapshots.get("agent")).toMatchObject({
    createdAt: new Date("2026-01-01T00:00:00.000Z"),
    updatedAt: new Date("2026-02-03T04:05:06.000Z"),
    lastUsedAt: null,
  });
});

test("a snapshot is found by its ID first, then by its name; a name that is none is not asked for twice", async () => {
  await snapshots.get(ID);
  await snapshots.get("agent");
  expect(asked()).toEqual([`GET /api/snapshots/${ID}`, "GET /api/snapshots/agent"]);
  expect(await failure(snapshots.get("other"))).toMatchObject({
    name: "NotFoundError",
    status: 404,
    request: "GET /snapshots/other",
    message: 'reading snapshot "other": no such snapshot',
  });
});

describe("delete", () => {
  test.each<[string, { id: string } | string]>([
    ["a name", "agent"],
    ["an ID", ID],
    ["a snapshot", { id: ID }],
  ])("takes %s, goes by the ID, and waits until it is gone", async (_what, which) => {
    await snapshots.delete(which);
    expect(changed().map(({ method, path }) => `${method} ${path}`)).toEqual([`DELETE /api/snapshots/${ID}`]);
    expect(state).toBe("gone");
  });

  test("of what does not exist is a NotFoundError, and nothing is sent", async () => {
    state = "gone";
    expect(await failure(snapshots.delete({ id: ID }))).toBeInstanceOf(NotFoundError);
    expect(changed()).toEqual([]);
  });

  test("of another organization's snapshot is refused, and nothing is sent", async () => {
    more = { general: true };
    for (const call of [snapshots.delete("agent"), snapshots.deactivate("agent")]) {
      expect(await failure(call)).toMatchObject({
        name: "InvalidArgumentError",
        status: null,
        message: expect.stringContaining("it belongs to another organization\nSnapshot " + ID) as string,
      });
    }
    expect(changed()).toEqual([]);
  });

  test("deletes what has the name now, though this process once made another of that name", async () => {
    const later = "00000000-0000-4000-8000-00000000000b";
    await snapshots.create({ name: "agent", image: "debian:12" });
    more = { id: later };
    await snapshots.delete("agent");
    expect(changed().map(({ method, path }) => `${method} ${path}`)).toEqual([
      "POST /api/snapshots",
      `DELETE /api/snapshots/${later}`,
    ]);
  });

  test("that is not allowed is the API's error", async () => {
    const handler = server.handler;
    server.handler = (seen, response, request) =>
      seen.method === "DELETE" ? refuse(response, seen, 403, "Access denied") : handler(seen, response, request);
    const error = await failure(snapshots.delete("agent"));
    server.handler = handler;
    expect(error).toMatchObject({
      name: "PermissionError",
      status: 403,
      request: `DELETE /snapshots/${ID}`,
      message: expect.stringContaining('deleting snapshot "agent": permission denied') as string,
    });
  });
});

describe("activate and deactivate", () => {
  test("resolve with the snapshot as it is then", async () => {
    expect(await snapshots.deactivate("agent")).toMatchObject({ id: ID, state: "inactive" });
    expect(await snapshots.activate({ id: ID })).toMatchObject({ id: ID, state: "active" });
    expect(changed().map(({ method, path }) => `${method} ${path}`)).toEqual([
      `POST /api/snapshots/${ID}/deactivate`,
      `POST /api/snapshots/${ID}/activate`,
    ]);
  });

  test("ask for nothing where it is so already", async () => {
    expect(await snapshots.activate("agent")).toMatchObject({ state: "active" });
    state = "inactive";
    expect(await snapshots.deactivate("agent")).toMatchObject({ state: "inactive" });
    expect(changed()).toEqual([]);
  });

  test.each(["activate", "deactivate"] as const)(
    "%s of a failed one is an error with the API's reason",
    async (method) => {
      state = "error";
      more = { errorReason: "no space" };
      expect(await failure(snapshots[method]("agent"))).toMatchObject({
        name: "DaytonaError",
        reason: "no space",
        message: `${method.slice(0, -1)}ing snapshot "agent": a snapshot in the state error cannot be ${method}d\nDelete and recreate it.`,
      });
      expect(changed()).toEqual([]);
    },
  );
});

describe("create", () => {
  test("tells the states and the end, in the SDK's words", async () => {
    const told: string[] = [];
    const made = await snapshots.create({ name: "agent", image: "debian:12" }, { onLogs: (chunk) => told.push(chunk) });
    expect(made).toMatchObject({ id: ID, state: "active" });
    expect(told).toEqual(["Created snapshot agent (active)"]);
  });

  test("tells each state on the way, but not the last one twice", async () => {
    const handler = server.handler;
    const states = ["pending", "pulling", "active"];
    server.handler = (seen, response, request) => {
      more = {
        state:
          /snapshots\/agent$|snapshots\/[0-9a-f-]{36}$/.test(seen.path) && states.length > 1
            ? states.shift()
            : states[0],
      };
      return handler(seen, response, request);
    };
    const told: string[] = [];
    await snapshots
      .create({ name: "agent", image: "debian:12" }, { onLogs: (chunk) => told.push(chunk) })
      .finally(() => (server.handler = handler));
    expect(told).toEqual([
      "Creating snapshot agent (pending)",
      "Creating snapshot agent (pulling)",
      "Created snapshot agent (active)",
    ]);
  });

  test.each<[string, Partial<CreateSnapshotParams>, string]>([
    ["an image that moves", { image: "debian:latest" }, 'creating snapshot "agent": Invalid image\n'],
    ["a name that cannot be", { name: "a b" }, 'creating snapshot "a b": Invalid snapshot name\n'],
    ["half a core", { resources: { cpu: 0.5 } }, 'creating snapshot "agent": Invalid cpu\n'],
    ["an empty command", { entrypoint: [] }, 'creating snapshot "agent": '],
  ])("of %s is an InvalidArgumentError, and nothing is sent", async (_what, params, message) => {
    expect(await failure(snapshots.create({ name: "agent", image: "debian:12", ...params }))).toMatchObject({
      name: "InvalidArgumentError",
      status: null,
      request: null,
      message: expect.stringContaining(message) as string,
    });
    expect(server.requests).toEqual([]);
  });

  test("twice of one name meets the name, though this process made it: only `ifNotExists` takes it over", async () => {
    const handler = server.handler;
    server.handler = (seen, response, request) =>
      seen.method === "POST"
        ? refuse(response, seen, 409, 'Snapshot with name "agent" already exists for this organization')
        : handler(seen, response, request);
    const taken = await failure(snapshots.create({ name: "agent", image: "ubuntu:24.04" }));
    const adopted = await snapshots.create({ name: "agent", image: "ubuntu:24.04" }, { ifNotExists: true });
    server.handler = handler;
    expect(taken).toMatchObject({ name: "ConflictError", status: 409 });
    expect(adopted).toMatchObject({ id: ID });
  });

  test("of a Dockerfile whose files are being read ends with an AbortError when the signal says so, and nothing is sent", async () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "daytona-library-")));
    writeFileSync(join(folder, "a"), "a");
    const call = snapshots.create(
      {
        name: "agent",
        image: {
          dockerfile: "FROM debian:12\nCOPY a /a\n",
          contextList: [{ sourcePath: join(folder, "a"), archivePath: "a" }],
        },
      },
      { signal: AbortSignal.abort() },
    );
    const error = await failure(call);
    rmSync(folder, { recursive: true });
    expect(error).toBeInstanceOf(AbortError);
    expect((error as Error).message).toBe('creating snapshot "agent": interrupted\nNothing was changed.');
    expect(changed()).toEqual([]);
  });

  test.each([0, Infinity])("has no time limit with timeout %p", async (timeout) => {
    const handler = server.handler;
    let reads = 0;
    server.handler = (seen, response, request) => {
      if (seen.method === "GET") more = reads++ === 0 ? { state: "pulling" } : {};
      return handler(seen, response, request);
    };
    const made = await snapshots
      .create({ name: "agent", image: "debian:12" }, { timeout })
      .finally(() => (server.handler = handler));
    expect(made.state).toBe("active");
  });

  test("with a timeout is given up after so many seconds, and says what exists", async () => {
    more = { state: "pulling" };
    const begun = Date.now();
    const error = await failure(snapshots.create({ name: "agent", image: "debian:12" }, { timeout: 0.3 }));
    expect(error).toMatchObject({ name: "TimeoutError", message: expect.stringContaining(ID) as string });
    expect(Date.now() - begun).toBeLessThan(5_000);
  });

  test("of an Image object sends its Dockerfile; an entrypoint becomes an instruction where the object can", async () => {
    const own = {
      dockerfile: "FROM debian:12\n",
      contextList: [],
      entrypoint: (words: string[]) => ({
        dockerfile: `FROM debian:12\nENTRYPOINT ${JSON.stringify(words)}\n`,
        contextList: [],
      }),
    };
    const sent = async (params: Omit<CreateSnapshotParams, "name">): Promise<unknown> => {
      server.requests.length = 0;
      await snapshots.create({ name: "agent", ...params });
      return (JSON.parse(changed()[0]!.body) as { buildInfo: { dockerfileContent: string } }).buildInfo
        .dockerfileContent;
    };
    expect(await sent({ image: own })).toBe("FROM debian:12\n");
    expect(await sent({ image: own, entrypoint: ["sleep", "1"] })).toBe('FROM debian:12\nENTRYPOINT ["sleep","1"]\n');
    expect(await sent({ image: { dockerfile: "FROM debian:12\n", contextList: [] }, entrypoint: ["sleep", "1"] })).toBe(
      "FROM debian:12\n",
    );
  });

  test("of an Image object whose files would be renamed is an InvalidArgumentError that names the snapshot", async () => {
    const image = {
      dockerfile: "FROM debian:12\nCOPY b /b\n",
      contextList: [{ sourcePath: "/somewhere/a", archivePath: "b" }],
    };
    expect(await failure(snapshots.create({ name: "agent", image }))).toMatchObject({
      name: "InvalidArgumentError",
      message:
        'creating snapshot "agent": the Image object sends "/somewhere/a" as "b", but a build context cannot rename files. Keep the end of the path the same.',
    });
    expect(
      await failure(
        SnapshotService.processImageContext({ getPushAccess: () => Promise.reject(new Error("not asked")) }, image),
      ),
    ).toMatchObject({
      name: "InvalidArgumentError",
      message: expect.stringContaining("uploading the build context: the Image object sends") as string,
    });
    expect(server.requests).toEqual([]);
  });

  test("of a local image that is not there is an InvalidArgumentError, and nothing is sent", async () => {
    expect(await failure(snapshots.push("oci-archive:/nowhere/image.tar", { name: "agent" }))).toMatchObject({
      name: "InvalidArgumentError",
      message: expect.stringContaining('creating snapshot "agent": Local image not usable\n') as string,
    });
    expect(server.requests).toEqual([]);
  });
});

describe("processImageContext", () => {
  const access = jest.fn(() => Promise.reject(new Error("no access to the storage")));
  let folder: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "daytona-library-")));
    access.mockClear();
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const upload = (image: {
    dockerfile: string;
    contextList: { sourcePath: string; archivePath: string }[];
  }): Promise<unknown> => failure(SnapshotService.processImageContext({ getPushAccess: access }, image));

  test("asks for no storage where there are no files", async () => {
    expect(
      await SnapshotService.processImageContext(
        { getPushAccess: access },
        { dockerfile: "FROM debian:12\n", contextList: [] },
      ),
    ).toEqual([]);
    expect(access).not.toHaveBeenCalled();
  });

  test("is an InvalidArgumentError for a file that is not there", async () => {
    expect(
      await upload({
        dockerfile: "FROM debian:12\nCOPY a /a\n",
        contextList: [{ sourcePath: join(folder, "a"), archivePath: "a" }],
      }),
    ).toMatchObject({
      name: "InvalidArgumentError",
      status: null,
      message: expect.stringMatching(/^uploading the build context: Build context not usable\n.*"a"/) as string,
    });
    expect(access).not.toHaveBeenCalled();
  });

  test("is a DaytonaError with the reason where the storage's credentials cannot be had", async () => {
    writeFileSync(join(folder, "a"), "a");
    expect(
      await upload({
        dockerfile: "FROM debian:12\nCOPY a /a\n",
        contextList: [{ sourcePath: join(folder, "a"), archivePath: "a" }],
      }),
    ).toMatchObject({ name: "DaytonaError", message: expect.stringContaining("no access to the storage") as string });
    expect(access).toHaveBeenCalled();
  });
});

test("no error of any method has the key in it", async () => {
  const other = new SnapshotService({ apiKey: "dtn_another_0123456789", apiUrl: server.url });
  const handler = server.handler;
  server.handler = (seen, response) => refuse(response, seen, 401, "Invalid credentials dtn_another_0123456789");
  const errors = await Promise.all(
    [
      other.list(),
      other.get("agent"),
      other.delete("agent"),
      other.activate("agent"),
      other.create({ name: "agent", image: "debian:12" }),
      other.all().next(),
    ].map(failure),
  );
  server.handler = handler;
  other.close();
  for (const error of errors) {
    expect(error).toBeInstanceOf(DaytonaError);
    expect(error).toMatchObject({ name: "AuthenticationError", status: 401 });
    expect(JSON.stringify(error) + String(error) + (error as Error).stack).not.toContain("dtn_another_0123456789");
  }
});

test("options that cannot be are refused by the constructor", () => {
  expect(() => new SnapshotService({ apiKey: KEY, apiUrl: "nowhere" })).toThrow(InvalidArgumentError);
  expect(() => new SnapshotService({ jwtToken: "x", apiUrl: server.url })).toThrow("requires an organization");
});
