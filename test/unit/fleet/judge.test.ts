import { glob, ignoring, parseIgnore } from "../../../provider/fleet/ignore";
import { hasNews, judge } from "../../../provider/fleet/judge";
import type { FleetResource, PlannedChange } from "../../../provider/fleet/resource";
import { textsOf } from "../../../provider/fleet/texts";
import { record } from "./plan";

const now = Date.parse("2026-11-27T12:00:00Z");
const state = record("agent");
const one = (more: Partial<FleetResource> = {}): FleetResource => ({
  address: "daytona_snapshot.agent",
  state,
  seen: state,
  planned: null,
  sensitive: [],
  ...more,
});
const change = (more: Partial<PlannedChange>): PlannedChange => ({ action: "update", inputs: {}, before: {}, ...more });

test("a state without an ID has no other one at the API: no unfinished replacement", () => {
  const unnumbered = { ...state, id: "" };
  expect(judge(one({ state: unnumbered, seen: { ...state, id: "", cpu: 8 } }))).toMatchObject({
    happened: "changed",
    drift: [{ attribute: "cpu", from: 1, to: 8 }],
  });
  expect(judge(one({ state: unnumbered, seen: { ...state, id: "u2" } })).happened).toBe("changed");
  expect(judge(one({ seen: { ...state, id: "u2" } })).happened).toBe("unfinished-swap");
});

test("an unfinished replacement is drift, also where no attribute differs", () => {
  const resource = one({ unfinishedSwap: true, planned: change({}) });
  expect(judge(resource)).toEqual({
    drift: [{ attribute: "state", from: "active", to: "active" }],
    happened: "unfinished-swap",
    notApplied: null,
  });
  expect(judge(one({ unfinishedSwap: true, seen: { ...state, size: 2 }, planned: change({}) }))).toEqual({
    drift: [{ attribute: "size", from: 0.75, to: 2 }],
    happened: "unfinished-swap",
    notApplied: null,
  });
});

test("what an import changes is of the program, whatever the API has", () => {
  const inputs = { cpu: 4 };
  expect(
    judge(one({ seen: { ...state, cpu: 4 }, planned: change({ action: "import", inputs, before: { cpu: 1 } }) }))
      .notApplied,
  ).toEqual([{ attribute: "cpu", from: 1, to: 4 }]);
  // An update takes over what the refresh has found.
  expect(
    judge(one({ seen: { ...state, cpu: 4 }, planned: change({ inputs, before: { cpu: 1 } }) })).notApplied,
  ).toBeNull();
  expect(
    judge(one({ state: null, planned: change({ action: "import", inputs, before: { cpu: 1 } }) })).notApplied,
  ).toEqual([{ attribute: "cpu", from: 1, to: 4 }]);
});

test("an import without a difference is not applied, and no repair", () => {
  expect(
    judge(one({ state: null, planned: change({ action: "import", inputs: { cpu: 1 }, before: { cpu: 1 } }) }))
      .notApplied,
  ).toEqual([]);
});

test.each(["delete", "forget", "move", "other"] as const)("%s has no attributes, but is not applied", (action) => {
  expect(judge(one({ planned: change({ action, inputs: { cpu: 4 }, before: { cpu: 1 } }) })).notApplied).toEqual([]);
  expect(judge(one({ state: null, seen: null, planned: change({ action }) }))).toEqual({
    drift: [],
    happened: null,
    notApplied: [],
  });
});

test("what the plan alone knows of is no repair", () => {
  const gone = one({ seen: null });
  const idle = one({ seen: { ...state, active: false, state: "inactive" } });
  const repaired = (resource: FleetResource, more: Partial<PlannedChange>): unknown =>
    judge({ ...resource, planned: change(more) }).notApplied;
  expect([
    repaired(gone, { action: "create" }),
    repaired(gone, { action: "update" }),
    repaired(gone, { action: "replace" }),
  ]).toEqual([null, [], []]);
  expect([
    repaired(idle, {}),
    repaired(idle, { action: "create" }),
    repaired(idle, { moved: true }),
    repaired(idle, { forcedBy: "taint" }),
  ]).toEqual([null, [], [], []]);
  expect([
    repaired(idle, { action: "replace" }),
    repaired(idle, { action: "replace", replaceBy: ["active"] }),
    repaired(idle, { action: "replace", replaceBy: ["active", "cpu"] }),
  ]).toEqual([[], null, []]);
  // An output that nobody repairs explains no update.
  expect([
    repaired(one({ seen: { ...state, size: 2, ref: "r2", errorReason: "x" } }), {}),
    repaired(one({ seen: { ...state, state: "error" } }), {}),
    repaired(one({ seen: { ...state, id: "u2" } }), {}),
  ]).toEqual([[], null, null]);
});

test("an input that only the apply knows is told once, and never compared", () => {
  const planned = change({ inputs: { cpu: 4, memory: 2 }, before: { cpu: 1, memory: 1 }, unknown: ["cpu"] });
  expect(judge(one({ planned })).notApplied).toEqual([
    { attribute: "memory", from: 1, to: 2 },
    { attribute: "cpu", from: 1, to: "(known after apply)" },
  ]);
});

