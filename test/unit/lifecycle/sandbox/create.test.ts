import type { SnapshotApi } from "../../../../provider/api";
import { bench, type Bench, context, made, plan, recordOf, text, told } from "../support";

const program = { name: "agent", sourceSandbox: "box" };
let b: Bench;
afterEach(() => b.close());

const create = (inputs: object = program, options = {}, lifecycle = b.lifecycle) =>
  lifecycle.create(plan(null, {}, inputs).planned, context(options));
/** POSTs that the API has had. */
const posts = (): number => b.local.control.counts()["create-from-sandbox"] ?? 0;

describe.each(["v0", "v2"] as const)("runner API %s", (generation) => {
  beforeEach(async () => {
    b = await bench({ generation });
    b.local.control.sandbox({ name: "box", cpu: 2, mem: 4, disk: 6 });
  });

  test("a snapshot is taken of a sandbox and has its resources; the sandbox goes on", async () => {
    const { planned, warnings } = plan(null, {}, program);
    expect(warnings).toEqual([]);
    const record = recordOf(await b.lifecycle.create(planned, context()));
    expect(record).toMatchObject({
      name: "agent",
      sourceSandbox: "box",
      includeMemory: null,
      sourceHash: null,
      image: null,
      state: "active",
      cpu: 2,
      memory: 4,
      disk: 6,
      region: "us",
      sandboxClass: "container",
    });
    expect(b.local.control.sandboxes()[0]!.state).toBe("started");
    expect(posts()).toBe(1);
    // Nothing more is asked of the sandbox, which may go.
    b.local.control.removeSandbox("box");
    const read = await b.lifecycle.read(record, {}, context());
    expect(read.record).toEqual(record);
    expect(plan(record, {}, program).action).toBe("none");
  });

  test("a runner that fails: the sandbox is back, no snapshot comes, and the error says so", async () => {
    b.local.control.sandboxRule({ outcome: "fail" });
    const outcome = await create();
    expect(outcome.record).toBeNull();
    expect(text(outcome.error)).toBe(
      'creating snapshot "agent": the runner could not create the snapshot from sandbox "box"\n' +
        'The sandbox is `started` again, and no snapshot "agent" has appeared. The API gives no reason. Check the sandbox and its disk, then run apply again.',
    );
    expect(outcome.failure?.code).toBe("failed");
    expect(posts()).toBe(1);
  });

  test("an answer that was lost is settled by the sandbox and the name: one snapshot, one request", async () => {
    b.local.control.fault({ kind: "create-from-sandbox", action: "drop-after" });
    expect(recordOf(await create())).toMatchObject({ name: "agent", state: "active" });
    expect(posts()).toBe(1);
    expect(b.names()).toEqual({ agent: "active" });
  });

  test("a name that somebody else takes meanwhile is an error, and theirs is left alone", async () => {
    b.local.control.sandboxRule({ seconds: 1 });
    const creating = create();
    await untilBusy();
    const theirs = b.local.control.insert({ name: "agent", imageName: "debian:12" });
    const outcome = await creating;
    expect(outcome.record).toBeNull();
    expect(text(outcome.error)).toContain('the name "agent" is already taken');
    expect(text(outcome.error)).toContain('requested a snapshot of sandbox "box", found image "debian:12"');
    expect(b.local.control.snapshots().map(({ id }) => id)).toEqual([theirs]);
  });

  test("two programs that take the same name of two sandboxes: one has it, the other one hears of it", async () => {
    b.local.control.sandbox({ name: "other" });
    // As of v0.190, which does not tell the sandbox.
    b.local.control.settings({ newFields: { sourceSandboxId: undefined } });
    b.local.control.sandboxRule({ name: "agent", seconds: 3, times: 1 });
    const first = create();
    await untilBusy();
    const second = await create({ name: "agent", sourceSandbox: "other" }, {}, b.another());
    const outcomes = [await first, second];
    expect(outcomes.filter(({ record }) => record !== null)).toHaveLength(1);
    expect(outcomes.map(({ error }) => error?.summary).filter(Boolean)).toEqual([
      'creating snapshot "agent": the name "agent" is already taken',
    ]);
    expect(b.names()).toEqual({ agent: "active" });
  });
});

async function untilBusy(): Promise<void> {
  while (!b.local.control.sandboxes().some(({ state }) => state === "snapshotting"))
    await new Promise((resolve) => setTimeout(resolve, 5));
}

