import type { SnapshotApi } from "../../../../provider/api";
import { BadRequestError, UnreachableError } from "../../../../provider/api";
import { createLifecycle } from "../../../../provider/lifecycle/lifecycle";
import { successorName } from "../../../../provider/resources/snapshot";
import { FakeApi, FakeClock } from "../fake";
import { mortal } from "../swap/killed";
import { context, plan, recordOf, text } from "../support";

const program = { name: "agent", image: "ubuntu:24.04" };
const after = { ...program, image: "debian:12" };

async function start() {
  const clock = new FakeClock();
  const api = new FakeApi(clock);
  const process = (wrap: (api: SnapshotApi) => SnapshotApi = (same) => same) =>
    createLifecycle({ api: wrap(api.asApi()), clock });
  const lifecycle = process();
  const record = recordOf(await clock.run(lifecycle.create(plan(null, {}, program).planned, context())));
  return { clock, api, process, lifecycle, record };
}

/** The state names an old one that is gone; a successor and the last step of its swap are there. */
async function cut() {
  const started = await start();
  const { api, record } = started;
  api.snapshots.clear();
  const successor = api.insert({ name: successorName("agent", record.id), imageName: "debian:12" });
  api.set(successor.id, { state: "active" });
  const final = api.insert({ name: "agent", imageName: "debian:12" });
  api.set(final.id, { state: "active" });
  api.calls.length = 0;
  return { ...started, successor, final };
}

test.each(["before", "after"] as const)(
  "a delete that is killed %s a call, wherever it was: asked again, it leaves nothing",
  async (when) => {
    for (let at = 0; ; at += 1) {
      const { clock, api, process, record } = await cut();
      let calls: string[] = [];
      await clock.run(
        process((whole) => {
          const doomed = mortal(whole, at, when);
          calls = doomed.calls;
          return doomed.api;
        }).delete(record, {}, context()),
      );
      if (calls.length <= at) break;
      const outcome = await clock.run(process().delete(record, {}, context()));
      expect({ at, calls, outcome, names: api.names() }).toEqual({
        at,
        calls,
        outcome: { record: null, marks: {}, warnings: [] },
        names: [],
      });
    }
  },
);

test("the last step goes first, the successor by which it is found last", async () => {
  const { clock, api, lifecycle, record, successor, final } = await cut();
  const order: string[] = [];
  const remove = api.delete;
  Object.assign(api, { delete: (id: string) => (api.snapshots.has(id) && order.push(id), remove(id)) });
  await clock.run(lifecycle.delete(record, {}, context()));
  expect(order).toEqual([final.id, successor.id]);
});

test("a second successor, of a program that changed on the way, goes as well", async () => {
  const { clock, api, lifecycle, record, successor, final } = await cut();
  const second = api.insert({ name: successorName("agent", successor.id), imageName: "alpine:3.20" });
  api.set(second.id, { state: "active" });
  api.snapshots.delete(final.id);
  const outcome = await clock.run(lifecycle.delete(record, {}, context()));
  expect(outcome).toMatchObject({ record: null, warnings: [] });
  expect(api.names()).toEqual([]);
});

test("what a swap of this very process left is deleted with it: it is not spared as what the process has made", async () => {
  const { clock, api, lifecycle, record } = await start();
  const create = api.create;
  Object.assign(api, {
    create: (body: Parameters<typeof create>[0]) =>
      body.name === "agent"
        ? api.called("create", () =>
            Promise.reject(
              new BadRequestError("no", { status: 400, reason: "No runners", request: "POST /snapshots" }),
            ),
          )
        : create(body),
  });
  const outcome = await clock.run(lifecycle.update(record, {}, plan(record, {}, after).planned, context()));
  expect(outcome.marks).toEqual({ successor: true });
  expect(api.names()).toEqual([successorName("agent", record.id)]);
  expect(await clock.run(lifecycle.delete(outcome.record as typeof record, outcome.marks, context()))).toEqual({
    record: null,
    marks: {},
    warnings: [],
  });
  expect(api.names()).toEqual([]);
});

test("what this process has deleted is forgotten: a later state of the name is deleted, too", async () => {
  const { clock, api, lifecycle, record } = await start();
  await clock.run(lifecycle.delete(record, {}, context()));
  const other = api.insert({ name: "agent", imageName: "ubuntu:24.04" });
  expect(await clock.run(lifecycle.delete({ ...record, id: other.id }, {}, context()))).toEqual({
    record: null,
    marks: {},
    warnings: [],
  });
  expect(api.names()).toEqual([]);
});

test("what this process has made anew under the name is spared without a call, and both are named", async () => {
  const { clock, api, lifecycle, record } = await start();
  api.calls.length = 0;
  const older = { ...record, id: "00000000-0000-4000-8000-00000000dead" };
  const outcome = await clock.run(lifecycle.delete(older, {}, context()));
  expect(outcome).toMatchObject({ record: null, warnings: [{ summary: 'deleting snapshot "agent": not deleted' }] });
  expect(text(outcome.warnings[0])).toContain(older.id);
  expect(text(outcome.warnings[0])).toContain(record.id);
  expect(api.calls).toEqual([]);
});

