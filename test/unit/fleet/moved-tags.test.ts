import Ajv from "ajv";
import addFormats from "ajv-formats";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ImageResolution, ImageResolver } from "../../../provider/lifecycle";
import { parseConfig, parseIgnore } from "../../../provider/fleet/ignore";
import { withMovedTags } from "../../../provider/fleet/moved-tags";
import { readPreview } from "../../../provider/fleet/read/pulumi";
import { readPlan } from "../../../provider/fleet/read/terraform-plan";
import { assemble, type ReadSource } from "../../../provider/fleet/report/assemble";
import { asHtml } from "../../../provider/fleet/report/html/page";
import { asJunit } from "../../../provider/fleet/report/junit";
import { asMarkdown } from "../../../provider/fleet/report/markdown";
import type { DriftReport } from "../../../provider/fleet/report/report";
import { asSarif } from "../../../provider/fleet/report/sarif";
import { asText } from "../../../provider/fleet/report/text";
import { FleetError, type FleetResource, type FleetSource } from "../../../provider/fleet/resource";
import { attributes, change, plan, record } from "./plan";

const now = Date.parse("2026-11-27T12:00:00Z");
const [A, B, C] = ["a", "b", "c"].map((c) => `sha256:${c.repeat(64)}`) as [string, string, string];
const image = "registry.example/team/app:1";

/** Registries that answer by the name of the image. */
function fake(answers: Readonly<Record<string, string | Exclude<ImageResolution, { kind: "resolved" }>>>) {
  const asked: string[] = [];
  const resolver: ImageResolver = {
    resolve: async (of, signal) => {
      signal?.throwIfAborted();
      asked.push(of);
      const answer = answers[of];
      if (answer === undefined) throw new Error(`${of} was not to be asked for`);
      return typeof answer === "string" ? { kind: "resolved", digest: answer, platforms: null } : answer;
    },
  };
  return { resolver, asked };
}

const tagged = (name: string, more: Parameters<typeof record>[1] = {}) =>
  record(name, { image, imageName: image, imageDigest: A, ...more });
