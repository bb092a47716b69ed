import { createLifecycle } from "../../../../provider/lifecycle/lifecycle";
import type { Marks } from "../../../../provider/resources/snapshot";
import { FakeApi, FakeClock } from "../fake";
import { context, plan, recordOf, text } from "../support";

const program = { name: "agent", image: "ubuntu:24.04" };

async function start() {
  const clock = new FakeClock();
  const api = new FakeApi(clock);
  const lifecycle = createLifecycle({ api: api.asApi(), clock });
  const record = recordOf(await clock.run(lifecycle.create(plan(null, {}, program).planned, context())));
  api.calls.length = 0;
  return { clock, api, lifecycle, record };
}

test("an activation that was planned for what is being deleted by now changes nothing", async () => {
  const { clock, api, lifecycle, record } = await start();
  const idle = { ...record, state: "inactive", active: false };
  api.set(record.id, { state: "removing" });
  const outcome = await clock.run(lifecycle.update(idle, {}, plan(idle, {}, program).planned, context()));
  expect(outcome.error?.summary).toBe('updating snapshot "agent": gone since the plan; plan again');
  expect(outcome.record).toMatchObject({ id: record.id, state: "removing" });
  expect(api.calls.map((call) => call.method)).toEqual(["get", "get"]);
});

test("what was being deleted is made by the update that is to mend it; what should be there is not", async () => {
  const mend = async (marks: Marks, state: string) => {
    const { clock, api, lifecycle, record } = await start();
    api.snapshots.clear();
    const prior = { ...record, state };
    const { planned } = plan({ ...prior, state: "removing" }, { removing: true }, program);
    const outcome = await clock.run(lifecycle.update(prior, marks, planned, context()));
    return [outcome.error?.summary ?? null, api.names()];
  };
  const gone = 'updating snapshot "agent": gone since the plan; plan again';
  expect([
    await mend({ removing: true }, "active"),
    await mend({}, "removing"),
    await mend({}, "error"),
    await mend({}, "active"),
  ]).toEqual([
    [null, ["agent"]],
    [null, ["agent"]],
    [null, ["agent"]],
    [gone, []],
  ]);
});

test("an activation that was planned for what is gone by now says so", async () => {
  const { clock, api, lifecycle, record } = await start();
  const idle = { ...record, state: "inactive", active: false };
  api.snapshots.clear();
  const outcome = await clock.run(lifecycle.update(idle, {}, plan(idle, {}, program).planned, context()));
  expect([text(outcome.error), outcome.failure?.code]).toEqual([
    `updating snapshot "agent": gone since the plan; plan again\nSnapshot ${record.id} no longer exists.`,
    "not-found",
  ]);
  expect(outcome.record).toEqual(idle);
});

test("one that is leaving is waited for and made again, without another delete", async () => {
  const { clock, api, lifecycle, record } = await start();
  const leaving = { ...record, state: "removing" };
  api.set(record.id, { state: "removing" });
  void clock.sleep(5000).then(() => api.snapshots.delete(record.id));
  const outcome = await clock.run(
    lifecycle.update(leaving, { removing: true }, plan(leaving, { removing: true }, program).planned, context()),
  );
  expect(recordOf(outcome)).toMatchObject({ name: "agent", state: "active" });
  expect([api.count("delete"), api.count("create"), api.names()]).toEqual([0, 1, ["agent"]]);
});

test("one that is adopted as it should be needs no call", async () => {
  const { clock, api, record } = await start();
  api.set(record.id, { state: "inactive" });
  const other = createLifecycle({ api: api.asApi(), clock });
  const outcome = await clock.run(
    other.create(plan(null, {}, { ...program, adoptExisting: true, active: false }).planned, context()),
  );
  expect(recordOf(outcome)).toMatchObject({ id: record.id, state: "inactive", active: false });
  expect([api.count("deactivate"), api.count("activate"), api.count("delete")]).toEqual([0, 0, 0]);
});

test("a create that waits for a delete of the same run goes on as soon as that is over", async () => {
  const { clock, api, lifecycle, record } = await start();
  const begun = clock.now();
  const { delete: deleted } = api;
  Object.assign(api, { delete: async (id: string) => (await clock.sleep(3000), deleted(id)) });
  const [gone, made] = await clock.run(
    Promise.all([
      lifecycle.delete(record, {}, context()),
      lifecycle.create(plan(null, {}, program).planned, context()),
    ]),
  );
  expect([gone.record, recordOf(made).state]).toEqual([null, "active"]);
  const at = api.calls.filter(({ method }) => method === "create").map((call) => call.at - begun);
  expect(at[0]).toBe(0);
  expect(at.at(-1)).toBe(3000);
});
