import fc from "fast-check";
import { keep, leaveOut, LEFT_OUT, type Read, readJson, type Shape } from "../../../provider/fleet/read/json-stream";
import { readPlanInPieces } from "../../../provider/fleet/read/plan-stream";
import { Similar } from "../../../provider/fleet/read/similar";
import { readPlan } from "../../../provider/fleet/read/terraform-plan";
import { FleetError } from "../../../provider/fleet/resource";
import { attributes, change, drifted, plan, planned } from "./plan";

/** The text in pieces of these sizes, over and over. */
function pieces(text: string, sizes: readonly number[]): Read {
  const bytes = Buffer.from(text);
  let [at, turn] = [0, 0];
  return (into) => {
    const piece = bytes.subarray(at, at + Math.min(into.length, sizes[turn++ % sizes.length]!));
    into.set(piece);
    at += piece.length;
    return piece.length;
  };
}

const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
const blank = fc.constantFrom("", " ", "\n\t", "\r\n  ");
/** A copy with -0, which `JSON.stringify` would lose. */
const copy = (value: unknown): unknown => structuredClone(value);
const similar = (): Shape => ({
  similar: new Similar(),
  inner: { a: { similar: new Similar() }, b: { similar: new Similar(), inner: { a: { similar: new Similar() } } } },
  take: copy,
});
const shapes: readonly (() => Shape)[] = [
  () => keep,
  () => {
    const all: Shape = { members: () => all };
    return all;
  },
  () => {
    const all: Shape = { items: { members: () => all } };
    return all;
  },
  () => ({ items: similar() }),
  () => ({ members: () => ({ items: similar() }) }),
];

/** JSON whose objects have few keys, and often the same values: what a fleet looks like. */
const value = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(1, 12, -0.5, true, null, "", "a", 'q"\\', "é\u2028\ud83d\ude00", "x".repeat(300)),
    fc.array(tie("any"), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom("a", "b", "c", 'k"', "__proto__", "1"), tie("any"), { maxKeys: 4 }),
  ),
})).any;

/** The same JSON with other blanks. */
function spaced(it: unknown, by: string): string {
  if (Array.isArray(it)) return `${by}[${it.map((item) => spaced(item, by)).join(",")}${by}]`;
  if (typeof it !== "object" || it === null) return `${by}${JSON.stringify(it)}${by}`;
  return `{${Object.entries(it)
    .map(([key, item]) => `${by}${JSON.stringify(key)}${by}:${spaced(item, by)}`)
    .join(",")}${by}}${by}`;
}

test.each(shapes.map((shape, at) => [at, shape] as const))(
  "however the pieces are cut, shape %i reads what JSON.parse reads",
  (_at, shape) => {
    fc.assert(
      fc.property(
        fc.oneof(value, fc.array(value), fc.array(fc.record({ a: value, b: value }))),
        blank,
        cuts,
        (it, by, sizes) => {
          const text = spaced(it, by);
          expect(readJson(pieces(text, sizes), shape())).toEqual(JSON.parse(text));
          expect(JSON.stringify(readJson(pieces(text, [text.length * 4]), shape()))).toBe(
            JSON.stringify(JSON.parse(text)),
          );
        },
      ),
    );
  },
);

/** What JSON.parse makes of it, or null for what it refuses. */
function parsed(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return null;
  }
}

test.each(shapes.map((shape, at) => [at, shape] as const))(
  "-0 after 0, and after -0, stays -0: shape %i",
  (_at, shape) => {
    const text = '[{"a":0,"c":0},{"a":-0,"c":-0},{"a":0,"c":0},{"a":-0,"c":-0},{"a":-0,"c":-0}]';
    expect(readJson(pieces(text, [7]), shape())).toEqual(JSON.parse(text));
  },
);

