import {
  candidates,
  freed,
  type KeptKind,
  keptOf,
  type PruneRules,
  reasonFor,
  restsOn,
} from "../../../provider/fleet/prune";
import { Managed } from "../../../provider/fleet/read/managed";
import type { SnapshotDto } from "../../../provider/lifecycle";
import { successorName } from "../../../provider/resources/snapshot/names";

const DAY = 86_400_000;
const NOW = Date.parse("2026-11-30T00:00:00Z");
const ago = (days: number): string => new Date(NOW - days * DAY).toISOString();
const dto = (name: string, more: Partial<SnapshotDto> = {}): SnapshotDto => ({
  id: `id-${name}`,
  name,
  state: "active",
  cpu: 1,
  gpu: 0,
  mem: 1,
  disk: 3,
  createdAt: ago(100),
  lastUsedAt: ago(50),
  ...more,
});
const rules = (more: Partial<PruneRules> = {}): PruneRules => ({
  managed: Managed.of([]),
  minIdleMs: 14 * DAY,
  minAgeMs: DAY,
  filter: () => true,
  fromSandboxes: false,
  now: NOW,
  ...more,
});
/** A state with these snapshots. */
const having = (...known: [id: string | null, name: string | null][]): Managed =>
  Managed.of([
    {
      what: "s",
      mentioned: new Set(),
      managed: known.map(([id, name]) => ({
        address: "a",
        ids: id === null ? [] : [id],
        names: name === null ? [] : [name],
        organizationId: null,
        owned: true,
        encrypted: [],
      })),
    },
  ]);
const judged = (it: SnapshotDto, more: Partial<PruneRules> = {}, others: SnapshotDto[] = []) =>
  reasonFor(it, [it, ...others], rules(more));

test.each<[string, Partial<SnapshotDto>, Partial<PruneRules>, KeptKind, string]>([
  ["general", { general: true }, {}, "elsewhere", "it belongs to another organization"],
  ["left out", {}, { filter: (name) => name !== "a" }, "filter", "--filter excludes it"],
  ["managed by ID", {}, { managed: having(["id-a", "b"]) }, "managed", "it is in a given state"],
  ["managed by name", {}, { managed: having(["x", "a"]) }, "managed", "it is in a given state"],
  ["removing", { state: "removing" }, {}, "state", "it is removing"],
  ["building", { state: "building" }, {}, "state", "it is building"],
  ["in a state of the future", { state: "hibernating" }, {}, "state", "it is hibernating"],
  ["created at an unreadable time", { createdAt: "?" }, {}, "undated", 'the date "?" cannot be read'],
  ["created at no time", { createdAt: undefined as never }, {}, "undated", "the date null cannot be read"],
  ["used at an unreadable time", { lastUsedAt: "?" }, {}, "undated", 'the date "?" cannot be read'],
  [
    "created in the future",
    { createdAt: ago(-1) },
    {},
    "recent",
    `it was created at ${ago(-1)}, less than 1d ago (--min-age)`,
  ],
  [
    "young",
    { createdAt: ago(0.99), lastUsedAt: null },
    {},
    "recent",
    `it was created at ${ago(0.99)}, less than 1d ago (--min-age)`,
  ],
  [
    "used",
    { lastUsedAt: ago(13.99) },
    {},
    "recent",
    `it is active and was last used at ${ago(13.99)}, less than 14d ago (--min-idle)`,
  ],
  [
    "used in the future",
    { lastUsedAt: ago(-1) },
    {},
    "recent",
    `it is active and was last used at ${ago(-1)}, less than 14d ago (--min-idle)`,
  ],
  [
    "not used yet",
    { createdAt: ago(13.99), lastUsedAt: null },
    {},
    "recent",
    `it was created at ${ago(13.99)}, less than 14d ago (--min-idle), and has not been used yet`,
  ],
  ["from a sandbox", { sourceSandboxId: "s" }, {}, "sandbox", "it was created from a sandbox, and cannot be recreated"],
  [
    "from a sandbox of a server that does not tell it",
    { imageName: "" },
    {},
    "sandbox",
    "it was created from a sandbox, and cannot be recreated",
  ],
  [
    "failed and from a sandbox",
    { sourceSandboxId: "s", state: "error" },
    {},
    "sandbox",
    "it was created from a sandbox, and cannot be recreated",
  ],
])("one that is %s is kept, and why", (_what, more, given, kind, why) =>
  expect(judged(dto("a", more), given)).toEqual({ kind, why }),
);

test.each<[string, Partial<SnapshotDto>, Partial<PruneRules>, string]>([
  ["at the edge of its age", { createdAt: ago(14), lastUsedAt: null }, {}, "not used"],
  ["at the edge of its use", { lastUsedAt: ago(14), state: "inactive" }, {}, "inactive"],
  ["failed yesterday", { createdAt: ago(1), lastUsedAt: null, state: "build_failed" }, {}, "failed"],
  ["from a sandbox, and asked for", { sourceSandboxId: "s" }, { fromSandboxes: true }, "not used"],
  ["not from a sandbox", { sourceSandboxId: null }, {}, "not used"],
  [
    "without an image, but with a build",
    { imageName: "", buildInfo: { dockerfileContent: "FROM a:1" } },
    {},
    "not used",
  ],
  [
    "with an offset in its date",
    { createdAt: "2026-01-01T00:00:00+02:00", lastUsedAt: "2026-01-01T00:00Z" },
    {},
    "not used",
  ],
])("one that is %s can go", (_what, more, given, reason) => expect(judged(dto("a", more), given)).toEqual({ reason }));

