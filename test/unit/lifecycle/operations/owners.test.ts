// Longer than most: each way in which two resources can own one snapshot, and who keeps it.
import { ForbiddenError, UnreachableError } from "../../../../provider/api";
import { createLifecycle } from "../../../../provider/lifecycle/lifecycle";
import type { SnapshotRecord } from "../../../../provider/resources/snapshot";
import { FakeApi, FakeClock } from "../fake";
import { context, made, plan, recordOf, text, told } from "../support";

const program = { name: "agent", image: "ubuntu:24.04" };
const adopting = plan(null, {}, { ...program, adoptExisting: true }).planned;
let clock: FakeClock;
let api: FakeApi;
beforeEach(() => {
  clock = new FakeClock();
  api = new FakeApi(clock);
});

const process = (independent = false) => createLifecycle({ api: api.asApi(), clock, independent });
const existing = (inputs: object = program): Promise<SnapshotRecord> => clock.run(made(process(), inputs));
const deletes = (): number => api.count("delete");

test("a delete keeps what another resource manages, and says so", async () => {
  const record = await existing();
  const lifecycle = process();
  lifecycle.keeps(record.id, "other");
  const outcome = await clock.run(lifecycle.delete(record, {}, context({ owner: "this" })));
  expect(outcome).toEqual({
    record: null,
    marks: {},
    warnings: [
      {
        summary: 'Snapshot "agent" is kept: another resource of this configuration manages it',
        detail: `Snapshot ${record.id} was not deleted. This resource is removed from the state only, and the other one continues to manage the snapshot.\nIf no other resource manages it, delete it manually:\n  daytona-iac snapshot delete NAME`,
      },
    ],
  });
  expect(deletes()).toBe(0);
});

test("a delete of the resource itself, or of one that no other keeps any more, deletes", async () => {
  const record = await existing();
  const lifecycle = process();
  lifecycle.keeps(record.id, "this");
  lifecycle.keeps(record.id, "other");
  lifecycle.letsGo(record.id, "other");
  expect((await clock.run(lifecycle.delete(record, {}, context({ owner: "this" })))).warnings).toEqual([]);
  expect(api.names()).toEqual([]);
});

test("without a name of its own, a delete counts every keeper as another", async () => {
  const record = await existing();
  const lifecycle = process();
  lifecycle.keeps(record.id, "other");
  expect((await clock.run(lifecycle.delete(record, {}, context()))).warnings).toHaveLength(1);
  expect(api.names()).toEqual(["agent"]);
});

test("an earlier run's mark keeps it as well", async () => {
  const record = await existing();
  api.calls.length = 0;
  const outcome = await clock.run(process().delete(record, { shared: true }, context()));
  expect(outcome.warnings.map(({ summary }) => summary)).toEqual([
    'Snapshot "agent" is kept: another resource of this configuration manages it',
  ]);
  expect(api.calls).toEqual([]);
});

test("what becomes known while a delete waits for the source keeps it: each DELETE asks anew", async () => {
  const record = await existing();
  const lifecycle = process();
  const sibling = lifecycle.create(plan(null, {}, { ...program, name: "sibling" }).planned, context());
  const outcome = lifecycle.delete(record, {}, context({ owner: "this" }));
  await clock.run(Promise.all([sibling, outcome, clock.sleep(500).then(() => lifecycle.keeps(record.id, "other"))]));
  expect((await outcome).warnings).toHaveLength(1);
  expect(api.names()).toEqual(["agent", "sibling"]);
});

test("a DELETE that the server forgot is not repeated for what another resource keeps by then", async () => {
  const record = await existing();
  Object.assign(api, { delete: (id: string) => api.called("delete", () => void api.find(id)) });
  const lifecycle = process();
  const outcome = lifecycle.delete(record, {}, context({ owner: "this" }));
  await clock.run(Promise.all([outcome, clock.sleep(100).then(() => lifecycle.keeps(record.id, "other"))]));
  expect(deletes()).toBe(1);
  expect((await outcome).warnings.map(({ summary }) => summary)).toEqual([
    'Snapshot "agent" is kept: another resource of this configuration manages it',
  ]);
});

