import { AmbiguousAnswerError, BadRequestError, ServerError } from "../../../../provider/api";
import { createLifecycle } from "../../../../provider/lifecycle/lifecycle";
import { FakeApi, FakeClock } from "../fake";
import { context, plan, recordOf } from "../support";

const program = { name: "agent", image: "ubuntu:24.04" };
const CLASH = "An operation is already in progress for this resource";
const lostAnswer = () => new AmbiguousAnswerError("the answer was lost", { status: 0, request: "POST /snapshots" });

let clock: FakeClock;
let api: FakeApi;
let lifecycle: ReturnType<typeof createLifecycle>;
beforeEach(() => {
  clock = new FakeClock();
  api = new FakeApi(clock);
  lifecycle = createLifecycle({ api: api.asApi(), clock });
});

const create = (inputs: object = program) => clock.run(lifecycle.create(plan(null, {}, inputs).planned, context()));
/** What a POST does instead, given how often there was one before. */
function posts(instead: (body: Parameters<FakeApi["create"]>[0], before: number) => void): void {
  const post = api.create;
  Object.assign(api, {
    create: (body: Parameters<FakeApi["create"]>[0]) => {
      const before = api.count("create");
      try {
        instead(body, before);
      } catch (error) {
        return api.called("create", () => Promise.reject(error as Error));
      }
      return post(body);
    },
  });
}

test("a 500 after the row was written: it is found by its name, and not made twice", async () => {
  posts((body) => {
    api.insert(body);
    throw new ServerError("it broke", { status: 500, request: "POST /snapshots" });
  });
  expect(recordOf(await create())).toMatchObject({ name: "agent", state: "active" });
  expect(api.count("create")).toBe(1);
});

test("a lost answer, and somebody else's young snapshot of the name: not ours", async () => {
  posts(() => {
    if (api.snapshots.size === 0) api.insert({ name: "agent", imageName: "debian:12" });
    throw lostAnswer();
  });
  const outcome = await create();
  expect(outcome.record).toBeNull();
  expect(outcome.error?.summary).toBe('creating snapshot "agent": the name "agent" is already taken');
  expect(api.names()).toEqual(["agent"]);
});

test("a lost answer, and what it made is on its way out again: waited for, and made anew", async () => {
  posts((body, before) => {
    if (before > 0) return;
    const dto = api.insert(body);
    api.set(dto.id, { state: "removing" });
    void clock.sleep(3000).then(() => api.snapshots.delete(dto.id));
    throw lostAnswer();
  });
  api.script = [[4000, "active"]];
  expect(recordOf(await create()).state).toBe("active");
  expect(api.count("create")).toBe(2);
});

test("a request that arrives a second after its answer was lost is not sent twice", async () => {
  posts((body) => {
    void clock.sleep(1000).then(() => api.insert(body));
    throw lostAnswer();
  });
  expect(recordOf(await create()).state).toBe("active");
  expect(api.count("create")).toBe(1);
});

test("a request that never arrives is given up after three tries, and the message says what was lost", async () => {
  posts(() => {
    throw lostAnswer();
  });
  const outcome = await create();
  expect(outcome.record).toBeNull();
  expect(outcome.error?.summary).toBe('creating snapshot "agent": the response was lost');
  expect(api.count("create")).toBe(3);
});

