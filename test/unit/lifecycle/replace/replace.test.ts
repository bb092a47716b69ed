import type { SnapshotInputs } from "../../../../provider/resources/snapshot";
import type { ReplaceOutcome, SnapshotLifecycle } from "../../../../provider/lifecycle/contract";
import { successorName } from "../../../../provider/resources/snapshot/names";
import { bench, type Bench, context, plan, text, told } from "../support";

let b: Bench;
beforeEach(async () => (b = await bench({ activationCooldownSeconds: 0 })));
afterEach(() => b.close());

const replace = (
  inputs: Partial<SnapshotInputs>,
  lifecycle: SnapshotLifecycle = b.another(),
): Promise<ReplaceOutcome> => lifecycle.replace(plan(null, {}, inputs).planned, context());
const there = (name = "agent"): ReturnType<Bench["local"]["control"]["snapshot"]> => b.local.control.snapshot(name);

test("creates what is not there, and does nothing where it is the same", async () => {
  expect(await replace({ name: "agent", image: "ubuntu:24.04", cpu: 2 })).toMatchObject({ did: "created" });
  const made = there();
  b.local.control.clearRequests();
  const again = await replace({ name: "agent", image: "ubuntu:24.04" });
  expect(again).toMatchObject({ did: "same", record: { id: made!.id, cpu: 2 } });
  expect(b.local.control.requests().filter(({ method }) => method !== "GET")).toEqual([]);
  expect(there()).toEqual(made);
});

test("swaps what differs: the name is taken away only once the new source has been proven", async () => {
  const { record } = await replace({ name: "agent", image: "ubuntu:24.04", cpu: 2 });
  b.local.control.clearRequests();
  const outcome = await replace({ name: "agent", image: "debian:12" });
  expect(outcome).toMatchObject({ did: "replaced", record: { name: "agent", image: "debian:12", state: "active" } });
  // What is not asked for keeps its present value.
  expect(there()).toMatchObject({ imageName: "debian:12", cpu: 2, state: "active" });
  expect(there()?.id).not.toBe(record!.id);
  expect(b.names()).toEqual({ agent: "active" });
  const kinds = b.local.control.requests().map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === "create" || kind === "delete")).toEqual([
    "create",
    "delete",
    "create",
    "delete",
  ]);
});

test("a new source that fails leaves the old snapshot as it is", async () => {
  await replace({ name: "agent", image: "ubuntu:24.04" });
  const before = there();
  b.local.control.source({ image: "broken:1", outcome: "fail", reason: "manifest unknown" });
  const outcome = await replace({ name: "agent", image: "broken:1" });
  expect(outcome.did).toBeNull();
  expect(text(outcome.error)).toContain("manifest unknown");
  expect(text(outcome.error)).toContain("The old snapshot is unchanged and still usable.");
  expect(there()).toEqual(before);
  expect(b.names()).toEqual({ agent: "active" });
});

test.each(["inactive", "error", "removing"])("one that is %s", async (state) => {
  b.local.control.insert({
    name: "agent",
    state,
    errorReason: state === "error" ? "pull failed" : null,
    updatedAt: Date.now() - 3_600_000,
  });
  if (state === "removing") setTimeout(() => b.local.control.remove("agent"), 300);
  const outcome = await replace({ name: "agent", image: "ubuntu:24.04" });
  const did = { inactive: "activated", error: "replaced", removing: "created" }[state];
  expect(outcome).toMatchObject({ did, record: { state: "active" } });
  expect(b.names()).toEqual({ agent: "active" });
});

test("a successor that nothing leads to any more is removed; that of another name is not", async () => {
  await replace({ name: "agent", image: "ubuntu:24.04" });
  b.local.control.insert({
    name: successorName("agent", "gone"),
    imageName: "other:1",
    createdAt: Date.now() + 60_000,
  });
  b.local.control.insert({ name: successorName("agent-2", "gone"), imageName: "other:1" });
  expect(await replace({ name: "agent", image: "ubuntu:24.04" })).toMatchObject({ did: "same" });
  expect(Object.keys(b.names()).sort()).toEqual(["agent", successorName("agent-2", "gone")]);
});

test("two at once come to one snapshot", async () => {
  await replace({ name: "agent", image: "ubuntu:24.04" });
  const outcomes = await Promise.all([1, 2].map(() => replace({ name: "agent", image: "debian:12" })));
  for (const outcome of outcomes) expect(outcome.error).toBeUndefined();
  expect(b.names()).toEqual({ agent: "active" });
  expect(there()).toMatchObject({ imageName: "debian:12" });
});

test("no room for the successor: nothing is touched, and the message names what can be done", async () => {
  await b.close();
  b = await bench({ snapshotQuota: 1 });
  await replace({ name: "agent", image: "ubuntu:24.04" });
  const before = there();
  const outcome = await replace({ name: "agent", image: "debian:12" });
  expect(text(outcome.error)).toContain("no room for the successor");
  expect(outcome.failure).toMatchObject({ code: "quota" });
  expect(there()).toEqual(before);
});

test("interrupted while the successor is made: it is kept, and the next replace goes on with it", async () => {
  await replace({ name: "agent", image: "ubuntu:24.04" });
  b.local.control.source({ image: "debian:12", outcome: "hang" });
  const stop = new AbortController();
  const heard = told();
  const waiting = b.another().replace(plan(null, {}, { name: "agent", image: "debian:12" }).planned, {
    ...context({ signal: stop.signal }, heard),
  });
  while (!heard.progress.some((line) => line.startsWith("successor: pulling")))
    await new Promise((resolve) => setTimeout(resolve, 20));
  stop.abort();
  const outcome = await waiting;
  expect(outcome).toMatchObject({ did: null, interrupted: true, record: { image: "ubuntu:24.04" } });
  expect(Object.keys(b.names())).toHaveLength(2);
  b.local.control.clearSources();
  b.local.control.finishHung();
  expect(await replace({ name: "agent", image: "debian:12" })).toMatchObject({ did: "replaced" });
  expect(b.names()).toEqual({ agent: "active" });
}, 20_000);

test.each(["removing", "error"])(
  "of an old one that is %s, the successor is all that works, and stays until the new source works as well",
  async (state) => {
    await b.close();
    b = await bench({ cronSeconds: 0.4 });
    const old = b.local.control.insert({ name: "agent", imageName: "ubuntu:24.04" });
    b.local.control.insert({ name: successorName("agent", old), imageName: "debian:12", state: "active" });
    if (state === "removing") await b.api.delete(old);
    else b.local.control.setState(old, state);
    expect(there()?.state).toBe(state);
    const without: Record<string, string>[] = [];
    const look = setInterval(() => {
      const names = b.names();
      if (!Object.values(names).includes("active")) without.push(names);
    }, 2);
    const outcome = await replace({ name: "agent", image: "alpine:3.20" });
    clearInterval(look);
    expect(outcome).toMatchObject({ did: "replaced", record: { image: "alpine:3.20" } });
    expect(outcome.error).toBeUndefined();
    expect(without.slice(0, 1)).toEqual([]);
    expect(b.names()).toEqual({ agent: "active" });
  },
);