const one = (name: string, more: Partial<FleetResource> = {}): FleetResource => ({
  address: `daytona_snapshot.${name}`,
  state: tagged(name),
  seen: tagged(name),
  planned: null,
  sensitive: [],
  ...more,
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
const reportOf = (sources: readonly ReadSource[], rules: ReturnType<typeof parseIgnore>[] = []): DriftReport =>
  assemble(sources, { rules, unmanaged: null, generator: "g", now });
const moved = async (resources: FleetResource[], more: Partial<FleetSource> = {}): Promise<DriftReport> =>
  reportOf(await withMovedTags([source(resources, more)], fake({ [image]: B }).resolver));

test("a tag that has moved is neither drift nor pending, and says what to do", async () => {
  const report = await moved([
    one("a"),
    one("b", { state: tagged("b", { imageDigest: B }), seen: tagged("b", { imageDigest: B }) }),
  ]);
  expect(report).toMatchObject({
    status: "clean",
    exitCode: 0,
    verdict: "No drift in 2 snapshots. 1 tag has moved.",
    counts: { drifted: 0, notApplied: 0, movedTags: 1, ignored: 0 },
  });
  expect(report.snapshots.map(({ name, movedTag }) => [name, movedTag])).toEqual([
    [
      "a",
      {
        image,
        from: A,
        to: B,
        summary: `The tag has moved: ${image} was ${A} when the snapshot was created, and is ${B} now.`,
        advice:
          "The snapshot keeps its content. To replace it whenever the tag moves, set track_tag to true. To replace it once, set pin_digest to true and change triggers.",
      },
    ],
    ["b", null],
  ]);
});

test.each<[string, Partial<FleetSource>, Parameters<typeof record>[1], string]>([
  [
    "pinned",
    {},
    { pinDigest: true },
    "The snapshot keeps its content. To replace it whenever the tag moves, set track_tag to true. To replace it once, change triggers.",
  ],
  [
    "tracked",
    {},
    { trackTag: true },
    "The snapshot keeps its content until the next plan and apply, which replace it because track_tag is true.",
  ],
  [
    "of Pulumi",
    { kind: "pulumi" },
    {},
    "The snapshot keeps its content. To replace it whenever the tag moves, set trackTag to true. To replace it once, set pinDigest to true and change triggers.",
  ],
])("what to do about one that is %s", async (_, more, values, advice) => {
  const report = await moved([one("a", { state: tagged("a", values), seen: tagged("a", values) })], more);
  expect(report.snapshots[0]!.movedTag?.advice).toBe(advice);
});

test("each image is asked for once, of all sources; a snapshot without a tag or a known digest is not asked for", async () => {
  const { resolver, asked } = fake({ [image]: B, other: A });
  const of = (values: Parameters<typeof record>[1]): FleetResource =>
    one("x", { state: tagged("x", values), seen: tagged("x", values) });
  const sources = await withMovedTags(
    [
      source([one("a"), one("b"), of({ image: "other" })]),
      source([one("c"), of({ imageDigest: null }), of({ image: `${image}@${A}` }), of({ image: null })]),
      source([one("gone", { seen: null }), one("new", { state: null })]),
      { kind: "plan", name: "p", error: new FleetError("s", "d") } as const,
    ],
    resolver,
  );
  expect(asked.sort()).toEqual(["other", image].sort());
  const found = sources.map((it) =>
    "resources" in it ? it.resources.map(({ movedTag }) => movedTag?.to ?? null) : null,
  );
  expect(found).toEqual([[B, B, null], [B, null, null, null], [null, null], null]);
});

test("what a plan does decides: a new image or a delete makes it moot, a plan by tag does not", async () => {
  const planned = (more: Partial<NonNullable<FleetResource["planned"]>>, inputs = {}): FleetResource =>
    one("a", {
      planned: { action: "update", inputs: { image, cpu: 4, ...inputs }, before: { image, cpu: 1 }, ...more },
    });
  const told = async (resource: FleetResource): Promise<boolean> =>
    (await moved([resource])).snapshots[0]!.movedTag !== null;
  expect(await told(planned({}))).toBe(true);
  expect(await told(planned({}, { image: "another" }))).toBe(false);
  expect(await told(planned({ action: "delete", inputs: {} }))).toBe(false);
  expect(await told(planned({ action: "forget", inputs: {} }))).toBe(false);
  // From the digest that the registry has now; by the tag, a runner may have the old content.
  expect(await told(planned({ imageDigest: B }, { pinDigest: true }))).toBe(false);
  expect(await told(planned({ imageDigest: C }, { pinDigest: true }))).toBe(true);
  expect(await told(planned({ imageDigest: B }))).toBe(true);
});

test("with `track_tag`, the plan's swap is pending, and its reason is the tag", async () => {
  const values = attributes("a", { image, image_name: "", image_digest: A, track_tag: true, pin_digest: false });
  const read = (action: string[]) =>
    readPlan(plan([], [change("daytona_snapshot.agent", action, values, { ...values, image_digest: B })]), "the plan");
  const { resolver, asked } = fake({});
  const report = reportOf(await withMovedTags([source(read(["update"]).resources)], resolver));
  expect(asked).toEqual([]);
  expect(report).toMatchObject({ status: "not-applied", exitCode: 3, counts: { notApplied: 1, movedTags: 0 } });
  expect(report.snapshots[0]).toMatchObject({
    summary: "The tag has moved, so the plan replaces the snapshot, but has not been applied.",
    programChanges: [{ attribute: "imageDigest", from: A, to: B }],
    driftChanges: [],
    apply: "Creates a successor, then replaces it; takes about twice as long as pulling its image.",
    movedTag: null,
  });
  expect(asText(report, { colors: false, width: undefined })).toContain(`planned  image_digest: ${A} → ${B}\n`);
  expect(reportOf([source(read(["delete", "create"]).resources)]).snapshots[0]).toMatchObject({
    summary: "The tag has moved, so the plan replaces the snapshot, but has not been applied.",
    apply: "Deletes and recreates it; takes about as long as pulling its image.",
  });
});

test("of a preview of Pulumi, the planned digest is read, and a secret one is not shown", () => {
  const secret = (value: string) => ({ "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value });
  const reported = (written: unknown) => {
    const urn = "urn:pulumi:dev::p::daytona:index:Snapshot::agent";
    const inputs = { name: "agent", image: written, trackTag: true };
    const of = (outputs: object) => ({
      type: "daytona:index:Snapshot",
      urn,
      custom: true,
      id: "agent",
      inputs,
      outputs,
    });
    const before = of({ ...inputs, snapshotId: "u1", state: "active", active: true, imageDigest: A });
    const after = of({ ...inputs, snapshotId: "u1", active: true, imageDigest: B });
    const step = (kind: string, op: string, next: object) => ({
      [kind]: {
        metadata: { op, urn, type: "daytona:index:Snapshot", old: before, new: next, detailedDiff: null, provider: "" },
      },
    });
    const events = [
      step("resourcePreEvent", "refresh", before),
      step("resOutputsEvent", "refresh", before),
      step("resourcePreEvent", "update", of({})),
      step("resOutputsEvent", "update", after),
      { summaryEvent: { result: "succeeded" } },
    ];
    const { resources } = readPreview(events.map((event) => JSON.stringify(event)).join("\n"), "p");
    return reportOf([source(resources, { kind: "pulumi" })]).snapshots[0]!;
  };
  expect(reported(image)).toMatchObject({
    drifted: false,
    notApplied: true,
    summary: "The tag has moved, so the plan replaces the snapshot, but has not been applied.",
    programChanges: [{ attribute: "imageDigest", from: A, to: B }],
  });
  expect(reported(secret(image)).programChanges).toEqual([
    { attribute: "imageDigest", from: "(sensitive)", to: "(sensitive)" },
  ]);
});

test("a tracked tag that has moved stays pending beside drift", () => {
  const idle = tagged("a", { state: "inactive", active: false, trackTag: true });
  const planned = {
    action: "update",
    inputs: { image, trackTag: true, active: true },
    before: { image, trackTag: true, active: true },
    imageDigest: B,
  } as const;
  const report = reportOf([source([one("a", { state: tagged("a", { trackTag: true }), seen: idle, planned })])]);
  expect(report.snapshots[0]).toMatchObject({
    drifted: true,
    notApplied: true,
    programChanges: [{ attribute: "imageDigest", from: A, to: B }],
  });
});

test("a registry that cannot be asked is a note with its reason, and no error", async () => {
  const unasked = (reason: string) => ({ kind: "unasked", reason }) as const;
  const of = (name: string, from: string): FleetResource =>
    one(name, { state: tagged(name, { image: from }), seen: tagged(name, { image: from }) });
  const { resolver } = fake({
    "down/a": unasked("down cannot be reached (ECONNREFUSED)"),
    "down/b": unasked("down cannot be reached (ECONNREFUSED)"),
    "gone/a": { kind: "missing", reason: 'gone has no image "gone/a"' },
    [image]: B,
  });
  const all = [of("a", "down/a"), of("b", "down/b"), of("c", "gone/a"), one("d")];
  const report = reportOf(await withMovedTags([source(all)], resolver));
  expect(report).toMatchObject({ status: "clean", exitCode: 0, counts: { errors: 0, movedTags: 1 } });
  expect(report.sources[0]!.notes).toEqual([
    'It is unknown whether 3 tags have moved, because the registries could not be asked: down cannot be reached (ECONNREFUSED); gone has no image "gone/a".',
  ]);
  const single = await withMovedTags([source([of("c", "gone/a")])], resolver);
  expect((single[0] as FleetSource).notes).toEqual([
    'It is unknown whether 1 tag has moved, because the registry could not be asked: gone has no image "gone/a".',
  ]);
});

test("many reasons are cut", async () => {
  const names = ["a", "b", "c", "d", "e"];
  const { resolver } = fake(
    Object.fromEntries(names.map((name) => [name, { kind: "unasked", reason: `reason ${name}` } as const])),
  );
  const all = names.map((name) =>
    one(name, { state: tagged(name, { image: name }), seen: tagged(name, { image: name }) }),
  );
  const [read] = await withMovedTags([source(all)], resolver);
  expect((read as FleetSource).notes).toEqual([
    "It is unknown whether 5 tags have moved, because the registries could not be asked: reason a; reason b; reason c; and 2 more reasons.",
  ]);
});

test("an interrupted run ends with the signal's reason", async () => {
  const reason = new Error("interrupted");
  await expect(withMovedTags([source([one("a")])], fake({}).resolver, AbortSignal.abort(reason))).rejects.toBe(reason);
});

test("a sensitive image is in no report, and neither are its digests and the reason of its registry", async () => {
  const hidden = one("a", { sensitive: ["image"] });
  const told = JSON.stringify(await moved([hidden]));
  const { resolver } = fake({ [image]: { kind: "missing", reason: `registry.example has no image "${image}"` } });
  const untold = JSON.stringify(reportOf(await withMovedTags([source([hidden])], resolver)));
  expect(told).toContain("The tag of its image, which is sensitive, has moved.");
  expect(untold).toContain("could not be asked");
  for (const text of [told, untold])
    for (const secret of [image, "registry.example", A, B]) expect(text).not.toContain(secret);
  const tracked = one("a", {
    sensitive: ["image"],
    planned: { action: "update", inputs: { image, trackTag: true }, before: { image, trackTag: true }, imageDigest: B },
  });
  expect(JSON.stringify(reportOf([source([tracked])]))).not.toContain(B);
});

test("a rule for `image_digest` covers it, with its reason and its end", async () => {
  const sources = await withMovedTags([source([one("a"), one("b")])], fake({ [image]: B }).resolver);
  const rules = (until: string) =>
    parseConfig({ drift: { ignore: [{ name: "a", attribute: "image_digest", reason: "frozen", until }] } }, "f");
  const report = reportOf(sources, rules("2026-12-31"));
  expect(report).toMatchObject({ exitCode: 0, counts: { movedTags: 1, ignored: 1 } });
  expect(report.snapshots.find(({ name }) => name === "a")).toMatchObject({
    movedTag: null,
    ignored: [{ attribute: "imageDigest", from: A, to: B, reason: "frozen", until: "2026-12-31" }],
  });
  expect(asText(report, { colors: false, width: undefined })).toContain(
    "1 tag that has moved is ignored: a:imageDigest (frozen, until 2026-12-31).",
  );
  expect(reportOf(sources, rules("2026-11-26")).counts).toMatchObject({ movedTags: 2, ignored: 0 });
  expect(reportOf(sources, [parseIgnore("*:imageDigest")]).counts).toMatchObject({ movedTags: 0, ignored: 2 });
  expect(reportOf(sources, [parseIgnore("*:image")]).counts).toMatchObject({ movedTags: 2, ignored: 0 });
});

describe("in every format", () => {
  let report: DriftReport;
  beforeAll(async () => {
    const idle = tagged("both", { state: "inactive", active: false });
    const both = one("both", {
      seen: idle,
      planned: { action: "update", inputs: { active: true }, before: { active: true } },
    });
    report = await moved([one("ok", { state: record("ok"), seen: record("ok") }), one("only"), both]);
  });
  const summary = `The tag has moved: ${image} was ${A} when the snapshot was created, and is ${B} now.`;

  test("first what has drifted, then what has only a moved tag, then what is in order", () => {
    expect(report.counts).toMatchObject({ drifted: 1, movedTags: 2 });
    expect(report.snapshots.map(({ name }) => name)).toEqual(["both", "only", "ok"]);
  });

  test("JSON follows the schema", () => {
    const schema = JSON.parse(readFileSync(join(__dirname, "../../../docs/drift.schema.json"), "utf8")) as object;
    const ajv = new Ajv({ strict: false });
    addFormats(ajv);
    const check = ajv.compile(schema);
    expect([check(JSON.parse(JSON.stringify(report))), check.errors]).toEqual([true, null]);
  });

  test("a terminal: a row of its own, in its own color", () => {
    const text = asText(report, { colors: false, width: 400 });
    expect(text).toContain("daytona_snapshot.only  tag moved\n");
    expect(text).toContain("daytona_snapshot.both  drift, tag moved\n");
    expect(text.split(`  tag      ${summary}\n           The snapshot keeps its content.`)).toHaveLength(3);
    expect(asText(report, { colors: true, width: undefined })).toContain("\u001b[36mtag moved\u001b[0m");
  });

  test("Markdown: a row, with the digests below", () => {
    const text = asMarkdown(report);
    expect(text).toMatch(
      /\| `daytona_snapshot\.only` \| tag moved \| The tag has moved: .* \| The snapshot keeps its content\..*\|/,
    );
    expect(text).toContain(`tag      image_digest: ${A} → ${B}`);
  });

  test("JUnit: output of a test that passes, and no failure", () => {
    const xml = asJunit(report);
    expect(xml).toContain('tests="3" failures="1"');
    const passed = /<testcase classname="infra" name="daytona_snapshot\.only" time="0">\n(.*)\n    <\/testcase>/.exec(
      xml,
    )?.[1];
    expect(passed).toBe(
      `      <system-out>${summary}&#10;The snapshot keeps its content. To replace it whenever the tag moves, set track_tag to true. To replace it once, set pin_digest to true and change triggers.</system-out>`,
    );
    expect(xml).toMatch(/<\/failure>\n {6}<system-out>The tag has moved:/);
  });

  test("SARIF: notes of a rule of their own, beside the drift of the same snapshot", () => {
    const log = JSON.parse(asSarif(report, "0.1.0")) as {
      runs: [
        {
          tool: { driver: { rules: { id: string; defaultConfiguration: object }[] } };
          results: {
            ruleId: string;
            ruleIndex: number;
            level: string;
            message: { text: string };
            partialFingerprints: object;
          }[];
        },
      ];
    };
    const [{ tool, results }] = log.runs;
    const notes = results.filter(({ ruleId }) => ruleId === "daytona-tag-moved");
    expect(notes.map(({ level, ruleIndex, message }) => [level, ruleIndex, message.text.split(" was")[0]])).toEqual([
      ["note", 2, `daytona_snapshot.both: The tag has moved: ${image}`],
      ["note", 2, `daytona_snapshot.only: The tag has moved: ${image}`],
    ]);
    expect(tool.driver.rules[2]).toMatchObject({ id: "daytona-tag-moved", defaultConfiguration: { level: "note" } });
    expect(results.filter(({ level }) => level === "error")).toHaveLength(1);
    expect(new Set(results.map(({ partialFingerprints }) => JSON.stringify(partialFingerprints))).size).toBe(
      results.length,
    );
  });

  test("HTML: a tile, a badge, a filter and both digests", () => {
    const html = asHtml(report);
    expect(html).toContain("<b>2</b><span>tags moved</span>");
    expect(html).toContain('<tr data-status="moved" ');
    expect(html).toContain('<tr data-status="drift moved" ');
    expect(html).toContain('<option value="moved">Tag moved</option>');
    expect(html).toContain(`<p class="tag">${summary.replace(/sha256:\w+/g, "<code>$&</code>")}</p>`);
  });
});