test.each(shapes.map((shape, at) => [at, shape] as const))(
  "what JSON.parse refuses, shape %i refuses: cut, spoiled, followed by more",
  (_at, shape) => {
    const spoil = fc.tuple(
      fc.nat(),
      fc.nat(3),
      fc.constantFrom("", ",", "}", "]", "{", "[", '"', "\\", ":", "1", "x", "\u0001", " "),
    );
    fc.assert(
      fc.property(
        fc.oneof(value, fc.array(fc.record({ a: value, b: value }))),
        blank,
        spoil,
        cuts,
        (it, by, [where, gone, instead], sizes) => {
          const good = spaced(it, by);
          const at = where % (good.length + 1);
          // Half of a pair of UTF-16 has no form in UTF-8.
          const text = Buffer.from(good.slice(0, at) + instead + good.slice(at + gone)).toString();
          const right = parsed(text);
          let read: { value: unknown } | null = null;
          try {
            read = { value: readJson(pieces(text, sizes), shape()) };
          } catch {
            // A member that is there twice is read with the whole document.
            if (right !== null) return void expect(text).toMatch(/"(\\.|[^"])*"\s*:[^]*"(\\.|[^"])*"\s*:/);
          }
          expect(read).toEqual(right);
        },
      ),
      { numRuns: 500 },
    );
  },
);

test("bytes that are no UTF-8 are refused", () => {
  const bytes = Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]);
  const read = (): Read => {
    let left = bytes;
    return (into) => {
      into.set(left);
      const { length } = left;
      left = Buffer.alloc(0);
      return length;
    };
  };
  expect(() => readJson(read(), keep)).toThrow(/encoded data was not valid/);
  expect(() => readJson(read(), { items: leaveOut })).toThrow(/encoded data was not valid/);
});

test("a number goes on where the one before it ended", () => {
  const seen: unknown[] = [];
  const text = '[{"cpu":1,"a":2},{"cpu":12,"a":2},{"cpu":1,"a":22},{"cpu":1,"a":2}]';
  for (let size = 1; size < text.length; size += 1)
    readJson(pieces(text, [size]), {
      items: { similar: new Similar(), take: (it) => (seen.push(copy(it)), LEFT_OUT) },
    });
  expect(seen).toEqual(Array.from({ length: text.length - 1 }, () => JSON.parse(text) as unknown[]).flat());
});

test("an object that has a member twice is left to whoever reads it whole", () => {
  for (const shape of [{ members: () => keep }, { similar: new Similar(), take: keep }])
    expect(() => readJson(pieces('{"a":1,"b":2,"a":3}', [4]), shape)).toThrow(SyntaxError);
});

