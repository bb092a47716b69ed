import fc from "fast-check";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseIgnore } from "../../../provider/fleet/ignore";
import { judge } from "../../../provider/fleet/judge";
import { readPreview } from "../../../provider/fleet/read/pulumi";
import { assemble } from "../../../provider/fleet/report/assemble";
import { FleetError, type FleetResource } from "../../../provider/fleet/resource";
import { textsOf } from "../../../provider/fleet/texts";

const now = Date.parse("2026-11-27T12:00:00Z");
const TYPE = "daytona:index:Snapshot";
const urnOf = (name: string): string => `urn:pulumi:dev::p::${TYPE}::${name}`;
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const outputs = (more = {}) => ({
  snapshotId: "u1",
  name: "agent",
  image: "ubuntu:24.04",
  imageName: "ubuntu:24.04",
  state: "active",
  active: true,
  cpu: 1,
  memory: 1,
  disk: 3,
  gpu: 0,
  region: "us",
  regionIds: ["us"],
  sourceHash: "v1:a",
  replacement: "swap",
  adoptExisting: false,
  size: 0.75,
  ...more,
});
const inputs = (more = {}) => ({
  name: "agent",
  image: "ubuntu:24.04",
  active: true,
  replacement: "swap",
  adoptExisting: false,
  ...more,
});
const stateOf = (out: object, into: object = inputs(), more: object = {}) => ({
  type: TYPE,
  urn: urnOf("agent"),
  custom: true,
  id: "agent",
  parent: "",
  inputs: into,
  outputs: out,
  provider: "",
  ...more,
});
const event = (
  kind: "resourcePreEvent" | "resOutputsEvent",
  op: string,
  old: object | null,
  next: object | null,
  more: object = {},
) => ({
  [kind]: {
    metadata: { op, urn: urnOf("agent"), type: TYPE, old, new: next, detailedDiff: null, provider: "", ...more },
    planning: true,
  },
});
const both = (
  op: string,
  old: object | null,
  next: object | null,
  more: object = {},
  planned: object | null = next,
) => [event("resourcePreEvent", op, old, next, more), event("resOutputsEvent", op, old, planned, more)];
const log = (...events: unknown[]): string =>
  [...events, { summaryEvent: { result: "succeeded" } }].map((one) => JSON.stringify(one)).join("\n");
const now1 = stateOf(outputs());
const idle = stateOf(outputs({ state: "inactive", active: false }));
const failed = stateOf(outputs({ state: "error", errorReason: "no space" }));
const seenAs = { idle, failed, gone: null };
const touched = stateOf(outputs({ state: UNKNOWN, size: UNKNOWN }));

function reported(resources: FleetResource[], ignored: boolean) {
  const report = assemble(
    [
      {
        kind: "pulumi" as const,
        name: ".",
        apply: "pulumi up",
        resources,
        others: { drifted: 0, notApplied: 0 },
        notes: [],
      },
    ],
    { rules: ignored ? [parseIgnore("*:*")] : [], unmanaged: null, generator: "g", now },
  );
  return { code: report.exitCode, one: report.snapshots[0]! };
}
const read = (...events: unknown[]) => readPreview(log(...events), "p");
const toldOf = (one: FleetResource) => textsOf(one, judge(one), now, undefined, "pulumi");

/** What the engine plans beside the drift. */
const pendings: Record<string, (seen: object | null) => unknown[]> = {
  "a value known after the up": (seen) =>
    both(
      seen === null ? "create" : "update",
      seen,
      stateOf({}, inputs({ image: UNKNOWN })),
      { diffs: ["image"] },
      touched,
    ),
  "a part of a map known after the up": (seen) =>
    both(
      seen === null ? "create" : "update",
      seen,
      stateOf({}, inputs({ triggers: { a: "1", b: UNKNOWN } })),
      {},
      touched,
    ),
  "a replacement that was asked for": (seen) =>
    seen === null
      ? both("update", null, stateOf({}, inputs({ cpu: 4 })), {}, touched)
      : [
          ...both("delete-replaced", seen, null),
          ...both("replace", seen, stateOf({})),
          ...both("create-replacement", seen, stateOf({}), {}, touched),
        ],
  "an operation that no release knows yet": (seen) => both("freeze", seen ?? now1, now1),
};
describe.each(Object.entries(pendings))("%s", (_what, steps) => {
  test.each(Object.entries(seenAs))(
    "beside a snapshot that is %s: both drift and not applied, and not applied alone when the drift is ignored",
    (happened, seen) => {
      const { resources } = read(...both("refresh", now1, seen), ...steps(seen));
      expect(reported(resources, false)).toMatchObject({ code: 2, one: { happened, notApplied: true } });
      expect(reported(resources, true)).toMatchObject({ code: 3, one: { drifted: false, notApplied: true } });
    },
  );
});

