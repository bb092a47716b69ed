import { call, closeAll, start, until } from "./harness";

afterEach(closeAll);

const CREATE = { name: "a", imageName: "ubuntu:24.04" };

test("a lost answer: the request is executed or not, and the socket is gone", async () => {
  const local = await start();
  local.control.fault({ kind: "create", action: "drop-before" });
  await expect(call(local, "POST", "/snapshots", CREATE)).rejects.toThrow("fetch failed");
  expect(local.control.snapshot("a")).toBeNull();
  local.control.fault({ method: "POST", path: "/snapshots", action: "drop-after" });
  await expect(call(local, "POST", "/snapshots", CREATE)).rejects.toThrow("fetch failed");
  expect(local.control.snapshot("a")).toMatchObject({ name: "a" });
  expect((await call(local, "POST", "/snapshots", CREATE)).status).toBe(409);
  expect(local.control.requests().map((r) => r.status)).toEqual([null, null, 409]);
});

test("a request hangs before or after it is executed, until it is released", async () => {
  const local = await start();
  const after = local.control.fault({ kind: "create", action: "hang-after" });
  const made = call(local, "POST", "/snapshots", CREATE);
  await local.control.faultReached(after);
  expect(local.control.snapshot("a")).not.toBeNull();
  local.control.releaseFault(after);
  expect((await made).status).toBe(200);

  const before = local.control.fault({ kind: "create", action: "hang-before" });
  const second = call(local, "POST", "/snapshots", { ...CREATE, name: "b" });
  await local.control.faultReached(before);
  expect(local.control.snapshot("b")).toBeNull();
  local.control.releaseFault(before);
  expect((await second).body).toMatchObject({ name: "b", state: "pending" });
});

test("a request that hung before it was executed is forgotten with its client", async () => {
  const local = await start();
  const held = local.control.fault({ kind: "create", action: "hang-before" });
  const client = new AbortController();
  const made = fetch(`${local.apiUrl}/snapshots`, {
    method: "POST",
    signal: client.signal,
    headers: { authorization: `Bearer ${local.apiKey}`, "content-type": "application/json" },
    body: JSON.stringify(CREATE),
  });
  await local.control.faultReached(held);
  client.abort();
  await expect(made).rejects.toThrow("aborted");
  await new Promise((resolve) => setTimeout(resolve, 50));
  local.control.releaseFault(held);
  await call(local, "GET", "/snapshots");
  expect(local.control.snapshot("a")).toBeNull();
});

test("a reset forgets work under way, so that nothing is in its way afterwards", async () => {
  const local = await start({ pullSeconds: 0.2, inspectSeconds: 0.001, cronSeconds: 0.05 });
  const first = (await call(local, "POST", "/snapshots", CREATE)).body.id;
  await until(local, first, "pulling");
  local.control.reset();
  const second = (await call(local, "POST", "/snapshots", CREATE)).body.id;
  expect(await until(local, second, "active")).toMatchObject({ errorReason: null });
});

test("the server gives up after an hour, and a vanished source ends an activation in error", async () => {
  const local = await start();
  const { control } = local;
  control.source({ name: "stuck", outcome: "hang" });
  const { id } = (await call(local, "POST", "/snapshots", { name: "stuck", imageName: "slow:1" })).body;
  await until(local, id, "pulling");
  control.advanceClock(61 * 60_000);
  expect((await until(local, id, "error")).errorReason).toBe("Timeout processing snapshot on initial runner");

  const asleep = control.insert({ name: "asleep", imageName: "gone:1", state: "inactive", updatedAt: 0 });
  control.source({ image: "gone:1", outcome: "not-found" });
  await call(local, "POST", `/snapshots/${asleep}/activate`);
  expect((await until(local, asleep, "error")).errorReason).toContain("pull access denied for gone:1");
});

test("a burst of 429 and 5xx hits the nth matching requests only", async () => {
  const local = await start();
  local.control.fault({
    kind: "list",
    action: "answer",
    status: 429,
    headers: { "Retry-After-authenticated": "7" },
    skip: 1,
    times: 2,
  });
  const statuses: number[] = [];
  for (let i = 0; i < 4; i++) {
    const answer = await call(local, "GET", "/snapshots");
    statuses.push(answer.status);
    if (answer.status === 429) {
      expect(answer.headers.get("retry-after-authenticated")).toBe("7");
      expect(answer.body).toMatchObject({
        statusCode: 429,
        error: "Too Many Requests",
        message: "ThrottlerException: Too Many Requests",
        path: "/api/snapshots",
      });
    }
  }
  expect(statuses).toEqual([200, 429, 429, 200]);
  local.control.fault({ path: /regions$/, action: "answer", times: -1 });
  expect((await call(local, "GET", "/regions")).body).toMatchObject({ statusCode: 503, error: "Service Unavailable" });
  expect((await call(local, "GET", "/snapshots")).status).toBe(200);
});

test("an HTML page comes instead of JSON", async () => {
  const local = await start();
  local.control.fault({ action: "html" });
  const answer = await call(local, "GET", "/snapshots");
  expect(answer.status).toBe(502);
  expect(answer.headers.get("content-type")).toBe("text/html");
  expect(answer.text).toContain("502 Bad Gateway");
  const outside = await fetch(`${new URL(local.apiUrl).origin}/somewhere`);
  expect([outside.status, outside.headers.get("content-type")]).toEqual([200, "text/html; charset=UTF-8"]);
});

