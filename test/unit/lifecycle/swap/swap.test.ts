import { successorName } from "../../../../provider/resources/snapshot";
import type { SnapshotRecord } from "../../../../provider/resources/snapshot/record";
import { bench, type Bench, context, made, plan, recordOf, text, told } from "../support";

const before = { name: "agent", image: "ubuntu:24.04" };
const after = { name: "agent", image: "debian:12" };
let b: Bench;
beforeEach(async () => (b = await bench()));
afterEach(() => b.close());

async function swapped(inputs = after, options = {}) {
  const prior = await made(b.lifecycle, before);
  const { action, planned } = plan(prior, {}, inputs);
  expect(action).toBe("swap");
  return { prior, outcome: await b.lifecycle.update(prior, {}, planned, context(options)) };
}

/** The successor is there, the old one is gone, and the name cannot be made. */
async function cutInTheGap() {
  const refusal = { statusCode: 400, error: "Bad Request", message: "No runners are configured in region us" };
  b.local.control.fault({ kind: "create", skip: 2, times: 2, action: "answer", status: 400, body: refusal });
  const result = await swapped();
  expect(text(result.outcome.error)).toContain("No runners are configured in region us");
  return result;
}

test("proves a successor, deletes the old one, makes the name again, deletes the successor", async () => {
  const { prior, outcome } = await swapped();
  const record = recordOf(outcome);
  expect(record).toMatchObject({ name: "agent", image: "debian:12", state: "active" });
  expect(record.id).not.toBe(prior.id);
  expect(outcome.warnings).toEqual([]);
  expect(outcome.marks).toEqual({});
  expect(b.names()).toEqual({ agent: "active" });
  const changes = b.local.control
    .requests()
    .filter((request) => request.method !== "GET")
    .map((request) => request.kind);
  expect(changes).toEqual(["create", "create", "delete", "create", "delete"]);
  expect(plan(record, {}, after).action).toBe("none");
});

test("a successor that fails is removed, and the old one is left alone", async () => {
  b.local.control.source({ image: "debian:12", outcome: "not-found" });
  const { prior, outcome } = await swapped();
  expect(outcome.record).toEqual(prior);
  expect(outcome.error?.summary).toBe('replacing snapshot "agent": the snapshot failed (state `error`)');
  expect(outcome.error?.detail).toContain("The old snapshot is unchanged");
  expect(b.names()).toEqual({ agent: "active" });
});

test("a full quota names recreate", async () => {
  b.local.control.settings({ snapshotQuota: 1 });
  const { prior, outcome } = await swapped();
  expect(outcome.record).toEqual(prior);
  expect(text(outcome.error)).toContain("snapshot quota exceeded: no room for the successor");
  expect(text(outcome.error)).toContain("Snapshot quota exceeded. Maximum allowed: 1");
  expect(text(outcome.error)).toContain('`replacement = "recreate"`');
  expect(b.names()).toEqual({ agent: "active" });
});

test("the quota is waited for in the gap", async () => {
  const prior = await made(b.lifecycle, before);
  b.local.control.settings({ snapshotQuota: 2 });
  // The place of the old one is taken by somebody for a moment, right after it is gone.
  const fault = b.local.control.fault({
    kind: "create",
    skip: 1,
    times: 2,
    action: "answer",
    status: 400,
    body: { statusCode: 400, error: "Bad Request", message: "Snapshot quota exceeded. Maximum allowed: 2" },
  });
  const outcome = await b.lifecycle.update(prior, {}, plan(prior, {}, after).planned, context());
  expect(recordOf(outcome)).toMatchObject({ name: "agent", image: "debian:12", state: "active" });
  expect(b.local.control.faults().find((rule) => rule.id === fault)?.hits).toBe(2);
}, 30_000);

test("a key that may not delete is refused before anything is touched", async () => {
  const prior = await made(b.lifecycle, before);
  const key = b.local.control.addKey("writer", ["write:snapshots"]);
  b.local.control.clearRequests();
  const outcome = await b.with(key).update(prior, {}, plan(prior, {}, after).planned, context());
  expect(outcome.record).toEqual(prior);
  expect(outcome.error?.summary).toBe('replacing snapshot "agent": the API key lacks `delete:snapshots`');
  expect(b.local.control.requests().filter((request) => request.method !== "GET")).toEqual([]);
});

test("an error in the gap answers the successor's id and the old values, and the next apply goes on", async () => {
  const { prior, outcome } = await cutInTheGap();
  const successor = b.local.control.snapshot(successorName("agent", prior.id));
  expect(outcome.record).toMatchObject({ id: successor?.id, name: "agent", image: "ubuntu:24.04" });
  expect(outcome.marks).toEqual({ successor: true });
  expect(text(outcome.error)).toContain("the next apply resumes the swap");
  expect(b.names()).toEqual({ [successor?.name as string]: "active" });

  const refreshed = await b.lifecycle.read(
    recordOf({ ...outcome, error: undefined } as never),
    outcome.marks,
    context(),
  );
  expect(refreshed).toMatchObject({
    record: { id: successor?.id, name: "agent", image: "ubuntu:24.04" },
    marks: { successor: true },
  });
  const next = await b.lifecycle.update(
    recordOf(refreshed),
    refreshed.marks,
    plan(refreshed.record, refreshed.marks, after).planned,
    context(),
  );
  expect(recordOf(next)).toMatchObject({ name: "agent", image: "debian:12", state: "active" });
  expect(b.names()).toEqual({ agent: "active" });
});

