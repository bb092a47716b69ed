import { parseIgnore } from "../../../provider/fleet/ignore";
import { assemble, type ReadSource } from "../../../provider/fleet/report/assemble";
import type { DriftReport } from "../../../provider/fleet/report/report";
import { FleetError, type FleetResource, type FleetSource } from "../../../provider/fleet/resource";
import { record } from "./plan";

const now = Date.parse("2026-11-27T12:00:00Z");
const one = (name: string, more: Partial<FleetResource> = {}): FleetResource => ({
  address: `daytona_snapshot.${name}`,
  state: record(name),
  seen: record(name),
  planned: null,
  since: "2026-11-20T12:00:00.000Z",
  sensitive: [],
  ...more,
});
const failed = (name: string, errorReason = "no space"): FleetResource =>
  one(name, {
    seen: record(name, { state: "error", errorReason }),
    planned: { action: "update", inputs: {}, before: {} },
  });
const pending = (name: string): FleetResource =>
  one(name, { planned: { action: "update", inputs: { cpu: 4 }, before: { cpu: 1 } } });
const source = (name: string, resources: FleetResource[], more: Partial<FleetSource> = {}): FleetSource => ({
  kind: "terraform",
  name,
  apply: `terraform -chdir=${name} apply`,
  resources,
  others: { drifted: 0, notApplied: 0 },
  notes: [],
  ...more,
});
const broken = (name: string): ReadSource => ({ kind: "pulumi", name, error: new FleetError("summary", "detail") });
const report = (sources: ReadSource[], ignore: string[] = [], errors: FleetError[] = []): DriftReport =>
  assemble(sources, { rules: ignore.map(parseIgnore), unmanaged: null, generator: "g", now, errors });

test("of one urgency, the sources keep their order, and addresses theirs in each", () => {
  const { snapshots } = report([
    source("z", [failed("c"), failed("b")]),
    source("a", [failed("a"), one("d", { seen: record("d", { cpu: 2 }) })]),
  ]);
  expect(snapshots.map(({ source: at, name }) => [at, name])).toEqual([
    [0, "b"],
    [0, "c"],
    [1, "a"],
    [1, "d"],
  ]);
});

test("an ignored state takes its reason with it, and an ignored `active` the state, but not the other way round", () => {
  const idle = one("a", { seen: record("a", { state: "inactive", active: false }) });
  const left = (resource: FleetResource, ...ignore: string[]): string[] =>
    report([source("s", [resource])], ignore).snapshots[0]!.driftChanges.map(({ attribute }) => attribute);
  expect([left(failed("a"), "a:state"), left(failed("a"), "a:errorReason"), left(failed("a"), "a:active")]).toEqual([
    [],
    ["state"],
    ["state", "errorReason"],
  ]);
  expect([left(idle, "a:active"), left(idle, "a:state")]).toEqual([[], ["active"]]);
  const reason = one("a", {
    state: record("a", { state: "error", errorReason: "x" }),
    seen: record("a", { state: "error", errorReason: "y" }),
  });
  expect([left(reason, "a:state"), left(reason, "a:error_reason")]).toEqual([["errorReason"], []]);
});

test("an apply repairs what is ignored, too: its text says so, and the drift has neither a time nor a consequence", () => {
  const both = { ...failed("a"), planned: { action: "update", inputs: { cpu: 4 }, before: { cpu: 1 } } as const };
  expect(report([source("s", [both])], ["*:*"]).snapshots[0]).toMatchObject({
    drifted: false,
    happened: null,
    notApplied: true,
    since: null,
    summary: "Changed in the configuration but not applied: cpu.",
    consequence: "",
    apply: "Deletes the failed snapshot and recreates it; takes about as long as pulling its image.",
  });
  expect(report([source("s", [pending("a")])]).snapshots[0]).toMatchObject({
    since: null,
    command: "terraform -chdir=s apply",
  });
  expect(report([source("s", [failed("a")])]).snapshots[0]).toMatchObject({
    since: "2026-11-20T12:00:00.000Z",
    happened: "failed",
    consequence: "No sandbox can be created from it.",
  });
  expect(report([source("s", [one("a")])]).snapshots[0]).toMatchObject({
    since: null,
    command: null,
    summary: "",
    apply: "",
  });
});

