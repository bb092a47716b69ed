// Longer than most: what is not applied, beside each kind of drift.
import fc from "fast-check";
import { parseIgnore } from "../../../provider/fleet/ignore";
import { judge } from "../../../provider/fleet/judge";
import { readPlan } from "../../../provider/fleet/read/terraform-plan";
import { assemble } from "../../../provider/fleet/report/assemble";
import type { ReportedSnapshot } from "../../../provider/fleet/report/report";
import { FleetError, type FleetResource } from "../../../provider/fleet/resource";
import { textsOf } from "../../../provider/fleet/texts";
import { attributes, change, drifted, plan, planned } from "./plan";

const A = "daytona_snapshot.agent";
const now = Date.parse("2026-11-27T12:00:00Z");
const state = attributes("agent");
const idle = attributes("agent", { state: "inactive", active: false });
const failed = attributes("agent", { state: "error", error_reason: "no space" });
/** What a plan's `configuration` says of the one snapshot. */
const configuration = (expressions: Record<string, unknown> = {}) => ({
  root_module: {
    resources: [
      {
        address: A,
        mode: "managed",
        type: "daytona_snapshot",
        name: "agent",
        expressions: { name: { constant_value: "agent" }, image: { constant_value: "ubuntu:24.04" }, ...expressions },
      },
    ],
  },
});
const onlyOf = (drift: unknown[], changes: unknown[], more: Record<string, unknown> = {}): FleetResource =>
  readPlan(plan(drift, changes, more), "the plan").resources[0]!;

/** Exit code and the snapshot of a report, with all drift ignored or none. */
function reported(resources: FleetResource[], ignored: boolean): { code: number; one: ReportedSnapshot } {
  const source = {
    kind: "terraform" as const,
    name: ".",
    apply: "terraform apply",
    resources,
    others: { drifted: 0, notApplied: 0 },
    notes: [],
  };
  const report = assemble([source], {
    rules: ignored ? [parseIgnore("*:*")] : [],
    unmanaged: null,
    generator: "g",
    now,
  });
  return { code: report.exitCode, one: report.snapshots[0]! };
}

/** What is unknown of a new snapshot, whatever the program says. */
const computed = {
  id: true,
  state: true,
  cpu: true,
  memory: true,
  disk: true,
  gpu: true,
  entrypoint: true,
  region: true,
  sandbox_class: true,
  ref: true,
  size: true,
};
const seenAs = { idle, failed, gone: null };
const pendingChanges: Record<string, (seen: Record<string, unknown> | null) => Record<string, unknown>> = {
  "a value known after the apply": (seen) =>
    change(A, [seen === null ? "create" : "update"], seen, planned({ ...state, image: undefined }), {
      inner: { after_unknown: { ...(seen === null ? computed : {}), state: true, image: true, source_hash: true } },
    }),
  "a computed input that the program sets to a value known after the apply": (seen) =>
    change(A, [seen === null ? "create" : "update"], seen, planned({ ...state, cpu: undefined }), {
      inner: { after_unknown: { ...(seen === null ? computed : {}), state: true, cpu: true } },
    }),
  "a taint": (seen) =>
    change(A, [...(seen === null ? [] : ["delete"]), "create"], seen, planned(state), {
      action_reason: "replace_because_tainted",
      inner: { after_unknown: computed },
    }),
  "-replace": (seen) =>
    change(A, [...(seen === null ? [] : ["delete"]), "create"], seen, planned(state), {
      action_reason: "replace_by_request",
      inner: { after_unknown: computed },
    }),
  replace_triggered_by: (seen) =>
    change(
      A,
      [...(seen === null ? [] : ["create", "delete"]), ...(seen === null ? ["create"] : [])],
      seen,
      planned(state),
      { action_reason: "replace_by_triggers", inner: { after_unknown: computed } },
    ),
  "a replacement for a reason that is not known": (seen) =>
    change(A, seen === null ? ["create"] : ["delete", "create"], seen, planned({ ...state, name: "other" }), {
      inner: { after_unknown: computed },
    }),
  "a move": (seen) =>
    change(A, [seen === null ? "create" : "update"], seen, planned(state), {
      previous_address: "daytona_snapshot.old",
    }),
};
const program = configuration({
  image: { references: ["terraform_data.x"] },
  cpu: { references: ["terraform_data.x"] },
});

