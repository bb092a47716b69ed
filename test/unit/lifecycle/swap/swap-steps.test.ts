import { BadRequestError, ForbiddenError } from "../../../../provider/api";
import { createLifecycle } from "../../../../provider/lifecycle/lifecycle";
import { type SnapshotInputs, successorName } from "../../../../provider/resources/snapshot";
import { FakeApi, FakeClock } from "../fake";
import { context, plan, recordOf, text } from "../support";

const program = { name: "agent", image: "ubuntu:24.04" };
const after = { ...program, image: "debian:12" };

async function start(inputs: Partial<SnapshotInputs> = program) {
  const clock = new FakeClock();
  const api = new FakeApi(clock);
  const lifecycle = createLifecycle({ api: api.asApi(), clock });
  const record = recordOf(await clock.run(lifecycle.create(plan(null, {}, inputs).planned, context())));
  api.calls.length = 0;
  const next = successorName("agent", record.id);
  const swap = (to: Partial<SnapshotInputs> = after) =>
    clock.run(lifecycle.update(record, {}, plan(record, {}, to).planned, context()));
  /** What happens to the n-th snapshot of the very name (1: the final one). */
  const finals = (happen: (n: number) => string | Error) => {
    const create = api.create;
    let n = 0;
    Object.assign(api, {
      create: async (body: Parameters<typeof create>[0]) => {
        if (body.name !== "agent") return create(body);
        const what = happen((n += 1));
        if (typeof what !== "string") return api.called("create", () => Promise.reject(what));
        api.script = [[1000, what]];
        return create(body);
      },
    });
  };
  return { clock, api, lifecycle, record, next, swap, finals };
}

test("a successor of an earlier try that has failed is removed and made anew, however alike it is", async () => {
  const { api, next, swap } = await start();
  const script = api.script;
  api.script = [];
  const failed = api.insert({ name: next, imageName: "debian:12" });
  api.set(failed.id, { state: "error" });
  api.script = script;
  expect(recordOf(await swap())).toMatchObject({ image: "debian:12", state: "active" });
  expect(api.count("create")).toBe(2);
  expect(api.names()).toEqual(["agent"]);
});

test("one that still settles is waited for, and used", async () => {
  const { api, next, swap } = await start();
  api.insert({ name: next, imageName: "debian:12" });
  expect(recordOf(await swap())).toMatchObject({ image: "debian:12", state: "active" });
  expect(api.count("create")).toBe(1);
  expect(api.names()).toEqual(["agent"]);
});

test("one that is being deleted already is waited for, not deleted once more", async () => {
  const { clock, api, next, swap } = await start();
  const script = api.script;
  api.script = [];
  const leaving = api.insert({ name: next, imageName: "debian:12" });
  api.set(leaving.id, { state: "removing" });
  api.script = script;
  void clock.sleep(5000).then(() => api.snapshots.delete(leaving.id));
  expect(recordOf(await swap())).toMatchObject({ image: "debian:12", state: "active" });
  expect([api.count("create"), api.count("delete"), api.names()]).toEqual([2, 2, ["agent"]]);
});

test("somebody else's snapshot of the successor's name that differs ends the swap before anything is touched", async () => {
  const { api, record, next, swap } = await start();
  const create = api.create;
  Object.assign(api, {
    create: (body: Parameters<typeof create>[0]) => (api.insert({ name: next, imageName: "someone:1" }), create(body)),
  });
  const outcome = await swap();
  expect(outcome.error?.summary).toBe(`replacing snapshot "agent": the name "${next}" is already taken`);
  expect(outcome.error?.detail).toMatch(/\nThe old snapshot is unchanged and still usable\.$/);
  expect(outcome.record).toEqual(record);
  expect(api.count("delete")).toBe(0);
});

