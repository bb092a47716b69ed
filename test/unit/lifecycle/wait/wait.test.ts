import { BadRequestError, UnreachableError } from "../../../../provider/api";
import { createLifecycle } from "../../../../provider/lifecycle/lifecycle";
import { FakeApi, FakeClock } from "../fake";
import { context, plan, recordOf, told } from "../support";

let clock: FakeClock;
let api: FakeApi;
beforeEach(() => {
  clock = new FakeClock();
  api = new FakeApi(clock);
});

const program = { name: "agent", image: "ubuntu:24.04" };
const create = (options = {}, heard = told(), inputs: object = program) =>
  clock.run(
    createLifecycle({ api: api.asApi(), clock }).create(plan(null, {}, inputs).planned, context(options, heard)),
  );
const seconds = () => api.calls.map(({ method, at }) => [method, (at - api.calls[0]!.at) / 1000]);

test("with events: the active one is noticed at once, and read once more", async () => {
  api.live = true;
  recordOf(await create());
  expect(seconds()).toEqual([
    ["create", 0],
    ["get", 2],
  ]);
  expect(api.listening).toBe(0);
});

test("with a live but silent socket: first 5 s, then every 30 s", async () => {
  api.script = [];
  api.live = true;
  const work = create({ timeoutMs: 100_000 });
  expect((await work).error?.summary).toContain("timed out after 1m40s");
  expect(seconds()).toEqual([
    ["create", 0],
    ["get", 5],
    ["get", 35],
    ["get", 65],
    ["get", 95],
  ]);
});

test("by polling: 1 s at first, never slower than 5 s", async () => {
  api.script = [[40_000, "active"]];
  recordOf(await create());
  const gets = api.calls.filter((call) => call.method === "get").map((call) => call.at);
  const gaps = gets.slice(1).map((at, i) => at - gets[i]!);
  expect(gaps[0]).toBe(1000);
  expect(Math.max(...gaps)).toBe(5000);
  expect(gaps).toEqual([...gaps].sort((a, b) => a - b));
});

test("an event between the POST and its answer is not missed", async () => {
  api.live = true;
  api.script = [];
  const { create: post } = api;
  Object.assign(api, {
    create: async (body: Parameters<typeof post>[0]) => {
      const dto = await post(body);
      api.set(dto.id, { state: "active" });
      return dto;
    },
  });
  recordOf(await create({ timeoutMs: 4000 }));
  expect(seconds()).toEqual([
    ["create", 0],
    ["get", 0],
  ]);
});

test("a lost socket makes polling quick again, a new one is followed by a read", async () => {
  api.live = true;
  api.script = [];
  void clock.sleep(6000).then(() => ((api.live = false), api.emit({ kind: "disconnected" })));
  void clock.sleep(9500).then(() => ((api.live = true), api.emit({ kind: "connected" })));
  await create({ timeoutMs: 12_000 });
  expect(seconds()).toEqual([
    ["create", 0],
    ["get", 5],
    ["get", 7],
    ["get", 8],
    ["get", 9],
    ["get", 9.5],
  ]);
});

test("states that nobody knows are waited on", async () => {
  api.script = [
    [500, "levitating"],
    [6000, "active"],
  ];
  expect(recordOf(await create()).state).toBe("active");
});

test("tells each change of state, and every ten seconds", async () => {
  api.live = true;
  api.script = [
    [1000, "pulling"],
    [24_000, "active"],
  ];
  const heard = told();
  await create({}, heard);
  expect(heard.progress).toEqual(["pending, 0 s", "pulling, 1 s", "pulling, 11 s", "pulling, 21 s", "active, 24 s"]);
});

test("an API that is away for a while does not end the wait, one that stays away does, with the id kept", async () => {
  const away = () => Promise.reject(new UnreachableError("no answer from the API", { status: 0, request: "GET" }));
  const get = api.get;
  Object.assign(api, { get: (id: string) => (clock.now() - api.calls[0]!.at < 60_000 ? away() : get(id)) });
  expect(recordOf(await create()).state).toBe("active");

  api.snapshots.clear();
  Object.assign(api, { get: away });
  const outcome = await create();
  expect(outcome.error?.summary).toBe('creating snapshot "agent": cannot reach the API');
  expect(outcome.record).toMatchObject({ name: "agent", state: "pending" });
});

test("the deadline: an error with the last state, the limit and what to do; the id is kept", async () => {
  api.script = [[1500, "pulling"]];
  const outcome = await create({}, told(), { ...program, timeouts: { create: "1m30s", update: null, delete: null } });
  expect(outcome.error).toEqual({
    summary: 'creating snapshot "agent": timed out after 1m30s; last state: `pulling`',
    detail: [
      `The ID of the snapshot, ${outcome.record?.id}, is saved in the state.`,
      "The next apply would replace the snapshot. To keep waiting for it instead:",
      "  terraform untaint ADDRESS",
      "  terraform apply",
      'The server waits for a runner to finish the pull. If there is no more progress, the job may be lost: a runner that restarts can forget it, and the server gives up on the snapshot after an hour, and on the job after two. Until then, a new snapshot of the same source may fail with "already in progress". The next apply deletes and recreates the snapshot.',
      'To allow more time, set `timeouts = { create = "…" }`.',
    ].join("\n"),
    attribute: ["timeouts", "create"],
  });
  expect(outcome.record).toMatchObject({ state: "pulling" });
});