const next = "agent--next-01234567";
test.each<[string, Partial<PruneRules>, SnapshotDto[], KeptKind | null]>([
  ["nobody has the name", {}, [], null],
  ["the name is active", {}, [dto("agent")], null],
  ["the name is inactive", {}, [dto("agent", { state: "inactive" })], null],
  ["the name is being removed", {}, [dto("agent", { state: "removing" })], "successor"],
  ["the name is being made", {}, [dto("agent", { state: "pulling" })], "successor"],
  ["the name is in a state of the future", {}, [dto("agent", { state: "hibernating" })], "successor"],
  ["the name has failed", {}, [dto("agent", { state: "error" })], null],
  ["a state has the name, active", { managed: having(["id-agent", "agent"]) }, [dto("agent")], null],
  [
    "a state has the name, failed",
    { managed: having(["id-agent", "agent"]) },
    [dto("agent", { state: "error" })],
    "successor",
  ],
  [
    "a state has the name, being removed",
    { managed: having(["id-agent", "agent"]) },
    [dto("agent", { state: "removing" })],
    "successor",
  ],
  ["a state has the name, and the API does not", { managed: having(["id-agent", "agent"]) }, [], "successor"],
  ["a state refers to the name, and the API has none", { managed: having([null, "agent"]) }, [], "successor"],
  ["a state has the name with another ID", { managed: having(["older", "agent"]) }, [dto("agent")], "successor"],
  [
    "a state has the name by Pulumi's ID, which is the name",
    { managed: having(["agent", "agent"], ["id-agent", "agent"]) },
    [dto("agent")],
    null,
  ],
  ["a state has its ID", { managed: having([`id-${next}`, "agent"]) }, [dto("agent")], "managed"],
])("a successor where %s", (_what, given, others, kind) => {
  expect(judged(dto(next), given, others)).toEqual(
    kind === null ? { reason: "left over from a replacement" } : { why: expect.any(String) as string, kind },
  );
});

test("a successor that nobody has used yet can go, if it is old enough", () => {
  const unused = dto(next, { createdAt: ago(2), lastUsedAt: null });
  expect(judged(unused, {}, [dto("agent")])).toEqual({ reason: "left over from a replacement" });
});

test("of a successor that is needed and young, its age is told", () =>
  expect(judged(dto(next, { createdAt: ago(0.5) }), { managed: having([null, "agent"]) })).toEqual({
    why: `it was created at ${ago(0.5)}, less than 1d ago (--min-age)`,
    kind: "recent",
  }));

test("one whose successor is kept is kept, as a delete takes both", () => {
  const successor = dto(successorName("agent", "id-agent"), { lastUsedAt: ago(1) });
  expect(judged(dto("agent"), {}, [successor])).toMatchObject({
    why: `deleting it would also delete "${successor.name}", which is kept: it is active and was last used at ${ago(1)}, less than 14d ago (--min-idle)`,
  });
  expect(judged(dto("agent"), {}, [{ ...successor, lastUsedAt: ago(20) }])).toEqual({ reason: "not used" });
  expect(judged(dto("agent"), {}, [dto(next, { lastUsedAt: ago(1) })])).toEqual({ reason: "not used" });
});

test("what a reason rests on", () => {
  expect(restsOn(dto("agent"), having(["x", "agent"]))).toEqual({
    names: [successorName("agent", "id-agent")],
    ids: [],
  });
  expect(restsOn(dto(next), having(["x", "agent"], ["y", "agent"]))).toEqual({
    names: ["agent", successorName(next, `id-${next}`)],
    ids: ["x", "y"],
  });
});

test("the longest unused first, then by name; what is freed; what is kept", () => {
  const all = [
    dto("b", { size: 1 }),
    dto("a"),
    dto("c", { lastUsedAt: null, size: 2, state: "inactive" }),
    dto("d", { lastUsedAt: ago(1) }),
    dto("e", { createdAt: "?" }),
    dto("f", { sourceSandboxId: "s" }),
  ];
  expect(candidates(all, rules()).map(({ dto: { name }, reason }) => [name, reason])).toEqual([
    ["c", "inactive"],
    ["a", "not used"],
    ["b", "not used"],
  ]);
  expect(freed(candidates(all, rules()))).toEqual({ quota: 2, gib: 3 });
  expect(keptOf(all, rules()).map(({ dto: { name }, kept: { kind } }) => [name, kind])).toEqual([
    ["d", "recent"],
    ["e", "undated"],
    ["f", "sandbox"],
  ]);
});
