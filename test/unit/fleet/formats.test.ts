import { createHash } from "node:crypto";
import { assemble, type ReadSource } from "../../../provider/fleet/report/assemble";
import { asHtml } from "../../../provider/fleet/report/html/page";
import { asJunit } from "../../../provider/fleet/report/junit";
import { asMarkdown } from "../../../provider/fleet/report/markdown";
import type { DriftReport, ReportedSnapshot } from "../../../provider/fleet/report/report";
import { asSarif } from "../../../provider/fleet/report/sarif";
import { asText } from "../../../provider/fleet/report/text";
import { agoText, besides, changeText, checkedText, sinceText, valueText } from "../../../provider/fleet/report/values";
import { FleetError, type FleetResource, type FleetSource, type SourceKind } from "../../../provider/fleet/resource";
import { record } from "./plan";

const now = Date.parse("2026-11-27T12:00:00Z");
const resource = (name: string, more: Partial<FleetResource> = {}): FleetResource => ({
  address: `daytona_snapshot.${name}`,
  state: record(name),
  seen: record(name),
  planned: null,
  sensitive: [],
  ...more,
});
const failed = (name: string, errorReason: string, more: Partial<FleetResource> = {}): FleetResource =>
  resource(name, {
    seen: record(name, { state: "error", errorReason }),
    planned: { action: "update", inputs: {}, before: {} },
    ...more,
  });
const pending = (name: string): FleetResource =>
  resource(name, { planned: { action: "update", inputs: { cpu: 4 }, before: { cpu: 1 } } });
const source = (resources: FleetResource[], more: Partial<FleetSource> = {}): FleetSource => ({
  kind: "terraform",
  name: "infra",
  apply: "terraform apply",
  resources,
  others: { drifted: 0, notApplied: 0 },
  notes: [],
  ...more,
});
const report = (sources: ReadSource[], unmanaged: DriftReport["unmanaged"] = null): DriftReport =>
  assemble(sources, { rules: [], unmanaged, generator: "g", now });

/** Markup of every format, in every text that others write. */
const ODD = "<b>&\"'`x`|[a](b)";
const odd = (): DriftReport =>
  report(
    [
      source([failed(ODD, ODD), pending("ok")], { name: `in${ODD}`, notes: [`note ${ODD}`], apply: `run ${ODD}` }),
      { kind: "pulumi", name: `err${ODD}`, error: new FleetError(`summary ${ODD}`, `detail ${ODD}`) },
    ],
    [
      {
        name: `stray${ODD}`,
        id: `id${ODD}`,
        state: `state${ODD}`,
        size: null,
        createdAt: "2026-10-01T00:00:00.000Z",
        lastUsedAt: "2026-11-26T12:00:00.000Z",
      },
    ],
  );