describe("a plan in pieces", () => {
  const A = (name: string): string => `daytona_snapshot.agent["${name}"]`;
  const entry = fc.tuple(
    fc.constantFrom("a", "b", "c", "d"),
    fc.constantFrom("same", "idle", "gone", "cpu", "unknown", "import", "sensitive", "other", "deposed", "moved"),
  );
  const entries = fc.uniqueArray(entry, { selector: ([name]) => name, maxLength: 4 });
  const other = {
    address: "x.y",
    mode: "managed",
    type: "x",
    provider_name: "p",
    change: { actions: ["update"], before: {}, after: {} },
  };

  function document(kinds: readonly [string, string][], order: boolean, module: boolean): Record<string, unknown> {
    const drift: unknown[] = [];
    const changes: unknown[] = [];
    for (const [name, kind] of kinds) {
      const state = attributes(name);
      const seen =
        kind === "gone" ? null : { ...state, ...(kind === "idle" ? { state: "inactive", active: false } : {}) };
      if (kind !== "same" && kind !== "import")
        drift.push(
          kind === "other"
            ? other
            : {
                ...drifted(A(name), state, seen),
                ...(kind === "moved" ? { previous_address: "daytona_snapshot.old" } : {}),
              },
        );
      changes.push(
        kind === "other"
          ? other
          : change(
              A(name),
              [seen === null ? "create" : kind === "same" ? "no-op" : "update"],
              seen,
              planned({ ...state, ...(kind === "cpu" ? { cpu: 4 } : {}) }),
              {
                ...(kind === "deposed" ? { deposed: "abc" } : {}),
                ...(kind === "moved" ? { previous_address: "daytona_snapshot.old" } : {}),
                ...(kind === "unknown"
                  ? { inner: { after_unknown: { state: true, image: true, cpu: true, disk: true } } }
                  : kind === "import"
                    ? { inner: { importing: { id: "x" } } }
                    : kind === "sensitive"
                      ? { inner: { before_sensitive: { image: true } } }
                      : {}),
              },
            ),
      );
    }
    const resources = ["a", "b", "e"].map((name) => ({
      address: A(name),
      mode: "managed",
      type: "daytona_snapshot",
      provider_name: "registry.terraform.io/daytona-iac/daytona",
      values: attributes(name),
    }));
    const lists = order
      ? { resource_drift: drift, resource_changes: changes }
      : { resource_changes: changes, resource_drift: drift };
    const root = module ? { child_modules: [{ resources }, {}] } : { resources };
    return plan([], [], {
      ...lists,
      planned_values: { root_module: root, outputs: {} },
      prior_state: { format_version: "1.0", values: { outputs: {}, root_module: root } },
      configuration: {
        root_module: {
          resources: [
            {
              mode: "managed",
              type: "daytona_snapshot",
              name: "agent",
              expressions: {
                image: { references: ["var.image"] },
                cpu: { constant_value: 1 },
                disk: { references: [] },
              },
            },
          ],
        },
      },
      deferred_changes: [],
      checks: [{}],
    });
  }

  test("says what the whole plan says, in whichever order its lists come", () => {
    fc.assert(
      fc.property(entries, fc.boolean(), fc.boolean(), cuts, (kinds, order, module, sizes) => {
        // The lists keep the order in which they are given.
        const it = document(kinds, order, module);
        const json = order ? it : Object.fromEntries(Object.entries(it).sort(([a], [b]) => (a < b ? -1 : 1)));
        expect(readPlanInPieces(pieces(JSON.stringify(json, null, order ? 0 : 2), sizes), "p")).toEqual(
          readPlan(document(kinds, true, module), "p"),
        );
      }),
    );
  });

  test.each<[string, unknown, string]>([
    ["another format", plan([], [], { format_version: "0.2" }), "p has an older format"],
    ["a state", { format_version: "1.0", values: {} }, "p is not a plan\nIt is a state. Pass it with `--state`."],
    ["an errored plan", plan([], [], { errored: true }), "p failed"],
    [
      "a plan of -destroy",
      plan([], [change(A("a"), ["delete"], attributes("a"), null)], { configuration: {} }),
      "p was created with -destroy",
    ],
    [
      "a plan of -refresh-only",
      {
        format_version: "1.2",
        planned_values: {},
        configuration: {},
        prior_state: { values: { root_module: { child_modules: [{ resources: [{ mode: "managed" }] }] } } },
      },
      "p was created with -refresh-only",
    ],
    ["a change without a type", plan([], [{ address: "x" }]), '"type" of x is missing.'],
  ])("%s has its sentence", (_what, json, message) => {
    expect(() => readPlanInPieces(pieces(JSON.stringify(json), [7]), "p")).toThrow(message);
    expect(() => readPlanInPieces(pieces(JSON.stringify(json), [7]), "p")).toThrow(FleetError);
  });

  test.each<[string, string]>([
    ["a list", "[]"],
    ["two lists of changes", '{"format_version":"1.2","resource_changes":[],"resource_changes":[]}'],
    ["half of one", '{"format_version":"1.2","resource_changes":[{'],
    ["an entry that is no object", '{"format_version":"1.2","resource_changes":[1]}'],
  ])("%s is left to whoever reads it whole", (_what, text) => {
    let error: unknown = null;
    try {
      readPlanInPieces(pieces(text, [3]), "p");
    } catch (it) {
      error = it;
    }
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(FleetError);
  });
});