describe.each(Object.entries(pendingChanges))("%s", (_what, changed) => {
  test.each(Object.entries(seenAs))(
    "beside a snapshot that is %s: both drift and not applied, and not applied alone when the drift is ignored",
    (happened, seen) => {
      const drift = {
        ...drifted(A, state, seen),
        ...(_what === "a move" ? { previous_address: "daytona_snapshot.old" } : {}),
      };
      const { resources } = readPlan(plan([drift], [changed(seen)], { configuration: program }), "p");
      expect(resources).toHaveLength(1);
      expect(reported(resources, false)).toMatchObject({ code: 2, one: { happened, drifted: true, notApplied: true } });
      expect(reported(resources, true)).toMatchObject({
        code: 3,
        one: { drifted: false, notApplied: true, happened: null },
      });
    },
  );
});

test.each(Object.entries(seenAs))(
  "a repair of a snapshot that is %s is no change of the program, though its defaults are known after the apply",
  (happened, seen) => {
    const repair = change(A, [seen === null ? "create" : "update"], seen, planned(state), {
      inner: { after_unknown: seen === null ? computed : { state: true, entrypoint: true } },
    });
    const { resources } = readPlan(plan([drifted(A, state, seen)], [repair], { configuration: configuration() }), "p");
    expect(reported(resources, false)).toMatchObject({ code: 2, one: { happened, notApplied: false } });
    expect(reported(resources, true)).toMatchObject({ code: 0, one: { notApplied: false } });
  },
);

test("a source that cannot be read leaves its hash unknown: not applied, also beside drift", () => {
  const broken = change(A, ["update"], idle, planned({ ...state, source_hash: undefined }), {
    inner: { after_unknown: { state: true, source_hash: true } },
  });
  expect(judge(onlyOf([drifted(A, state, idle)], [broken], { configuration: configuration() })).notApplied).toEqual([
    { attribute: "sourceHash", from: "v1:a", to: "(known after apply)" },
  ]);
});

test("what is unknown is named with what the state has, and its effect is conditional", () => {
  const one = onlyOf([], [pendingChanges["a value known after the apply"]!(state)], { configuration: program });
  const judged = judge(one);
  expect(judged.notApplied).toEqual(
    [
      { attribute: "sourceHash", from: "v1:a", to: "(known after apply)" },
      { attribute: "image", from: "ubuntu:24.04", to: "(known after apply)" },
    ].reverse(),
  );
  expect(textsOf(one, judged, now)).toMatchObject({
    summary: "Changed in the configuration but not applied: image.",
    apply: "Creates a successor and replaces it, if the value changes; takes about twice as long as pulling its image.",
  });
});

test.each<[string, string, string]>([
  [
    "replace_because_tainted",
    "It is tainted, so the next apply recreates it.",
    "Deletes and recreates it; takes about as long as pulling its image.",
  ],
  [
    "replace_by_request",
    "The plan recreates it on request (-replace).",
    "Deletes and recreates it; takes about as long as pulling its image.",
  ],
  [
    "replace_by_triggers",
    "The plan recreates it because another resource changes (replace_triggered_by).",
    "Deletes and recreates it; takes about as long as pulling its image.",
  ],
  [
    "something_new",
    "The plan recreates it, but has not been applied.",
    "Deletes and recreates it; takes about as long as pulling its image.",
  ],
])("a replacement by %s says why", (action_reason, summary, apply) => {
  const one = onlyOf(
    [],
    [change(A, ["delete", "create"], state, planned(state), { action_reason, inner: { after_unknown: computed } })],
    { configuration: configuration() },
  );
  expect(textsOf(one, judge(one), now)).toEqual({ summary, consequence: "", apply });
});

