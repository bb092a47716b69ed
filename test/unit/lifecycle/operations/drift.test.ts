import type { SnapshotRecord } from "../../../../provider/resources/snapshot";
import { successorName } from "../../../../provider/resources/snapshot";
import { bench, type Bench, context, made, plan, recordOf, text } from "../support";

const program = { name: "agent", image: "ubuntu:24.04" };
let b: Bench;
let record: SnapshotRecord;
beforeEach(async () => {
  b = await bench({ activationCooldownSeconds: 0.01 });
  record = await made(b.lifecycle, program);
});
afterEach(() => b.close());

/** Refresh and plan, as a new process does it. */
async function found(state = record, inputs: object = program) {
  const read = await b.another().read(state, {}, context());
  return { read, plan: plan(read.record, read.marks, inputs) };
}

async function mended(inputs: object = program): Promise<SnapshotRecord> {
  const { read, plan: next } = await found(record, inputs);
  return recordOf(await b.another().update(recordOf(read), read.marks, next.planned, context()));
}

/** Not used for two weeks: deactivated long ago, and its image taken off the runners. */
function idle(): void {
  b.local.control.deactivateIdle(0);
  b.local.control.update("agent", { updatedAt: Date.now() - 3_600_000 });
}

test("nothing changed: nothing shown", async () => {
  const { read, plan: next } = await found();
  expect(read).toEqual({ record, marks: {}, warnings: [] });
  expect(next.action).toBe("none");
});

test("gone: create", async () => {
  b.local.control.remove("agent");
  const { read } = await found();
  expect(read).toEqual({ record: null, marks: {}, warnings: [] });
});

test("gone, and another has the name: its id and the import line", async () => {
  const id = b.local.control.recreate("agent", { imageName: "someone:1" });
  const { read } = await found();
  expect(read.record).toBeNull();
  expect(text(read.warnings[0])).toContain(id);
  expect(text(read.warnings[0])).toContain(`terraform import ADDRESS ${id}`);
  expect(text(read.warnings[0])).toContain("it may be the result of a swap");
});

test("gone, and a general one answers to the name: just gone", async () => {
  b.local.control.remove("agent");
  b.local.control.addGeneral("agent");
  expect((await found()).read).toEqual({ record: null, marks: {}, warnings: [] });
});

test("gone, with the successor of an unfinished swap", async () => {
  b.local.control.remove("agent");
  const [id] = b.local.control.seed(1, () => ({ name: successorName("agent", record.id), imageName: "ubuntu:24.04" }));
  const { read, plan: next } = await found();
  expect(read).toMatchObject({ record: { id, name: "agent" }, marks: { successor: true } });
  expect(next.action).toBe("swap");
  expect(await mended()).toMatchObject({ name: "agent", state: "active" });
  expect(b.names()).toEqual({ agent: "active" });
});

test("removing: kept, then waited for and created", async () => {
  await b.close();
  b = await bench({ cronSeconds: 600 });
  record = await made(b.lifecycle, program);
  await b.api.delete(record.id);
  const { read, plan: next } = await found();
  expect(read).toMatchObject({ record: { id: record.id, state: "removing" }, marks: { removing: true } });
  expect(next.action).toBe("rebuild");
  setTimeout(() => b.local.control.remove("agent"), 100);
  const after = recordOf(await b.another().update(recordOf(read), read.marks, next.planned, context()));
  expect(after).toMatchObject({ name: "agent", state: "active" });
  expect(after.id).not.toBe(record.id);
});

test("inactive: shown as not active, activated", async () => {
  idle();
  const { read, plan: next } = await found();
  expect(read.record).toMatchObject({ active: false, state: "inactive" });
  expect(next.action).toBe("activate");
  expect(await mended()).toMatchObject({ id: record.id, active: true, state: "active" });
  expect(b.local.control.counts()).toMatchObject({ activate: 1 });
});

test("inactive, and the source cannot be had any more: the error keeps it, the next apply deletes and creates", async () => {
  idle();
  b.local.control.source({ image: "ubuntu:24.04", outcome: "fail" });
  const { read, plan: next } = await found();
  const outcome = await b.another().update(recordOf(read), read.marks, next.planned, context());
  expect(outcome.error?.summary).toBe('activating snapshot "agent": the snapshot failed (state `error`)');
  expect(outcome.error?.detail).toContain("run apply again, which deletes and recreates the failed snapshot");
  expect(outcome.record).toMatchObject({ id: record.id, state: "error" });
  b.local.control.clearSources();
  const after = await mended();
  expect(after.id).not.toBe(record.id);
  expect(after.state).toBe("active");
});

