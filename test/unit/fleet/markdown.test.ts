import { assemble, type ReadSource } from "../../../provider/fleet/report/assemble";
import { asHtml } from "../../../provider/fleet/report/html/page";
import { asMarkdown } from "../../../provider/fleet/report/markdown";
import { asText } from "../../../provider/fleet/report/text";
import { FleetError, type FleetResource, type FleetSource } from "../../../provider/fleet/resource";
import { record } from "./plan";

const now = Date.parse("2026-11-27T12:00:00Z");
const failed = (name: string, errorReason: string): FleetResource => ({
  address: `daytona_snapshot.${name}`,
  state: record(name),
  seen: record(name, { state: "error", errorReason }),
  planned: { action: "update", inputs: { active: true }, before: { active: true } },
  sensitive: [],
});
const source = (resources: FleetResource[], more: Partial<FleetSource> = {}): FleetSource => ({
  kind: "terraform",
  name: "infra",
  apply: "terraform apply",
  resources,
  others: { drifted: 0, notApplied: 0 },
  notes: [],
  ...more,
});
const report = (sources: ReadSource[], unmanaged = null as Parameters<typeof assemble>[1]["unmanaged"]) =>
  assemble(sources, { rules: [], unmanaged, generator: "g", now });

test("a long reason takes its own row's room only", () => {
  const text = asMarkdown(
    report([
      source([
        failed("a", "x".repeat(25_000)),
        failed("b", "short"),
        failed("c", "y".repeat(25_000)),
        failed("d", "z".repeat(25_000)),
      ]),
    ]),
  );
  expect(text.length).toBeLessThan(60_000);
  for (const name of ["a", "b", "c", "d"]) expect(text).toContain(`| \`daytona_snapshot.${name}\` | drift |`);
  expect(text).toMatch(/… \(showing 600 of 250\d\d characters\)/);
});

test("rows that do not fit are counted, those that do are the most urgent", () => {
  const text = asMarkdown(
    report([
      source(Array.from({ length: 1_000 }, (_, at) => failed(`agent-${String(at).padStart(4, "0")}`, "no space"))),
    ]),
  );
  const [, kept] = /\*\*Showing (\d+) of 1000 rows\.\*\*/.exec(text)!;
  expect(text.match(/^\| `daytona_snapshot\.agent-/gm)).toHaveLength(Number(kept));
  expect(Number(kept)).toBeGreaterThan(200);
  expect(text).toContain("| `daytona_snapshot.agent-0000` |");
  expect(text.length).toBeLessThanOrEqual(60_000);
});

test("that nothing is unmanaged is said where it was asked for", () => {
  expect(asMarkdown(report([], []))).toContain("\n\nThere are no unmanaged snapshots.\n\n");
  expect(asMarkdown(report([]))).not.toContain("unmanaged");
});

test("errors and unmanaged snapshots are cut with their numbers", () => {
  const errors = Array.from({ length: 30 }, (_, at): ReadSource => ({
    kind: "terraform",
    name: `root-${at}`,
    error: new FleetError("failed", "e".repeat(9_000)),
  }));
  const stray = Array.from({ length: 300 }, (_, at) => ({
    name: `stray-${at}`,
    id: `${at}`,
    state: "active",
    size: 1,
    createdAt: "2026-10-01T00:00:00.000Z",
    lastUsedAt: null,
  }));
  const text = asMarkdown(report([...errors, source([failed("a", "b")])], stray));
  expect(text.length).toBeLessThan(60_000);
  expect(text).toMatch(/\*\*Showing \d of 30 errors\. The JSON report has all of them\.\*\*/);
  expect(text).toContain("**Showing 100 of 300 rows. The JSON report has all of them.**");
  expect(text).toContain("| `daytona_snapshot.a` |");
});

test("what a server or a program says mentions and links nobody and nothing", () => {
  const reason =
    "ask @octocat and @org/team, see #123, org/repo#4, GH-5, !6, ~bug, %7, $8, &9, https://github.com/o/r/issues/1\r/close `code` &lt; <b>";
  const text = asMarkdown(report([source([failed("a", reason)], { notes: ["by @someone in #5"] })]));
  for (const mention of [
    /@octocat/,
    /@org/,
    /#123/,
    /repo#4/,
    /GH-5/,
    /!6/,
    /~bug/,
    /%7/,
    /\$8/,
    /&9/,
    /:\/\/github/,
    /@someone/,
    /#5/,
    /^\/close/m,
    /\r/,
    /[^\\]`code/,
    /<b>/,
  ])
    expect(text).not.toMatch(mention);
  expect(text.replaceAll("\u200b", "")).toContain("ask @octocat and @org/team, see #123");
});

test("the root, its workspace and its stack are named in text and Markdown", () => {
  const of = report([
    source([], { workspace: "prod" }),
    source([], { kind: "pulumi", name: "app", stack: "dev" }),
    source([], { kind: "cdktf", name: "c (one)", stack: "one" }),
  ]);
  const line = "Checked: Terraform root infra (workspace prod), Pulumi project app (stack dev), CDKTF project c (one).";
  // Right under the verdict, before anything else.
  expect(asText(of, { colors: false, width: undefined }).split("\n")[1]).toBe(line);
  expect(asMarkdown(of).split("\n")[2]!.replaceAll("\\", "")).toBe(line);
  expect(asHtml(of)).toContain(`</h1>\n<p id="checked">${line}</p></header>`);
  expect(of.sources).toMatchObject([{ workspace: "prod" }, { stack: "dev" }, { stack: "one" }]);
});

test("a sensitive name, image and what tells it are hidden, also in what the server says", () => {
  const state = record("planted-name", {
    id: "u1",
    image: "planted/image:1",
    imageName: "planted/image:1",
    ref: "registry/planted/image:1",
  });
  const one: FleetResource = {
    address: "daytona_snapshot.a",
    state,
    seen: {
      ...state,
      state: "error",
      image: "planted/image:2",
      imageName: "planted/image:2",
      ref: "registry/planted/image:2",
      errorReason: "pull of planted/image:1 for planted-name failed",
    },
    planned: { action: "update", inputs: { image: "planted/image:3" }, before: { image: "planted/image:1" } },
    sensitive: ["name", "image"],
  };
  const of = report([source([one])]);
  expect(of.snapshots[0]).toMatchObject({
    name: "(sensitive)",
    summary:
      "It has failed (error): pull of [secret] for [secret] failed. Changed in the configuration but not applied: image.",
  });
  expect(JSON.stringify(of)).not.toContain("planted");
});