test("a sensitive input hides its value, and the outputs that tell it", () => {
  const seen = { ...state, image: "b:2", imageName: "b:2", ref: "r2", cpu: 8 };
  const hidden = { from: "(sensitive)", to: "(sensitive)" };
  expect(judge(one({ state: { ...state, ref: "r1" }, seen, sensitive: ["image"] })).drift).toEqual([
    { attribute: "image", ...hidden },
    { attribute: "cpu", from: 1, to: 8 },
    { attribute: "imageName", ...hidden },
    { attribute: "ref", ...hidden },
  ]);
  expect(
    judge(one({ state: { ...state, ref: "r1" }, seen: { ...state, ref: "r2" }, sensitive: ["localImage"] })).drift,
  ).toEqual([{ attribute: "ref", ...hidden }]);
  expect(
    judge(one({ state: { ...state, ref: null }, seen: { ...state, ref: "r2" }, sensitive: ["image"] })).drift,
  ).toEqual([{ attribute: "ref", from: null, to: "(sensitive)" }]);
  expect(
    judge(one({ planned: change({ inputs: { image: "b:2" }, before: { image: "a:1" } }), sensitive: ["image"] }))
      .notApplied,
  ).toEqual([{ attribute: "image", ...hidden }]);
});

test("build arguments are reviewed like other values, and hidden where the program marks one as sensitive", () => {
  const planned = change({ inputs: { buildArgs: { A: "planted" } }, before: { buildArgs: null } });
  expect(judge(one({ planned, sensitive: ["buildArgs"] })).notApplied).toEqual([
    { attribute: "buildArgs", from: null, to: "(sensitive)" },
  ]);
  expect(judge(one({ planned })).notApplied).toEqual([{ attribute: "buildArgs", from: null, to: { A: "planted" } }]);
});

test("news is drift, or what is not applied", () => {
  expect(
    [
      one(),
      one({ seen: null }),
      one({ planned: change({ action: "delete" }) }),
      { address: "a", state, seen: state, sensitive: [] },
    ].map(hasNews),
  ).toEqual([false, true, true, false]);
});

test.each([
  ["active", true, "awake"],
  ["inactive", false, "idle"],
])("who is %s, against the state", (word, active, happened) => {
  expect(judge(one({ state: { ...state, active: !active }, seen: { ...state, state: word, active } })).happened).toBe(
    happened,
  );
});

test.each([
  ["error", "failed"],
  ["build_failed", "failed"],
  ["removing", "leaving"],
  ["pulling", "settling"],
])("%s is told before what else differs", (word, happened) => {
  expect(judge(one({ seen: { ...state, state: word, active: false } })).happened).toBe(happened);
});

test("an activation is not possible before ten minutes after the deactivation, in UTC", () => {
  const idle = (since: string | null): FleetResource =>
    one({
      seen: { ...state, active: false, state: "inactive" },
      since,
      planned: change({ inputs: { active: true }, before: { active: true } }),
    });
  const apply = (since: string | null): string => textsOf(idle(since), judge(idle(since)), now).apply;
  expect(apply("2026-11-27T11:50:01Z")).toBe(
    "Activates it; takes about as long as pulling its image, not before 12:00 UTC (the API refuses it within 10 minutes of a deactivation).",
  );
  expect([apply("2026-11-27T11:50:00Z"), apply(null)]).toEqual(
    Array(2).fill("Activates it; takes about as long as pulling its image."),
  );
});

test("a changed source of a snapshot that is leaving or has failed needs no successor", () => {
  const planned = change({ inputs: { cpu: 4 }, before: { cpu: 1 } });
  const apply = (word: string): string => {
    const resource = one({ seen: { ...state, state: word }, planned });
    return textsOf(resource, judge(resource), now).apply;
  };
  expect([apply("removing"), apply("error"), apply("pulling")]).toEqual([
    "Waits until it is deleted, then creates it; takes about as long as pulling its image.",
    "Deletes the failed snapshot and recreates it; takes about as long as pulling its image.",
    "Creates a successor, then replaces it; takes about twice as long as pulling its image.",
  ]);
});

test("a rule for drift: its last day counts, both spellings, a name or an address, all of each", () => {
  const rule = { ...parseIgnore("agent-?:source_hash"), until: "2026-11-27" };
  const found = (more: object, at = now): boolean =>
    ignoring([rule], { name: "agent-1", address: "daytona_snapshot.x", attribute: "sourceHash", ...more }, at) !== null;
  expect([found({}), found({}, now + 12 * 3_600_000 - 1), found({}, now + 12 * 3_600_000)]).toEqual([
    true,
    true,
    false,
  ]);
  expect([
    found({ name: "agent-12" }),
    found({ name: "my-agent-1" }),
    found({ name: null }),
    found({ name: null, address: "agent-1" }),
    found({ attribute: "source" }),
    found({ attribute: "source_hash" }),
  ]).toEqual([false, false, false, true, false, true]);
  expect(
    ignoring([parseIgnore("*:sourceHash")], { name: "a", address: "a", attribute: "sourceHash" }, now),
  ).toMatchObject({ until: null });
});

test.each<[string, string, boolean]>([
  ["a.b", "axb", false],
  ["a.b", "a.b", true],
  ["a*", "a/b\nc", true],
  ["a?", "a\n", true],
  ["a?", "a", false],
  ["[a]", "a", false],
  ["[a]", "[a]", true],
  ["(a|b)+$", "(a|b)+$", true],
  ["a", "ab", false],
  ["b", "ab", false],
  ["\\d", "1", false],
])("the glob %j on %j", (pattern, text, matches) => expect(glob(pattern)(text)).toBe(matches));
