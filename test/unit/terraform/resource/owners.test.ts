import type { SnapshotLifecycle } from "../../../../provider/lifecycle/contract";
import { OwnedResource } from "../../../../provider/terraform/resource/owners/resource";
import { Quiet } from "../../../../provider/terraform/resource/owners/quiet";
import type { TfObject, TfPrivate, TfResource } from "../../../../provider/terraform/types";
import { UNKNOWN } from "../../../../provider/kit/unknown";
import { FakeClock } from "../../lifecycle/fake";
import { call } from "./fakes";

const state = (id: string, name = "agent"): TfObject => ({ id, name });
const owned = (owner: string, more: TfPrivate = {}): TfPrivate => ({ owner, ...more });
const summaries = ({ diagnostics }: { diagnostics: { severity: string; summary: string }[] }): string[] =>
  diagnostics.map(({ severity, summary }) => `${severity}: ${summary}`);

const SHARED = 'warning: Two resources manage snapshot "agent"';
const KEPT = 'warning: Snapshot "agent" will be kept: another resource of this configuration manages it';
const would = (what: string): string => `error: Two resources manage snapshot "agent", and this plan ${what}`;
const TAKEN = 'error: Two resources have the name "agent"';

/** A walk of Terraform over a resource that answers whatever it is asked. @param all whether it is known to go through the whole state */
function walk(all = false) {
  const clock = new FakeClock();
  const told: string[] = [];
  const applied: TfPrivate[] = [];
  let readMs = 0;
  let broken = false;
  const inner = {
    typeName: "daytona_snapshot",
    upgrade: (_version: number, raw: TfObject) => Promise.resolve({ state: raw, diagnostics: [] }),
    read: async (args: Parameters<TfResource["read"]>[0]) => {
      await clock.sleep(readMs);
      return { ...args, diagnostics: broken ? [{ severity: "error", summary: "x", detail: "" }] : [] };
    },
    plan: (args: Parameters<TfResource["plan"]>[0]) =>
      Promise.resolve({
        planned: args.config["change"] === "update" ? { ...args.proposed, id: UNKNOWN } : args.proposed,
        requiresReplace: args.config["change"] === "replace" ? [["image"]] : [],
        private: args.private,
        identity: null,
        diagnostics: [],
      }),
    import: () => Promise.resolve({ imported: [{ state: state("X"), private: {}, identity: null }], diagnostics: [] }),
    apply: (args: Parameters<TfResource["apply"]>[0]) => {
      applied.push(args.private);
      return Promise.resolve({ state: args.planned, private: args.private, identity: null, diagnostics: [] });
    },
  } as unknown as TfResource;
  const lifecycle = {
    keeps: (id: string, owner: string) => void told.push(`keeps ${id} ${owner}`),
    letsGo: (id: string, owner: string) => void told.push(`lets go ${id} ${owner}`),
  } as unknown as SnapshotLifecycle;
  const whole = new OwnedResource(
    inner,
    clock,
    () => lifecycle,
    () => all,
  );
  const { resource } = whole;
  return {
    clock,
    told,
    applied,
    whole,
    resource,
    slowReads: (ms: number) => void (readMs = ms),
    breakReads: () => void (broken = true),
    read: (id: string, stored: TfPrivate = {}) =>
      clock.run(resource.read({ state: state(id), private: stored, identity: null }, call)),
    plan: (prior: string | null, stored: TfPrivate = {}, change?: string, name = "agent") =>
      clock.run(
        resource.plan(
          {
            prior: prior === null ? null : state(prior),
            proposed: prior === null ? { name, id: UNKNOWN } : state(prior),
            config: { change: change ?? null },
            private: stored,
            identity: null,
          },
          call,
        ),
      ),
    destroy: (id: string, stored: TfPrivate = {}) => resource.planDestroy!({ prior: state(id), private: stored }, call),
  };
}

test("an object gets an owner once, which stays", async () => {
  const w = walk();
  const first = await w.read("X");
  expect(first.private["owner"]).toMatch(/^[\w-]{8}$/);
  expect((await w.read("X", first.private)).private).toEqual(first.private);
  expect((await w.plan("X", first.private)).private).toEqual({ ...first.private, replaces: "X" });
  expect((await w.plan(null)).private["owner"]).not.toBe(first.private["owner"]);
});

