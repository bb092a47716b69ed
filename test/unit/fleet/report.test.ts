import Ajv from "ajv";
import addFormats from "ajv-formats";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseConfig, parseIgnore } from "../../../provider/fleet/ignore";
import { assemble, type ReadSource } from "../../../provider/fleet/report/assemble";
import { asJunit } from "../../../provider/fleet/report/junit";
import { asMarkdown } from "../../../provider/fleet/report/markdown";
import type { DriftReport } from "../../../provider/fleet/report/report";
import { asSarif } from "../../../provider/fleet/report/sarif";
import { asText } from "../../../provider/fleet/report/text";
import { FleetError, type FleetResource, type FleetSource } from "../../../provider/fleet/resource";
import { record } from "./plan";

const root = join(__dirname, "../../..");
const now = Date.parse("2026-11-27T12:00:00Z");
const json = (path: string): object => JSON.parse(readFileSync(join(root, path), "utf8")) as object;

const ok = (name: string): FleetResource => ({
  address: `daytona_snapshot.${name}`,
  state: record(name),
  seen: record(name),
  planned: null,
  sensitive: [],
});
const idle = (name: string): FleetResource => ({
  ...ok(name),
  seen: record(name, { state: "inactive", active: false }),
  planned: { action: "update", inputs: { active: true }, before: { active: true } },
  since: "2026-11-20T12:00:00.000Z",
});
const gone = (name: string): FleetResource => ({
  ...ok(name),
  seen: null,
  planned: { action: "create", inputs: {}, before: {} },
});
const pending = (name: string): FleetResource => ({
  ...ok(name),
  planned: { action: "update", inputs: { cpu: 4 }, before: { cpu: 1 } },
});
const source = (...resources: FleetResource[]): FleetSource => ({
  kind: "terraform",
  name: "infra",
  apply: "terraform -chdir=infra apply",
  resources,
  others: { drifted: 0, notApplied: 0 },
  notes: [],
});
const broken: ReadSource = {
  kind: "pulumi",
  name: "app",
  error: new FleetError("`pulumi preview` failed", 'no <stack> & "more"\u0007'),
};
const options = { rules: [], unmanaged: null, generator: "daytona-iac 0.0.0", now };
const report = (...sources: ReadSource[]): DriftReport => assemble(sources, options);
const mixed = (): DriftReport =>
  assemble(
    [
      {
        ...source(ok("a"), pending("b"), idle("c|`x`"), gone("d<e>")),
        others: { drifted: 1, notApplied: 2 },
        notes: ["An apply may be under way."],
      },
      broken,
    ],
    {
      ...options,
      unmanaged: [
        { name: "stray", id: "s", state: "error", size: 1.5, createdAt: "2026-10-01T00:00:00.000Z", lastUsedAt: null },
      ],
    },
  );

test.each<[DriftReport, string, number]>([
  [report(source(ok("a"), ok("b"))), "No drift in 2 snapshots.", 0],
  [report(source(ok("a"), pending("b"))), "No drift, but 1 unapplied change in 2 snapshots.", 3],
  [report(source(idle("a"), gone("b"), pending("c"))), "2 of 3 snapshots have drifted, 1 unapplied change.", 2],
  [report(source(idle("a"))), "1 of 1 snapshot has drifted.", 2],
  [report(source()), "There are no snapshots.", 0],
  [report(broken), "1 error: the check is incomplete.", 1],
  [report(source(idle("a")), broken), "1 error: the check is incomplete. 1 of 1 snapshot has drifted so far.", 1],
])("verdict %#: drift wins over what is not applied, an error over both", ({ verdict, exitCode }, expected, code) =>
  expect({ verdict, exitCode }).toEqual({ verdict: expected, exitCode: code }),
);

test("the most urgent comes first: what no sandbox can start from, then other drift, then the program, then the rest", () => {
  const changed = { ...ok("e"), seen: record("e", { cpu: 8 }) };
  expect(
    report(source(ok("a"), pending("b"), changed, idle("c"), gone("d"))).snapshots.map(({ name }) => name),
  ).toEqual(["c", "d", "e", "b", "a"]);
});

test("JSON by its published schema", () => {
  const ajv = new Ajv({ strict: false });
  addFormats(ajv);
  const validate = ajv.compile(json("docs/drift.schema.json"));
  for (const one of [mixed(), report(source()), report(broken)])
    expect([validate(JSON.parse(JSON.stringify(one))), validate.errors]).toEqual([true, null]);
  expect(validate({ ...JSON.parse(JSON.stringify(mixed())), status: "unknown" })).toBe(false);
});