test("a replacement that repairs what drifted is no change of the program; one that demands more is", () => {
  const seen = { ...state, cpu: 8 };
  const replaced = (replace_paths: unknown) =>
    onlyOf(
      [drifted(A, state, seen)],
      [
        change(A, ["delete", "create"], seen, planned({ ...state, replacement: "recreate" }), {
          action_reason: "replace_because_cannot_update",
          inner: { after_unknown: {}, replace_paths },
        }),
      ],
      { configuration: configuration() },
    );
  const same = { ...state, replacement: "recreate" };
  const repair = onlyOf(
    [drifted(A, same, { ...same, cpu: 8 })],
    [
      change(A, ["delete", "create"], { ...same, cpu: 8 }, planned(same), {
        action_reason: "replace_because_cannot_update",
        inner: { after_unknown: {}, replace_paths: [["cpu"]] },
      }),
    ],
    { configuration: configuration() },
  );
  expect(judge(repair)).toMatchObject({ happened: "changed", notApplied: null });
  expect(judge(replaced([["cpu"]])).notApplied).toEqual([{ attribute: "replacement", from: "swap", to: "recreate" }]);
  const more = onlyOf(
    [drifted(A, same, { ...same, cpu: 8 })],
    [
      change(A, ["delete", "create"], { ...same, cpu: 8 }, planned(same), {
        action_reason: "replace_because_cannot_update",
        inner: { after_unknown: {}, replace_paths: [["cpu"], ["image"]] },
      }),
    ],
    { configuration: configuration() },
  );
  expect(judge(more).notApplied).toEqual([]);
});

test("an update that the drift does not explain is one that the plan alone knows of", () => {
  const seen = { ...state, size: 1.5 };
  expect(judge(onlyOf([drifted(A, state, seen)], [change(A, ["update"], seen, planned(state))]))).toMatchObject({
    happened: "changed",
    notApplied: [],
  });
});

test.each([[["forget", "create"]], [["create", "forget"]]])("%j: a new one, and the old one stays", (actions) => {
  const renamed = onlyOf(
    [],
    [
      change(A, actions, state, planned({ ...state, name: "other" }), {
        action_reason: "replace_because_cannot_update",
      }),
    ],
  );
  expect([reported([renamed], false).code, textsOf(renamed, judge(renamed), now).apply]).toEqual([
    3,
    "Creates a new one; takes about as long as pulling its image. The old one stays at Daytona, unmanaged.",
  ]);
  const same = onlyOf([], [change(A, actions, state, planned(state))]);
  expect(textsOf(same, judge(same), now)).toEqual({
    summary: "The plan replaces it without deleting the old one.",
    consequence: "",
    apply:
      "Creates a new one; takes about as long as pulling its image. The old one stays at Daytona, unmanaged. It keeps the name, so delete or rename it first.",
  });
  const beside = onlyOf([drifted(A, state, idle)], [change(A, actions, idle, planned(state))]);
  expect([reported([beside], false).code, reported([beside], true).code]).toEqual([2, 3]);
});

test("actions that no release knows yet are named", () => {
  const one = onlyOf([drifted(A, state, idle)], [change(A, ["freeze", "create"], idle, planned(state))]);
  expect(textsOf(one, judge(one), now)).toMatchObject({
    summary: expect.stringContaining(
      "The plan has an unapplied action for it that this release of daytona-iac does not know (freeze, create).",
    ) as string,
    apply: "Unknown to this release of daytona-iac. Read the plan before you apply it.",
  });
  expect(reported([one], true).code).toBe(3);
});

test("an import says what the apply does to a snapshot that differs", () => {
  const importing = { inner: { importing: { id: "x" }, after_unknown: { state: true, id: true } } };
  const differs = onlyOf([], [change(A, ["update"], state, planned({ ...state, cpu: 4 }), importing)]);
  expect(textsOf(differs, judge(differs), now)).toEqual({
    summary: "The configuration imports it and changes cpu, but has not been applied.",
    consequence: "",
    apply: "Imports it. Creates a successor, then replaces it; takes about twice as long as pulling its image.",
  });
  const idleOne = onlyOf([], [change(A, ["update"], idle, planned({ ...state, active: true }), importing)]);
  expect(textsOf(idleOne, judge(idleOne), now).apply).toBe(
    "Imports it. Activates it; takes about as long as pulling its image.",
  );
  const recorded = onlyOf(
    [],
    [
      change(
        A,
        ["update"],
        state,
        { ...state, triggers: { a: "1" } },
        { inner: { importing: { id: "x" }, after_unknown: {} } },
      ),
    ],
  );
  expect(textsOf(recorded, judge(recorded), now).apply).toBe("Only updates the state; takes seconds.");
});

test("a path that is spelled otherwise is a change of the state, not a rebuild", () => {
  const built = { ...state, image: null, image_name: null, dockerfile: "/home/a/app/Dockerfile" };
  const one = onlyOf(
    [],
    [change(A, ["update"], built, { ...built, dockerfile: "/ci/app/Dockerfile" }, { inner: { after_unknown: {} } })],
  );
  expect(textsOf(one, judge(one), now)).toMatchObject({
    summary: "Changed in the configuration but not applied: dockerfile.",
    apply: "Only updates the state; takes seconds.",
  });
});