test("a read that failed changes nothing", async () => {
  const w = walk();
  w.breakReads();
  expect((await w.read("X", { x: 1 })).private).toEqual({ x: 1 });
});

test("two that are read have each other in their private state; a new walk forgets, the state does not", async () => {
  const w = walk();
  await w.read("X", owned("a"));
  expect((await w.read("X", owned("b"))).private).toEqual(owned("b", { others: ["a"] }));
  expect((await w.read("Y", owned("c"))).private).toEqual(owned("c"));
  w.whole.reset();
  expect((await w.read("X", owned("a"))).private).toEqual(owned("a"));
  expect((await w.read("X", owned("b", { others: ["z"] }))).private).toEqual(owned("b", { others: ["a", "z"] }));
});

test("one that is destroyed does not count any more, even if its plan comes after the read began", async () => {
  const w = walk();
  const read = w.resource.read({ state: state("X"), private: owned("a", { others: ["b"] }), identity: null }, call);
  const [found, plan] = await w.clock.run(
    Promise.all([read, w.clock.sleep(50).then(() => w.destroy("X", owned("b", { others: ["a"] })))]),
  );
  expect(found.private).toEqual(owned("a"));
  expect(plan).toMatchObject({ private: { shared: true } });
});

describe("a destroy", () => {
  test("deletes what nobody else has", async () => {
    const w = walk();
    expect(await w.clock.run(w.destroy("X", owned("a", { shared: true, x: 1 })))).toEqual({
      private: owned("a", { x: 1 }),
      diagnostics: [],
    });
  });

  test("keeps what another one keeps, whichever is planned first", async () => {
    for (const first of ["keeper", "destroy"]) {
      const w = walk();
      if (first === "keeper") await w.plan("X", owned("a"));
      const [plan] = await w.clock.run(
        Promise.all([
          w.destroy("X", owned("b")),
          first === "destroy"
            ? w.clock
                .sleep(100)
                .then(() =>
                  w.resource.plan(
                    { prior: state("X"), proposed: state("X"), config: {}, private: owned("a"), identity: null },
                    call,
                  ),
                )
            : null,
        ]),
      );
      expect(plan.private).toEqual(owned("b", { shared: true }));
      expect(summaries(plan)).toEqual([KEPT]);
    }
  });

  test("waits for reads in progress", async () => {
    const w = walk();
    w.slowReads(700);
    const reading = w.resource.read({ state: state("X"), private: owned("a"), identity: null }, call);
    const [plan] = await w.clock.run(Promise.all([w.destroy("X", owned("b")), reading]));
    expect(plan.private["shared"]).toBe(true);
  });

  test("knows what an earlier run has marked, until all of them are destroyed", async () => {
    const w = walk();
    expect((await w.clock.run(w.destroy("X", owned("a", { others: ["b"] })))).private["shared"]).toBe(true);
    const both = walk();
    const plans = await both.clock.run(
      Promise.all([both.destroy("X", owned("a", { others: ["b"] })), both.destroy("X", owned("b", { others: ["a"] }))]),
    );
    expect(plans.map(({ private: stored }) => stored["shared"])).toEqual([undefined, undefined]);
  });

  test("waits for the plan of another object that Terraform has read, and keeps the snapshot where none comes", async () => {
    for (const comes of ["kept", "destroyed", "nothing"]) {
      const w = walk();
      await w.resource.upgrade(0, state("X"), call);
      await w.resource.upgrade(0, state("X"), call);
      const before = w.clock.now();
      const later = w.clock
        .sleep(2000)
        .then<unknown>(() =>
          comes === "kept"
            ? w.resource.plan(
                { prior: state("X"), proposed: state("X"), config: {}, private: owned("b"), identity: null },
                call,
              )
            : comes === "destroyed"
              ? w.destroy("X", owned("b"))
              : null,
        );
      const [plan] = await w.clock.run(Promise.all([w.destroy("X", owned("a")), later]));
      expect([comes, plan.private["shared"]]).toEqual([comes, comes === "destroyed" ? undefined : true]);
      expect(w.clock.now() - before).toBeLessThanOrEqual(comes === "nothing" ? 5200 : 2200);
    }
  });

  test("without an ID changes nothing", async () => {
    const w = walk();
    expect(await w.resource.planDestroy!({ prior: { id: null, name: "agent" }, private: { x: 1 } }, call)).toEqual({
      private: { x: 1 },
      diagnostics: [],
    });
  });

  test("that turned out too late to be of a shared snapshot fails the plan", async () => {
    const w = walk();
    await w.clock.run(w.destroy("X", owned("b")));
    expect(summaries(await w.plan("X", owned("a")))).toEqual([would("destroys the other one")]);
  });

  test("that ends with an interrupt does not wait", async () => {
    const w = walk();
    const stop = new AbortController();
    w.slowReads(60_000);
    void w.resource.read({ state: state("Y"), private: {}, identity: null }, call);
    const plan = w.resource.planDestroy!({ prior: state("X"), private: {} }, { ...call, signal: stop.signal });
    stop.abort();
    await expect(plan).resolves.toMatchObject({ diagnostics: [] });
  });
});