test("gone, and another has the name: it stays, and is named with the import line", async () => {
  const { clock, api, process, record } = await start();
  api.snapshots.clear();
  const other = api.insert({ name: "agent", imageName: "ubuntu:24.04" });
  const outcome = await clock.run(process().delete(record, {}, context()));
  expect(outcome.record).toBeNull();
  expect(text(outcome.warnings[0])).toContain(`terraform import ADDRESS ${other.id}`);
  expect(api.names()).toEqual(["agent"]);
});

test("one that answers to a UUID by its name is not the one that is meant", async () => {
  const { clock, api, process, record } = await start();
  api.snapshots.clear();
  api.insert({ name: record.id, imageName: "ubuntu:24.04" });
  const { planned } = plan(record, {}, { ...program, active: false });
  const outcome = await clock.run(process().update(record, {}, planned, context()));
  expect(outcome.error?.summary).toBe('updating snapshot "agent": gone since the plan; plan again');
  expect(api.count("deactivate")).toBe(0);
});

describe("a state of another organization", () => {
  const message = (verb: string) => `${verb} snapshot "agent": the credentials belong to another organization`;

  test("is known by the connection's: no call at all", async () => {
    const { clock, api, process, record } = await start();
    api.organizationId = "another";
    api.calls.length = 0;
    const outcomes = [
      await clock.run(process().read(record, {}, context())),
      await clock.run(process().update(record, {}, plan(record, {}, after).planned, context())),
      await clock.run(process().delete(record, {}, context())),
    ];
    expect(outcomes.map((outcome) => outcome.error?.summary)).toEqual([
      message("reading"),
      message("updating"),
      message("deleting"),
    ]);
    for (const outcome of outcomes) expect(outcome.record).toEqual(record);
    expect(api.calls).toEqual([]);
  });

  test.each([
    [
      "a listing",
      [
        { general: true, organizationId: "org" },
        { general: false, organizationId: "another" },
      ],
    ],
    ["what else there is to ask, where the listing is empty", [{ general: true, organizationId: "org" }]],
  ])("is never taken for gone: %s tells", async (_, items) => {
    const { clock, api, process, record } = await start();
    api.snapshots.clear();
    api.organizationId = null;
    Object.assign(api, {
      list: () => Promise.resolve({ items, total: items.length, page: 1, totalPages: 1 }),
      organization: () => Promise.resolve("another"),
    });
    const failed = { ...record, state: "error" };
    const outcomes = [
      await clock.run(process().read(record, {}, context())),
      await clock.run(process().update(failed, {}, plan(failed, {}, program).planned, context())),
      await clock.run(process().delete(record, {}, context())),
    ];
    expect(outcomes.map((outcome) => outcome.error?.summary)).toEqual([
      message("reading"),
      message("updating"),
      message("deleting"),
    ]);
    expect(outcomes.map((outcome) => outcome.record?.id)).toEqual([record.id, record.id, record.id]);
    expect(api.names()).toEqual([]);
  });
});

test("an API that is away for a while ends no wait for a delete", async () => {
  const { clock, api, process, record } = await start();
  const { get } = api;
  let away = 0;
  Object.assign(api, {
    delete: (id: string) =>
      api.called(
        "delete",
        () => (api.set(id, { state: "removing" }), void clock.sleep(30_000).then(() => api.snapshots.delete(id))),
      ),
    get: (id: string) =>
      api.count("delete") > 0 && (away += 1) <= 3
        ? Promise.reject(new UnreachableError("no connection", { status: 0, request: "GET" }))
        : get(id),
  });
  expect(await clock.run(process().delete(record, {}, context()))).toMatchObject({ record: null });
  expect(away).toBeGreaterThan(3);
});

test.each([
  ["a general one", { general: true }],
  ["another organization's", { organizationId: "another" }],
])("%s answers to the name without holding it", async (_, fields) => {
  const { clock, api, process, record } = await start();
  api.snapshots.clear();
  api.set(api.insert({ name: "agent", imageName: "ubuntu:24.04" }).id, fields);
  if ("general" in fields) {
    // Not even known which organization is ours.
    api.organizationId = null;
    Object.assign(api, {
      list: () => Promise.resolve({ items: [], total: 0, page: 1, totalPages: 0 }),
      organization: () => Promise.resolve(null),
    });
  }
  expect(await clock.run(process().read(record, {}, context()))).toEqual({ record: null, marks: {}, warnings: [] });
});

test.each([
  ["of another source", { imageName: "someone:1" }],
  ["older than the swap", { createdAt: "2020-01-01T00:00:00Z" }],
])(
  "a holder of the name that is %s is not the swap's last step: a delete leaves it, and names it",
  async (_, fields) => {
    const { clock, api, process, record, final } = await cut();
    api.set(final.id, fields);
    const outcome = await clock.run(process().delete(record, {}, context()));
    expect(outcome.record).toBeNull();
    expect(text(outcome.warnings[0])).toContain(final.id);
    expect(api.names()).toEqual(["agent"]);
  },
);

test("another program after a cut swap: what has the name and works goes only once the new source is proven", async () => {
  const { clock, api, process, record, final } = await cut();
  api.script = [[1000, "error"]];
  const marks = { successor: true };
  const outcome = await clock.run(
    process().update(record, marks, plan(record, marks, { ...program, image: "broken:1" }).planned, context()),
  );
  expect(text(outcome.error)).toContain("The old snapshot is unchanged");
  expect(api.snapshots.get(final.id)?.state).toBe("active");
  expect(outcome.marks).toEqual(marks);
});