describe("the final one", () => {
  test("fails once: removed, and made once more", async () => {
    const { api, swap, finals } = await start();
    finals((n) => (n === 1 ? "error" : "active"));
    expect(recordOf(await swap())).toMatchObject({ image: "debian:12", state: "active" });
    expect(api.count("create")).toBe(3);
    expect(api.names()).toEqual(["agent"]);
  });

  test("fails twice: an error, the failed one is gone, the successor is kept", async () => {
    const { api, next, swap, finals } = await start();
    finals(() => "error");
    const outcome = await swap();
    expect(outcome.error?.summary).toBe('replacing snapshot "agent": the snapshot failed (state `error`)');
    expect(text(outcome.error)).toContain(`The successor "${next}"`);
    expect(api.count("create")).toBe(3);
    expect(outcome.marks).toEqual({ successor: true });
    expect(api.names()).toEqual([next]);
  });

  test("is refused once: asked for once more; what a key may not do is asked once", async () => {
    const refused = await start();
    refused.finals((n) =>
      n === 1 ? new BadRequestError("no", { status: 400, reason: "No runners", request: "POST" }) : "active",
    );
    expect(recordOf(await refused.swap())).toMatchObject({ image: "debian:12", state: "active" });
    const forbidden = await start();
    forbidden.finals(() => new ForbiddenError("no", { status: 403, reason: "Access denied", request: "POST" }));
    const outcome = await forbidden.swap();
    expect(outcome.marks).toEqual({ successor: true });
    expect(forbidden.api.count("create")).toBe(2);
  });

  test("of an earlier try that was deactivated since is taken as it is, and activated", async () => {
    const { clock, api, lifecycle, record, next } = await start();
    api.snapshots.clear();
    for (const name of [next, "agent"])
      api.set(api.insert({ name, imageName: "debian:12" }).id, {
        state: name === next ? "active" : "inactive",
        updatedAt: "2020-01-01T00:00:00Z",
      });
    await clock.run(clock.sleep(5000));
    for (const dto of api.snapshots.values()) api.set(dto.id, { state: dto.name === next ? "active" : "inactive" });
    const update = (active: boolean) =>
      clock.run(
        lifecycle.update(
          record,
          { successor: true },
          plan(record, { successor: true }, { ...after, active }).planned,
          context(),
        ),
      );
    expect(recordOf(await update(true))).toMatchObject({ name: "agent", state: "active", active: true });
    expect([api.count("create"), api.count("activate")]).toEqual([1, 1]);
    expect(api.names()).toEqual(["agent"]);
  });

  test("is spared when the tool deletes by the older state of the name afterwards", async () => {
    const { clock, api, lifecycle, record, swap } = await start();
    recordOf(await swap());
    api.calls.length = 0;
    expect(await clock.run(lifecycle.delete(record, {}, context()))).toMatchObject({
      record: null,
      warnings: [{ summary: 'deleting snapshot "agent": not deleted' }],
    });
    expect(api.calls).toEqual([]);
  });

  test("is not what was built for other triggers", async () => {
    const build = { name: "agent", dockerfileContent: "FROM a:1\n" };
    const { api, next, swap, finals } = await start(build);
    let theirs = "";
    finals(() => {
      if (theirs === "") theirs = api.insert({ name: "agent", buildInfo: { dockerfileContent: "FROM a:1\n" } }).id;
      return "active";
    });
    const outcome = await swap({ ...build, triggers: { week: "2" } });
    expect(text(outcome.error)).toContain("triggers: the snapshot was built with other triggers");
    expect(outcome.marks).toEqual({ successor: true });
    expect(api.names()).toEqual(["agent", next]);
    expect(api.snapshots.has(theirs)).toBe(true);
  });
});

test("a refresh keeps the mark of an import until something is applied", async () => {
  const { clock, lifecycle } = await start();
  const imported = await clock.run(lifecycle.import("agent", context()));
  const read = await clock.run(lifecycle.read(recordOf(imported), imported.marks, context()));
  expect(read).toMatchObject({ record: imported.record, marks: { imported: true } });
  const { action, planned } = plan(read.record, read.marks, { ...program, triggers: { a: "1" } });
  expect(action).toBe("state-only");
  expect((await clock.run(lifecycle.update(recordOf(read), read.marks, planned, context()))).marks).toEqual({});
});

test("permissions that cannot be read keep no swap from beginning", async () => {
  const { api, swap } = await start();
  Object.assign(api, {
    currentKey: () =>
      Promise.reject(new ForbiddenError("no", { status: 403, reason: "Access denied", request: "GET" })),
  });
  expect(recordOf(await swap())).toMatchObject({ image: "debian:12", state: "active" });
});

test("permissions are asked for once in a process, and a key that lacks both is told both", async () => {
  const { clock, api, lifecycle, record } = await start();
  let asked = 0;
  Object.assign(api, {
    currentKey: () =>
      Promise.resolve({ name: "k", permissions: (asked += 1) === 1 ? [] : ["write:snapshots", "delete:snapshots"] }),
  });
  for (let n = 0; n < 2; n += 1) {
    const outcome = await clock.run(lifecycle.update(record, {}, plan(record, {}, after).planned, context()));
    expect([text(outcome.error), outcome.failure?.code, outcome.record]).toEqual([
      'replacing snapshot "agent": the API key lacks `write:snapshots` and `delete:snapshots`\nA swap creates and deletes snapshots, so it needs a key with both permissions. Nothing was changed.',
      "forbidden",
      record,
    ]);
  }
  expect([asked, api.count("create"), api.count("delete")]).toEqual([1, 0, 0]);
});

test("a wait ends at once when the API refuses to be asked: only what passes is sat out", async () => {
  const { clock, api, lifecycle } = await start();
  const asked = clock.now();
  Object.assign(api, {
    get: () =>
      api.called("get", () =>
        Promise.reject(new ForbiddenError("no", { status: 403, reason: "Access denied", request: "GET" })),
      ),
  });
  const outcome = await clock.run(lifecycle.create(plan(null, {}, { ...program, name: "other" }).planned, context()));
  expect(outcome.error?.summary).toBe('creating snapshot "other": permission denied');
  expect(outcome.record).toMatchObject({ name: "other", state: "pending" });
  expect(clock.now() - asked).toBeLessThan(5000);
});
