import type { SnapshotApi } from "../../../../provider/api";
import type { Marks, SnapshotRecord } from "../../../../provider/resources/snapshot";
import { bench, type Bench, context, made, plan, recordOf, text } from "../support";

const before = { name: "agent", image: "ubuntu:24.04", cpu: 1 };
const after = { name: "agent", sourceSandbox: "box" };
let b: Bench;
beforeEach(async () => {
  b = await bench();
  b.local.control.sandbox({ name: "box", cpu: 2 });
});
afterEach(() => b.close());

const change = (prior: SnapshotRecord, inputs: object, marks: Marks = {}, lifecycle = b.lifecycle) =>
  lifecycle.update(prior, marks, plan(prior, marks, inputs).planned, context());

test("from an image to a sandbox: the plan says that the sandbox is taken twice, and what comes has its resources", async () => {
  const prior = await made(b.lifecycle, before);
  const { action, planned, warnings, changed } = plan(prior, {}, after);
  expect({ action, changed: changed.sort() }).toEqual({ action: "swap", changed: ["image", "sourceSandbox"] });
  expect(warnings.map(text).join()).toContain(
    "The API cannot copy a snapshot, so it is created from the sandbox in source_sandbox twice. What changes in the sandbox in the meantime is only in the second snapshot, which is the one that stays. To make both the same, stop the sandbox first.",
  );
  const outcome = await b.lifecycle.update(prior, {}, planned, context());
  expect(recordOf(outcome)).toMatchObject({
    name: "agent",
    image: null,
    sourceSandbox: "box",
    sourceHash: null,
    cpu: 2,
  });
  // Each image of a sandbox has a reference of its own, which is no moved tag.
  expect(outcome.warnings).toEqual([]);
  expect(b.names()).toEqual({ agent: "active" });
  expect(b.local.control.counts()["create-from-sandbox"]).toBe(2);
});

test("triggers take the sandbox again; back to an image keeps its resources", async () => {
  const prior = await made(b.lifecycle, after);
  expect(plan(prior, {}, after).action).toBe("none");
  const again = recordOf(await change(prior, { ...after, triggers: { at: "1" } }));
  expect(again.id).not.toBe(prior.id);
  const image = recordOf(await change(again, { name: "agent", image: "ubuntu:24.04" }));
  expect(image).toMatchObject({ image: "ubuntu:24.04", sourceSandbox: null, cpu: 2 });
});

test("a sandbox that cannot be taken leaves the old snapshot as it is", async () => {
  const prior = await made(b.lifecycle, before);
  b.local.control.removeSandbox("box");
  const gone = await change(prior, after);
  expect(text(gone.error)).toContain('there is no sandbox "box"');
  expect(text(gone.error)).toContain("The old snapshot is unchanged and still usable.");
  b.local.control.sandbox({ name: "box" });
  b.local.control.sandboxRule({ outcome: "fail" });
  const failed = await change(prior, after);
  expect(text(failed.error)).toContain("the runner could not create the snapshot");
  expect(text(failed.error)).toContain("The old snapshot is unchanged and still usable.");
  expect(b.local.control.snapshots().map(({ id }) => id)).toEqual([prior.id]);
});

test("a second take that fails is tried again once; then the successor is kept, and the next apply goes on", async () => {
  const prior = await made(b.lifecycle, before);
  b.local.control.sandboxRule({ name: "agent", outcome: "fail", times: 2 });
  const failed = await change(prior, after);
  expect(text(failed.error)).toContain("is kept, and the next apply resumes the swap.");
  expect(failed.marks).toEqual({ successor: true });
  expect(Object.keys(b.names())).toEqual([expect.stringMatching(/^agent--next-/)]);
  const next = await b.lifecycle.read(failed.record!, failed.marks, context());
  expect(recordOf(await change(next.record!, after, next.marks)).sourceSandbox).toBe("box");
  expect(b.names()).toEqual({ agent: "active" });
}, 30_000);

test("a failed snapshot is not deleted for a sandbox that is gone", async () => {
  const prior = await made(b.lifecycle, after);
  b.local.control.setState(prior.id, "error", "lost");
  b.local.control.removeSandbox("box");
  const { record } = await b.lifecycle.read(prior, {}, context());
  expect(plan(record, {}, after).action).toBe("rebuild");
  const outcome = await change(record!, after);
  expect(text(outcome.error)).toContain('there is no sandbox "box"');
  expect(b.names()).toEqual({ agent: "error" });
});

