import { BadRequestError, type SnapshotDto } from "../../../../provider/api";
import { createLifecycle } from "../../../../provider/lifecycle/lifecycle";
import { type SnapshotInputs, successorName } from "../../../../provider/resources/snapshot";
import { FakeApi, FakeClock } from "../fake";
import { context, plan, recordOf, text } from "../support";

const program = { name: "agent", image: "ubuntu:24.04" };
const after = { ...program, image: "debian:12" };

async function start() {
  const clock = new FakeClock();
  const api = new FakeApi(clock);
  const lifecycle = createLifecycle({ api: api.asApi(), clock });
  const record = recordOf(await clock.run(lifecycle.create(plan(null, {}, program).planned, context())));
  api.calls.length = 0;
  const next = successorName("agent", record.id);
  /** Every create, with the names that were there. */
  const creates: [string, string[]][] = [];
  const { create } = api;
  Object.assign(api, {
    create: (body: Parameters<typeof create>[0]) => (creates.push([body.name, api.names()]), create(body)),
  });
  const swap = (to: Partial<SnapshotInputs> = after, options = {}, marks = {}) =>
    clock.run(lifecycle.update(record, marks, plan(record, marks, to).planned, context(options)));
  /** What is there, active, as an interrupted swap leaves it. */
  const left = async (...found: Partial<SnapshotDto>[]): Promise<void> => {
    api.snapshots.clear();
    const { script } = api;
    api.script = [];
    for (const fields of found)
      api.set(api.insert({ name: "x", imageName: "debian:12" }).id, { state: "active", ...fields });
    api.script = script;
    await Promise.resolve();
  };
  return { clock, api, lifecycle, record, next, swap, creates, left };
}

test("what another resource manages is not replaced, and nothing is made for it", async () => {
  const { api, lifecycle, record, swap } = await start();
  lifecycle.keeps(record.id, "urn:other");
  const outcome = await swap(after, { owner: "urn:mine" });
  expect(outcome.error?.summary).toBe(
    'replacing snapshot "agent": another resource of this configuration manages the snapshot as well',
  );
  expect([outcome.record, api.count("create"), api.count("delete"), api.names()]).toEqual([record, 0, 0, ["agent"]]);
});

test.each<[string, Partial<SnapshotDto>]>([
  ["of the same moment", {}],
  ["whose pull has not told its entrypoint yet", { entrypoint: ["sh"] }],
])("the final one of an earlier program, %s, is replaced only after the new program is proven", async (_what, more) => {
  const { api, next, swap, creates, left } = await start();
  await left({ name: next, ...more }, { name: "agent" });
  const lone = api.find(next).id;
  const outcome = await swap({ ...program, image: "alpine:3.20" }, {}, { successor: true });
  expect(recordOf(outcome)).toMatchObject({ name: "agent", image: "alpine:3.20", state: "active" });
  const second = successorName("agent", lone);
  expect(creates).toEqual([
    [second, ["agent", next].sort()],
    ["agent", [next, second].sort()],
  ]);
  expect([api.names(), outcome.marks]).toEqual([["agent"], {}]);
});

test("where the state has the successor itself, the name is free: it is made at once, and the successor goes last", async () => {
  const { clock, api, lifecycle, record, next, creates, left } = await start();
  await left({ name: next });
  const prior = { ...record, id: api.find(next).id };
  const { planned } = plan(prior, { successor: true }, after);
  const outcome = await clock.run(lifecycle.update(prior, { successor: true }, planned, context()));
  expect(recordOf(outcome)).toMatchObject({ name: "agent", image: "debian:12", state: "active" });
  expect([creates, api.count("delete"), api.names(), outcome.marks]).toEqual([[["agent", [next]]], 1, ["agent"], {}]);
});

test.each<[string, Partial<SnapshotDto>]>([
  ["is older than the successor", { createdAt: "2020-01-01T00:00:00Z" }],
  ["has another source", { imageName: "someone:1", createdAt: "2030-01-01T00:00:00Z" }],
])("somebody's snapshot of the name that %s is never taken for the final one", async (_what, more) => {
  const { api, next, swap, left } = await start();
  await left({ name: next }, { name: "agent", ...more });
  const outcome = await swap({ ...program, image: "alpine:3.20" }, {}, { successor: true });
  expect(outcome.error?.summary).toBe('replacing snapshot "agent": the name "agent" is already taken');
  expect([api.count("delete"), api.names(), outcome.marks]).toEqual([0, ["agent", next].sort(), { successor: true }]);
});

test.each([
  ["r1", "r2", 1],
  ["r1", "r1", 0],
  ["r1", null, 0],
  [null, "r2", 0],
])("refs %j and %j: a tag that moved is told only where both are known", async (proven, final, count) => {
  const { api, next, swap } = await start();
  const { set } = api;
  Object.assign(api, {
    set: (id: string, fields: Partial<SnapshotDto>) =>
      set.call(api, id, { ...fields, ref: api.snapshots.get(id)?.name === next ? proven : final }),
  });
  const outcome = await swap();
  expect(recordOf(outcome).image).toBe("debian:12");
  expect(outcome.warnings.map(text)).toEqual(
    Array(count).fill(
      'replacing snapshot "agent": the image changed during the swap\nThe successor used r1, but "agent" now uses r2: the tag was moved in between. To pin the image, use a digest in `image`.',
    ),
  );
});

test("a call that waited for the quota says so only while it does", async () => {
  const { api, swap } = await start();
  const { create } = api;
  let finals = 0;
  Object.assign(api, {
    create: (body: Parameters<typeof create>[0]) => {
      if (body.name !== "agent") return create(body);
      if ((finals += 1) === 1)
        return api.called("create", () =>
          Promise.reject(
            new BadRequestError("Snapshot quota exceeded", {
              status: 400,
              reason: "Snapshot quota exceeded. Maximum allowed: 2",
              request: "POST",
            }),
          ),
        );
      api.script = [[1000, "pulling"]];
      return create(body);
    },
  });
  const outcome = await swap(after, { timeoutMs: 60_000 });
  expect([finals, outcome.error?.summary]).toEqual([
    2,
    'replacing snapshot "agent": timed out after 1m; last state: `pulling`',
  ]);
});