test("JUnit: every text is escaped, in attributes and in elements", () => {
  const xml = asJunit(odd());
  expect(xml).toContain('<testsuites name="daytona-iac drift" tests="3" failures="2" errors="1" time="0">\n');
  expect(xml).toContain(
    '  <testsuite name="terraform in&lt;b&gt;&amp;&quot;\'`x`|[a](b)" tests="2" failures="2" errors="0" skipped="0" time="0" timestamp="2026-11-27T12:00:00" hostname="daytona-iac">\n',
  );
  expect(xml).toContain(
    '<failure type="drift" message="It has failed (error): &lt;b&gt;&amp;&quot;\'`x`|[a](b).">No sandbox can be created from it.&#10;state: active → error&#10;error_reason: none → &lt;b&gt;',
  );
  expect(xml).toContain(
    '<failure type="not-applied" message="Changed in the configuration but not applied: cpu.">planned: cpu: 1 → 4&#10;Creates a successor, then replaces it; takes about twice as long as pulling its image.&#10;run &lt;b&gt;',
  );
  expect(xml).toContain(
    '<error type="error" message="summary &lt;b&gt;&amp;&quot;\'`x`|[a](b)">detail &lt;b&gt;&amp;&quot;\'`x`|[a](b)</error>',
  );
  expect(xml).not.toMatch(/<b>|&"|""/);
});

test("JUnit: a snapshot in order is a test that passes, and counts", () => {
  expect(asJunit(report([source([resource("a")])]))).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="daytona-iac drift" tests="1" failures="0" errors="0" time="0">
  <testsuite name="terraform infra" tests="1" failures="0" errors="0" skipped="0" time="0" timestamp="2026-11-27T12:00:00" hostname="daytona-iac">
    <testcase classname="infra" name="daytona_snapshot.a" time="0"/>
  </testsuite>
</testsuites>
`);
});

test("JUnit: what XML cannot have is replaced, and what it can have is kept", () => {
  const bad = ["\u0000", "\u0008", "\u000b", "\u000c", "\u000e", "\u001f", "\ufffe", "\uffff"];
  expect(
    asJunit(
      report([{ kind: "plan", name: "p", error: new FleetError("s", `${bad.join("")}\t\n\r\u0085\ufffd\u{1f600}`) }]),
    ),
  ).toContain(`<error type="error" message="s">${"\ufffd".repeat(8)}\t&#10;\r\u0085\ufffd\u{1f600}</error>`);
});

test("HTML: no text of others becomes markup", () => {
  const html = asHtml(odd());
  const esc = "&#60;b&#62;&#38;&#34;&#39;`x`|[a](b)";
  for (const text of [
    `Error in err${esc}: summary ${esc}</b><pre>detail ${esc}</pre>`,
    `<b>stray${esc}</b><br><code class="soft">id${esc}</code>`,
    `</span>state${esc}</td>`,
    `<li>in${esc}: note ${esc}</li>`,
    `$ run ${esc}</code>`,
    `<p>It has failed (error): ${esc}.</p>`,
    `<td>in${esc}</td>`,
    `<b>${esc}</b><br><code class="soft">daytona_snapshot.${esc}</code>`,
    `data-key="${esc}"`,
  ])
    expect(html).toContain(text);
  expect(html).not.toContain(ODD);
});

test("HTML: sizes are measured against the largest one, ages and badges are told", () => {
  const html = asHtml(
    report([
      source([
        resource("a", { state: record("a", { size: 2 }), seen: record("a", { size: 2 }) }),
        resource("b", { state: record("b", { size: 0.01 }), seen: record("b", { size: 0.01 }) }),
        resource("c", { state: record("c", { size: null }), seen: record("c", { size: null }) }),
        pending("d"),
      ]),
    ]),
  );
  expect(html).toContain('2.00 GiB<span class="meter" style="width:100%"></span>');
  expect(html).toContain('0.01 GiB<span class="meter" style="width:2%"></span>');
  expect(html).toContain('<td class="size" data-key=""></td>');
  expect(html).toContain('<span class="badge pending">unapplied change</span>');
  expect(html).toContain('<td class="age" data-key="2253600000">26 days</td>');
  expect(
    asHtml(report([source([resource("a", { state: record("a", { size: 0 }), seen: record("a", { size: 0 }) })])])),
  ).toContain('0.00 GiB<span class="meter" style="width:0%"></span>');
});

test("Markdown: markup of names, reasons, notes and states stays text", () => {
  const text = asMarkdown(odd(), { marker: "a-->b" });
  expect(text.startsWith("<!-- a- ->b -->\n\n### ❌ ")).toBe(true);
  expect(text).toContain(
    "**Error in `err<b>&\"''x'\\|[a](b)`: summary \\<b\\>&\"'\\`x\\`\\|\\[a\\](b)**\n\n```text\ndetail <b>&\"'`x`|[a](b)\n```",
  );
  expect(text).toContain("<code>daytona_snapshot.&#60;b&#62;&#38;\"'`x`|[a](b)</code>");
  expect(text).toContain("- `stray<b>&\"''x'\\|[a](b)` (state\\<b\\>&\"'\\`x\\`\\|\\[a\\](b))\n");
  expect(text).toContain("in\\<b\\>&\"'\\`x\\`\\|\\[a\\](b): note \\<b\\>");
});

test("Markdown: a fence is longer than every run of backticks in it; a reason mentions nobody in it, and an entity stays its letters", () => {
  const text = asMarkdown(report([source([failed("a", "see #12 and @bob &lt; ```` x &amp;")], { apply: "run ```" })]));
  expect(text).toContain(
    "`````text\ndrift    state: active → error\ndrift    error_reason: none → see #\u200b12 and @\u200bbob &lt; ```` x &amp;\n`````",
  );
  expect(text).toContain("````text\nrun ```\n````");
  expect(text).toContain("see #\u200b12 and @\u200bbob &amp;\u200blt; \\`\\`\\`\\` x &amp;\u200bamp;");
});

test("Markdown: a cut leaves no half of a character", () => {
  const text = asMarkdown(
    report([source([failed("a", `${"x".repeat(599 - "It has failed (error): ".length)}\u{1f600}${"y".repeat(50)}`)])]),
  );
  expect(text).toMatch(/x… \(showing 600 of \d+ characters\)/);
  expect(text.split("\n").find((line) => line.startsWith("| `"))).not.toMatch(/\p{Surrogate}/u);
});

test.each([0, 3])("Markdown: with %d rows, what alone is too long for a comment is cut, and says so", (count) => {
  const text = asMarkdown({
    ...report([source(Array.from({ length: count }, (_, at) => failed(`s${at}`, "x")))]),
    verdict: "v".repeat(70_000),
  });
  expect(text.length).toBeLessThanOrEqual(60_000);
  expect(text).toMatch(
    /^### (?:✅|🔴) Daytona snapshots: v+… \(showing \d+ of \d+ characters\)\n\n\*\*The report is too long for a comment\. The JSON report has all of it\.\*\*\n$/,
  );
});

test.each([0, 1])(
  "Markdown: hundreds of roots with notes leave room for the table of %d, and the cut is counted",
  (count) => {
    const roots = Array.from({ length: 600 }, (_, at) =>
      source([], { name: `infra/root-${at}`, notes: [`note of ${at} ${"n".repeat(100)}`] }),
    );
    const text = asMarkdown(
      report([source(Array.from({ length: count }, (_, at) => failed(`s${at}`, "x"))), ...roots]),
    );
    expect(text.length).toBeLessThanOrEqual(60_000);
    const [, kept, all] = /\*\*Showing (\d+) of (\d+) notes\. The JSON report has all of them\.\*\*/.exec(text)!;
    expect([Number(kept) > 50, all, text.match(/^infra\/root-\d+: note of/gm)!.length]).toEqual([
      true,
      "600",
      Number(kept),
    ]);
    expect([
      text.includes("| `daytona_snapshot.s0` |"),
      text
        .replaceAll("\u200b", "")
        .includes("\nChecked: Terraform root infra, Terraform root infra/root-0, Terraform root infra/root-1, "),
    ]).toEqual([count === 1, true]);
  },
);

test("SARIF: an alert is its rule, source and address; a file is its URI; an error fails the run", () => {
  interface Log {
    runs: {
      results: {
        ruleId: string;
        ruleIndex: number;
        message: { text: string };
        locations: { physicalLocation: { artifactLocation: { uri: string } } }[];
        partialFingerprints: Record<string, string>;
      }[];
      invocations: { executionSuccessful: boolean; toolExecutionNotifications: unknown[] }[];
    }[];
  }
  const run = (of: DriftReport): Log["runs"][0] => (JSON.parse(asSarif(of, "1.0.0")) as Log).runs[0]!;
  const { results, invocations } = run(report([source([failed("a", "x"), pending("b")], { name: "my infra/a b" })]));
  expect(results.map(({ ruleId, ruleIndex }) => [ruleId, ruleIndex])).toEqual([
    ["daytona-drift", 0],
    ["daytona-not-applied", 1],
  ]);
  expect(results[0]!.message.text).toBe(
    "daytona_snapshot.a: It has failed (error): x.\nNo sandbox can be created from it.\nstate: active → error\nerror_reason: none → x\nDeletes the failed snapshot and recreates it; takes about as long as pulling its image.",
  );
  expect(results[0]!.partialFingerprints).toEqual({
    "daytonaSnapshot/v1": createHash("sha256")
      .update('["daytona-drift","my infra/a b","daytona_snapshot.a"]')
      .digest("hex"),
  });
  expect(results[0]!.locations[0]!.physicalLocation.artifactLocation.uri).toBe("my%20infra/a%20b/main.tf");
  expect(invocations).toMatchObject([{ executionSuccessful: true, toolExecutionNotifications: [] }]);
  expect(run(odd()).invocations).toMatchObject([
    {
      executionSuccessful: false,
      toolExecutionNotifications: [{ level: "error", message: { text: `err${ODD}: summary ${ODD}\ndetail ${ODD}` } }],
    },
  ]);
  const uri = (kind: SourceKind, name: string): string =>
    run(report([source([failed("a", "x")], { kind, name })])).results[0]!.locations[0]!.physicalLocation
      .artifactLocation.uri;
  expect([
    uri("pulumi", "app (dev)"),
    uri("cdktf", "c (one)"),
    uri("opentofu", "."),
    uri("plan", "out/plan.json"),
    uri("state", "-"),
    uri("terraform", "a\\b"),
  ]).toEqual(["app/Pulumi.yaml", "c/cdktf.json", "main.tf", "out/plan.json", "main.tf", "a/b/main.tf"]);
});

test("text: a name that the address does not tell is beside it, and colors say how bad it is", () => {
  const at = (address: string, name: string): string =>
    asText(report([source([failed(name, "x", { address })])]), { colors: false, width: undefined })
      .split("\n\n")[1]!
      .split("\n")[0]!;
  expect([
    at("daytona_snapshot.agent", "agent"),
    at("agent", "agent"),
    at('daytona_snapshot.x["agent"]', "agent"),
    at("daytona_snapshot.x", "agent"),
  ]).toEqual([
    "daytona_snapshot.agent  drift",
    "agent  drift",
    'daytona_snapshot.x["agent"]  drift',
    'daytona_snapshot.x "agent"  drift',
  ]);
  const text = asText(report([source([failed("a", "x"), pending("b")])]), { colors: true, width: undefined });
  expect(text).toContain("\u001b[1mdaytona_snapshot.a\u001b[0m  \u001b[31mdrift\u001b[0m");
  expect(text).toContain("\u001b[1mdaytona_snapshot.b\u001b[0m  \u001b[33munapplied change\u001b[0m");
});

/** Drift, and a change of the program beside it. */
const both = (name: string, more: Partial<FleetResource> = {}): FleetResource =>
  failed(name, "x", { planned: { action: "update", inputs: { cpu: 4 }, before: { cpu: 1 } }, ...more });

test("drift beside a change of the program is both, and an alert of drift", () => {
  const of = report([source([both("a")])]);
  expect(asText(of, { colors: false, width: undefined })).toContain(
    "\ndaytona_snapshot.a  drift, unapplied change\n  what     It has failed (error): x. Changed in the configuration but not applied: cpu.\n  effect   No sandbox can be created from it.\n  changed  state: active → error\n           error_reason: none → x\n  planned  cpu: 1 → 4\n  apply    Deletes the failed snapshot and recreates it; takes about as long as pulling its image.\n  run      terraform apply\n",
  );
  expect(asMarkdown(of)).toContain(
    "| `daytona_snapshot.a` | drift, unapplied change | It has failed (error): x. Changed in the configuration but not applied: cpu. No sandbox can be created from it. | Deletes the failed snapshot and recreates it; takes about as long as pulling its image. |",
  );
  expect(asMarkdown(of)).toContain(
    "```text\ndrift    state: active → error\ndrift    error_reason: none → x\nplanned  cpu: 1 → 4\n```\n\n```text\nterraform apply\n```",
  );
  expect(asJunit(of)).toContain(
    '<failure type="drift" message="It has failed (error): x. Changed in the configuration but not applied: cpu.">',
  );
  expect(
    (JSON.parse(asSarif(of, "1.0.0")) as { runs: { results: { ruleId: string; level: string }[] }[] }).runs[0]!.results,
  ).toMatchObject([{ ruleId: "daytona-drift", level: "error" }]);
  expect(asHtml(of)).toContain(
    '<tr data-status="drift pending" data-text="daytona_snapshot.a a error it has failed (error): x. changed in the configuration but not applied: cpu. infra">',
  );
  expect(asHtml(of)).toContain(
    '<span class="badge drift">drift</span> <span class="badge pending">unapplied change</span>',
  );
});

test("a key with a line break stays in its row, and a generator in its attribute", () => {
  const text = asMarkdown(report([source([failed("a", "x", { address: 'daytona_snapshot.a["x\n|y"]' })])]));
  expect(text).toContain('\n| `daytona_snapshot.a["x \\|y"]` | drift |');
  expect(asHtml({ ...report([]), generator: '"><b>' })).toContain(
    '<meta name="generator" content="&#34;&#62;&#60;b&#62;">',
  );
});

test("HTML: what is unmanaged and was never used; states are counted, the most frequent first", () => {
  const stray = { name: "s", id: "i", state: "active", createdAt: "", size: 1.5, lastUsedAt: null };
  expect(asHtml(report([], [stray]))).toContain('<td class="size">1.50 GiB</td><td class="age">never</td></tr>');
  const html = asHtml(
    report([
      source([
        resource("a"),
        resource("b"),
        failed("c", "x"),
        resource("d", { seen: null, planned: { action: "create", inputs: {}, before: {} } }),
        resource("e", { state: null, seen: null, planned: { action: "create", inputs: {}, before: {} } }),
      ]),
    ]),
  );
  expect(html).toContain('aria-label="States of the fleet: 2 active, 1 error, 1 gone, 1 not created"');
  expect(html).toContain(
    '<i class="s-bad" style="flex:1" title="1 error"></i><i class="s-none" style="flex:1" title="1 gone"></i><i class="s-warn" style="flex:1" title="1 not created"></i>',
  );
});

test("text: on a narrow terminal, lines have twenty characters at least, and words stay whole", () => {
  const lines = asText(report([source([failed("a", "averyveryverylongword b")])]), { colors: false, width: 12 }).split(
    "\n",
  );
  expect(lines.slice(5, 10)).toEqual([
    "  what     It has failed",
    "           (error):",
    "           averyveryverylongword",
    "           b.",
    "  effect   No sandbox can be",
  ]);
});

test("text: what is unmanaged, with its size and its last use", () => {
  const stray = {
    name: "s",
    id: "i",
    state: "active",
    createdAt: "",
    size: null,
    lastUsedAt: "2026-11-24T12:00:00.000Z",
  };
  expect(
    asText(report([], [stray, { ...stray, name: "t", size: 0.5, lastUsedAt: null }]), {
      colors: false,
      width: undefined,
    }),
  ).toContain(
    "2 snapshots are unmanaged (not in any of the given states):\n  s  active, size unknown, last used 3 days ago\n  t  active, 0.50 GiB, never used\n",
  );
  expect(asText(report([], []), { colors: false, width: undefined })).toBe(
    "There are no snapshots.\n\nThere are no unmanaged snapshots.\n",
  );
  expect(asText(report([]), { colors: false, width: undefined })).toBe("There are no snapshots.\n");
});

test("values, changes and times in one line", () => {
  expect([
    valueText(null),
    valueText(undefined),
    valueText(""),
    valueText(false),
    valueText(["a", 1]),
    valueText("a\n\tb"),
  ]).toEqual(["none", "none", "", "false", '["a",1]', "a b"]);
  expect([valueText("x".repeat(60)), valueText("x".repeat(61))]).toEqual(["x".repeat(60), `${"x".repeat(59)}…`]);
  expect([
    changeText({ attribute: "sourceHash", from: null, to: "v1:a" }, "pulumi"),
    changeText({ attribute: "sourceHash", from: null, to: "v1:a" }, "plan"),
    changeText({ attribute: "id", from: "u", to: null }, "plan"),
    changeText({ attribute: "id", from: "u", to: "v" }, "plan"),
  ]).toEqual(["sourceHash: none → v1:a", "source_hash: none → v1:a", "id: u → gone", "id: u → v"]);
  const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];
  expect(
    [-5, 59_999, MINUTE, 2 * MINUTE, HOUR - 1, HOUR, DAY, 29 * DAY, 30 * DAY, 364 * DAY, 365 * DAY, 730 * DAY].map(
      agoText,
    ),
  ).toEqual([
    "just now",
    "just now",
    "1 minute ago",
    "2 minutes ago",
    "59 minutes ago",
    "1 hour ago",
    "1 day ago",
    "29 days ago",
    "1 month ago",
    "12 months ago",
    "1 year ago",
    "2 years ago",
  ]);
  expect([sinceText(null, now), sinceText("soon", now), sinceText("2026-11-27T11:00:00Z", now)]).toEqual([
    "",
    "",
    "2026-11-27 11:00 UTC (1 hour ago)",
  ]);
});