test("a program that changes its mind after a cut swap replaces the lone successor", async () => {
  const { outcome } = await cutInTheGap();
  const third = { name: "agent", image: "alpine:3.20" };
  const next = await b.lifecycle.update(
    outcome.record as never,
    outcome.marks,
    plan(outcome.record, outcome.marks, third).planned,
    context(),
  );
  expect(recordOf(next)).toMatchObject({ name: "agent", image: "alpine:3.20", state: "active" });
  expect(b.names()).toEqual({ agent: "active" });
});

test("a tag that moves on the way is a warning", async () => {
  const prior = await made(b.lifecycle, before);
  const heard = told();
  const ctx = context({}, heard);
  const progress = ctx.log.progress;
  ctx.log.progress = (message) => {
    if (message.startsWith("deleting the old snapshot")) b.local.control.moveTag("debian:12");
    progress(message);
  };
  const outcome = await b.lifecycle.update(prior, {}, plan(prior, {}, after).planned, ctx);
  expect(recordOf(outcome).state).toBe("active");
  expect(outcome.warnings.map((warning) => warning.summary)).toEqual([
    'replacing snapshot "agent": the image changed during the swap',
  ]);
});

test("a changed trigger swaps an image that reads the same", async () => {
  const prior = await made(b.lifecycle, { ...before, triggers: { day: "1" } });
  const { action, planned } = plan(prior, {}, { ...before, triggers: { day: "2" } });
  expect(action).toBe("swap");
  const record = recordOf(await b.lifecycle.update(prior, {}, planned, context()));
  expect(record.id).not.toBe(prior.id);
  expect(record.triggers).toEqual({ day: "2" });
  expect(b.names()).toEqual({ agent: "active" });
});

test("with active = false the final one ends inactive", async () => {
  const off = { ...before, active: false };
  const prior = await made(b.lifecycle, off);
  const outcome = await b.lifecycle.update(prior, {}, plan(prior, {}, { ...after, active: false }).planned, context());
  expect(recordOf(outcome)).toMatchObject({ image: "debian:12", state: "inactive", active: false });
  expect(b.names()).toEqual({ agent: "inactive" });
});

test("someone else's snapshot of the name in the gap is never touched", async () => {
  const prior = await made(b.lifecycle, before);
  const ctx = context();
  ctx.log.progress = (message) => {
    if (message.startsWith('recreating "agent"'))
      b.local.control.seed(1, () => ({ name: "agent", imageName: "someone:1" }));
  };
  const outcome = await b.lifecycle.update(prior, {}, plan(prior, {}, after).planned, ctx);
  const holder = b.local.control.snapshot("agent");
  expect(outcome.record).toMatchObject({
    id: b.local.control.snapshot(successorName("agent", prior.id))?.id,
    image: "ubuntu:24.04",
  });
  expect(text(outcome.error)).toContain(`terraform import ADDRESS ${holder?.id}`);
  expect(holder?.imageName).toBe("someone:1");
});

test("two that swap their sources do not wait for each other for ever", async () => {
  const [one, two] = await Promise.all([
    made(b.lifecycle, { name: "one", image: "ubuntu:24.04" }),
    made(b.lifecycle, { name: "two", image: "debian:12" }),
  ]);
  const outcomes = await Promise.all([
    b.lifecycle.update(one, {}, plan(one, {}, { name: "one", image: "debian:12" }).planned, context()),
    b.lifecycle.update(two, {}, plan(two, {}, { name: "two", image: "ubuntu:24.04" }).planned, context()),
  ]);
  expect(outcomes.map((outcome) => recordOf(outcome).image)).toEqual(["debian:12", "ubuntu:24.04"]);
  expect(b.names()).toEqual({ one: "active", two: "active" });
}, 20_000);

test("a successor of an earlier try that is something else is removed first", async () => {
  const prior = await made(b.lifecycle, before);
  const [stale] = b.local.control.seed(1, () => ({ name: successorName("agent", prior.id), imageName: "alpine:3.20" }));
  const outcome = await b.lifecycle.update(prior, {}, plan(prior, {}, after).planned, context());
  expect(recordOf(outcome)).toMatchObject({ image: "debian:12", state: "active" });
  expect(b.local.control.requests().find((request) => request.method === "DELETE")?.path).toContain(stale);
  expect(b.names()).toEqual({ agent: "active" });
});

