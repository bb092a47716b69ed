import { BadRequestError } from "../../../../provider/api";
import { createLifecycle } from "../../../../provider/lifecycle/lifecycle";
import { FakeApi, FakeClock } from "../fake";
import { context, plan, recordOf } from "../support";

const program = { name: "agent", image: "ubuntu:24.04" };

async function start() {
  const clock = new FakeClock();
  const api = new FakeApi(clock);
  const lifecycle = createLifecycle({ api: api.asApi(), clock });
  const record = recordOf(await clock.run(lifecycle.create(plan(null, {}, program).planned, context())));
  /** The state of it, at the API and in the record. */
  const drift = (state: string) => (api.set(record.id, { state }), { ...record, state });
  const update = (prior: typeof record, inputs: object = program, marks = {}) =>
    lifecycle.update(prior, marks, plan(prior, marks, inputs).planned, context());
  api.calls.length = 0;
  return { clock, api, lifecycle, record, drift, update };
}

test("the failed one goes only when nothing of its own source settles, whatever the program says by now", async () => {
  const { clock, api, lifecycle, drift, update } = await start();
  const failed = drift("error");
  const remove = api.delete;
  const there: string[][] = [];
  Object.assign(api, {
    delete: (id: string) => (
      there.push([...api.snapshots.values()].map((dto) => `${dto.name} ${dto.state}`).sort()),
      remove(id)
    ),
  });
  const sibling = lifecycle.create(plan(null, {}, { ...program, name: "sibling" }).planned, context());
  const [outcome] = await clock.run(Promise.all([update(failed, { ...program, image: "debian:12" }), sibling]));
  expect(recordOf(outcome)).toMatchObject({ image: "debian:12", state: "active" });
  expect(there).toEqual([["agent error", "sibling active"]]);
});

test("where it cannot be made again, the state says that it is leaving, and the next apply makes it", async () => {
  const { clock, api, record, drift, update, lifecycle } = await start();
  const failed = drift("error");
  const create = api.create;
  Object.assign(api, {
    create: () =>
      api.called("create", () =>
        Promise.reject(
          new BadRequestError("no", {
            status: 400,
            reason: "No runners are configured in region us",
            request: "POST /snapshots",
          }),
        ),
      ),
  });
  const outcome = await clock.run(update(failed));
  expect(outcome.error?.summary).toBe('rebuilding snapshot "agent": the API rejected the request');
  expect(outcome).toMatchObject({
    record: { id: record.id, name: "agent", state: "removing" },
    marks: { removing: true },
  });
  Object.assign(api, { create });
  // With a refresh it is gone; without one the update makes it.
  expect(
    (await clock.run(lifecycle.read(recordOf({ ...outcome, error: undefined } as never), outcome.marks, context())))
      .record,
  ).toBeNull();
  const next = await clock.run(update(outcome.record as typeof record, program, outcome.marks));
  expect(recordOf(next)).toMatchObject({ name: "agent", state: "active" });
  expect(next.marks).toEqual({});
});

test("one whose delete the server has lost while it was waited for is asked to go again", async () => {
  const { clock, api, drift, update } = await start();
  const leaving = drift("removing");
  void clock.sleep(2000).then(() => api.set(leaving.id, { state: "active" }));
  const outcome = await clock.run(update(leaving));
  expect(recordOf(outcome)).toMatchObject({ name: "agent", state: "active" });
  expect(outcome.record?.id).not.toBe(leaving.id);
  expect(api.count("delete")).toBe(1);
});

test("one that is waited on keeps others of its source from beginning", async () => {
  const { clock, api, lifecycle, drift, update } = await start();
  const settling = drift("pulling");
  void clock.sleep(10_000).then(() => api.set(settling.id, { state: "active" }));
  const begun = clock.now();
  const waiting = update(settling);
  const sibling = clock
    .sleep(100)
    .then(() => lifecycle.create(plan(null, {}, { ...program, name: "sibling" }).planned, context()));
  await clock.run(Promise.all([waiting, sibling]));
  expect(api.calls.find((call) => call.method === "create")!.at - begun).toBeGreaterThanOrEqual(10_000);
});