describe("with the newer runner API", () => {
  beforeEach(async () => {
    b = await bench();
    b.local.control.sandbox({ name: "box" });
  });

  test("the sandbox is asked for by its ID as well", async () => {
    const { id } = b.local.control.sandboxes()[0]!;
    expect(await made(b.lifecycle, { name: "agent", sourceSandbox: id })).toMatchObject({ sourceSandbox: id });
  });

  test("two of one sandbox at once are taken one after the other, also by two processes", async () => {
    const outcomes = await Promise.all([
      create({ name: "one", sourceSandbox: "box" }),
      create({ name: "two", sourceSandbox: "box" }),
      create({ name: "three", sourceSandbox: "box" }, {}, b.another()),
    ]);
    outcomes.forEach(recordOf);
    expect(b.names()).toEqual({ one: "active", two: "active", three: "active" });
    expect(b.local.control.snapshots()).toHaveLength(3);
  });

  test("a snapshot that comes late after the sandbox's return is waited for", async () => {
    b.local.control.sandboxRule({ gapSeconds: 1 });
    expect(recordOf(await create()).state).toBe("active");
  });

  test.each([
    [
      { state: "archived" },
      program,
      "It is `archived`, and the API creates snapshots only from started and stopped sandboxes. Start it, then run apply again. No snapshot was created.",
    ],
    [
      { state: "error", errorReason: "disk full" },
      program,
      "It is `error` (disk full), and the API creates snapshots only from started and stopped sandboxes. Repair it, or create another sandbox, then run apply again. No snapshot was created.",
    ],
    [
      {},
      { ...program, includeMemory: true },
      "Its class is `container`, and only the memory of VMs can be included. Remove include_memory. No snapshot was created.",
    ],
    [
      { sandboxClass: "windows" },
      program,
      "It is `started`, and a snapshot of a Windows sandbox without its memory requires a stopped sandbox. Stop it, or set include_memory to true, then run apply again. No snapshot was created.",
    ],
    [
      { sandboxClass: "windows", state: "stopped", desiredState: "stopped" },
      { ...program, includeMemory: true },
      "It is `stopped`, and only the memory of a running VM can be included. Start it, then run apply again. No snapshot was created.",
    ],
  ])("%p cannot be taken by %p, and the API is not asked to", async (box, inputs, message) => {
    b.local.control.updateSandbox("box", box);
    const outcome = await create(inputs);
    expect(outcome.error?.summary).toBe('creating snapshot "agent": no snapshot can be created from sandbox "box"');
    expect(outcome.error?.detail).toBe(message);
    expect(posts()).toBe(0);
  });

  test("the memory of a VM is taken on request", async () => {
    b.local.control.updateSandbox("box", { sandboxClass: "windows" });
    expect(recordOf(await create({ ...program, includeMemory: true }))).toMatchObject({
      includeMemory: true,
      sandboxClass: "windows",
    });
  });

  test("a class and a state that this release does not know are left to the server", async () => {
    b.local.control.updateSandbox("box", { sandboxClass: "unikernel" });
    expect(recordOf(await create()).sandboxClass).toBe("unikernel");
    b.local.control.updateSandbox("box", { state: "hibernating" });
    b.local.control.settings({ pullMs: 1 });
    const outcome = await create({ ...program, name: "second" });
    expect(text(outcome.error)).toContain("Sandbox must be in started or stopped state to create a snapshot");
  }, 30_000);

  test("a sandbox that starts is waited for", async () => {
    b.local.control.updateSandbox("box", { state: "starting", pending: true });
    const heard = told();
    const creating = b.lifecycle.create(plan(null, {}, program).planned, context({}, heard));
    while (!heard.progress.some((line) => line.includes("starting"))) await new Promise((done) => setTimeout(done, 5));
    b.local.control.updateSandbox("box", { state: "started", pending: false });
    expect(recordOf(await creating).state).toBe("active");
    expect(heard.progress).toContain('waiting for sandbox "box", which is `starting`');
    expect(heard.progress).toContain('creating the snapshot from sandbox "box"');
  });

  test("there is no such sandbox", async () => {
    const outcome = await create({ name: "agent", sourceSandbox: "none" });
    expect(text(outcome.error)).toBe(
      'creating snapshot "agent": there is no sandbox "none"\nIt was deleted, or the organization has no sandbox with this name or ID. No snapshot was created. Set source_sandbox to an existing sandbox.',
    );
    expect(outcome.failure?.code).toBe("not-found");
  });

  test("a key without the permission for sandboxes: which one is missing", async () => {
    const key = b.local.control.addKey("weak", ["write:snapshots", "delete:snapshots"]);
    const outcome = await create(program, {}, b.with(key));
    expect(text(outcome.error)).toContain(
      "Creating a snapshot from a sandbox requires the `write:sandboxes` permission.",
    );
  });

  test("a full quota is the quota's error", async () => {
    b.local.control.settings({ snapshotQuota: 0 });
    expect((await create()).error?.summary).toBe('creating snapshot "agent": snapshot quota exceeded');
  });

  test("a name that is taken is an error before the sandbox is taken; the same one is adopted where the API tells", async () => {
    const id = (await made(b.another(), program)).id;
    b.local.control.clearRequests();
    const outcome = await create();
    expect(text(outcome.error)).toContain("It matches the requested snapshot.");
    expect(text(outcome.error)).toContain(`terraform import ADDRESS ${id}`);
    expect(recordOf(await create({ ...program, adoptExisting: true }, {}, b.another()))).toMatchObject({ id });
    b.local.control.sandbox({ name: "other" });
    const other = await create({ ...program, sourceSandbox: "other", adoptExisting: true }, {}, b.another());
    expect(text(other.error)).toContain('source_sandbox: requested "other", found one of sandbox');
    expect(posts()).toBe(0);
  });

  test("v0.190 does not tell the sandbox, so nothing is adopted", async () => {
    b.local.control.settings({ newFields: { sourceSandboxId: undefined } });
    b.local.control.insert({ name: "agent", imageName: "" });
    const outcome = await create({ ...program, adoptExisting: true });
    expect(text(outcome.error)).toContain(
      'requested a snapshot of sandbox "box", but the API does not report which sandbox this one was created from',
    );
  });

  test("the deadline passes: the message says that the snapshot may still come, and the next apply meets it", async () => {
    b.local.control.sandboxRule({ outcome: "hang", times: 1 });
    const outcome = await create(program, { timeoutMs: 1500 });
    expect(outcome.record).toBeNull();
    expect(text(outcome.error)).toContain('timed out after 1.5s while waiting for the snapshot of sandbox "box"');
    expect(text(outcome.error)).toContain(
      'The API is still creating the snapshot of sandbox "box", so snapshot "agent" may appear later.',
    );
    // The next create waits for it, and adopts it.
    const next = create({ ...program, adoptExisting: true }, {}, b.another());
    await new Promise((resolve) => setTimeout(resolve, 200));
    b.local.control.finishHung();
    expect(recordOf(await next).state).toBe("active");
    expect(posts()).toBe(1);
  });

  test("an interrupt ends the call within two seconds", async () => {
    b.local.control.sandboxRule({ outcome: "hang" });
    const stop = new AbortController();
    const creating = create(program, { signal: stop.signal });
    await untilBusy();
    stop.abort();
    const outcome = await Promise.race([
      creating,
      new Promise<never>((_, reject) => setTimeout(() => reject(new Error("too late")), 2000)),
    ]);
    expect(outcome).toMatchObject({ interrupted: true, record: null });
    expect(text(outcome.warnings[0])).toContain('snapshot "agent" may appear later');
  });

  test("a snapshot that newer servers show while it is taken is kept from then on", async () => {
    const { id } = b.local.control.sandboxes()[0]!;
    b.local.control.sandboxRule({ outcome: "hang" });
    const stop = new AbortController();
    const creating = create(program, { signal: stop.signal });
    await untilBusy();
    const early = b.local.control.insert({
      name: "agent",
      imageName: "",
      state: "snapshotting",
      sourceSandboxId: id,
    });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    stop.abort();
    expect(await creating).toMatchObject({ interrupted: true, record: { id: early, state: "snapshotting" } });
  });
});