test("a repair is no change of the program", () => {
  const { resources } = read(
    ...both("refresh", now1, idle, { diffs: ["active"] }),
    ...both("update", idle, stateOf({}), { diffs: ["active"] }, touched),
  );
  expect([reported(resources, false).code, reported(resources, true).code]).toEqual([2, 0]);
});

test("an `up --refresh` that ended halfway: what its state has and the program does not", () => {
  const half = stateOf(outputs({ cpu: 8 }), inputs({ cpu: 1 }));
  const [swap] = read(
    ...both("refresh", half, half),
    ...both("update", half, stateOf({}, inputs({ cpu: 1 })), { diffs: ["cpu"] }, touched),
  ).resources;
  expect(judge(swap!).notApplied).toEqual([{ attribute: "cpu", from: 8, to: 1 }]);
  expect(toldOf(swap!)).toEqual({
    summary: "Changed in the program but not applied: cpu.",
    consequence: "",
    apply: "Creates a successor, then replaces it; takes about twice as long as pulling its image.",
  });
  const [wake] = read(
    ...both("refresh", idle, idle),
    ...both(
      "update",
      stateOf(outputs({ state: "inactive", active: false }), {}),
      stateOf({}, { name: "agent", image: "ubuntu:24.04" }),
      { diffs: ["active"] },
      touched,
    ),
  ).resources;
  expect(toldOf(wake!).apply).toBe("Activates it; takes about as long as pulling its image.");
});

test("a path that is spelled otherwise changes the state only", () => {
  const built = stateOf(
    outputs({ image: undefined, dockerfile: "/a/Dockerfile" }),
    inputs({ image: undefined, dockerfile: "/a/Dockerfile" }),
  );
  const [one] = read(
    ...both("refresh", built, built),
    ...both(
      "update",
      built,
      stateOf({}, inputs({ image: undefined, dockerfile: "/b/Dockerfile" })),
      { diffs: ["dockerfile"] },
      stateOf(outputs({ dockerfile: "/b/Dockerfile" })),
    ),
  ).resources;
  expect([judge(one!).notApplied, toldOf(one!).apply]).toEqual([
    [{ attribute: "dockerfile", from: "/a/Dockerfile", to: "/b/Dockerfile" }],
    "Only updates the state; takes seconds.",
  ]);
});

test("secrets: equal ones are equal, the engine tells which ones differ, and none is printed", () => {
  const secret = (text: string) => ({
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    plaintext: JSON.stringify(text),
  });
  const hidden = stateOf(
    outputs({ image: null, imageName: null, dockerfileContent: "[secret]" }),
    inputs({ image: undefined, dockerfileContent: "[secret]" }),
  );
  expect(
    reported(read(...both("refresh", hidden, hidden), ...both("same", hidden, hidden)).resources, false).code,
  ).toBe(0);
  const [drifted] = read(
    ...both("refresh", hidden, hidden, { diffs: ["dockerfileContent"] }),
    ...both("update", hidden, hidden, { diffs: ["dockerfileContent"] }, touched),
  ).resources;
  expect(judge(drifted!)).toMatchObject({
    happened: "changed",
    drift: [{ attribute: "dockerfileContent", from: "(sensitive)", to: "(sensitive)" }],
  });
  const plainText = stateOf(
    outputs({ image: null, dockerfileContent: secret("FROM planted-one") }),
    inputs({ image: undefined, dockerfileContent: secret("FROM planted-one") }),
  );
  const opened = stateOf(
    outputs({ image: null, dockerfileContent: "FROM planted-one" }),
    inputs({ image: undefined, dockerfileContent: "FROM planted-one" }),
  );
  expect(reported(read(...both("refresh", plainText, opened)).resources, false).code).toBe(0);
  const named = stateOf(
    outputs({ name: secret("planted-name"), image: secret("planted:1"), imageName: "planted:1" }),
    inputs(),
  );
  const broken = stateOf(
    outputs({
      name: secret("planted-name"),
      image: secret("planted:1"),
      imageName: "planted:2",
      state: "error",
      errorReason: "no planted:1 there",
    }),
    inputs(),
  );
  const { one } = reported(read(...both("refresh", named, broken)).resources, false);
  expect(one.name).toBe("(sensitive)");
  expect(one.summary).toBe("It has failed (error): no [secret] there.");
  expect(JSON.stringify(one)).not.toContain("planted");
});

test("a renamed resource with an alias is one: its drift under the old URN, its move under the new one", () => {
  const moved = { urn: urnOf("renamed") };
  const { resources } = read(
    ...both("refresh", now1, idle),
    ...both("update", idle, stateOf({}, inputs(), moved), { ...moved, diffs: ["active"] }, touched),
  );
  expect(resources.map(({ address }) => address)).toEqual(["renamed"]);
  expect([reported(resources, false).code, reported(resources, true).code]).toEqual([2, 3]);
  const { resources: still } = read(
    ...both("refresh", now1, now1),
    ...both("same", now1, stateOf(outputs(), inputs(), moved), moved),
  );
  expect(reported(still, false)).toMatchObject({
    code: 3,
    one: { summary: "Its address in the program has changed.", apply: "Only updates the state; takes seconds." },
  });
});

