import { BadRequestError } from "../../../../provider/api";
import { createLifecycle } from "../../../../provider/lifecycle/lifecycle";
import { pauseBefore } from "../../../../provider/lifecycle/wait/pauses";
import { FakeApi, FakeClock } from "../fake";
import { context, plan, recordOf, told } from "../support";

/** A runner's job that nobody finishes: the server keeps it for up to two hours. */
const TWO_HOURS = 2 * 60 * 60_000;
const BUSY = "An operation is already in progress for this resource";

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
const gapsOf = (method: string): number[] => {
  const at = api.calls.filter((call) => call.method === method).map((call) => call.at);
  return at.slice(1).map((time, i) => time - at[i]!);
};

test("pauses: the quick ones, then a twentieth of the time that has passed, within bounds", () => {
  const pauses = [0, 1, 2, 3].map((read) => pauseBefore([500, 1000], read, 60_000));
  expect(pauses).toEqual([500, 1000, 5000, 5000]);
  expect([100_000, 200_000, 600_000, TWO_HOURS].map((ms) => pauseBefore([], 0, ms))).toEqual([
    5000, 10_000, 30_000, 30_000,
  ]);
});

test("without events, a hung job is read ever less often, and is told of every ten seconds all the same", async () => {
  api.script = [[1000, "building"]];
  const heard = told();
  const outcome = await create({ timeoutMs: TWO_HOURS }, heard);
  expect(outcome.error?.summary).toBe('creating snapshot "agent": timed out after 2h; last state: `building`');
  const gaps = gapsOf("get");
  expect(gaps).toEqual([...gaps].sort((a, b) => a - b));
  expect(gaps.at(-1)).toBe(30_000);
  // Every five seconds, it would be 1,440.
  expect(api.count("get")).toBeLessThan(320);
  expect(heard.progress.length).toBeGreaterThan(700);
  expect(heard.progress.at(-1)).toMatch(/^building, 71\d\d s$/);
});

test("its end is noticed, however late it comes", async () => {
  api.script = [
    [1000, "building"],
    [TWO_HOURS - 60_000, "active"],
  ];
  const begun = clock.now();
  expect(recordOf(await create({ timeoutMs: TWO_HOURS }))).toMatchObject({ state: "active" });
  expect(clock.now() - begun - (TWO_HOURS - 60_000)).toBeLessThanOrEqual(30_000);
});

test("a delete that hangs is read ever less often as well", async () => {
  const lifecycle = createLifecycle({ api: api.asApi(), clock });
  const record = recordOf(await clock.run(lifecycle.create(plan(null, {}, program).planned, context())));
  Object.assign(api, {
    delete: (id: string) => api.called("delete", () => (api.set(id, { state: "removing" }), Promise.resolve())),
  });
  api.calls.length = 0;
  await clock.run(lifecycle.delete(record, {}, context({ timeoutMs: TWO_HOURS })));
  expect(Math.max(...gapsOf("get"))).toBe(30_000);
  // It is asked for again every minute, as one that was lost.
  expect(api.count("delete")).toBeGreaterThan(60);
});

describe("a job of an earlier snapshot that stands in the way", () => {
  beforeEach(() => {
    api.script = [];
    const { insert } = api;
    Object.assign(api, {
      insert: (body: Parameters<typeof insert>[0]) => {
        const dto = insert.call(api, body);
        void clock
          .sleep(500)
          .then(() => api.snapshots.has(dto.id) && api.set(dto.id, { state: "error", errorReason: BUSY }));
        return dto;
      },
    });
  });

  test("is tried against ever less often, each pause is told of, and the error says how often and for how long", async () => {
    const heard = told();
    const outcome = await create({ timeoutMs: TWO_HOURS }, heard);
    const gaps = gapsOf("create");
    expect(Math.max(...gaps)).toBeLessThan(65_000);
    expect(Math.max(...gaps)).toBeGreaterThan(60_000);
    // Every 15 s, it would be 450.
    expect(api.count("create")).toBeLessThan(160);
    const waiting = "waiting for the next attempt (another operation on the same source was in progress)";
    expect(heard.progress.filter((line) => line === waiting)).toHaveLength(api.count("create") - 1);
    for (const seconds of [10, 20, 50]) expect(heard.progress).toContain(`${waiting}, ${seconds} s`);
    expect(outcome.error?.detail).toMatch(
      new RegExp(`This was attempt ${api.count("create")}, 1h5\\dm\\d+s after the first one began\\.`),
    );
    expect(outcome.error?.detail).toContain("or after two hours, when the server gives up on it");
  });

  test("the first failure alone says nothing of tries", async () => {
    const outcome = await create({ timeoutMs: 3000 });
    expect(api.count("create")).toBe(1);
    expect(outcome.error?.detail).not.toContain("This was attempt");
  });

  test("an interrupt ends a pause at once", async () => {
    const stop = new AbortController();
    void clock.sleep(25_000).then(() => stop.abort());
    const begun = clock.now();
    expect(await create({ signal: stop.signal })).toMatchObject({ interrupted: true, record: null });
    expect(clock.now() - begun).toBe(25_000);
  });
});

test("another snapshot of the same source that hangs is told of every ten seconds", async () => {
  api.script = [[1000, "building"]];
  const lifecycle = createLifecycle({ api: api.asApi(), clock });
  const heard = told();
  const first = lifecycle.create(plan(null, {}, program).planned, context({ timeoutMs: 45_000 }));
  const other = { ...program, name: "other" };
  const second = lifecycle.create(plan(null, {}, other).planned, context({ timeoutMs: 35_000 }, heard));
  const [, late] = await clock.run(Promise.all([first, second]));
  const waiting = "waiting for another snapshot with the same source to finish";
  expect(heard.progress).toEqual([waiting, `${waiting}, 10 s`, `${waiting}, 20 s`, `${waiting}, 30 s`]);
  expect(late.error?.summary).toBe(`creating snapshot "other": timed out after 35s while ${waiting}`);
});

test("a full quota in the gap of a swap is told of every ten seconds, and asked for ever less often", async () => {
  const lifecycle = createLifecycle({ api: api.asApi(), clock });
  const record = recordOf(await clock.run(lifecycle.create(plan(null, {}, program).planned, context())));
  const { create: post } = api;
  api.calls.length = 0;
  Object.assign(api, {
    create: (body: Parameters<typeof post>[0]) =>
      body.name === "agent"
        ? api.called("create", () =>
            Promise.reject(
              new BadRequestError("Snapshot quota exceeded", {
                status: 400,
                reason: "Snapshot quota exceeded. Maximum allowed: 2",
                request: "POST",
              }),
            ),
          )
        : post(body),
  });
  const heard = told();
  const to = plan(record, {}, { ...program, image: "debian:12" }).planned;
  const outcome = await clock.run(lifecycle.update(record, {}, to, context({ timeoutMs: 600_000 }, heard)));
  expect(outcome.error?.summary).toContain("timed out after 10m while waiting for room in the snapshot quota");
  expect(Math.max(...gapsOf("create").slice(1))).toBeGreaterThan(20_000);
  expect(heard.progress).toContain("waiting for room in the snapshot quota");
  expect(heard.progress.filter((line) => line.startsWith("waiting for room")).length).toBeGreaterThan(40);
  expect(heard.progress.filter((line) => line.startsWith("waiting for room")).length).toBeLessThan(65);
});