describe("adoption", () => {
  test("refuses what another resource keeps", async () => {
    const record = await existing();
    const lifecycle = process();
    lifecycle.keeps(record.id, "other");
    const started = clock.now();
    const outcome = await clock.run(lifecycle.create(adopting, context({ owner: "this" })));
    expect(outcome).toMatchObject({ record: null });
    expect(clock.now()).toBe(started);
    expect(outcome.error).toEqual({
      summary: 'creating snapshot "agent": the name "agent" is already taken',
      detail: `Snapshot ${record.id} has the name, and another resource of this configuration manages it.\nIt matches the requested snapshot.\nTwo resources cannot share a name. Rename one of them, or remove it. If you renamed the resource, add a \`moved\` block.`,
      attribute: ["name"],
    });
  });

  test("waits until nobody has told of another keeper for a while", async () => {
    const record = await existing();
    const lifecycle = process();
    const outcome = lifecycle.create(adopting, context({ owner: "this", adoptAfterMs: 1000 }));
    await clock.run(
      Promise.all([
        outcome,
        clock.sleep(300).then(() => lifecycle.keeps("something else", "third")),
        clock.sleep(1200).then(() => lifecycle.keeps(record.id, "other")),
      ]),
    );
    expect(text((await outcome).error)).toContain("another resource of this configuration manages it");
    // Nothing of the refused adoption is left behind.
    lifecycle.letsGo(record.id, "other");
    expect((await clock.run(lifecycle.delete(record, {}, context({ owner: "other" })))).warnings).toEqual([]);
    expect(api.names()).toEqual([]);
  });

  test("happens in the end, and at once where a delete tells that the snapshot changes hands", async () => {
    for (const renamed of [false, true]) {
      const record = await existing();
      const lifecycle = process();
      const started = clock.now();
      let endedAt = 0;
      const created = lifecycle
        .create(adopting, context({ owner: "new", adoptAfterMs: 1000 }))
        .finally(() => (endedAt = clock.now()));
      const deleted = renamed
        ? clock.sleep(100).then(() => lifecycle.delete(record, {}, context({ owner: "old" })))
        : null;
      const [outcome, gone] = await clock.run(Promise.all([created, deleted]));
      expect(recordOf(outcome).id).toBe(record.id);
      expect(endedAt - started).toBe(renamed ? 100 : 1000);
      if (gone)
        expect(gone.warnings.map(({ summary }) => summary)).toEqual([
          'Snapshot "agent" is kept: another resource of this configuration manages it',
        ]);
      expect(api.names()).toEqual(["agent"]);
      api.snapshots.clear();
    }
  });

  test("once interrupted, takes nothing: a delete of the same run still deletes", async () => {
    const record = await existing();
    const lifecycle = process();
    const stop = new AbortController();
    const created = lifecycle.create(adopting, context({ owner: "new", adoptAfterMs: 1000, signal: stop.signal }));
    const [outcome] = await clock.run(Promise.all([created, clock.sleep(200).then(() => stop.abort())]));
    expect(outcome).toMatchObject({ record: null, interrupted: true });
    expect((await clock.run(lifecycle.delete(record, {}, context({ owner: "old" })))).warnings).toEqual([]);
    expect(api.names()).toEqual([]);
  });

  test("does not take what a lost request may still delete", async () => {
    const record = await existing();
    const lifecycle = process();
    Object.assign(api, {
      delete: () =>
        api.called("delete", () => {
          throw new UnreachableError("timed out", { status: 0, request: "DELETE" });
        }),
    });
    expect((await clock.run(lifecycle.delete(record, {}, context({ owner: "old" })))).error).toBeDefined();
    const outcome = await clock.run(lifecycle.create(adopting, context({ owner: "new" })));
    expect(outcome.record).toBeNull();
    expect(outcome.error?.summary).toBe('creating snapshot "agent": the name "agent" is already taken');
  });

  test("does not take what a delete is after, even if the server has lost its request", async () => {
    const record = await existing();
    const { delete: remove } = api;
    let lost = 1;
    Object.assign(api, { delete: (id: string) => (lost-- > 0 ? api.called("delete", () => undefined) : remove(id)) });
    const lifecycle = process();
    const [gone, created] = await clock.run(
      Promise.all([
        lifecycle.delete(record, {}, context({ owner: "old" })),
        clock.sleep(200).then(() => lifecycle.create(adopting, context({ owner: "new" }))),
      ]),
    );
    expect(gone.warnings).toEqual([]);
    expect(recordOf(created).id).not.toBe(record.id);
    expect(deletes()).toBe(2);
  });

  test("takes what the API refused to delete while the create waited", async () => {
    const record = await existing();
    Object.assign(api, {
      delete: () =>
        api
          .called("delete", () => undefined)
          .then(() => clock.sleep(400))
          .then(() => {
            throw new ForbiddenError("no", { status: 403, request: "DELETE" });
          }),
    });
    const lifecycle = process();
    const [gone, created] = await clock.run(
      Promise.all([
        lifecycle.delete(record, {}, context({ owner: "old" })),
        clock.sleep(200).then(() => lifecycle.create(adopting, context({ owner: "new" }))),
      ]),
    );
    expect(gone).toMatchObject({ record: { id: record.id } });
    expect(recordOf(created).id).toBe(record.id);
  });

  test("takes what the API refused to delete", async () => {
    const record = await existing();
    const lifecycle = process();
    Object.assign(api, {
      delete: () =>
        api.called("delete", () => {
          throw new ForbiddenError("no", { status: 403, request: "DELETE" });
        }),
    });
    expect((await clock.run(lifecycle.delete(record, {}, context({ owner: "old" })))).error).toBeDefined();
    expect(recordOf(await clock.run(lifecycle.create(adopting, context({ owner: "new" })))).id).toBe(record.id);
  });

  test("of a failed snapshot may rebuild it; a second create of the name is refused", async () => {
    const record = await existing();
    api.set(record.id, { state: "error" });
    const lifecycle = process();
    const first = recordOf(await clock.run(lifecycle.create(adopting, context({ owner: "new" }))));
    expect(first.id).not.toBe(record.id);
    const started = clock.now();
    const second = await clock.run(lifecycle.create(adopting, context({ owner: "newer" })));
    expect(clock.now()).toBe(started);
    expect(text(second.error)).toContain(
      `Another resource has the name: snapshot ${first.id}, which this run created or adopted.`,
    );
  });
});