test.each([
  ["the whole state is gone through: it has left the state", true, undefined],
  ["only a part is, or nobody knows: it is still there", false, ["b"]],
])("another one that a walk does not tell of, where %s", async (_, all, others) => {
  const alone = await walk(all).read("X", owned("a", { others: ["b"] }));
  expect(alone.private["others"]).toEqual(others);
  const w = walk(all);
  await w.read("X", owned("b"));
  expect((await w.read("X", owned("a", { others: ["b", "c"] }))).private["others"]).toEqual(all ? ["b"] : ["b", "c"]);
});

describe("two that stay", () => {
  test("are a warning, and the lifecycle is told", async () => {
    const w = walk();
    expect(summaries(await w.plan("X", owned("a")))).toEqual([]);
    expect(summaries(await w.plan("X", owned("b")))).toEqual([SHARED]);
    expect(summaries(await w.plan("X", owned("a")))).toEqual([SHARED]);
    expect(w.told).toEqual(["keeps X a", "keeps X b", "keeps X a"]);
  });

  test("with the mark of an earlier run, even if the other one is not seen", async () => {
    const w = walk();
    expect(summaries(await w.plan("X", owned("a", { others: ["b"] })))).toEqual([SHARED]);
    expect(summaries(await w.plan("X", owned("a", { others: ["b"] }), "update"))).toEqual([
      would("replaces one of them"),
    ]);
  });

  test.each(["update", "replace"])("an %s of one is refused, whichever is planned first", async (change) => {
    const w = walk();
    await w.plan("X", owned("a"));
    expect(summaries(await w.plan("X", owned("b"), change))).toEqual([would("replaces one of them")]);
    const other = walk();
    expect(summaries(await other.plan("X", owned("b"), change))).toEqual([]);
    expect(summaries(await other.plan("X", owned("a")))).toEqual([would("replaces the other one")]);
  });

  test("a replacement that Terraform forces is refused, whichever is planned first", async () => {
    const w = walk();
    await w.plan("X", owned("a"));
    await w.plan("X", owned("b"));
    expect(summaries(await w.plan(null, owned("b", { replaces: "X" })))).toEqual([would("replaces one of them")]);
    const other = walk();
    const first = await other.plan("X", owned("b"));
    const second = await other.plan(null, first.private);
    expect(summaries(second)).toEqual([]);
    expect(second.private).toEqual(owned("b"));
    expect(other.told).toEqual(["keeps X b", "lets go X b"]);
    expect(summaries(await other.plan("X", owned("a")))).toEqual([would("replaces the other one")]);
  });

  test("one of which this walk imports are refused", async () => {
    const w = walk();
    await w.plan("X", owned("a"));
    await w.clock.run(w.resource.import({ id: "agent", identity: null }, call));
    expect(summaries(await w.plan("X", owned("b")))).toEqual(['error: Two resources would manage snapshot "agent"']);
  });
});

