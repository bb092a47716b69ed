import type { SnapshotRecord } from "../../../../provider/resources/snapshot";
import { mortal } from "./killed";
import { bench, type Bench, context, made, plan, recordOf, text } from "../support";

const before = { name: "agent", image: "ubuntu:24.04" };
const after = { name: "agent", image: "debian:12" };
let b: Bench;
beforeEach(async () => (b = await bench()));
afterEach(() => b.close());

/** A swap that dies at call n; answers how many calls there were. */
async function killedSwap(prior: SnapshotRecord, at: number, when: "before" | "after"): Promise<string[]> {
  let calls: string[] = [];
  const doomed = b.another((api) => {
    const process = mortal(api, at, when);
    calls = process.calls;
    return process.api;
  });
  await doomed.update(prior, {}, plan(prior, {}, after).planned, context());
  return calls;
}

/** What the next `apply` does: refresh, plan, and whatever is planned. */
async function apply(
  state: SnapshotRecord,
  inputs: object,
): Promise<{ record: SnapshotRecord | null; message: string }> {
  const lifecycle = b.another();
  const read = await lifecycle.read(state, {}, context());
  const { action, planned } = plan(read.record, read.marks, inputs);
  if (action === "none") return { record: read.record, message: "" };
  if (read.record === null) {
    const created = await lifecycle.create(planned, context());
    return { record: created.record, message: [...read.warnings, created.error].map(text).join("\n") };
  }
  const updated = await lifecycle.update(read.record, read.marks, planned, context());
  // The refresh came while the successor was leaving: the message asks for another plan, and the next apply does that.
  if (updated.error && read.record.state === "removing") {
    expect(text(updated.error)).toContain("gone since the plan; plan again");
    return apply(read.record, inputs);
  }
  return { record: recordOf(updated), message: "" };
}

describe.each(["before", "after"] as const)("killed %s a call is executed", (when) => {
  test.each([
    ["the same program goes on", after],
    ["the old program goes back", before],
  ])(
    "%s, wherever it was: nothing lost, nothing left over",
    async (_name, program) => {
      let longest = 0;
      for (let at = 0; ; at += 1) {
        b.local.control.reset();
        const prior = await made(b.another(), before);
        const calls = await killedSwap(prior, at, when);
        longest = Math.max(longest, calls.length);
        const finished = calls.length <= at;
        if (finished) break;

        const { record, message } = await apply(prior, program);
        const holder = b.local.control.snapshot("agent");
        if (record === null) {
          // The one point that the model names: the successor is gone and the state was not saved.
          const done = calls.slice(0, when === "after" ? at + 1 : at);
          expect({ at, done, deletes: done.filter((call) => call === "delete").length }).toMatchObject({ deletes: 2 });
          expect(message).toContain(`terraform import ADDRESS ${holder?.id}`);
          expect(message).toContain("it may be the result of a swap");
        } else {
          expect({ at, calls, record }).toMatchObject({ record: { id: holder?.id, name: "agent", state: "active" } });
        }
        const leftOver = Object.keys(b.names()).filter((name) => name !== "agent");
        // With the old program again there is nothing to be done while the old one is untouched; a destroy takes the successor along.
        if (program === before && record?.id === prior.id) {
          await b.another().delete(record, {}, context());
          expect(b.names()).toEqual({});
        } else expect({ at, calls, leftOver }).toMatchObject({ leftOver: [] });
      }
      expect(longest).toBeGreaterThan(8);
    },
    240_000,
  );
});

test("an apply without a refresh goes on as well; where that cannot be, it says so", async () => {
  for (let at = 0; ; at += 1) {
    b.local.control.reset();
    const prior = await made(b.another(), before);
    const calls = await killedSwap(prior, at, "after");
    if (calls.length <= at) break;
    const outcome = await b.another().update(prior, {}, plan(prior, {}, after).planned, context());
    const deletes = calls.slice(0, at + 1).filter((call) => call === "delete").length;
    if (outcome.error) {
      expect({ at, calls, deletes }).toEqual({ at, calls, deletes: 2 });
      expect(text(outcome.error)).toContain("gone since the plan; plan again");
      expect(text(outcome.error)).toContain(b.local.control.snapshot("agent")?.id);
    } else expect(outcome.record).toMatchObject({ image: "debian:12", state: "active" });
    expect({ at, calls, names: b.names() }).toEqual({ at, calls, names: { agent: "active" } });
  }
}, 120_000);

test("killed while the old one is still being removed: the successor is used, not forgotten", async () => {
  await b.close();
  b = await bench({ cronSeconds: 3 });
  const prior = await made(b.another(), before);
  let at = 0;
  const doomed = b.another();
  const stop = new AbortController();
  const ctx = context({ signal: stop.signal });
  ctx.log.progress = (message) => void (message.startsWith("old snapshot: removing") && (at += 1) && stop.abort());
  await doomed.update(prior, {}, plan(prior, {}, after).planned, ctx);
  expect(at).toBeGreaterThan(0);
  expect(b.local.control.snapshot(prior.id)?.state).toBe("removing");

  const { record } = await apply(prior, after);
  expect(record).toMatchObject({ image: "debian:12", state: "active" });
  expect(b.local.control.counts()).toMatchObject({ create: 3 });
  expect(b.names()).toEqual({ agent: "active" });
}, 30_000);

test.each([true, false])(
  "destroyed after a kill, wherever it was (refresh: %p): nothing is left",
  async (refresh) => {
    for (let at = 0; ; at += 1) {
      b.local.control.reset();
      const prior = await made(b.another(), before);
      const calls = await killedSwap(prior, at, "after");
      if (calls.length <= at) break;
      const lifecycle = b.another();
      const read = refresh ? await lifecycle.read(prior, {}, context()) : { record: prior, marks: {}, warnings: [] };
      const outcome = read.record === null ? read : await lifecycle.delete(read.record, read.marks, context());
      expect(outcome).toMatchObject({ record: null });
      // The one point: what is left is told.
      if (b.names()["agent"])
        expect(outcome.warnings.map(text).join()).toContain(
          `terraform import ADDRESS ${b.local.control.snapshot("agent")?.id}`,
        );
      else expect({ at, calls, names: b.names() }).toEqual({ at, calls, names: {} });
      expect(Object.keys(b.names()).filter((name) => name !== "agent")).toEqual([]);
      const finished = calls.slice(0, at + 1).filter((call) => call === "delete").length === 2;
      expect({ at, calls, left: b.names()["agent"] !== undefined && !finished }).toEqual({ at, calls, left: false });
    }
  },
  120_000,
);