describe("a successor of another program", () => {
  const another = (oldId: string, state = "active") =>
    b.local.control.insert({ name: successorName("agent", oldId), imageName: "alpine:3.20", state });

  /** The other program deletes the old one after this one has read it. */
  const beaten = async (prior: SnapshotRecord, gone: () => void) => {
    const lifecycle = b.another((api) => ({
      ...api,
      get: (idOrName, options) =>
        api.get(idOrName, options).finally(() => idOrName === successorName("agent", prior.id) && gone()),
    }));
    return lifecycle.update(prior, {}, plan(prior, {}, after).planned, context());
  };

  test.each([
    ["gone", (id: string) => b.local.control.remove(id), "deleted"],
    ["removing", (id: string) => b.local.control.update(id, { state: "removing" }), "`removing`"],
    ["error", (id: string) => b.local.control.setState(id, "error"), "`error`"],
  ])("is not removed once the old one is %s: nothing else works", async (_what, happens, said) => {
    const prior = await made(b.lifecycle, before);
    b.local.control.holdTime();
    let successor = "";
    // It comes between the read of the old one and that of the successor, and the old one goes.
    const outcome = await beaten(prior, () => {
      if (successor !== "") happens(prior.id);
      else successor = another(prior.id);
    });
    expect(outcome.error).toEqual({
      summary: 'replacing snapshot "agent": someone else is replacing it, too',
      detail: `The old snapshot (${prior.id}) is ${said} now. "${successorName("agent", prior.id)}" (${successor}, \`active\`) differs from the requested snapshot, but is the only one that works. It was not removed, and nothing was changed.\nWait until the other program has finished. Plan and apply again.`,
    });
    expect(b.local.control.snapshot(successor)).toMatchObject({ state: "active" });
    expect(b.local.control.counts().delete ?? 0).toBe(0);
  });

  test("and an old one that has failed: it stays until the new source works, and what is asked for comes", async () => {
    const prior = await made(b.lifecycle, before);
    const successor = another(prior.id);
    b.local.control.setState(prior.id, "error", "lost");
    b.local.control.source({ image: "debian:12", outcome: "fail", times: 2, reason: "no such thing" });
    const failed = await b.lifecycle.update(prior, {}, plan(prior, {}, after).planned, context());
    expect(text(failed.error)).toContain("no such thing");
    expect(b.local.control.snapshot(successor)).toMatchObject({ state: "active" });
    const state = failed.record as SnapshotRecord;
    const outcome = await b.lifecycle.update(state, failed.marks, plan(state, failed.marks, after).planned, context());
    expect(recordOf(outcome)).toMatchObject({ image: "debian:12", state: "active" });
    expect(b.names()).toEqual({ agent: "active" });
  });
});

test("one that is the same and active is used as it is", async () => {
  const prior = await made(b.lifecycle, before);
  b.local.control.seed(1, () => ({ name: successorName("agent", prior.id), imageName: "debian:12" }));
  b.local.control.clearRequests();
  recordOf(await b.lifecycle.update(prior, {}, plan(prior, {}, after).planned, context()));
  expect(b.local.control.counts()).toMatchObject({ create: 1, delete: 2 });
  expect(b.names()).toEqual({ agent: "active" });
});

/** Aborts when the swap says a line that begins so. */
function interruptedAt(line: string) {
  const stop = new AbortController();
  const ctx = context({ signal: stop.signal });
  ctx.log.progress = (message) => void (message.startsWith(line) && stop.abort());
  return ctx;
}

test.each([
  ["successor: p", true],
  ["deleting the old snapshot", true],
  ['recreating "agent"', false],
  ["deleting the successor", false],
])("interrupted at %p: nothing is lost, and the next apply goes on", async (line, untouched) => {
  const prior = await made(b.lifecycle, before);
  const asked = Date.now();
  const outcome = await b.lifecycle.update(prior, {}, plan(prior, {}, after).planned, interruptedAt(line));
  expect(Date.now() - asked).toBeLessThan(4000);
  expect(outcome.interrupted).toBe(true);
  expect(outcome.error).toBeUndefined();
  expect(outcome.record?.image).toBe("ubuntu:24.04");
  const successor = b.local.control.snapshot(successorName("agent", prior.id));
  expect(outcome.record?.id).toBe(untouched ? prior.id : successor?.id);
  expect(outcome.warnings.map(text).join("\n")).toContain(
    untouched ? "interrupted" : 'The swap of "agent" is unfinished',
  );
  const next = await b
    .another()
    .update(outcome.record as never, outcome.marks, plan(outcome.record, outcome.marks, after).planned, context());
  expect(recordOf(next)).toMatchObject({ image: "debian:12", state: "active" });
  expect(b.names()).toEqual({ agent: "active" });
});

test("a successor that is not active in time is deleted, and the old one is left alone", async () => {
  b.local.control.source({ image: "debian:12", outcome: "hang" });
  const { prior, outcome } = await swapped(after, { timeoutMs: 400 });
  expect(outcome.error?.summary).toMatch(/^replacing snapshot "agent": timed out after 400ms; last state: `p/);
  expect(outcome.error?.detail).toContain("did not become active in time and is being deleted");
  expect(outcome.error?.detail).toContain("The old snapshot is unchanged");
  expect(outcome.record).toEqual(prior);
  expect(b.local.control.counts().delete).toBe(1);
});