test("inactive, and the activation fails once: deleted and created in the same call, where the tool allows another id", async () => {
  idle();
  b.local.control.source({ image: "ubuntu:24.04", outcome: "fail" });
  const { read } = await found();
  const { planned } = plan(read.record, read.marks, program);
  const deletes = async (): Promise<void> => {
    for (let i = 0; i < 800 && !b.local.control.counts().delete; i += 1)
      await new Promise((resolve) => setTimeout(resolve, 5));
    b.local.control.clearSources();
  };
  const [outcome] = await Promise.all([
    b.another().update(recordOf(read), read.marks, planned, context({ idMayChange: true })),
    deletes(),
  ]);
  expect(recordOf(outcome)).toMatchObject({ name: "agent", state: "active", active: true });
  expect(outcome.record?.id).not.toBe(record.id);
  expect(outcome.record?.createdAt).not.toBe(record.createdAt);
});

test("active although active = false: deactivated", async () => {
  const off = { ...program, active: false };
  expect(plan(record, {}, off).action).toBe("deactivate");
  expect(await mended(off)).toMatchObject({ id: record.id, state: "inactive", active: false });
});

test.each(["error", "build_failed"])("%s: deleted and created", async (state) => {
  b.local.control.setState("agent", state, "out of disk");
  const { read, plan: next } = await found();
  expect(read.record).toMatchObject({ state, errorReason: "out of disk" });
  expect(next.action).toBe("rebuild");
  const after = await mended();
  expect(after).toMatchObject({ state: "active", errorReason: null });
  expect(after.id).not.toBe(record.id);
});

test("settling: waited for", async () => {
  b.local.control.setState("agent", "snapshotting");
  const { read, plan: next } = await found();
  expect(read.record?.state).toBe("snapshotting");
  expect(next.action).toBe("wait");
  setTimeout(() => b.local.control.setState("agent", "active"), 50);
  expect(await mended()).toMatchObject({ id: record.id, state: "active" });
});

test("a state that nobody knows is no change", async () => {
  b.local.control.setState("agent", "levitating");
  const { read, plan: next } = await found();
  expect(read.record?.state).toBe("levitating");
  expect(next.action).toBe("none");
});

test("a state of another organization is an error, never gone", async () => {
  const other = b.with(b.local.otherApiKey);
  b.local.control.clearRequests();
  for (const outcome of [await other.read(record, {}, context()), await other.delete(record, {}, context())]) {
    expect(outcome.record).toMatchObject({ id: record.id });
    expect(outcome.error).toBeDefined();
  }
  expect(b.names()).toEqual({ agent: "active" });
});

test("only what the API does not know differs: no call", async () => {
  const inputs = {
    ...program,
    replacement: "recreate" as const,
    adoptExisting: true,
    timeouts: { create: "1h", update: null, delete: null },
  };
  const { action, planned } = plan(record, {}, inputs);
  expect(action).toBe("state-only");
  b.local.control.clearRequests();
  const outcome = await b.lifecycle.update(record, {}, planned, context());
  expect(outcome.record).toMatchObject(inputs);
  expect(b.local.control.counts().total).toBe(0);
});

describe("between plan and apply", () => {
  const swap = { name: "agent", image: "debian:12" };
  test("deleted", async () => {
    const { planned } = plan(record, {}, swap);
    b.local.control.remove("agent");
    const outcome = await b.lifecycle.update(record, {}, planned, context());
    expect(outcome.error?.summary).toBe('updating snapshot "agent": gone since the plan; plan again');
    expect(outcome.record).toEqual(record);
    expect(b.names()).toEqual({});
  });

  test("recreated", async () => {
    const { planned } = plan(record, {}, swap);
    const id = b.local.control.recreate("agent");
    const outcome = await b.lifecycle.update(record, {}, planned, context());
    expect(outcome.error?.summary).toContain("gone since the plan");
    expect(outcome.error?.detail).toContain(id);
    expect(b.local.control.snapshot("agent")?.id).toBe(id);
  });

  test("deactivated", async () => {
    const { planned } = plan(record, {}, swap);
    b.local.control.setState("agent", "inactive");
    expect(recordOf(await b.lifecycle.update(record, {}, planned, context()))).toMatchObject({
      image: "debian:12",
      state: "active",
    });
    expect(b.names()).toEqual({ agent: "active" });
  });

  test("well again: what works is not deleted", async () => {
    b.local.control.setState("agent", "error", "x");
    const { read, plan: next } = await found();
    b.local.control.setState("agent", "active");
    const outcome = await b.lifecycle.update(recordOf(read), read.marks, next.planned, context());
    expect(recordOf(outcome)).toMatchObject({ id: record.id, state: "active", errorReason: null });
  });
});