describe("an operation that is already in progress on the same source", () => {
  const clashes = (): void => {
    api.script = [];
    const { insert } = api;
    Object.assign(api, {
      insert: (body: Parameters<typeof insert>[0]) => {
        const dto = insert.call(api, body);
        void clock
          .sleep(500)
          .then(() => api.snapshots.has(dto.id) && api.set(dto.id, { state: "error", errorReason: CLASH }));
        return dto;
      },
    });
  };

  test("is tried again for as long as there is time; then what is there stays in the state", async () => {
    clashes();
    const begun = clock.now();
    const outcome = await create({ ...program, timeouts: { create: "5m", update: null, delete: null } });
    expect(outcome.error?.summary).toBe('creating snapshot "agent": the snapshot failed (state `error`)');
    expect(outcome.error?.detail).toContain(CLASH);
    expect(outcome.record).toMatchObject({ state: "error", errorReason: CLASH });
    // Pauses of 2, 4, 8, then 15 s, half a second to fail, and the time that a removal takes.
    expect(api.count("create")).toBeGreaterThan(15);
    expect(clock.now() - begun).toBeGreaterThan(4 * 60_000);
    expect(clock.now() - begun).toBeLessThan(5 * 60_000);
    expect(api.snapshots.has(outcome.record?.id as string)).toBe(true);
  });

  test("and the next try is refused: the state names nothing that is gone, and a delete by an older state goes through", async () => {
    const older = recordOf(await create({ ...program, name: "older" }));
    clashes();
    posts((_body, before) => {
      if (before > 1)
        throw new BadRequestError("there are no runners", {
          status: 400,
          reason: "No runners are configured in region us",
          request: "POST /snapshots",
        });
    });
    const outcome = await create();
    expect(outcome.error?.summary).toBe('creating snapshot "agent": the API rejected the request');
    expect(outcome.record).toBeNull();
    api.set(older.id, { name: "agent" });
    expect(await clock.run(lifecycle.delete({ ...older, name: "agent" }, {}, context()))).toEqual({
      record: null,
      marks: {},
      warnings: [],
    });
    expect(api.names()).toEqual([]);
  });

  test("any other failure is not tried again: it is kept, and told", async () => {
    api.script = [[500, "error"]];
    const outcome = await create();
    expect(outcome.record).toMatchObject({ state: "error" });
    expect(api.count("create")).toBe(1);
    expect(api.count("delete")).toBe(0);
  });
});

describe("a job that no runner answered", () => {
  const LOST = "Job 4d1ef00b-0000-4000-8000-000000000000 timed out after 30000ms";
  /** The first two snapshots fail like this, after 30 s each. */
  function loses(): void {
    let made = 0;
    api.script = [];
    const { insert } = api;
    Object.assign(api, {
      insert: (body: Parameters<typeof insert>[0]) => {
        const dto = insert.call(api, body);
        const fails = (made += 1) <= 2;
        void clock
          .sleep(fails ? 30_000 : 1000)
          .then(
            () =>
              api.snapshots.has(dto.id) &&
              api.set(dto.id, fails ? { state: "error", errorReason: LOST } : { state: "active" }),
          );
        return dto;
      },
    });
  }

  test("is tried again until it is answered, and only the last snapshot stays", async () => {
    loses();
    const record = recordOf(await create());
    expect(record).toMatchObject({ state: "active" });
    expect(api.count("create")).toBe(3);
    expect([...api.snapshots.keys()]).toEqual([record.id]);
  });

  test("whenever it is interrupted, what exists is in the state, and the next run ends with one snapshot", async () => {
    for (let call = 1; ; call += 1) {
      clock = new FakeClock();
      api = new FakeApi(clock);
      lifecycle = createLifecycle({ api: api.asApi(), clock });
      loses();
      const stop = new AbortController();
      const { called } = api;
      let calls = 0;
      Object.assign(api, {
        called: (method: string, answer: () => unknown) => {
          if ((calls += 1) === call) stop.abort();
          return called.call(api, method, answer as never);
        },
      });
      const outcome = await clock.run(
        lifecycle.create(plan(null, {}, program).planned, context({ signal: stop.signal })),
      );
      if (outcome.interrupted !== true) {
        expect(call).toBeGreaterThan(20);
        return;
      }
      // Leaving is as good as gone: its ID may be in the state or not.
      const there = [...api.snapshots.values()].filter(({ state }) => state !== "removing").map(({ id }) => id);
      if (there.length > 0) expect([call, outcome.record?.id]).toEqual([call, there[0]]);
      const next = createLifecycle({ api: api.asApi(), clock });
      const last =
        outcome.record === null
          ? await clock.run(next.create(plan(null, {}, program).planned, context()))
          : await clock.run(
              next.update(
                outcome.record,
                outcome.marks,
                plan(outcome.record, outcome.marks, program).planned,
                context({ idMayChange: true }),
              ),
            );
      expect([call, recordOf(last).state, [...api.snapshots.keys()]]).toEqual([call, "active", [recordOf(last).id]]);
    }
  });
});