test("what is beside the snapshots: only what was read was checked, and an ignore is told once", () => {
  const of = report([
    source([], { others: { drifted: 1, notApplied: 0 } }),
    source([], { kind: "plan", name: "p.json", others: { drifted: 0, notApplied: 2 } }),
    { kind: "terraform", name: "broken", error: new FleetError("s", "d") },
  ]);
  expect(checkedText(of)).toBe("Checked: Terraform root infra, plan p.json.");
  expect(checkedText(report([{ kind: "state", name: "s", error: new FleetError("s", "d") }]))).toBe("");
  expect(checkedText(report(Array.from({ length: 12 }, (_, at) => source([], { kind: "state", name: `${at}` }))))).toBe(
    "Checked: state 0, state 1, state 2, state 3, state 4, state 5, state 6, state 7, state 8, state 9, and 2 more.",
  );
  expect(checkedText(report([source([], { kind: "plan", name: "-" })]))).toBe("Checked: plan from standard input.");
  expect(checkedText(report([source([], { name: "." })]))).toBe('Checked: Terraform root ".".');
  expect(besides(of)).toEqual([
    "Not in this report: resources of other providers in infra (1 drifted).",
    "Not in this report: resources of other providers in p.json (2 with unapplied changes).",
  ]);
  const ignored = [{ attribute: "state", from: "a", to: "b", reason: "nightly", until: null }];
  const one = { name: "a", address: "x", ignored } as unknown as ReportedSnapshot;
  expect(besides({ ...report([]), counts: { ...of.counts, ignored: 2 }, snapshots: [one, one] })).toEqual([
    "2 drifted attributes are ignored: a:state (nightly).",
  ]);
  expect(
    besides({
      ...report([]),
      counts: { ...of.counts, ignored: 1 },
      snapshots: [{ ...one, name: null, ignored: [{ ...ignored[0]!, reason: null }] }],
    }),
  ).toEqual(["1 drifted attribute is ignored: x:state."]);
});
