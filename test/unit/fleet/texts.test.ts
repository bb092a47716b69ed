import { judge } from "../../../provider/fleet/judge";
import type { FleetResource, PlannedChange } from "../../../provider/fleet/resource";
import { list, type Told, textsOf } from "../../../provider/fleet/texts";
import { record } from "./plan";

const now = Date.parse("2026-11-27T12:00:00Z");
const state = record("agent");
const PULL = "as long as a pull of its image";
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
    "It is in the program, but not created.",
    `Creates it; about ${PULL}.`,
  ],
  [
    "create a build",
    { state: null, seen: null, planned: change({ action: "create", inputs: { dockerfileContent: "FROM a" } }) },
    "It is in the program, but not created.",
    `Creates it; about ${BUILD}.`,
  ],
  [
    "delete",
    { planned: change({ action: "delete" }) },
    "The program has it no more, but it still exists.",
    "Deletes it; less than a minute.",
  ],
  [
    "forget",
    { planned: change({ action: "forget" }) },
    "The program removes it from the state without deleting it.",
    "Changes the state only; seconds.",
  ],
  [
    "move",
    { planned: change({ action: "move" }) },
    "It has another address in the program.",
    "Changes the state only; seconds.",
  ],
  [
    "move and change",
    { planned: change({ moved: true, inputs: { cpu: 4 }, before: { cpu: 1 } }) },
    "The program changes cpu; that is not applied. It has another address in the program.",
    `Creates a successor, then replaces it; about twice ${PULL}.`,
  ],
  [
    "import",
    { planned: change({ action: "import" }) },
    "The program imports it; that is not applied.",
    "Changes the state only; seconds.",
  ],
  [
    "an unknown action without words",
    { planned: change({ action: "other" }) },
    "The plan does something with it that this release of daytona-iac does not know (no action); that is not applied.",
    "Not known to this release of daytona-iac. Read the plan before you apply it.",
  ],
  [
    "replace",
    { planned: change({ action: "replace", inputs: { name: "b" }, before: { name: "agent" } }) },
    "The program changes name; that is not applied.",
    `Deletes it and creates it again; about ${PULL}.`,
  ],
  [
    "a source, told by its hash alone",
    {
      planned: change({
        inputs: { sourceHash: "v1:b", dockerfile: "D" },
        before: { sourceHash: "v1:a", dockerfile: "D" },
      }),
    },
    "The program changes sourceHash; that is not applied.",
    `Creates a successor, then replaces it; about twice ${BUILD}.`,
  ],
  [
    "a source, told by its hash among others",
    {
      planned: change({
        inputs: { sourceHash: "v1:b", image: "b:1", cpu: 4, memory: 2 },
        before: { sourceHash: "v1:a", image: "a:1", cpu: 1, memory: 1 },
      }),
    },
    "The program changes image, cpu and memory; that is not applied.",
    `Creates a successor, then replaces it; about twice ${PULL}.`,
  ],
  [
    "a source that is known, and another that is not",
    { planned: change({ inputs: { image: "b:1" }, before: { image: "a:1", cpu: 1 }, unknown: ["cpu"] }) },
    "The program changes image and cpu; that is not applied.",
    `Creates a successor, then replaces it; about twice ${PULL}.`,
  ],
  [
    "activate",
    {
      state: seen("inactive"),
      seen: seen("inactive"),
      planned: change({ inputs: { active: true }, before: { active: false } }),
    },
    "The program changes active; that is not applied.",
    `Activates it; about ${PULL}.`,
  ],
  [
    "deactivate",
    { planned: change({ inputs: { active: false }, before: { active: true } }) },
    "The program changes active; that is not applied.",
    "Deactivates it; seconds.",
  ],
  [
    "active, known after the apply",
    { planned: change({ unknown: ["active"] }) },
    "The program changes active; that is not applied.",
    `Activates or deactivates it; at most ${PULL}.`,
  ],
  [
    "what is in the state only",
    { planned: change({ inputs: { adoptExisting: true }, before: { adoptExisting: false } }) },
    "The program changes adoptExisting; that is not applied.",
    "Changes the state only; seconds.",
  ],
  [
    "an apply that did not finish",
    { planned: change({}) },
    "An earlier apply did not finish.",
    `Finishes it; at most ${PULL}.`,
  ],
])("%s", (_what, more, summary, apply) => expect(of(more)).toMatchObject({ summary, apply }));