test("killed at every call: nothing lost, nothing twice", async () => {
  b = await bench();
  let longest = 0;
  for (const when of ["before", "after"] as const)
    for (let at = 0; ; at += 1) {
      b.local.control.reset();
      b.local.control.sandbox({ name: "box" });
      let calls = 0;
      const dying = (api: SnapshotApi): SnapshotApi =>
        new Proxy(api, {
          get(target, name) {
            const method = Reflect.get(target, name) as unknown;
            if (!["get", "sandbox", "createFromSandbox"].includes(String(name))) return method;
            return async (...args: unknown[]) => {
              const n = calls++;
              if (n > at || (n === at && when === "before")) throw new Error("killed");
              const answer: unknown = await (method as (...all: unknown[]) => unknown).apply(target, args);
              if (n >= at) throw new Error("killed");
              return answer;
            };
          },
        });
      await create(program, {}, b.another(dying));
      longest = Math.max(longest, calls);
      if (calls <= at) break;
      const next = await create({ ...program, adoptExisting: true }, {}, b.another());
      expect({ when, at, record: next.record, error: next.error }).toMatchObject({ record: { state: "active" } });
      expect({ when, at, posts: posts(), names: b.names() }).toEqual({
        when,
        at,
        posts: 1,
        names: { agent: "active" },
      });
    }
  expect(longest).toBeGreaterThan(5);
}, 120_000);