test("SARIF 2.1.0 by its schema: a result for each snapshot with something to say, an alert that stays the same, errors as notifications", () => {
  const ajv = new Ajv({ strict: false });
  addFormats(ajv);
  const validate = ajv.compile(json("test/schemas/sarif-2.1.0.json"));
  const sarif = JSON.parse(asSarif(mixed(), "0.1.0")) as {
    runs: {
      results: { ruleId: string; level: string; partialFingerprints: object; locations: any[] }[];
      invocations: any[];
    }[];
  };
  expect([validate(sarif), validate.errors]).toEqual([true, null]);
  const [run] = sarif.runs;
  expect(run!.results.map(({ ruleId, level }) => [ruleId, level])).toEqual([
    ["daytona-drift", "error"],
    ["daytona-drift", "error"],
    ["daytona-not-applied", "warning"],
  ]);
  expect(run!.results[0]!.locations[0].physicalLocation.artifactLocation.uri).toBe("infra/main.tf");
  expect(run!.invocations[0]).toMatchObject({
    executionSuccessful: false,
    toolExecutionNotifications: [{ level: "error" }],
  });
  const later = assemble([source(idle("c|`x`"))], { ...options, now: now + 86_400_000 });
  expect((JSON.parse(asSarif(later, "0.2.0")) as typeof sarif).runs[0]!.results[0]!.partialFingerprints).toEqual(
    run!.results[0]!.partialFingerprints,
  );
});

const xmllint = spawnSync("xmllint", ["--version"]).error === undefined;
(xmllint ? test : test.skip)(`JUnit by Jenkins' schema${xmllint ? "" : " (not on PATH: xmllint)"}`, () => {
  const xml = asJunit(mixed());
  const { status, stderr } = spawnSync(
    "xmllint",
    ["--noout", "--schema", join(root, "test/schemas/junit-10.xsd"), "-"],
    { input: xml, encoding: "utf8" },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringContaining("validates") });
  expect(xml).toContain('<testsuites name="daytona-iac drift" tests="5" failures="3" errors="1" time="0">');
  expect(xml).toContain('<testcase classname="infra" name="daytona_snapshot.a" time="0"/>');
  expect(xml).toContain("no &lt;stack&gt; &amp; &quot;more&quot;\ufffd");
});

test("Markdown: a verdict, a table and details; special characters stay text", () => {
  const text = asMarkdown(mixed(), { marker: "daytona drift -->" });
  expect(text.split("\n").slice(0, 3)).toEqual([
    "<!-- daytona drift - -> -->",
    "",
    "### ❌ Daytona snapshots: 1 error: the check is incomplete. 2 of 4 snapshots have drifted, 1 unapplied change so far.",
  ]);
  expect(text).toContain(
    "| `daytona_snapshot.c\\|'x'` | drift | It is inactive: it was unused for two weeks, or was deactivated manually. No sandbox can be created from it until it is active. |",
  );
  expect(text).toContain("<code>daytona_snapshot.d&#60;e&#62;</code>");
  expect(text).toContain("Since 2026-11-20 12:00 UTC (7 days ago).");
  expect(text).toContain(
    "Not in this report: resources of other providers in infra (1 drifted, 2 with unapplied changes).",
  );
});

test("Markdown of a thousand drifted snapshots fits a comment, and says what was cut", () => {
  for (const count of [200, 1_000]) {
    const text = asMarkdown(
      report(source(...Array.from({ length: count }, (_, at) => idle(`agent-${String(at).padStart(4, "0")}`)))),
    );
    expect(text.length).toBeLessThan(60_000);
    expect(text).toMatch(
      count === 200
        ? /\*\*The details of \d+ of 200 snapshots do not fit\. The JSON report has all of them\.\*\*/
        : /\*\*The report is too long for a comment\. The JSON report has all of it\.\*\*\n$/,
    );
  }
});

test("text for a terminal: blocks that fit its width", () => {
  const text = asText(mixed(), { colors: false, width: 80 });
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
  expect(text).toContain(
    [
      "daytona_snapshot.b  unapplied change  in infra",
      "  what     Changed in the configuration but not applied: cpu.",
      "  planned  cpu: 1 → 4",
      "  apply    Creates a successor, then replaces it; takes about twice as long as",
      "           pulling its image.",
      "  run      terraform -chdir=infra apply",
    ].join("\n"),
  );
  expect(text).toContain(
    "1 snapshot is unmanaged (not in any of the given states):\n  stray  error, 1.50 GiB, never used\n",
  );
  expect(text).not.toContain("\u0007");
  expect(asText(mixed(), { colors: true, width: 80 })).toContain("\u001b[31mdrift\u001b[0m");
});