test("an import says that the state has the snapshot already", async () => {
  const w = walk();
  expect(summaries(await w.clock.run(w.resource.import({ id: "agent", identity: null }, call)))).toEqual([]);
  await w.resource.upgrade(0, state("X"), call);
  const found = await w.clock.run(w.resource.import({ id: "agent", identity: null }, call));
  expect(summaries(found)).toEqual(['warning: Another resource in the state has snapshot "agent"']);
  expect(found.diagnostics[0]?.detail).toBe(
    "Snapshot X is in the state at another address as well. Only one resource can manage a snapshot. Unless this run removes it from the state there (`removed` with `destroy = false`), remove one of the two from the state, which deletes nothing:\n\n  terraform state rm ADDRESS",
  );
});

describe("a new object", () => {
  test("with the name of one that stays is refused, whichever is planned first", async () => {
    const w = walk();
    await w.plan("X", owned("a"));
    expect(summaries(await w.plan(null))).toEqual([TAKEN]);
    const other = walk();
    expect(summaries(await other.plan(null))).toEqual([]);
    expect(summaries(await other.plan("X", owned("a")))).toEqual([TAKEN]);
  });

  test("with the name of one that is replaced or destroyed is not", async () => {
    const w = walk();
    await w.plan("X", owned("a"), "replace");
    await w.clock.run(w.destroy("Y", owned("b")));
    expect(summaries(await w.plan(null))).toEqual([]);
    expect(summaries(await w.plan(null, owned("c", { replaces: "Z" }), undefined, "other"))).toEqual([]);
  });

  test("without a name yet is not", async () => {
    const w = walk();
    await w.plan("X", owned("a"));
    const plan = await w.clock.run(
      w.resource.plan({ prior: null, proposed: { name: UNKNOWN }, config: {}, private: {}, identity: null }, call),
    );
    expect(summaries(plan)).toEqual([]);
  });
});

test("an update of a shared one gets the mark; nothing of a plan stays in the state", async () => {
  const w = walk();
  const args = { prior: state("X"), planned: state("X"), config: {}, identity: null };
  const done = await w.resource.apply({ ...args, private: owned("a", { others: ["b"], replaces: "X" }) }, call);
  expect(w.applied).toEqual([owned("a", { others: ["b"], replaces: "X", shared: true })]);
  expect(done.private).toEqual(owned("a", { others: ["b"] }));
  await w.resource.apply({ ...args, planned: null, private: owned("a", { others: ["b"] }) }, call);
  await w.resource.apply({ ...args, private: owned("a") }, call);
  expect(w.applied.slice(1)).toEqual([owned("a", { others: ["b"] }), owned("a")]);
});

describe("quiet", () => {
  const never = new AbortController().signal;
  test("is 150 ms without a call, once until the next one", async () => {
    const clock = new FakeClock();
    const quiet = new Quiet(clock);
    const passes = async (): Promise<number> => {
      const before = clock.now();
      await clock.run(quiet.passed(never));
      return clock.now() - before;
    };
    expect([await passes(), await passes()]).toEqual([150, 0]);
    quiet.touch();
    expect(await passes()).toBe(0);
    await quiet.during(() => Promise.resolve());
    expect([await passes(), await passes()]).toEqual([150, 0]);
  });

  test("is longer where Terraform is slow, up to a second", async () => {
    for (const [slow, quietMs] of [
      [20, 150],
      [100, 400],
      [5000, 1000],
    ] as const) {
      const clock = new FakeClock();
      const quiet = new Quiet(clock);
      await clock.run(clock.sleep(slow));
      quiet.touch();
      const before = clock.now();
      await clock.run(quiet.passed(never));
      expect(clock.now() - before).toBe(quietMs);
    }
  });

  test("is not waited for longer than three seconds in a process, together", async () => {
    const clock = new FakeClock();
    const quiet = new Quiet(clock);
    const endless = quiet.during(() => clock.sleep(60_000));
    const before = clock.now();
    await clock.run(
      Promise.all([quiet.passed(never), quiet.passed(never), clock.sleep(100).then(() => quiet.passed(never))]),
    );
    expect(clock.now() - before).toBe(3000);
    await clock.run(quiet.passed(never));
    expect(clock.now() - before).toBe(3000);
    await clock.run(endless);
  });
});