describe("a create whose name is taken", () => {
  const planned = plan(null, {}, { ...program, image: "debian:12" }).planned;

  test("waits for a delete of the holder that the run starts later", async () => {
    const record = await existing();
    const lifecycle = process();
    const heard = told();
    const [created, gone] = await clock.run(
      Promise.all([
        lifecycle.create(planned, context({}, heard)),
        clock.sleep(1500).then(() => lifecycle.delete(record, {}, context())),
      ]),
    );
    expect(recordOf(created)).toMatchObject({ name: "agent", image: "debian:12", state: "active" });
    expect(gone).toEqual({ record: null, marks: {}, warnings: [] });
    expect(heard.progress[0]).toBe(
      `the name is taken; waiting for a delete of the earlier "agent" (${record.id}) in the same run`,
    );
  });

  test("waits for as long as the run deletes others, and a little longer", async () => {
    const record = await existing();
    const other = await existing({ name: "other", image: "alpine:3" });
    Object.assign(api, {
      delete: (id: string) => api.called("delete", () => void clock.sleep(4000).then(() => api.snapshots.delete(id))),
    });
    const lifecycle = process();
    const [created] = await clock.run(
      Promise.all([
        lifecycle.create(planned, context()),
        lifecycle.delete(other, {}, context()),
        clock.sleep(5500).then(() => lifecycle.delete(record, {}, context())),
      ]),
    );
    expect(recordOf(created)).toMatchObject({ name: "agent", image: "debian:12" });
  });

  test("is refused after two seconds without a delete", async () => {
    await existing();
    const started = clock.now();
    const outcome = await clock.run(process().create(planned, context()));
    expect(outcome.error?.summary).toBe('creating snapshot "agent": the name "agent" is already taken');
    expect(clock.now() - started).toBe(2000);
    expect(api.count("create")).toBe(2);
  });

  test("takes the name at once where somebody else freed it meanwhile", async () => {
    await existing();
    const [created] = await clock.run(
      Promise.all([process().create(planned, context()), clock.sleep(500).then(() => api.snapshots.clear())]),
    );
    expect(recordOf(created)).toMatchObject({ name: "agent", image: "debian:12" });
  });

  test("waits for the delete of one that the same run has made", async () => {
    const lifecycle = process();
    const record = await clock.run(made(lifecycle, program));
    const sibling = lifecycle.create(plan(null, {}, { ...program, name: "sibling" }).planned, context());
    const [gone, created] = await clock.run(
      Promise.all([lifecycle.delete(record, {}, context()), lifecycle.create(planned, context()), sibling]),
    );
    expect(gone.warnings).toEqual([]);
    expect(recordOf(created)).toMatchObject({ name: "agent", image: "debian:12" });
  });

  test("is refused where the delete failed", async () => {
    const record = await existing();
    Object.assign(api, {
      delete: () =>
        api.called("delete", () => {
          throw new ForbiddenError("no", { status: 403, request: "DELETE" });
        }),
    });
    const lifecycle = process();
    const [created, gone] = await clock.run(
      Promise.all([
        lifecycle.create(planned, context()),
        clock.sleep(100).then(() => lifecycle.delete(record, {}, context())),
      ]),
    );
    expect(created.error?.summary).toBe('creating snapshot "agent": the name "agent" is already taken');
    expect(gone).toMatchObject({ record: { id: record.id } });
  });

  test("says what it waited for when its time is over", async () => {
    const record = await existing();
    Object.assign(api, { delete: () => api.called("delete", () => undefined) });
    const lifecycle = process();
    const [created] = await clock.run(
      Promise.all([
        lifecycle.create(planned, context({ timeoutMs: 5000 })),
        lifecycle.delete(record, {}, context({ timeoutMs: 20_000 })),
      ]),
    );
    expect(created.error?.summary).toBe(
      `creating snapshot "agent": timed out after 5s while waiting for the delete of the earlier "agent" (${record.id})`,
    );
  });

  test("independent calls wait for nobody, and know nothing of each other", async () => {
    const record = await existing();
    const lifecycle = process(true);
    lifecycle.keeps(record.id, "other");
    const started = clock.now();
    expect((await clock.run(lifecycle.create(planned, context()))).error).toBeDefined();
    expect(clock.now()).toBe(started);
    expect(recordOf(await clock.run(lifecycle.create(adopting, context()))).id).toBe(record.id);
    expect(recordOf(await clock.run(lifecycle.create(adopting, context()))).id).toBe(record.id);
    expect((await clock.run(lifecycle.delete(record, {}, context()))).warnings).toEqual([]);
    expect(api.names()).toEqual([]);
  });
});