test.each([
  [
    "error",
    "It has failed (error). The state already contains this.",
    "Deletes the failed snapshot and recreates it; takes about as long as pulling its image.",
  ],
  [
    "removing",
    "It is being deleted. The state already contains this.",
    "Waits until it is deleted, then creates it; takes about as long as pulling its image.",
  ],
])("a refresh that was saved without its repair: %s", (word, summary, apply) => {
  const one = onlyOf([], [change(A, ["update"], { ...state, state: word }, planned(state))]);
  expect(textsOf(one, judge(one), now)).toEqual({ summary, consequence: "", apply });
});

test("modules and instances find their expressions; without a word about the program, what is unknown is the program's", () => {
  const address = 'module.a["x.y]"].module.b[0].daytona_snapshot.agent["k\\"]"]';
  const inner = { ...configuration({ cpu: { references: ["var.n"] } }).root_module };
  const nested = { root_module: { module_calls: { a: { module: { module_calls: { b: { module: inner } } } } } } };
  const at = (configured: unknown, unknown: object) =>
    judge(
      onlyOf(
        [{ ...drifted(address, state, null) }],
        [{ ...change(address, ["create"], null, planned(state), { inner: { after_unknown: unknown } }) }],
        { configuration: configured },
      ),
    ).notApplied;
  expect(at(nested, { ...computed, memory: true })).toEqual([{ attribute: "cpu", from: 1, to: "(known after apply)" }]);
  expect(at(undefined, { cpu: true })).toEqual([{ attribute: "cpu", from: 1, to: "(known after apply)" }]);
  expect(at({ root_module: { resources: [{ ...inner.resources[0], expressions: { memory: {} } }] } }, {})).toBeNull();
  const called = {
    root_module: {
      resources: [{ mode: "managed", type: "daytona_snapshot", name: "agent", expressions: { memory: {} } }],
    },
  };
  expect(
    judge(
      onlyOf(
        [drifted(A, state, null)],
        [change(A, ["create"], null, planned(state), { inner: { after_unknown: computed } })],
        { configuration: called },
      ),
    ).notApplied,
  ).toEqual([{ attribute: "memory", from: 1, to: "(known after apply)" }]);
});

describe("plans that do not compare all of the program", () => {
  const prior = (...names: string[]) => ({
    format_version: "1.0",
    values: {
      root_module: {
        resources: names.map((name) => ({
          address: `daytona_snapshot.${name}`,
          mode: "managed",
          type: "daytona_snapshot",
          name,
          provider_name: "registry.terraform.io/daytona-iac/daytona",
          values: attributes(name),
        })),
      },
    },
  });
  test("-target: what is covered is said", () => {
    const read = readPlan(
      plan([], [change(A, ["no-op"], state, state)], {
        complete: false,
        configuration: configuration(),
        prior_state: prior("agent", "b", "c"),
      }),
      "p",
    );
    expect(read.notes).toEqual([
      "The plan covers part of the state: 1 of 3 snapshots (-target, -exclude). The others were not checked.",
    ]);
    expect(
      readPlan(plan([], [change(A, ["no-op"], state, state)], { complete: false, prior_state: prior("agent") }), "p")
        .notes,
    ).toEqual([expect.stringMatching(/^The plan is not complete: /)]);
  });
  test.each<[string, Record<string, unknown>, RegExp]>([
    [
      "-destroy",
      plan([], [change(A, ["delete"], state, null)], { configuration: configuration(), prior_state: prior("agent") }),
      /^p was created with -destroy\nSuch a plan shows neither drift nor unapplied changes\. Plan without -destroy\.$/,
    ],
    [
      "-refresh-only",
      {
        ...plan([], []),
        resource_changes: undefined,
        configuration: configuration(),
        prior_state: prior("agent"),
        complete: true,
      },
      /^p was created with -refresh-only\nSuch a plan does not compare the configuration, so unapplied changes would be missing\. Plan without -refresh-only\.$/,
    ],
    [
      "-refresh-only, all gone",
      {
        ...plan([drifted(A, state, null)], []),
        resource_changes: undefined,
        configuration: configuration(),
        complete: true,
      },
      /^p was created with -refresh-only\n/,
    ],
    [
      "an older format",
      plan([], [], { format_version: "0.2" }),
      /^p has an older format\nIts format version is 0\.2; daytona-iac reads 1\.x, which Terraform 1\.1 and later and every OpenTofu write\.$/,
    ],
    ["schemas", { format_version: "1.0", provider_schemas: {} }, /^p is not a plan\nIt has no "planned_values"\./],
  ])("%s is an error", (_what, json, message) => expect(() => readPlan(json, "p")).toThrow(message));
  test("a deposed object, and a delete that says why, are of a normal plan", () => {
    const { resources } = readPlan(
      plan(
        [],
        [
          change(A, ["delete"], state, null, { deposed: "abc" }),
          change("daytona_snapshot.b", ["delete"], state, null, { action_reason: "delete_because_no_resource_config" }),
        ],
        { configuration: configuration() },
      ),
      "p",
    );
    expect(reported(resources, false).code).toBe(3);
  });
  test("what Terraform defers to a later plan is not applied", () => {
    const { resources } = readPlan(
      plan([], [], {
        deferred_changes: [
          {
            reason: "provider_config_unknown",
            resource_change: change(A, ["update"], state, planned({ ...state, cpu: 4 })),
          },
        ],
      }),
      "p",
    );
    expect(reported(resources, false)).toMatchObject({
      code: 3,
      one: { programChanges: [{ attribute: "cpu", from: 1, to: 4 }] },
    });
  });
});

