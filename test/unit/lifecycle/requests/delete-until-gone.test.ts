import { ApiError, ForbiddenError, ServerError } from "../../../../provider/api";
import { createLifecycle } from "../../../../provider/lifecycle/lifecycle";
import { FakeApi, FakeClock } from "../fake";
import { context, plan, recordOf } from "../support";

async function active() {
  const clock = new FakeClock();
  const api = new FakeApi(clock);
  const lifecycle = createLifecycle({ api: api.asApi(), clock });
  const record = recordOf(
    await clock.run(lifecycle.create(plan(null, {}, { name: "agent", image: "ubuntu:24.04" }).planned, context())),
  );
  api.calls.length = 0;
  return { clock, api, lifecycle, record };
}

test("a row that the server forgot in removing is asked to go again", async () => {
  const { clock, api, lifecycle, record } = await active();
  const gone = api.delete;
  let asked = 0;
  Object.assign(api, {
    delete: (id: string) =>
      (asked += 1) < 3 ? api.called("delete", () => api.set(id, { state: "removing" })) : gone(id),
  });
  expect(await clock.run(lifecycle.delete(record, {}, context()))).toMatchObject({ record: null });
  expect(asked).toBe(3);
});

test("the deadline of a delete: the state stays, with what was seen last", async () => {
  const { clock, api, lifecycle, record } = await active();
  Object.assign(api, { delete: (id: string) => api.called("delete", () => api.set(id, { state: "removing" })) });
  const outcome = await clock.run(
    lifecycle.delete({ ...record, timeouts: { create: null, update: null, delete: "90s" } }, {}, context()),
  );
  expect(outcome.error?.summary).toBe('deleting snapshot "agent": timed out after 1m30s; last state: `removing`');
  expect(outcome.error?.attribute).toEqual(["timeouts", "delete"]);
  expect(outcome.record).toMatchObject({ id: record.id, state: "removing" });
  expect(api.listening).toBe(0);
});

test("a deadline in the line for a source says what was waited for", async () => {
  const { clock, api, lifecycle, record } = await active();
  api.script = [];
  const [, outcome] = await clock.run(
    Promise.all([
      lifecycle.create(plan(null, {}, { name: "other", image: "ubuntu:24.04" }).planned, context()),
      lifecycle.delete(record, {}, context()),
    ]),
  );
  expect(outcome.error?.summary).toBe(
    'deleting snapshot "agent": timed out after 10m while waiting for another snapshot with the same source to finish',
  );
  expect(outcome.record).toMatchObject({ id: record.id });
  expect(api.calls.filter((call) => call.method === "delete")).toEqual([]);
});

test.each<[number, new (message: string, details: { status: number; request: string }) => ApiError, boolean]>([
  [403, ForbiddenError, true],
  [408, ServerError, false],
  [504, ServerError, false],
])("a delete that ends with %d: whether a create of the run may adopt the snapshot", async (status, Kind, adopted) => {
  const { clock, api, record } = await active();
  const lifecycle = createLifecycle({ api: api.asApi(), clock });
  const refused = new Kind("no", { status, request: "DELETE /snapshots/1" });
  Object.assign(api, { delete: () => Promise.reject(refused) });
  expect((await clock.run(lifecycle.delete(record, {}, context()))).error).toBeDefined();
  const program = { name: "agent", image: "ubuntu:24.04", adoptExisting: true };
  const outcome = await clock.run(lifecycle.create(plan(null, {}, program).planned, context()));
  expect([outcome.error === undefined, outcome.record?.id === record.id]).toEqual([adopted, adopted]);
});

test("a call never holds two locks", async () => {
  const { Call } = jest.requireActual<typeof import("../../../../provider/lifecycle/call/call")>(
    "../../../../provider/lifecycle/call/call",
  );
  const { SourceLocks } = jest.requireActual<typeof import("../../../../provider/lifecycle/call/source-locks")>(
    "../../../../provider/lifecycle/call/source-locks",
  );
  const { Pushes } = jest.requireActual<typeof import("../../../../provider/lifecycle/pushes/pushes")>(
    "../../../../provider/lifecycle/pushes/pushes",
  );
  const { Owners } = jest.requireActual<typeof import("../../../../provider/lifecycle/call/owners")>(
    "../../../../provider/lifecycle/call/owners",
  );
  const clock = new FakeClock();
  const shared = {
    api: new FakeApi(clock).asApi(),
    clock,
    locks: new SourceLocks(),
    sources: { prepare: () => Promise.resolve(null) },
    organizationId: null,
    named: null,
    owners: new Owners(clock),
    images: () => null,
    pushes: new Pushes(),
  };
  const call = new Call(shared, context(), "x", "create", 1000, { record: null, marks: {} });
  await expect(call.locked("settle", "a", () => call.locked("remove", "b", () => Promise.resolve()))).rejects.toThrow(
    "a call holds one lock at a time",
  );
  expect(shared.locks.size).toBe(0);
  call.deadline.dispose();
});