test("ignores: globs, an end date, and `state` that says the same as `active`", () => {
  const rules = parseConfig(
    {
      drift: {
        ignore: [
          { name: "*.idle", attribute: "active", reason: "known", until: "2026-11-27" },
          { name: "old", attribute: "*", until: "2026-11-26" },
        ],
      },
    },
    "f",
  );
  const one = assemble([source(idle("idle"), gone("old"))], {
    ...options,
    rules: [...rules, parseIgnore("x:y:error_reason")],
  });
  expect(one.verdict).toBe("1 of 2 snapshots has drifted.");
  expect(one.snapshots.find(({ name }) => name === "idle")).toMatchObject({
    drifted: false,
    notApplied: false,
    ignored: [{ attribute: "active", reason: "known", until: "2026-11-27" }, { attribute: "state" }],
  });
  expect(asText(one, { colors: false, width: undefined })).toContain(
    "2 drifted attributes are ignored: idle:active (known, until 2026-11-27), idle:state (known, until 2026-11-27).",
  );
  expect(parseIgnore("a:b:cpu")).toMatchObject({ name: "a:b", attribute: "cpu" });
});

test.each<[unknown, RegExp]>([
  [[], /^f is not valid\nIt is not a mapping\. Expected:\n {2}drift:\n/],
  [{ drifts: {} }, /"drifts" is not a known key\./],
  [{ drift: { ignore: {} } }, /"drift\.ignore" is not a list\./],
  [{ drift: { ignore: [{ name: "a" }] } }, /"drift\.ignore\[0\]" needs a name and an attribute\./],
  [
    { drift: { ignore: [{ name: "a", attribute: "b", until: "soon" }] } },
    /"drift\.ignore\[0\]\.until" is not a date, such as 2026-12-31\./,
  ],
  [
    { drift: { ignore: [{ name: "a", attribute: "b", until: "2026-13-01" }] } },
    /"drift\.ignore\[0\]\.until" is not a date, such as 2026-12-31\./,
  ],
  [
    { drift: { ignore: [{ name: "a", attribute: "b", until: "2026-12-31T00:00" }] } },
    /"drift\.ignore\[0\]\.until" is not a date, such as 2026-12-31\./,
  ],
  [{ drift: { ignore: [{ name: "a", attribute: "b", reason: 1 }] } }, /"drift\.ignore\[0\]\.reason" is not a string\./],
  [{ drift: { ignore: [{ name: "", attribute: "b" }] } }, /"drift\.ignore\[0\]" needs a name and an attribute\./],
  [
    { drift: { ignore: [{ name: "a", attribute: "actve" }] } },
    /"drift\.ignore\[0\]\.attribute" is "actve", which matches no attribute\. Did you mean "active"\? Attributes are active, /,
  ],
  [{ drift: { ignore: ["a:b"] } }, /"drift\.ignore\[0\]" is not a mapping\./],
  [{ drift: [] }, /"drift" is not a mapping\./],
  [{ drift: { ignores: [] } }, /"drift\.ignores" is not a known key\./],
  [
    { drift: { ignore: [{ name: "a", attribute: "b", untill: 1 }] } },
    /"drift\.ignore\[0\]\.untill" is not a known key\./,
  ],
])("a wrong file of ignores: %j", (content, message) => expect(() => parseConfig(content, "f")).toThrow(message));

test.each(["x", ":active", "agent:"])("--ignore %s", (text) =>
  expect(() => parseIgnore(text)).toThrow(/is not NAME:ATTRIBUTE/),
);

test("--ignore of an attribute that nothing has, which would ignore nothing", () => {
  expect(() => parseIgnore("agent:actve")).toThrow(
    /^--ignore agent:actve matches no attribute\n"actve" is not the name of an attribute\. Did you mean "active"\? Attributes are active, adopt_existing, .*, region, .*, also in camelCase; \* matches any text\.$/,
  );
  for (const attribute of ["active", "error_reason", "errorReason", "*", "image*"])
    expect(parseIgnore(`agent:${attribute}`).attribute).toBe(attribute);
});