describe("no document makes the reader silent", () => {
  const word = fc.oneof(
    fc.constantFrom(
      "no-op",
      "read",
      "create",
      "update",
      "delete",
      "forget",
      "import",
      "defer",
      "constructor",
      "__proto__",
    ),
    fc.string({ maxLength: 8 }),
  );
  const quiet = (actions: unknown): boolean =>
    Array.isArray(actions) && (String(actions) === "no-op" || String(actions) === "read");

  test("whatever the actions are: an error, or not applied", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.array(word, { maxLength: 3 }), fc.jsonValue()),
        fc.constantFrom(state, idle, failed),
        fc.boolean(),
        (actions, seen, ignored) => {
          const one = {
            ...change(A, [], seen, planned(state)),
            change: { actions, before: seen, after: planned(state), after_unknown: {} },
          };
          let resources: FleetResource[];
          try {
            ({ resources } = readPlan(plan(seen === state ? [] : [drifted(A, state, seen)], [one]), "p"));
          } catch (error) {
            return (
              error instanceof FleetError &&
              error.message.includes('"actions" of daytona_snapshot.agent is not a list of actions')
            );
          }
          const { code } = reported(resources, ignored);
          const repaired = seen !== state && String(actions) === "update";
          return quiet(actions) || repaired ? code === (seen === state || ignored ? 0 : 2) : code === 2 || code === 3;
        },
      ),
      { numRuns: 500 },
    );
  });

  test("whatever is missing: an error, never a clean plan", () => {
    const whole = plan([], [change(A, ["update"], state, planned({ ...state, cpu: 4 }))], {
      configuration: configuration(),
    });
    const paths: string[][] = [
      ["format_version"],
      ["resource_changes", "0", "change"],
      ["resource_changes", "0", "change", "actions"],
      ["resource_changes", "0", "address"],
      ["resource_changes", "0", "type"],
      ["resource_changes", "0", "provider_name"],
      ["resource_changes", "0", "mode"],
      ["resource_changes", "0", "change", "after_unknown"],
      ["resource_changes", "0", "change", "before"],
      ["configuration"],
      ["terraform_version"],
    ];
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.oneof(fc.constant(undefined), fc.jsonValue()), (path, value) => {
        const copy = JSON.parse(JSON.stringify(whole)) as Record<string, unknown>;
        const last = path
          .slice(0, -1)
          .reduce<Record<string, unknown>>((at, key) => at[key] as Record<string, unknown>, copy);
        if (value === undefined) delete last[path.at(-1)!];
        else last[path.at(-1)!] = value;
        // A data source, another provider's resource, and nothing to do are things that a document may say.
        if (
          (path.at(-1) === "actions" && quiet(value)) ||
          value === "data" ||
          (["type", "provider_name"].includes(path.at(-1)!) && typeof value === "string")
        )
          return true;
        try {
          return reported(readPlan(copy, "p").resources, true).code === 3;
        } catch (error) {
          return error instanceof FleetError;
        }
      }),
      { numRuns: 300 },
    );
  });
});