test.each<[string, FleetResource]>([
  [
    "the state has",
    one("a", {
      state: record("a", { image: "planted:1" }),
      seen: record("a", { state: "error", errorReason: "pull of planted:1 failed" }),
      sensitive: ["image"],
    }),
  ],
  [
    "the API has",
    one("a", {
      seen: record("a", { image: "planted:1", state: "error", errorReason: "pull of planted:1 failed" }),
      sensitive: ["image"],
    }),
  ],
  [
    "the program has",
    one("a", {
      seen: record("a", { state: "error", errorReason: "pull of planted:1 failed" }),
      planned: { action: "update", inputs: { image: "planted:1" }, before: {} },
      sensitive: ["image"],
    }),
  ],
  [
    "the program had",
    one("a", {
      seen: record("a", { state: "error", errorReason: "pull of planted:1 failed" }),
      planned: { action: "update", inputs: {}, before: { image: "planted:1" } },
      sensitive: ["image"],
    }),
  ],
])("a sensitive value that %s is hidden where the server repeats it, ignored or not", (_what, resource) => {
  for (const ignore of [[], ["*:state"]]) {
    const of = report([source("s", [resource])], ignore);
    expect(JSON.stringify(of)).not.toContain("planted");
    const reasons = [...of.snapshots[0]!.driftChanges, ...of.snapshots[0]!.ignored].filter(
      ({ attribute }) => attribute === "errorReason",
    );
    expect(reasons.map(({ from, to }) => [from, to])).toEqual([[null, "pull of [secret] failed"]]);
  }
});

test("a reason of a resource without sensitive values stays as it is", () => {
  expect(report([source("s", [failed("a", "pull of ubuntu:24.04 failed")])]).snapshots[0]!.summary).toBe(
    "It has failed (error): pull of ubuntu:24.04 failed.",
  );
});

test.each<[ReadSource[], FleetError[], string, number]>([
  [[broken("a"), broken("b")], [], "2 errors: the check is incomplete.", 2],
  [[broken("a"), source("s", [])], [], "1 error: the check is incomplete. There are no snapshots so far.", 1],
  [
    [source("s", [one("a")])],
    [new FleetError("x", "y")],
    "1 error: the check is incomplete. No drift in 1 snapshot so far.",
    1,
  ],
  [
    [source("s", [failed("a")]), broken("b")],
    [new FleetError("x", "y")],
    "2 errors: the check is incomplete. 1 of 1 snapshot has drifted so far.",
    2,
  ],
])("errors beside the sources count, and are told of: %#", (sources, errors, verdict, count) => {
  const of = report(sources, [], errors);
  expect([of.verdict, of.status, of.exitCode, of.counts.errors]).toEqual([verdict, "error", 1, count]);
  expect(of.sources.filter(({ error }) => error !== null).map(({ kind, name, error }) => [kind, name, error])).toEqual([
    ...sources
      .filter((it) => "error" in it)
      .map(({ name }) => ["pulumi", name, { summary: "summary", detail: "detail" }]),
    ...errors.map(() => ["state", "API", { summary: "x", detail: "y" }]),
  ]);
});

test("what a resource is called and has: the API first, then the state, then the program", () => {
  const created = one("a", {
    state: null,
    seen: null,
    planned: { action: "create", inputs: { name: "new" }, before: {} },
  });
  const renamed = one("a", { seen: record("b", { id: "u2", size: 2, createdAt: "2026-11-02T00:00:00.000Z" }) });
  const gone = one("a", { seen: null });
  expect(report([source("s", [created])]).snapshots[0]).toMatchObject({
    name: "new",
    id: null,
    state: null,
    size: null,
    createdAt: null,
  });
  expect(report([source("s", [renamed])]).snapshots[0]).toMatchObject({
    name: "b",
    id: "u2",
    state: "active",
    size: 2,
    createdAt: "2026-11-02T00:00:00.000Z",
  });
  expect(report([source("s", [gone])]).snapshots[0]).toMatchObject({
    name: "a",
    id: "id-a",
    state: null,
    size: 0.75,
    createdAt: "2026-11-01T10:00:00.000Z",
  });
});

test("what was not asked for is not counted as none", () => {
  expect([
    report([]).counts.unmanaged,
    assemble([], { rules: [], unmanaged: [], generator: "g", now }).counts.unmanaged,
  ]).toEqual([null, 0]);
});