test("interrupted in a wait: the id and the last state, a warning and no error", async () => {
  api.live = true;
  api.script = [[1000, "pulling"]];
  const stop = new AbortController();
  void clock.sleep(3000).then(() => stop.abort());
  const outcome = await create({ signal: stop.signal });
  expect(clock.now() - api.calls[0]!.at).toBe(3000);
  expect(outcome).toMatchObject({ interrupted: true, record: { state: "pulling", name: "agent" } });
  expect(outcome.error).toBeUndefined();
  expect(outcome.warnings[0]?.summary).toBe('creating snapshot "agent": interrupted');
  expect(outcome.warnings[0]?.detail).toContain(
    `Its ID ${outcome.record?.id} is saved in the state; the next apply resumes from there.`,
  );
});

describe("interrupted while the POST is under way", () => {
  const interrupted = async (answerAfter: number | null, written: boolean) => {
    api.script = [];
    const { insert } = api;
    Object.assign(api, {
      create: async (body: Parameters<typeof insert>[0]) => {
        api.calls.push({ method: "create", at: clock.now() });
        const dto = written ? insert.call(api, body) : null;
        await (answerAfter === null ? new Promise(() => undefined) : clock.sleep(answerAfter));
        return dto;
      },
    });
    const stop = new AbortController();
    void clock.sleep(500).then(() => stop.abort());
    const outcome = await create({ signal: stop.signal });
    expect(clock.now() - api.calls[0]!.at).toBeLessThanOrEqual(2500);
    expect(outcome).toMatchObject({ interrupted: true });
    return outcome;
  };

  test("its answer is awaited", async () => {
    expect((await interrupted(1200, true)).record).toMatchObject({ name: "agent", state: "pending" });
  });

  test("else the name is read", async () => {
    expect((await interrupted(null, true)).record).toMatchObject({ name: "agent", state: "pending" });
  });

  test("else the message names what may exist", async () => {
    const outcome = await interrupted(null, false);
    expect(outcome.record).toBeNull();
    expect(outcome.warnings[0]?.detail).toContain("so the snapshot may exist");
    expect(outcome.warnings[0]?.detail).toContain('"agent"');
  });
});

test("a request that never got through is said to be so, and is not sent later", async () => {
  let left = false;
  Object.assign(api, {
    create: (_body: unknown, { signal }: { signal: AbortSignal }) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener("abort", () => {
          left = true;
          reject(new Error("ended in the queue"));
        }),
      ),
  });
  const outcome = await create({ timeoutMs: 20_000 });
  expect(left).toBe(true);
  expect(outcome.record).toBeNull();
  expect(outcome.error?.summary).toBe(
    'creating snapshot "agent": timed out after 20s while waiting for the API to accept the request',
  );
  expect(outcome.error?.detail).not.toContain("may exist");
});

test("someone else deletes it in the wait: an error, and the record is kept", async () => {
  api.script = [];
  void clock.sleep(2500).then(() => api.snapshots.clear());
  const outcome = await create();
  expect(outcome.error?.summary).toBe('creating snapshot "agent": someone else deleted the snapshot');
});

test("activation waits out the ten minutes, outside of the lock", async () => {
  const lifecycle = createLifecycle({ api: api.asApi(), clock });
  const record = recordOf(await clock.run(lifecycle.create(plan(null, {}, program).planned, context())));
  api.set(record.id, { state: "inactive", updatedAt: new Date(clock.now() - 60_000).toISOString() });
  const { action, planned } = plan({ ...record, state: "inactive", active: false }, {}, program);
  expect(action).toBe("activate");
  const asked = clock.now();
  const activating = lifecycle.update({ ...record, state: "inactive", active: false }, {}, planned, context());
  const other = lifecycle.create(plan(null, {}, { ...program, name: "other" }).planned, context());
  const [done, second] = await clock.run(
    Promise.all([activating, other.then((outcome) => ({ outcome, at: clock.now() }))]),
  );
  expect(recordOf(done)).toMatchObject({ state: "active", active: true });
  expect(api.calls.find((call) => call.method === "activate")!.at - asked).toBe(540_000);
  expect(second.at - asked).toBeLessThan(60_000);
});

test("an activation that the deadline cannot hold says when it will be possible", async () => {
  const lifecycle = createLifecycle({ api: api.asApi(), clock });
  const record = recordOf(await clock.run(lifecycle.create(plan(null, {}, program).planned, context())));
  api.set(record.id, { state: "inactive", updatedAt: "2026-01-01T00:00:10.000Z" });
  const prior = { ...record, state: "inactive", active: false };
  const outcome = await clock.run(
    lifecycle.update(prior, {}, plan(prior, {}, program).planned, context({ timeoutMs: 60_000 })),
  );
  expect(outcome.error?.summary).toBe('activating snapshot "agent": not possible before 2026-01-01T00:10:10Z');
  expect(outcome.record).toMatchObject({ id: record.id, state: "inactive", active: false });
});

test("an activation that the API refuses because the deactivation is still in progress is tried again", async () => {
  const lifecycle = createLifecycle({ api: api.asApi(), clock });
  const record = recordOf(await clock.run(lifecycle.create(plan(null, {}, program).planned, context())));
  api.set(record.id, { state: "inactive", updatedAt: "2025-12-01T00:00:00Z" });
  const prior = { ...record, state: "inactive", active: false };
  const activate = api.activate;
  let refusals = 2;
  const reason = "Snapshot deactivation is still in progress. Please try again in a few minutes.";
  Object.assign(api, {
    activate: (id: string) =>
      refusals-- > 0
        ? Promise.reject(new BadRequestError(reason, { status: 400, reason, request: "POST" }))
        : activate(id),
  });
  const started = clock.now();
  expect(
    recordOf(await clock.run(lifecycle.update(prior, {}, plan(prior, {}, program).planned, context()))).state,
  ).toBe("active");
  expect(clock.now() - started).toBeGreaterThanOrEqual(30_000);
});
