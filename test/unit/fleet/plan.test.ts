import { readPlan } from "../../../provider/fleet/read/terraform-plan";
import { judge } from "../../../provider/fleet/judge";
import type { FleetResource } from "../../../provider/fleet/resource";
import { textsOf } from "../../../provider/fleet/texts";
import { attributes, change, drifted, plan, planned } from "./plan";

const A = "daytona_snapshot.agent";
const now = Date.parse("2026-11-27T12:00:00Z");
const only = (drift: unknown[], changes: unknown[]): FleetResource =>
  readPlan(plan(drift, changes), "the plan").resources[0]!;
const judged = (drift: unknown[], changes: unknown[]) => {
  const resource = only(drift, changes);
  const { happened, drift: drifts, notApplied } = judge(resource);
  const names = (list: readonly { attribute: string }[] | null): string[] | null =>
    list?.map(({ attribute }) => attribute) ?? null;
  return {
    happened,
    drift: names(drifts),
    notApplied: names(notApplied),
    apply: textsOf(resource, judge(resource), now).apply,
  };
};
const state = attributes("agent");
const idle = attributes("agent", { state: "inactive", active: false });
const failed = attributes("agent", { state: "build_failed", error_reason: "make: *** [all] Error 2." });
const repair = (seen: Record<string, unknown>, more = {}) =>
  change(A, ["update"], seen, planned({ ...state, ...more }));

test("nothing differs", () => {
  expect(judged([], [change(A, ["no-op"], state, state)])).toMatchObject({
    happened: null,
    drift: [],
    notApplied: null,
  });
});

test.each<[string, unknown[], unknown[], object]>([
  [
    "idle: the repair is no change of the program",
    [drifted(A, state, idle)],
    [repair(idle)],
    {
      happened: "idle",
      drift: ["active", "state"],
      notApplied: null,
      apply: "Activates it; takes about as long as pulling its image.",
    },
  ],
  [
    "idle, and the program changes too: both",
    [drifted(A, state, idle)],
    [repair(idle, { image: "ubuntu:22.04", source_hash: "v1:b" })],
    {
      happened: "idle",
      notApplied: ["image", "sourceHash"],
      apply: "Creates a successor, then replaces it; takes about twice as long as pulling its image.",
    },
  ],
  [
    "failed",
    [drifted(A, state, failed)],
    [repair(failed)],
    {
      happened: "failed",
      drift: ["state", "errorReason"],
      notApplied: null,
      apply: "Deletes the failed snapshot and recreates it; takes about as long as pulling its image.",
    },
  ],
  [
    "gone",
    [drifted(A, state, null)],
    [change(A, ["create"], null, planned(state))],
    {
      happened: "gone",
      drift: ["id"],
      notApplied: null,
      apply: "Creates it; takes about as long as pulling its image.",
    },
  ],
  [
    "gone, and the program changes too",
    [drifted(A, state, null)],
    [change(A, ["create"], null, planned({ ...state, cpu: 4 }))],
    { happened: "gone", notApplied: ["cpu"] },
  ],
  [
    "gone, and removed from the program",
    [drifted(A, state, null)],
    [],
    {
      happened: "gone",
      notApplied: null,
      apply: `An apply changes nothing: the configuration ignores the difference, or already has the new value.`,
    },
  ],
  [
    "awake, although it should not be active",
    [drifted(A, { ...state, active: false, state: "inactive" }, state)],
    [change(A, ["update"], state, planned({ ...state, active: false }))],
    { happened: "awake", drift: ["active", "state"], notApplied: null, apply: "Deactivates it; takes seconds." },
  ],
  [
    "drift that the program ignores",
    [drifted(A, state, idle)],
    [change(A, ["no-op"], idle, idle)],
    { happened: "idle", notApplied: null, apply: expect.stringContaining("changes nothing") },
  ],
  [
    "a computed value that drifted is carried over, not changed by the program",
    [drifted(A, state, { ...state, cpu: 2 })],
    [change(A, ["update"], { ...state, cpu: 2 }, planned({ ...state, cpu: 2, triggers: { a: "1" } }))],
    { happened: "changed", drift: ["cpu"], notApplied: ["triggers"] },
  ],
  [
    "being deleted, being made",
    [drifted(A, state, { ...state, state: "removing" })],
    [repair({ ...state, state: "removing" })],
    { happened: "leaving" },
  ],
  [
    "a swap that did not finish: the state takes its ID",
    [drifted(A, state, { ...state, id: "other" })],
    [repair({ ...state, id: "other" })],
    { happened: "unfinished-swap", notApplied: null },
  ],
  [
    "only the program changed",
    [],
    [change(A, ["update"], state, planned({ ...state, active: false }))],
    { happened: null, notApplied: ["active"], apply: "Deactivates it; takes seconds." },
  ],
  [
    "new in the program",
    [],
    [change(A, ["create"], null, planned(state))],
    { happened: null, notApplied: [], apply: "Creates it; takes about as long as pulling its image." },
  ],
  [
    "removed from the program",
    [],
    [change(A, ["delete"], state, null)],
    { notApplied: [], apply: "Deletes it; takes less than a minute." },
  ],
  [
    "forgotten",
    [],
    [change(A, ["forget"], state, null)],
    { notApplied: [], apply: "Only updates the state; takes seconds." },
  ],
  ["imported", [], [change(A, ["no-op"], state, state, { inner: { importing: { id: "x" } } })], { notApplied: [] }],
  [
    "moved",
    [],
    [change(A, ["no-op"], state, state, { previous_address: "daytona_snapshot.old" })],
    { happened: null, notApplied: [], apply: "Only updates the state; takes seconds." },
  ],
  [
    "replaced",
    [],
    [change(A, ["delete", "create"], state, planned({ ...state, name: "other" }))],
    { notApplied: ["name"], apply: "Deletes and recreates it; takes about as long as pulling its image." },
  ],
  [
    "an apply that did not finish",
    [],
    [change(A, ["update"], { ...state, state: "building" }, planned(state))],
    { happened: null, notApplied: [], apply: "Finishes it; takes at most as long as pulling its image." },
  ],
  [
    "a build takes as long as its build takes",
    [drifted(A, { ...state, image: null, dockerfile: "Dockerfile" }, null)],
    [change(A, ["create"], null, planned({ ...state, image: null, dockerfile: "Dockerfile" }))],
    { apply: "Creates it; takes about as long as its build." },
  ],
])("%s", (_what, drift, changes, expected) => expect(judged(drift, changes)).toMatchObject(expected));