describe("a change of the source", () => {
  const change = (record: SnapshotRecord) => plan(record, {}, { ...program, image: "debian:12" }).planned;
  const refused = (record: SnapshotRecord): string =>
    `replacing snapshot "agent": another resource of this configuration manages the snapshot as well\nThe change would delete snapshot "agent" (${record.id}), so it was rejected. Only one resource can manage a snapshot. Remove the block of one of the two, which keeps the snapshot, or remove it from the state:\n  terraform state rm ADDRESS`;

  test("is not made where another resource keeps the old snapshot, and leaves no successor", async () => {
    const record = await existing();
    const lifecycle = process();
    lifecycle.keeps(record.id, "this");
    lifecycle.keeps(record.id, "other");
    const outcome = await clock.run(lifecycle.update(record, {}, change(record), context({ owner: "this" })));
    expect(text(outcome.error)).toBe(refused(record));
    expect(outcome.record).toMatchObject({ id: record.id, image: "ubuntu:24.04" });
    expect(api.names()).toEqual(["agent"]);
    expect(api.count("create")).toBe(1);
  });

  test("nor where that becomes known while the successor is made", async () => {
    const record = await existing();
    const lifecycle = process();
    const [outcome] = await clock.run(
      Promise.all([
        lifecycle.update(record, {}, change(record), context({ owner: "this" })),
        clock.sleep(1000).then(() => lifecycle.keeps(record.id, "other")),
      ]),
    );
    expect(text(outcome.error)).toBe(refused(record));
    expect(outcome.record).toMatchObject({ id: record.id, image: "ubuntu:24.04" });
    expect(api.names()).toEqual(["agent"]);
    expect(deletes()).toBe(1);
  });

  test("a failed snapshot that another resource keeps is not rebuilt", async () => {
    const record = await existing();
    api.set(record.id, { state: "error" });
    const lifecycle = process();
    lifecycle.keeps(record.id, "other");
    const failed = { ...record, state: "error" };
    const outcome = await clock.run(
      lifecycle.update(failed, {}, plan(failed, {}, program).planned, context({ owner: "this" })),
    );
    expect(outcome.error?.summary).toBe(
      'rebuilding snapshot "agent": another resource of this configuration manages the snapshot as well',
    );
    expect(deletes()).toBe(0);
  });

  test("nor where an earlier run has marked it", async () => {
    const record = await existing();
    const outcome = await clock.run(
      process().update(record, { shared: true }, change(record), context({ owner: "this" })),
    );
    expect(text(outcome.error)).toBe(refused(record));
    expect(outcome).toMatchObject({ record: { id: record.id }, marks: { shared: true } });
    expect(api.names()).toEqual(["agent"]);
  });

  test("is made by the resource that adopted the snapshot, and by no other", async () => {
    const record = await existing();
    const lifecycle = process();
    recordOf(await clock.run(lifecycle.create(adopting, context({ owner: "new" }))));
    expect(
      (await clock.run(lifecycle.update(record, {}, change(record), context({ owner: "old" })))).error?.summary,
    ).toContain("another resource of this configuration manages the snapshot as well");
    expect(
      recordOf(await clock.run(lifecycle.update(record, {}, change(record), context({ owner: "new" })))),
    ).toMatchObject({ image: "debian:12" });
  });

  test("does not end with a snapshot that another resource keeps under the name", async () => {
    const record = await existing();
    const { delete: remove } = api;
    const lifecycle = process();
    // Between the delete of the old one and the create, another resource gets the name.
    Object.assign(api, {
      delete: async (id: string) => {
        await remove(id);
        lifecycle.keeps(api.insert({ name: "agent", imageName: "debian:12" }).id, "other");
      },
    });
    const outcome = await clock.run(lifecycle.update(record, {}, change(record), context({ owner: "this" })));
    expect(text(outcome.error)).toContain("and another resource of this configuration manages it.");
    expect(text(outcome.error)).toContain("is kept, and the next apply resumes the swap.");
  });
});
