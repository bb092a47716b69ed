import { judge } from "../../../provider/fleet/judge";
import type { FleetResource, PlannedChange } from "../../../provider/fleet/resource";
import { list, type Told, textsOf } from "../../../provider/fleet/texts";
import { record } from "./plan";

const now = Date.parse("2026-11-27T12:00:00Z");
const state = record("agent");
const PULL = "as long as pulling its image";
const BUILD = "as long as its build";
/** @param compared whether there is a program to compare with, as there is none beside a state alone */
function of(more: Partial<FleetResource>, compared = true): Told {
  const resource: FleetResource = {
    address: "daytona_snapshot.agent",
    state,
    seen: state,
    sensitive: [],
    ...(compared ? { planned: null } : {}),
    ...more,
  };
  return textsOf(resource, judge(resource), now);
}
const change = (more: Partial<PlannedChange>): PlannedChange => ({ action: "update", inputs: {}, before: {}, ...more });
const seen = (word: string, more: Partial<typeof state> = {}): typeof state => ({
  ...state,
  state: word,
  active: word === "active",
  ...more,
});

test.each<[string, Partial<FleetResource>, string, string]>([
  [
    "create",
    { state: null, seen: null, planned: change({ action: "create" }) },
    "It is in the configuration, but has not been created.",
    `Creates it; takes about ${PULL}.`,
  ],
  [
    "create a build",
    { state: null, seen: null, planned: change({ action: "create", inputs: { dockerfileContent: "FROM a" } }) },
    "It is in the configuration, but has not been created.",
    `Creates it; takes about ${BUILD}.`,
  ],
  [
    "delete",
    { planned: change({ action: "delete" }) },
    "It was removed from the configuration, but still exists.",
    "Deletes it; takes less than a minute.",
  ],
  [
    "forget",
    { planned: change({ action: "forget" }) },
    "The configuration removes it from the state without deleting it.",
    "Only updates the state; takes seconds.",
  ],
  [
    "move",
    { planned: change({ action: "move" }) },
    "Its address in the configuration has changed.",
    "Only updates the state; takes seconds.",
  ],
  [
    "move and change",
    { planned: change({ moved: true, inputs: { cpu: 4 }, before: { cpu: 1 } }) },
    "Changed in the configuration but not applied: cpu. Its address in the configuration has changed.",
    `Creates a successor, then replaces it; takes about twice ${PULL}.`,
  ],
  [
    "import",
    { planned: change({ action: "import" }) },
    "The configuration imports it, but has not been applied.",
    "Only updates the state; takes seconds.",
  ],
  [
    "an unknown action without words",
    { planned: change({ action: "other" }) },
    "The plan has an unapplied action for it that this release of daytona-iac does not know (no action).",
    "Unknown to this release of daytona-iac. Read the plan before you apply it.",
  ],
  [
    "replace",
    { planned: change({ action: "replace", inputs: { name: "b" }, before: { name: "agent" } }) },
    "Changed in the configuration but not applied: name.",
    `Deletes and recreates it; takes about ${PULL}.`,
  ],
  [
    "a source, told by its hash alone",
    {
      planned: change({
        inputs: { sourceHash: "v1:b", dockerfile: "D" },
        before: { sourceHash: "v1:a", dockerfile: "D" },
      }),
    },
    "Changed in the configuration but not applied: sourceHash.",
    `Creates a successor, then replaces it; takes about twice ${BUILD}.`,
  ],
  [
    "a source, told by its hash among others",
    {
      planned: change({
        inputs: { sourceHash: "v1:b", image: "b:1", cpu: 4, memory: 2 },
        before: { sourceHash: "v1:a", image: "a:1", cpu: 1, memory: 1 },
      }),
    },
    "Changed in the configuration but not applied: image, cpu and memory.",
    `Creates a successor, then replaces it; takes about twice ${PULL}.`,
  ],
  [
    "a source that is known, and another that is not",
    { planned: change({ inputs: { image: "b:1" }, before: { image: "a:1", cpu: 1 }, unknown: ["cpu"] }) },
    "Changed in the configuration but not applied: image and cpu.",
    `Creates a successor, then replaces it; takes about twice ${PULL}.`,
  ],
  [
    "activate",
    {
      state: seen("inactive"),
      seen: seen("inactive"),
      planned: change({ inputs: { active: true }, before: { active: false } }),
    },
    "Changed in the configuration but not applied: active.",
    `Activates it; takes about ${PULL}.`,
  ],
  [
    "deactivate",
    { planned: change({ inputs: { active: false }, before: { active: true } }) },
    "Changed in the configuration but not applied: active.",
    "Deactivates it; takes seconds.",
  ],
  [
    "active, known after the apply",
    { planned: change({ unknown: ["active"] }) },
    "Changed in the configuration but not applied: active.",
    `Activates or deactivates it; takes at most ${PULL}.`,
  ],
  [
    "what is in the state only",
    { planned: change({ inputs: { adoptExisting: true }, before: { adoptExisting: false } }) },
    "Changed in the configuration but not applied: adoptExisting.",
    "Only updates the state; takes seconds.",
  ],
  [
    "an apply that did not finish",
    { planned: change({}) },
    "An earlier apply did not finish.",
    `Finishes it; takes at most ${PULL}.`,
  ],
])("%s", (_what, more, summary, apply) => expect(of(more)).toMatchObject({ summary, apply }));

