import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DaytonaError, InvalidArgumentError, SnapshotService } from "../../../provider";
import { createClient } from "../../../provider/api";
import { ForbiddenError } from "../../../provider/api/errors";
import { resolveConnection } from "../../../provider/config";
import { warn } from "../../../provider/library/errors";
import { type LocalApi, startLocalApi } from "../../../provider/local";
import { json, refuse, serve, snapshot } from "../api/server";
import { serveRegistry } from "../lifecycle/publish/image/registry";
import { ociFiles, writeFolder } from "../source/local-image/images";
import { HOSTILE, READS } from "../kit/text/hostile";

let api: LocalApi;
let snapshots: SnapshotService;
let folder: string;
beforeAll(
  async () => void (api = await startLocalApi({ pullSeconds: 0.05, cronSeconds: 0.02, activationCooldownSeconds: 0 })),
);
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "daytona-library-")));
  snapshots = new SnapshotService({ apiKey: api.apiKey, apiUrl: api.apiUrl });
});
afterEach(() => {
  snapshots.close();
  rmSync(folder, { recursive: true });
  api.control.reset();
});
afterAll(() => api.close());

const failure = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => null,
    (error: unknown) => error,
  );

describe("what a server says steers no terminal", () => {
  test("in the message of an error; its reason is as it came", () => {
    expect(new DaytonaError(HOSTILE, { reason: HOSTILE })).toMatchObject({ message: READS, reason: HOSTILE });
  });

  test("in a warning", () => {
    const told: string[] = [];
    warn(
      [
        { summary: HOSTILE, detail: "" },
        { summary: "a", detail: HOSTILE },
      ],
      (text) => void told.push(text),
    );
    expect(told).toEqual([READS, `a\n${READS}`]);
  });

  test("in a failure of the API", async () => {
    api.control.insert({ name: "broken", state: "error", errorReason: HOSTILE });
    expect(await failure(snapshots.activate("broken"))).toMatchObject({
      message:
        'activating snapshot "broken": a snapshot in the state error cannot be activated\nDelete and recreate it.',
      reason: HOSTILE,
    });
    api.control.fault({
      kind: "list",
      times: 1,
      action: "answer",
      status: 400,
      body: { statusCode: 400, message: HOSTILE },
    });
    const error = await failure(snapshots.list());
    expect((error as DaytonaError).message).toContain("out of disk space");
    expect((error as DaytonaError).message).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
  });
});

describe("a call", () => {
  const pending = (): void => {
    api.control.source({ image: "debian:12", outcome: "hang" });
    api.control.insert({ name: "agent", imageName: "debian:12", state: "pulling" });
  };

  test.each(["activate", "deactivate"] as const)(
    "%s of a snapshot that is not ready yet waits until it is",
    async (method) => {
      api.control.insert({ name: "agent", state: "pulling" });
      const call = snapshots[method]("agent");
      setTimeout(() => api.control.update("agent", { state: "active" }), 300);
      expect(await call).toMatchObject({ name: "agent", state: method === "activate" ? "active" : "inactive" });
    },
  );

  test("that waits has the time limit of its options, in seconds", async () => {
    pending();
    expect(await failure(snapshots.activate("agent", { timeout: 1.5 }))).toMatchObject({
      name: "TimeoutError",
      status: null,
      message:
        'waiting for snapshot "agent": timed out after 1.5s; last state: `pulling`\nThe server waits for a runner to finish the pull. If there is no more progress, the job may be lost: a runner that restarts can forget it, and the server gives up on the snapshot after an hour, and on the job after two. Until then, a new snapshot of the same source may fail with "already in progress". Delete it, and recreate it.\nTo allow more time, set `timeout`.',
    });
    api.control.fault({ kind: "delete", times: -1, action: "hang-before" });
    expect(await failure(snapshots.delete("agent", { timeout: 0.4 }))).toMatchObject({ name: "TimeoutError" });
  });

  test("that waits ends with the signal of its options", async () => {
    pending();
    for (const begin of [
      (signal: AbortSignal) => snapshots.activate("agent", { signal }),
      (signal: AbortSignal) => snapshots.deactivate("agent", { signal }),
    ]) {
      const stop = new AbortController();
      api.control.clearRequests();
      // It waits: what it found is read again.
      const waiting = setInterval(() => api.control.requests().length > 2 && stop.abort(), 10);
      expect(await failure(begin(stop.signal)).finally(() => clearInterval(waiting))).toMatchObject({
        name: "AbortError",
        message: expect.stringContaining(api.control.snapshot("agent")!.id) as string,
      });
    }
    api.control.fault({ kind: "delete", times: -1, action: "hang-before" });
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 200);
    expect(await failure(snapshots.delete("agent", { signal: stop.signal }))).toMatchObject({ name: "AbortError" });
  });
});

test("who deletes what somebody else deletes and makes again at the same time is told of the other one, and it stays", async () => {
  const [ours, theirs] = ["00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b"];
  let gone = false;
  const deleted: string[] = [];
  const server = await serve((seen, response) => {
    if (seen.method === "DELETE") {
      gone = true;
      deleted.push(seen.path);
      return refuse(response, seen, 404, "Snapshot not found");
    }
    if (gone && seen.path.endsWith(ours)) return refuse(response, seen, 404, "Snapshot not found");
    return json(response, 200, snapshot(gone ? theirs : ours, { name: "agent" }));
  });
  const service = new SnapshotService({ apiKey: "dtn_planted_0123456789", apiUrl: server.url });
  const told: string[] = [];
  try {
    await service.delete("agent", { onWarning: (text) => void told.push(text) });
  } finally {
    service.close();
    await server.close();
  }
  expect(told).toEqual([expect.stringContaining(theirs)]);
  expect(deleted).toEqual([`/api/snapshots/${ours}`]);
});