test.each<[string, Partial<FleetResource>, Told]>([
  [
    "gone",
    { seen: null, planned: change({ action: "create" }) },
    {
      summary: "It was deleted outside of the tool.",
      consequence: "Sandboxes cannot start from it.",
      apply: `Creates it; about ${PULL}.`,
    },
  ],
  [
    "idle",
    { seen: seen("inactive"), planned: change({}) },
    {
      summary: "It is inactive: unused for two weeks, or deactivated by somebody.",
      consequence: "Sandboxes cannot start from it until it is active.",
      apply: `Activates it; about ${PULL}.`,
    },
  ],
  [
    "awake",
    { state: seen("inactive"), seen: state, planned: change({}) },
    {
      summary: "It is active, although it should not be: somebody activated it.",
      consequence: "It counts toward the quota of active snapshots.",
      apply: "Deactivates it; seconds.",
    },
  ],
  [
    "failed",
    { seen: seen("build_failed", { errorReason: " no space. " }), planned: change({}) },
    {
      summary: "It has failed (build_failed): no space.",
      consequence: "Sandboxes cannot start from it.",
      apply: `Deletes the failed snapshot and creates it again; about ${PULL}.`,
    },
  ],
  [
    "failed without a reason",
    { seen: seen("error"), planned: change({}) },
    {
      summary: "It has failed (error).",
      consequence: "Sandboxes cannot start from it.",
      apply: `Deletes the failed snapshot and creates it again; about ${PULL}.`,
    },
  ],
  [
    "leaving",
    { seen: seen("removing"), planned: change({}) },
    {
      summary: "Somebody is deleting it.",
      consequence: "Sandboxes cannot start from it.",
      apply: `Waits until it is gone, then creates it; about ${PULL}.`,
    },
  ],
  [
    "settling",
    { seen: seen("building"), planned: change({}) },
    {
      summary: "It is being made again (building).",
      consequence: "Sandboxes cannot start from it until it is active.",
      apply: `Waits until it is active; at most ${PULL}.`,
    },
  ],
  [
    "unfinished",
    { unfinishedSwap: true, planned: change({}) },
    {
      summary: "A replacement was interrupted: its successor exists, but does not have the name yet.",
      consequence: "Sandboxes may not find it by its name until the replacement is finished.",
      apply: `Finishes the replacement; about ${PULL}.`,
    },
  ],
  [
    "changed",
    { seen: seen("active", { cpu: 8 }), planned: change({}) },
    {
      summary: "Its attributes changed outside of the tool.",
      consequence: "New sandboxes start with other values than the program says.",
      apply: `Creates a successor, then replaces it; about twice ${PULL}.`,
    },
  ],
  [
    "changed, which the program ignores",
    { seen: seen("active", { cpu: 8 }) },
    {
      summary: "Its attributes changed outside of the tool.",
      consequence: "New sandboxes start with other values than the program says.",
      apply: "An apply changes nothing: the program ignores the difference, or already has the new value.",
    },
  ],
])("drift: %s", (_what, more, expected) => expect(of(more)).toEqual(expected));

test("drift of a state without a program: what an apply does depends on it", () => {
  expect(of({ seen: seen("active", { cpu: 8 }) }, false)).toEqual({
    summary: "Its attributes changed outside of the tool.",
    consequence: "New sandboxes start with other values than the program says.",
    apply: `Replaces it where the program sets these attributes; about twice ${PULL}.`,
  });
});

test("a stranger that has the name: an apply fails or adopts, and says which", () => {
  const holder = { id: "u9" };
  const create = (adoptExisting: boolean): PlannedChange =>
    change({ action: "create", inputs: { name: "agent", adoptExisting } });
  const fails = "Fails: the name is taken. Import the snapshot that has it, delete it, or choose another name.";
  const adopts = "Adopts the snapshot that has the name, if it is the same; otherwise it fails.";
  expect(of({ state: null, seen: null, holder, planned: create(false) })).toEqual({
    summary:
      "It is in the program, but not created: another snapshot (u9), which is in none of these states, has its name.",
    consequence: "Sandboxes cannot start from it yet.",
    apply: fails,
  });
  expect(of({ state: null, seen: null, holder, planned: create(true) }).apply).toBe(adopts);
  expect(
    of({ state: null, seen: null, holder, planned: change({ action: "create", inputs: { name: "agent" } }) }).apply,
  ).toBe(fails);
  expect(of({ seen: null, holder }, false)).toMatchObject({
    summary:
      "It was deleted outside of the tool. Another snapshot (u9), which is in none of these states, has its name now.",
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
