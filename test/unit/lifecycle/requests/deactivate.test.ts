import { createLifecycle } from "../../../../provider/lifecycle/lifecycle";
import { FakeApi, FakeClock } from "../fake";
import { context, plan, recordOf } from "../support";

const program = { name: "agent", image: "ubuntu:24.04" };

function start() {
  const clock = new FakeClock();
  const api = new FakeApi(clock);
  return { clock, api, lifecycle: createLifecycle({ api: api.asApi(), clock }) };
}

test("nothing is deactivated while another snapshot of the same source settles: it takes the image off the runners, too", async () => {
  const { clock, api, lifecycle } = start();
  let settling = 0;
  const { create, deactivate } = api;
  Object.assign(api, {
    create: async (body: Parameters<typeof create>[0]) => {
      settling += 1;
      void clock.sleep(2000).then(() => (settling -= 1));
      return create(body);
    },
    deactivate: (id: string) => {
      expect(settling).toBe(0);
      return deactivate(id);
    },
  });
  const inputs = ["a", "b", "c"].map((name) => ({ ...program, name, active: false }));
  const outcomes = await clock.run(
    Promise.all(inputs.map((each) => lifecycle.create(plan(null, {}, each).planned, context()))),
  );
  expect(outcomes.map((outcome) => recordOf(outcome).state)).toEqual(["inactive", "inactive", "inactive"]);
});

test("what somebody deletes while it waits for its turn is not deactivated: that would cancel the delete", async () => {
  const { clock, api, lifecycle } = start();
  const record = recordOf(await clock.run(lifecycle.create(plan(null, {}, program).planned, context())));
  const off = { ...program, active: false };
  const other = lifecycle.create(plan(null, {}, { ...program, name: "other" }).planned, context());
  void clock.sleep(1500).then(() => api.set(record.id, { state: "removing" }));
  const [outcome] = await clock.run(
    Promise.all([lifecycle.update(record, {}, plan(record, {}, off).planned, context()), other]),
  );
  expect(outcome.error?.summary).toBe('deactivating snapshot "agent": someone else deleted the snapshot');
  expect(outcome.record).toMatchObject({ id: record.id, state: "removing" });
  expect(api.calls.map((call) => call.method)).not.toContain("deactivate");
});

test("what is inactive by then needs no call", async () => {
  const { clock, api, lifecycle } = start();
  const record = recordOf(await clock.run(lifecycle.create(plan(null, {}, program).planned, context())));
  const other = lifecycle.create(plan(null, {}, { ...program, name: "other" }).planned, context());
  void clock.sleep(1500).then(() => api.set(record.id, { state: "inactive" }));
  const [outcome] = await clock.run(
    Promise.all([
      lifecycle.update(record, {}, plan(record, {}, { ...program, active: false }).planned, context()),
      other,
    ]),
  );
  expect(recordOf(outcome)).toMatchObject({ id: record.id, state: "inactive", active: false });
  expect(api.calls.map((call) => call.method)).not.toContain("deactivate");
});
