import { AmbiguousAnswerError, BadRequestError, NotFoundError, ServerError } from "../../../../provider/api";
import { createLifecycle } from "../../../../provider/lifecycle/lifecycle";
import type { SnapshotRecord } from "../../../../provider/resources/snapshot";
import { FakeApi, FakeClock } from "../fake";
import { context, plan, recordOf, text, told } from "../support";

const program = { name: "agent", image: "ubuntu:24.04" };
const HOUR = 3_600_000;

async function start(names = ["agent"]) {
  const clock = new FakeClock();
  const api = new FakeApi(clock);
  const lifecycle = createLifecycle({ api: api.asApi(), clock });
  const records: SnapshotRecord[] = [];
  for (const name of names) {
    const record = recordOf(await clock.run(lifecycle.create(plan(null, {}, { ...program, name }).planned, context())));
    // Deactivated long ago.
    api.set(record.id, { state: "inactive", updatedAt: new Date(clock.now() - HOUR).toISOString() });
    records.push({ ...record, state: "inactive", active: false });
  }
  api.calls.length = 0;
  const heard = told();
  const activate = (record = records[0]!, options = {}) =>
    lifecycle.update(record, {}, plan(record, {}, { ...program, name: record.name! }).planned, context(options, heard));
  return { clock, api, lifecycle, records, record: records[0]!, activate, heard };
}

test("those of one source are activated one after the other: each pulls again", async () => {
  const { clock, api, records, activate } = await start(["a", "b", "c"]);
  const begun = clock.now();
  const outcomes = await clock.run(Promise.all(records.map((record) => activate(record))));
  expect(outcomes.map((outcome) => recordOf(outcome).state)).toEqual(["active", "active", "active"]);
  const at = api.calls.filter((call) => call.method === "activate").map((call) => (call.at - begun) / 1000);
  expect(at).toHaveLength(3);
  expect(at[1]! - at[0]!).toBeGreaterThanOrEqual(2);
  expect(at[2]! - at[1]!).toBeGreaterThanOrEqual(2);
});

test.each([
  ["lost", () => new AmbiguousAnswerError("the answer was lost", { status: 0, request: "POST" })],
  ["a 500", () => new ServerError("it broke", { status: 500, request: "POST" })],
])("an answer that is %s: what became of it is read; where nothing did, it is asked for again", async (_, problem) => {
  for (const [took, calls] of [
    [true, 1],
    [false, 2],
  ] as const) {
    const { clock, api, record, activate } = await start();
    const real = api.activate;
    let first = true;
    Object.assign(api, {
      activate: async (id: string) => {
        if (!first) return real(id);
        first = false;
        await (took ? real(id) : api.called("activate", () => undefined));
        throw problem();
      },
    });
    expect(recordOf(await clock.run(activate()))).toMatchObject({ id: record.id, state: "active", active: true });
    expect(api.count("activate")).toBe(calls);
  }
});

test("an API that never does it: an error after some tries, and the state says what is there", async () => {
  const { clock, api, record, activate } = await start();
  Object.assign(api, {
    activate: () =>
      api.called("activate", () => Promise.reject(new ServerError("it broke", { status: 500, request: "POST" }))),
  });
  const outcome = await clock.run(activate());
  expect(outcome.error?.summary).toBe('activating snapshot "agent": the API does not respond');
  expect(outcome.record).toMatchObject({ id: record.id, state: "inactive", active: false });
  expect(api.count("activate")).toBe(4);
});

test("somebody else was quicker: what they have begun is waited for", async () => {
  const { clock, api, record, activate } = await start();
  const real = api.activate;
  Object.assign(api, {
    activate: async (id: string) => {
      await real(id);
      throw new BadRequestError("no", {
        status: 400,
        reason: `Snapshot ${id} cannot be activated - it is in pending state`,
        request: "POST",
      });
    },
  });
  expect(recordOf(await clock.run(activate()))).toMatchObject({ id: record.id, state: "active" });
  expect(api.count("activate")).toBe(1);
});