test.each<[string, Partial<FleetResource>, Told]>([
  [
    "gone",
    { seen: null, planned: change({ action: "create" }) },
    {
      summary: "It was deleted outside of Terraform.",
      consequence: "No sandbox can be created from it.",
      apply: `Creates it; takes about ${PULL}.`,
    },
  ],
  [
    "idle",
    { seen: seen("inactive"), planned: change({}) },
    {
      summary: "It is inactive: it was unused for two weeks, or was deactivated manually.",
      consequence: "No sandbox can be created from it until it is active.",
      apply: `Activates it; takes about ${PULL}.`,
    },
  ],
  [
    "awake",
    { state: seen("inactive"), seen: state, planned: change({}) },
    {
      summary: "It is active, although it should not be: it was activated outside of Terraform.",
      consequence: "It counts toward the quota of active snapshots.",
      apply: "Deactivates it; takes seconds.",
    },
  ],
  [
    "failed",
    { seen: seen("build_failed", { errorReason: " no space. " }), planned: change({}) },
    {
      summary: "It has failed (build_failed): no space.",
      consequence: "No sandbox can be created from it.",
      apply: `Deletes the failed snapshot and recreates it; takes about ${PULL}.`,
    },
  ],
  [
    "failed without a reason",
    { seen: seen("error"), planned: change({}) },
    {
      summary: "It has failed (error).",
      consequence: "No sandbox can be created from it.",
      apply: `Deletes the failed snapshot and recreates it; takes about ${PULL}.`,
    },
  ],
  [
    "leaving",
    { seen: seen("removing"), planned: change({}) },
    {
      summary: "It is being deleted outside of Terraform.",
      consequence: "No sandbox can be created from it.",
      apply: `Waits until it is deleted, then creates it; takes about ${PULL}.`,
    },
  ],
  [
    "settling",
    { seen: seen("building"), planned: change({}) },
    {
      summary: "It is being recreated (building).",
      consequence: "No sandbox can be created from it until it is active.",
      apply: `Waits until it is active; takes at most ${PULL}.`,
    },
  ],
  [
    "unfinished",
    { unfinishedSwap: true, planned: change({}) },
    {
      summary: "A replacement was interrupted: the successor exists, but does not have the name yet.",
      consequence: "Creating a sandbox by its name may fail until the replacement is finished.",
      apply: `Finishes the replacement; takes about ${PULL}.`,
    },
  ],
  [
    "changed",
    { seen: seen("active", { cpu: 8 }), planned: change({}) },
    {
      summary: "Its attributes changed outside of Terraform.",
      consequence: "New sandboxes start with values that differ from the configured ones.",
      apply: `Creates a successor, then replaces it; takes about twice ${PULL}.`,
    },
  ],
  [
    "changed, which the program ignores",
    { seen: seen("active", { cpu: 8 }) },
    {
      summary: "Its attributes changed outside of Terraform.",
      consequence: "New sandboxes start with values that differ from the configured ones.",
      apply: `An apply changes nothing: the configuration ignores the difference, or already has the new value.`,
    },
  ],
])("drift: %s", (_what, more, expected) => expect(of(more)).toEqual(expected));

test("drift of a state without a program: what an apply does depends on it", () => {
  expect(of({ seen: seen("active", { cpu: 8 }) }, false)).toEqual({
    summary: "Its attributes changed outside of Terraform.",
    consequence: "New sandboxes start with values that differ from the configured ones.",
    apply: `Replaces it if these attributes are configured; takes about twice ${PULL}.`,
  });
});

test("a stranger that has the name: an apply fails or adopts, and says which", () => {
  const holder = { id: "u9" };
  const create = (adoptExisting: boolean): PlannedChange =>
    change({ action: "create", inputs: { name: "agent", adoptExisting } });
  const fails = "Fails: the name is taken. Import the snapshot that has it, delete it, or choose another name.";
  const adopts = "Adopts the snapshot that has the name if it matches; otherwise, fails.";
  expect(of({ state: null, seen: null, holder, planned: create(false) })).toEqual({
    summary: "It is in the configuration, but has not been created: an unmanaged snapshot (u9) has its name.",
    consequence: "No sandbox can be created from it yet.",
    apply: fails,
  });
  expect(of({ state: null, seen: null, holder, planned: create(true) }).apply).toBe(adopts);
  expect(
    of({ state: null, seen: null, holder, planned: change({ action: "create", inputs: { name: "agent" } }) }).apply,
  ).toBe(fails);
  expect(of({ seen: null, holder }, false)).toMatchObject({
    summary: "It was deleted outside of Terraform. An unmanaged snapshot (u9) now has its name.",
    apply: fails,
  });
  expect(of({ state: { ...state, adoptExisting: true }, seen: null, holder }, false).apply).toBe(adopts);
  expect(
    of({
      holder,
      planned: change({ action: "replace", inputs: { name: "b", adoptExisting: true }, before: { name: "agent" } }),
    }).apply,
  ).toBe("Fails: the new name is taken. Choose another one, or delete the snapshot that has it.");
});

test("items of a list", () =>
  expect([list([]), list(["a"]), list(["a", "b"]), list(["a", "b", "c"])]).toEqual(["", "a", "a and b", "a, b and c"]));