test("an import is of a snapshot that exists: nothing is wrong with it", () => {
  const resource = only([], [change(A, ["no-op"], state, state, { inner: { importing: { id: "x" } } })]);
  expect([resource.state, textsOf(resource, judge(resource), now)]).toEqual([
    null,
    {
      summary: "The configuration imports it, but has not been applied.",
      consequence: "",
      apply: "Only updates the state; takes seconds.",
    },
  ]);
});

test("what drifted under its old address is the moved resource", () => {
  const moved = change(A, ["update"], idle, planned(state), { previous_address: "daytona_snapshot.old" });
  expect(
    readPlan(plan([{ ...drifted(A, state, idle), previous_address: "daytona_snapshot.old" }], [moved]), "the plan")
      .resources,
  ).toHaveLength(1);
});

test("a deposed object is one of its own", () => {
  const { resources } = readPlan(
    plan([], [change(A, ["no-op"], state, state), change(A, ["delete"], state, null, { deposed: "abc123" })]),
    "the plan",
  );
  expect(resources.map(({ address, planned: it }) => [address, it?.action])).toEqual([
    [A, undefined],
    [`${A} (deposed abc123)`, "delete"],
  ]);
});

test("other resources are counted; data sources and other providers' snapshots are not ours", () => {
  const other = {
    address: "terraform_data.x",
    mode: "managed",
    type: "terraform_data",
    name: "x",
    provider_name: "terraform.io/builtin/terraform",
    change: { actions: ["update"], before: {}, after: {} },
  };
  const foreign = {
    ...change("daytona_snapshot.f", ["create"], null, {}),
    provider_name: "registry.terraform.io/536tech/daytona",
  };
  const data = { ...change("data.daytona_snapshot.d", ["read"], null, {}), mode: "data" };
  expect(
    readPlan(
      plan([other], [other, foreign, data, { ...other, change: { actions: ["no-op"], before: {}, after: {} } }]),
      "p",
    ),
  ).toEqual({ resources: [], others: { drifted: 1, notApplied: 2 } });
});

test("sensitive values are not printed", () => {
  const built = { ...state, build_args: { TOKEN: "planted" }, triggers: { t: "planted-too" } };
  const resource = only(
    [],
    [
      change(A, ["update"], built, planned({ ...built, build_args: { TOKEN: "other" }, triggers: { t: "x" } }), {
        inner: { after_sensitive: { build_args: { TOKEN: true }, triggers: { t: true } } },
      }),
    ],
  );
  const { notApplied } = judge(resource);
  expect(notApplied).toEqual([
    { attribute: "buildArgs", from: "(sensitive)", to: "(sensitive)" },
    { attribute: "triggers", from: "(sensitive)", to: "(sensitive)" },
  ]);
});

test("an update that only writes which values are sensitive is told as such", () => {
  const built = { ...state, build_args: { TOKEN: "a" } };
  const told = (after: Record<string, unknown>, inner: object): string => {
    const resource = only([], [change(A, ["update"], built, after, { inner })]);
    return textsOf(resource, judge(resource), 0).summary;
  };
  const marks = { before_sensitive: { build_args: true }, after_sensitive: { build_args: {} }, after_unknown: {} };
  expect(told(built, marks)).toBe(
    "None of its values change: the plan only updates which of them are marked as sensitive in the state, because another version of the provider marks them differently.",
  );
  expect(told(built, { ...marks, before_sensitive: { build_args: {} } })).toBe("An earlier apply did not finish.");
  expect(told(built, { ...marks, after_unknown: { state: true } })).toBe("An earlier apply did not finish.");
  expect(told({ ...built, cpu: 8 }, marks)).toBe("Changed in the configuration but not applied: cpu.");
});

test.each<[string, Record<string, unknown>, RegExp]>([
  [
    "a newer format",
    plan([], [], { format_version: "2.0" }),
    /has a newer format\nIts format version is 2\.0; this release of daytona-iac reads 1\.x\. Update daytona-iac\.$/,
  ],
  ["a plan that failed", plan([], [], { errored: true }), /^p failed\nTerraform stopped with errors/],
  ["something else", { hello: 1 }, /^p is not a plan\nIt has no "format_version"/],
  ["a state", { format_version: "1.0", values: {} }, /^p is not a plan\nIt is a state\. Pass it with `--state`\.$/],
  ["a list that is none", plan([], [], { resource_changes: {} }), /"resource_changes" is not a list of objects\.$/],
  [
    "a change without its change",
    plan([], [{ ...change(A, ["create"], null, {}), change: 1 }]),
    /"change" of daytona_snapshot\.agent is missing\.$/,
  ],
])("%s is an error, never a clean plan", (_what, json, message) => expect(() => readPlan(json, "p")).toThrow(message));