test("one that v0.190 cannot wake is taken anew, and stays where the sandbox is gone", async () => {
  b.local.control.settings({ activationCooldownMs: 0 });
  const sleeping = async (): Promise<SnapshotRecord> => {
    const { id } = b.local.control.snapshot("agent")!;
    await b.api.deactivate(id);
    b.local.control.update(id, { updatedAt: Date.now() - 11 * 60_000 });
    return (await b.lifecycle.read({ ...prior, id }, {}, context())).record!;
  };
  const prior = await made(b.lifecycle, after);
  const idle = await sleeping();
  expect(plan(idle, {}, after).action).toBe("activate");
  const woken = await b.lifecycle.update(idle, {}, plan(idle, {}, after).planned, context({ idMayChange: true }));
  expect(recordOf(woken)).toMatchObject({ state: "active", name: "agent" });
  expect(woken.record!.id).not.toBe(prior.id);
  b.local.control.removeSandbox("box");
  const again = await sleeping();
  const gone = await b.lifecycle.update(again, {}, plan(again, {}, after).planned, context({ idMayChange: true }));
  expect(text(gone.error)).toContain('there is no sandbox "box"');
  expect(b.names()).toEqual({ agent: "error" });
}, 30_000);

test("a key without the permission for sandboxes starts no swap", async () => {
  const prior = await made(b.lifecycle, before);
  const key = b.local.control.addKey("weak", ["write:snapshots", "delete:snapshots"]);
  const outcome = await change(prior, after, {}, b.with(key));
  expect(text(outcome.error)).toContain("the API key lacks `write:sandboxes`");
});

test("an import cannot know the sandbox of v0.190: the program is taken over without a new snapshot", async () => {
  b.local.control.insert({ name: "agent", imageName: "" });
  const { record, marks } = await b.lifecycle.import("agent", context());
  expect(record).toMatchObject({ image: null, dockerfileContent: null, sourceSandbox: null });
  const { action, warnings } = plan(record, marks, after);
  expect(action).toBe("state-only");
  expect(text(warnings[0])).toContain("source_sandbox is recorded without creating a new snapshot");
});

test("an import of newer servers has the sandbox's ID; the ID of another sandbox is a change", async () => {
  const { id } = b.local.control.sandboxes()[0]!;
  await made(b.another(), after);
  const { record, marks } = await b.lifecycle.import("agent", context());
  expect(record).toMatchObject({ sourceSandbox: id });
  expect(plan(record, marks, { name: "agent", sourceSandbox: id }).changed).toEqual([]);
  expect(plan(record, marks, after).action).toBe("state-only");
  const other = b.local.control.sandbox({ name: "other" });
  expect(plan(record, marks, { name: "agent", sourceSandbox: other }).action).toBe("swap");
  expect(plan(record, marks, { name: "agent", image: "ubuntu:24.04" }).action).toBe("swap");
});

/** What the next applies do until nothing is left to do. */
async function converge(state: SnapshotRecord): Promise<SnapshotRecord | null> {
  const lifecycle = b.another();
  let { record, marks } = await lifecycle.read(state, {}, context());
  for (let n = 0; n < 4; n += 1) {
    const { action, planned } = plan(record, marks, after);
    if (action === "none") return record;
    const outcome =
      record === null
        ? await lifecycle.create({ ...planned, adoptExisting: true }, context())
        : await lifecycle.update(record, marks, planned, context());
    ({ record, marks } = await lifecycle.read(outcome.record ?? state, outcome.marks, context()));
  }
  return record;
}

test.each([
  ["a server that tells the sandbox", {}],
  ["v0.190", { sourceSandboxId: undefined }],
])(
  "killed at every call against %s: one snapshot of the name in the end, and nothing left over",
  async (_name, newFields) => {
    let longest = 0;
    // A kill before a call leaves what one after the call before it leaves.
    for (let at = -1; ; at += 1) {
      b.local.control.reset();
      b.local.control.settings({ newFields });
      b.local.control.sandbox({ name: "box", cpu: 2 });
      const prior = await made(b.another(), before);
      let calls = 0;
      const dying = (api: SnapshotApi): SnapshotApi =>
        new Proxy(api, {
          get(target, name) {
            const method = Reflect.get(target, name) as unknown;
            if (!["get", "sandbox", "createFromSandbox", "create", "delete", "currentKey"].includes(String(name)))
              return method;
            return async (...args: unknown[]) => {
              const n = calls++;
              if (n > at) throw new Error("killed");
              const answer: unknown = await (method as (...all: unknown[]) => unknown).apply(target, args);
              if (n >= at) throw new Error("killed");
              return answer;
            };
          },
        });
      await change(prior, after, {}, b.another(dying));
      longest = Math.max(longest, calls);
      if (calls <= at) break;
      const record = await converge(prior);
      const holder = b.local.control.snapshot("agent");
      expect({ at, holder: holder?.state }).toEqual({ at, holder: "active" });
      // The one point that the model names: the successor is gone and the state was not saved. v0.190 does not tell whose it is.
      if (record === null) expect({ at, told: "sourceSandboxId" in newFields }).toEqual({ at, told: true });
      if (record !== null) expect({ at, record }).toMatchObject({ record: { id: holder?.id, sourceSandbox: "box" } });
      expect({ at, names: b.names() }).toEqual({ at, names: { agent: "active" } });
    }
    expect(longest).toBeGreaterThan(10);
  },
  300_000,
);
