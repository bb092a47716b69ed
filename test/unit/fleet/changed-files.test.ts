import { withChangedFiles } from "../../../provider/fleet/changed-files";
import { judge } from "../../../provider/fleet/judge";
import { assemble } from "../../../provider/fleet/report/assemble";
import { asHtml } from "../../../provider/fleet/report/html/page";
import { asJunit } from "../../../provider/fleet/report/junit";
import { asMarkdown } from "../../../provider/fleet/report/markdown";
import { asSarif } from "../../../provider/fleet/report/sarif";
import { asText } from "../../../provider/fleet/report/text";
import type { FleetResource, FleetSource, PlannedChange } from "../../../provider/fleet/resource";
import type { SnapshotRecord } from "../../../provider/resources/snapshot/record";
import type { FoundSource } from "../../../provider/source/changed-files";
import { record } from "./plan";

const [before, now] = ["a", "b"].map((digit) => `v2:${digit.repeat(64)}`) as [string, string];
const state: SnapshotRecord = { ...record("agent"), image: null, dockerfile: "app/Dockerfile", sourceHash: before };
const known = (...found: FoundSource[]) => ({
  recall: (hash: string) => found.find((one) => one.hash === hash) ?? null,
});
const was: FoundSource = { hash: before, text: "t", files: { "app.py": "-1", "old.py": "-1" } };
const is: FoundSource = { hash: now, text: "t", files: { "app.py": "-2" } };
const sentence = "In its source: 1 file changed (app.py), 1 removed (old.py).";

function resource(planned: Partial<PlannedChange> = {}, more: Partial<FleetResource> = {}): FleetResource {
  const inputs = { dockerfile: "app/Dockerfile", sourceHash: now };
  return {
    address: "daytona_snapshot.agent",
    state,
    seen: state,
    planned: { action: "update", inputs, before: { ...inputs, sourceHash: before }, ...planned },
    sensitive: [],
    ...more,
  };
}
function source(one: FleetResource, kind: FleetSource["kind"] = "terraform"): FleetSource {
  return { kind, name: "infra", apply: null, resources: [one], others: { drifted: 0, notApplied: 0 }, notes: [] };
}
const found = (one: FleetResource, sources = known(was, is)) =>
  (withChangedFiles([source(one)], sources)[0] as FleetSource).resources[0]!.sourceChange;
const reportOf = (one: FleetResource, kind: FleetSource["kind"], sources = known(was, is)) =>
  assemble(withChangedFiles([source(one, kind)], sources), { rules: [], unmanaged: null, generator: "g", now: 0 });

test("every format of the report names the files", () => {
  const report = reportOf(resource(), "terraform");
  expect(report.snapshots[0]).toMatchObject({
    summary: `Changed in the configuration but not applied: sourceHash. ${sentence}`,
    changedFiles: [
      { path: "app.py", change: "changed" },
      { path: "old.py", change: "removed" },
    ],
  });
  const texts = [
    asText(report, { colors: false, width: undefined }),
    asHtml(report),
    asMarkdown(report),
    asJunit(report),
    asSarif(report, "1"),
  ];
  for (const text of texts) expect(text).toContain(sentence);
});

test("a preview of Pulumi tells the hash beside the inputs: the files are named, and the hash is what changes", () => {
  const inputs = { dockerfile: "app/Dockerfile" };
  const one = resource({ inputs, before: inputs, sourceHash: now });
  expect(judge(one).notApplied).toEqual([{ attribute: "sourceHash", from: before, to: now }]);
  expect(reportOf(one, "pulumi").snapshots[0]).toMatchObject({
    notApplied: true,
    summary: `Changed in the program but not applied: sourceHash. ${sentence}`,
  });
  // Another source by itself needs no hash, and the same one is no change.
  const other = { ...inputs, dockerfile: "b/Dockerfile" };
  expect(judge(resource({ inputs: other, before: inputs, sourceHash: now })).notApplied).toEqual([
    { attribute: "dockerfile", from: "app/Dockerfile", to: "b/Dockerfile" },
  ]);
  expect(judge(resource({ inputs, before: inputs, sourceHash: before })).notApplied).toEqual([]);
});

test("what this machine has not read is said to be unknown", () => {
  const unknown = { files: null, text: "Which of its files have changed is unknown on this machine." };
  expect(found(resource(), known(is))).toEqual(unknown);
  expect(found(resource(), known(was))).toEqual(unknown);
  const { summary, changedFiles } = reportOf(resource(), "plan", known()).snapshots[0]!;
  expect([summary, changedFiles]).toEqual([
    `Changed in the configuration but not applied: sourceHash. ${unknown.text}`,
    null,
  ]);
});

test("nothing is said of a snapshot that is new, stays, or has a source that must not be printed", () => {
  expect(found(resource())).toBeDefined();
  expect(found(resource({}, { state: null }))).toBeUndefined();
  expect(found(resource({}, { planned: null }))).toBeUndefined();
  for (const name of ["sourceHash", "dockerfile", "dockerfileContent", "contextDir", "context"])
    expect([name, found(resource({}, { sensitive: [name] }))]).toEqual([name, undefined]);
  expect(found(resource({}, { sensitive: ["buildArgs"] }))).toBeDefined();
});