test("retainOnDelete: the snapshot stays", () => {
  const kept = stateOf(outputs(), inputs(), { retainOnDelete: true });
  expect(toldOf(read(...both("refresh", kept, kept), ...both("delete", kept, null)).resources[0]!).summary).toBe(
    "The program removes it from the state without deleting it.",
  );
  expect(
    toldOf(
      read(
        ...both("refresh", kept, kept),
        ...both("create-replacement", kept, stateOf({}, inputs({ name: "b" }))),
        ...both("delete-replaced", kept, null),
      ).resources[0]!,
    ).apply,
  ).toContain("The old one stays at Daytona, unmanaged.");
});

test("the name of the stack; a part of the stack is said to be one", () => {
  const other = { ...stateOf(outputs({ name: "b" })), urn: urnOf("b") };
  const same = event("resourcePreEvent", "same", other, other, { urn: urnOf("b") });
  expect(read(...both("refresh", now1, now1)).stack).toBe("dev");
  expect(() => read(...both("refresh", now1, now1), same)).toThrow(
    /^p is not complete\nIt did not refresh b, so the state of this resource is unknown\. Run the command again\.$/,
  );
  const partial = readPreview(log(...both("refresh", now1, now1), same), "p", true);
  expect([partial.resources.length, partial.notes]).toEqual([
    1,
    ["The preview covers part of the stack: 1 of 2 snapshots (--target, --exclude). The others were not checked."],
  ]);
});

test.each<[string, unknown[], RegExp]>([
  [
    "a refresh without an end",
    [event("resourcePreEvent", "refresh", now1, now1)],
    /^p was cut off\nThe refresh of urn:\S+ did not finish\. Run the command again\.$/,
  ],
  [
    "a step without an operation",
    [{ resourcePreEvent: { metadata: { urn: "x" } } }],
    /^p cannot be read\nA step has no operation or no URN\.$/,
  ],
  ["a step without metadata", [{ resOutputsEvent: {} }], /^p cannot be read\n/],
  ["a step of nothing", both("update", null, null), /has neither an old nor a new state\.$/],
  [
    "an operation that failed",
    [{ resOpFailedEvent: { metadata: { op: "refresh", urn: urnOf("agent") } } }],
    /^p failed\nPulumi could not refresh a resource: agent\.$/,
  ],
])("%s is an error", (_what, events, message) => expect(() => read(...events)).toThrow(message));

test("several operations that are no replacement together are not taken for one of them", () => {
  const { resources } = read(
    ...both("refresh", now1, idle),
    ...both("update", idle, stateOf({}), {}, touched),
    ...both("import", idle, stateOf({}), {}, touched),
  );
  expect(reported(resources, true)).toMatchObject({
    code: 3,
    one: { summary: expect.stringContaining("does not know (update, import)") as string },
  });
});

test("whatever the operation is: an error, or not applied", () => {
  const op = fc.oneof(
    fc.constantFrom(
      "same",
      "read",
      "create",
      "update",
      "delete",
      "replace",
      "import",
      "constructor",
      "import-replacement",
      "remove-pending-replace",
    ),
    fc.string({ minLength: 1, maxLength: 10 }),
  );
  fc.assert(
    fc.property(fc.array(op, { minLength: 1, maxLength: 3 }), fc.constantFrom(now1, idle, failed), (ops, seen) => {
      if (ops.includes("refresh")) return true;
      const { resources } = read(
        ...both("refresh", now1, seen),
        ...ops.flatMap((one) => both(one, seen, stateOf({}), {}, touched)),
      );
      const quiet = ops.every((one) =>
        ["same", "read", "read-discard", "discard", "read-replacement", "discard-replaced"].includes(one),
      );
      const repaired = seen !== now1 && ops.every((one) => one === "update" || ["same", "read"].includes(one));
      const { code } = reported(resources, true);
      return quiet || repaired ? code === 0 : code === 3;
    }),
    { numRuns: 300 },
  );
});

test("whatever is lost of a log: an error, or the same findings", () => {
  const whole = readFileSync(join(__dirname, "preview-events.jsonl"), "utf8").trim().split("\n");
  const found = (lines: string[]): string =>
    JSON.stringify(
      readPreview(lines.join("\n"), "p").resources.map((one) => [
        one.address,
        judge(one).happened,
        judge(one).notApplied !== null,
      ]),
    );
  const all = found(whole);
  const summary = whole.findIndex((line) => line.includes("summaryEvent"));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: summary }), (length) => {
      try {
        return found(whole.slice(0, length)) === all;
      } catch (error) {
        return error instanceof FleetError;
      }
    }),
  );
  expect(JSON.parse(all)).toHaveLength(5);
});