test("deactivated once more during the ten minutes: they begin anew", async () => {
  const { clock, api, record, activate } = await start();
  const begun = clock.now();
  api.set(record.id, { updatedAt: new Date(begun).toISOString() });
  void clock.sleep(300_000).then(() => api.set(record.id, { updatedAt: new Date(begun + 300_000).toISOString() }));
  expect(recordOf(await clock.run(activate())).state).toBe("active");
  expect(api.calls.find((call) => call.method === "activate")!.at - begun).toBe(900_000);
});

test("the wait is shown each minute, with the time at which it ends and how long that is", async () => {
  const { clock, api, record, activate, heard } = await start();
  api.set(record.id, { updatedAt: new Date(clock.now() - 400_500).toISOString() });
  const when = new Date(clock.now() + 199_500).toISOString().replace(/\.\d+Z$/, "Z");
  await clock.run(activate());
  expect(heard.progress.slice(0, 4)).toEqual(
    ["3m20s", "2m20s", "1m20s", "19.5s"].map(
      (left) => `inactive; waiting until ${when} (${left} from now), when the API allows the activation`,
    ),
  );
});

test("gone during the ten minutes: said, and nothing is made", async () => {
  const { clock, api, record, activate } = await start();
  api.set(record.id, { updatedAt: new Date(clock.now()).toISOString() });
  void clock.sleep(60_000).then(() => api.snapshots.clear());
  const outcome = await clock.run(activate());
  expect(outcome.error?.summary).toBe('activating snapshot "agent": someone else deleted the snapshot');
  expect(api.calls.map((call) => call.method).filter((method) => method !== "get")).toEqual([]);
});

test("interrupted in the ten minutes: at once, with what is there", async () => {
  const { clock, api, record, activate } = await start();
  const begun = clock.now();
  api.set(record.id, { updatedAt: new Date(begun).toISOString() });
  const stop = new AbortController();
  void clock.sleep(90_000).then(() => stop.abort());
  const outcome = await clock.run(activate(undefined, { signal: stop.signal }));
  expect(outcome).toMatchObject({ interrupted: true, record: { id: record.id, state: "inactive", active: false } });
  expect(clock.now() - begun).toBeLessThanOrEqual(92_000);
});

test("ten minutes that the call does not have: an error at once, which says when it is possible", async () => {
  const { clock, api, record, activate } = await start();
  const begun = clock.now();
  api.set(record.id, { updatedAt: new Date(begun).toISOString() });
  const outcome = await clock.run(activate(undefined, { timeoutMs: 599_999 }));
  const when = new Date(begun + 600_000).toISOString().replace(".000Z", "Z");
  expect(text(outcome.error)).toBe(
    `activating snapshot "agent": not possible before ${when}\nThe API does not activate a snapshot within ten minutes of its last change, and this operation times out after 10m. Run apply again after ${when} (10m from now), or set a longer timeout: \`timeouts = { update = "…" }\`.`,
  );
  expect([outcome.error?.attribute, clock.now() - begun, api.count("activate")]).toEqual([
    ["timeouts", "update"],
    0,
    0,
  ]);
});

test("gone when it is asked for: said, and asked once", async () => {
  const { clock, api, activate } = await start();
  Object.assign(api, {
    activate: () =>
      api.called("activate", () => Promise.reject(new NotFoundError("no", { status: 404, request: "POST" }))),
  });
  const outcome = await clock.run(activate());
  expect([outcome.error?.summary, outcome.failure?.code, api.count("activate")]).toEqual([
    'activating snapshot "agent": someone else deleted the snapshot',
    "not-found",
    1,
  ]);
});