test("a pushed image is made into a snapshot with every parameter", async () => {
  const registry = await serveRegistry();
  const own = await startLocalApi({
    pullSeconds: 0.05,
    cronSeconds: 0.02,
    registry: { url: `http://${registry.host}`, username: "u", secret: "planted-password" },
  });
  const service = new SnapshotService({ apiKey: own.apiKey, apiUrl: own.apiUrl });
  try {
    writeFolder(join(folder, "layout"), ociFiles([{}]));
    const made = await service.push(`oci:${join(folder, "layout")}`, {
      name: "pushed",
      entrypoint: ["sleep", "1"],
      resources: { cpu: 2 },
      regionId: "us",
    });
    expect(made).toMatchObject({
      name: "pushed",
      state: "active",
      entrypoint: ["sleep", "1"],
      cpu: 2,
      regionIds: ["us"],
    });
    expect(made.imageName).toMatch(new RegExp(`^${registry.host}/`));
  } finally {
    service.close();
    await Promise.all([own.close(), registry.close()]);
  }
});

test("an API that cannot be reached is a DaytonaError without a status, and says why", async () => {
  const before = process.env;
  process.env = { ...before, NO_PROXY: "", no_proxy: "", http_proxy: "socks5://p" };
  const other = new SnapshotService({ apiKey: "dtn_planted_0123456789", apiUrl: "http://daytona.test/api" });
  const error = await failure(other.list()).finally(() => (process.env = before));
  other.close();
  expect(error).toMatchObject({
    name: "DaytonaError",
    status: null,
    request: "GET /snapshots",
    message: expect.stringMatching(
      /^listing snapshots: cannot reach the API\n.*http_proxy begins with socks5:\/\//,
    ) as string,
  });
});

describe("where the credentials come from", () => {
  test("is in the error of a rejected key, by the name of its option", async () => {
    const other = new SnapshotService({ apiKey: "dtn_wrong_0123456789", apiUrl: api.apiUrl });
    expect(await failure(other.list())).toMatchObject({
      name: "AuthenticationError",
      message: expect.stringMatching(
        /^listing snapshots: the API rejected the credentials\n.*\nThe credentials come from `apiKey`, the address from `apiUrl`\.$/s,
      ) as string,
    });
    other.close();
  });

  test("is asked of the environment and the profile alone: a program has no provider configuration", () => {
    const before = process.env;
    process.env = { HOME: folder, XDG_CONFIG_HOME: folder };
    try {
      expect(() => new SnapshotService()).toThrow(
        new InvalidArgumentError(
          "no Daytona credentials found: set the environment variable DAYTONA_API_KEY, or log in with the Daytona CLI (`daytona login`)",
        ),
      );
    } finally {
      process.env = before;
    }
  });
});

describe("processImageContext", () => {
  const copying = (): { dockerfile: string; contextList: { sourcePath: string; archivePath: string }[] } => ({
    dockerfile: "FROM debian:12\nCOPY a /a\n",
    contextList: [{ sourcePath: join(folder, "a"), archivePath: "a" }],
  });

  test("refuses a file that changes while it is sent, as what the program gave", async () => {
    writeFileSync(join(folder, "a"), "one");
    const client = createClient(resolveConnection({ args: { apiKey: api.apiKey, apiUrl: api.apiUrl }, env: {} }), {
      log: { debug: () => undefined },
    });
    const getPushAccess = async () => (writeFileSync(join(folder, "a"), "two"), { data: await client.pushAccess() });
    const error = await failure(SnapshotService.processImageContext({ getPushAccess }, copying()));
    client.close();
    expect(error).toMatchObject({
      name: "InvalidArgumentError",
      message: expect.stringMatching(
        /^uploading the build context: cannot send the build context\n"a" in the build context changed after it was hashed: its SHA-256 was/,
      ) as string,
    });
    expect(api.control.storageKeys()).toEqual([]);
  });

  test("tells a refusal of the credentials apart, with its status", async () => {
    writeFileSync(join(folder, "a"), "one");
    const denied = new ForbiddenError("Access denied", {
      status: 403,
      reason: "Access denied",
      request: "GET /object-storage/push-access",
    });
    expect(
      await failure(SnapshotService.processImageContext({ getPushAccess: () => Promise.reject(denied) }, copying())),
    ).toMatchObject({
      name: "PermissionError",
      status: 403,
      message: expect.stringContaining("uploading the build context: permission denied\n") as string,
    });
  });

  test("warns of a file that the Dockerfile copies and that is not sent", async () => {
    const emit = jest.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    try {
      expect(
        await SnapshotService.processImageContext(
          { getPushAccess: () => Promise.reject(new Error("not asked")) },
          { dockerfile: "FROM debian:12\nCOPY missing.py /\n", contextList: [] },
        ),
      ).toEqual([]);
      expect(emit.mock.calls as unknown[][]).toEqual([
        [expect.stringContaining("the build will fail at: COPY missing.py."), "DaytonaWarning"],
      ]);
    } finally {
      emit.mockRestore();
    }
  });
});