test("a delete is lost, and the second one works", async () => {
  const local = await start();
  const id = local.control.insert({ name: "a" });
  local.control.fault({ kind: "delete", action: "lose-delete" });
  expect((await call(local, "DELETE", `/snapshots/${id}`)).status).toBe(200);
  expect(local.control.snapshot(id)).toMatchObject({ state: "removing" });
  await until(local, id, "active");
  await call(local, "DELETE", `/snapshots/${id}`);
  await until(local, id, 404);
});

test("sources fail, are not found, and hang until they are let go", async () => {
  const local = await start();
  const { control } = local;
  control.source({ image: "private/app:1", outcome: "fail" });
  control.source({ image: "missing/app:1", outcome: "not-found" });
  control.source({ name: "stuck", outcome: "hang" });
  control.source({ dockerfile: "RUN make", outcome: "fail", times: 1 });
  control.source({ image: "huge/app:1", size: 5000 });
  const create = async (body: object) => (await call(local, "POST", "/snapshots", body)).body.id as string;
  const [denied, missing, stuck, broken, huge] = await Promise.all([
    create({ name: "denied", imageName: "private/app:1" }),
    create({ name: "missing", imageName: "missing/app:1" }),
    create({ name: "stuck", imageName: "ubuntu:24.04" }),
    create({ name: "broken", buildInfo: { dockerfileContent: "FROM debian:12\nRUN make\n" } }),
    create({ name: "huge", imageName: "huge/app:1" }),
  ]);
  expect((await until(local, denied!, "error")).errorReason).toContain("pull access denied for private/app:1");
  expect((await until(local, missing!, "error")).errorReason).toMatch(
    /^Snapshot docker\.io\/missing\/app:1 failed to inspect in registry on runner [0-9a-f-]{36}\. Error: Error response from daemon: manifest unknown: manifest unknown$/,
  );
  expect((await until(local, broken!, "error")).errorReason).toBe(
    'failed to solve: process "/bin/sh -c make" did not complete successfully: exit code: 1',
  );
  expect((await until(local, huge!, "error")).errorReason).toBe(
    "Snapshot size (5000.00GB) exceeds maximum allowed size of 20GB",
  );
  expect(control.snapshot(stuck!)).toMatchObject({ state: "pulling" });
  control.finishHung();
  await until(local, stuck!, "active");
  const again = await create({ name: "again", buildInfo: { dockerfileContent: "FROM debian:12\nRUN make\n" } });
  await until(local, again, "active");
});

test("somebody else deletes, deactivates and makes again", async () => {
  const local = await start();
  const { control } = local;
  const id = control.insert({ name: "a", cpu: 2 });
  const other = control.recreate("a", { cpu: 4 });
  expect(other).not.toBe(id);
  expect((await call(local, "GET", `/snapshots/${id}`)).status).toBe(404);
  expect((await call(local, "GET", "/snapshots/a")).body).toMatchObject({ id: other, cpu: 4 });
  control.setState("a", "error", "disk full");
  expect((await call(local, "GET", "/snapshots/a")).body).toMatchObject({ state: "error", errorReason: "disk full" });
  control.remove("a");
  expect((await call(local, "GET", "/snapshots/a")).status).toBe(404);
});

test("idle snapshots turn inactive, but for those whose image is in use", async () => {
  const local = await start();
  const { control } = local;
  const old = { createdAt: 0, lastUsedAt: 0 };
  control.insert({ name: "idle", imageName: "a:1", ...old });
  control.insert({ name: "shared", imageName: "b:1", ...old });
  control.insert({ name: "user", imageName: "b:1" });
  expect(control.deactivateIdle()).toEqual([control.snapshot("idle")!.id]);
  control.advanceClock(15 * 86_400_000);
  control.deactivateIdle();
  expect(control.snapshots().map((s) => [s.name, s.state])).toEqual([
    ["idle", "inactive"],
    ["shared", "inactive"],
    ["user", "inactive"],
  ]);
});

test("the same commands over HTTP", async () => {
  const local = await start();
  const control = async (command: string, ...args: unknown[]) => {
    const response = await fetch(`${local.controlUrl}/${command}`, {
      method: "POST",
      body: JSON.stringify(args),
      headers: { Authorization: `Bearer ${local.apiKey}` },
    });
    return { status: response.status, body: (await response.json()) as any };
  };
  expect((await control("seed", 3, { name: "s" })).body.result).toHaveLength(3);
  await control("fault", { kind: "list", action: "answer", status: 500 });
  expect((await call(local, "GET", "/snapshots")).status).toBe(500);
  expect((await control("counts")).body.result).toEqual({ total: 1, list: 1 });
  expect(await control("setState", "nobody", "error")).toEqual({
    status: 400,
    body: { message: "no snapshot nobody" },
  });
  expect((await control("explode")).body.message).toMatch(
    /^unknown command explode; the commands are requests, counts, /,
  );
  await control("reset");
  expect((await call(local, "GET", "/snapshots")).body.items.map((s: any) => s.name)).toEqual([
    "daytonaio/sandbox:0.5.0-slim",
  ]);
});