test("refused, and inactive all the same: the refusal is the error, and nothing is repeated", async () => {
  const { clock, api, record, activate } = await start();
  Object.assign(api, {
    activate: () =>
      api.called("activate", () =>
        Promise.reject(
          new BadRequestError("it cannot be activated", {
            status: 400,
            reason: "it cannot be activated",
            request: "POST",
          }),
        ),
      ),
  });
  const outcome = await clock.run(activate());
  expect([text(outcome.error), api.count("activate")]).toEqual([
    'activating snapshot "agent": the API rejected the request\nIt cannot be activated.',
    1,
  ]);
  expect(outcome.record).toMatchObject({ id: record.id, state: "inactive" });
});

test("an API that still works on the deactivation is asked again every 15 seconds, however often", async () => {
  const { clock, api, record, activate } = await start();
  const real = api.activate;
  const begun = clock.now();
  let refused = 0;
  Object.assign(api, {
    activate: (id: string) =>
      (refused += 1) > 6
        ? real(id)
        : api.called("activate", () =>
            Promise.reject(
              new BadRequestError("no", {
                status: 400,
                reason: "Snapshot deactivation is still in progress",
                request: "POST",
              }),
            ),
          ),
  });
  expect(recordOf(await clock.run(activate()))).toMatchObject({ id: record.id, state: "active" });
  expect(api.calls.filter(({ method }) => method === "activate").map(({ at }) => at - begun)).toEqual([
    0, 15_000, 30_000, 45_000, 60_000, 75_000, 90_000,
  ]);
});

describe("a wait for active", () => {
  test.each([
    ["deactivates", "inactive", "deactivated"],
    ["deletes", "removing", "deleted"],
  ])("ends when somebody else %s it: neither ready nor failed", async (_, state, what) => {
    const { clock, api, record, activate } = await start();
    void clock.sleep(1000).then(() => api.set(record.id, { state }));
    const outcome = await clock.run(activate(undefined, { timeoutMs: 60_000 }));
    expect(outcome.error?.summary).toBe(`activating snapshot "agent": someone else ${what} the snapshot`);
    expect(outcome.record).toMatchObject({ id: record.id, state });
    expect(text(outcome.error)).toContain("Plan and apply again.");
  });

  test("of one that is active in the answer already ends at once, with a read", async () => {
    const { clock, api, lifecycle } = await start();
    const { create } = api;
    api.script = [];
    Object.assign(api, {
      create: async (body: Parameters<typeof create>[0]) => {
        const { id } = await create(body);
        api.set(id, { state: "active" });
        const answer = api.find(id);
        api.set(id, { size: 2 });
        return answer;
      },
    });
    const begun = clock.now();
    const record = recordOf(
      await clock.run(lifecycle.create(plan(null, {}, { ...program, name: "other" }).planned, context())),
    );
    expect(record).toMatchObject({ state: "active", size: 2 });
    expect(clock.now()).toBe(begun);
  });
});

describe("a deactivation", () => {
  const off = { ...program, active: false };
  test("is seen at once, also without events", async () => {
    const { clock, api, lifecycle, record } = await start();
    api.set(record.id, { state: "active" });
    const prior = { ...record, state: "active", active: true };
    const begun = clock.now();
    expect(recordOf(await clock.run(lifecycle.update(prior, {}, plan(prior, {}, off).planned, context()))).state).toBe(
      "inactive",
    );
    expect(clock.now()).toBe(begun);
  });

  test("of one that is gone says so", async () => {
    const { clock, api, lifecycle, record } = await start();
    api.set(record.id, { state: "active" });
    const prior = { ...record, state: "active", active: true };
    Object.assign(api, {
      deactivate: () =>
        api.called("deactivate", () => Promise.reject(new NotFoundError("no", { status: 404, request: "POST" }))),
    });
    const outcome = await clock.run(lifecycle.update(prior, {}, plan(prior, {}, off).planned, context()));
    expect(outcome.error?.summary).toBe('deactivating snapshot "agent": someone else deleted the snapshot');
  });
});
