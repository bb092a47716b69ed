import { isDeepStrictEqual } from "node:util";
import { type Attribute, snakeCase } from "../../kit/attribute";
import { snapshotTable } from "../../resources/snapshot/attributes";
import type { SnapshotInputs, SnapshotRecord } from "../../resources/snapshot/record";
import { FleetError, type ForcedBy, type PlannedAction, type PlannedChange } from "../resource";
import { isObject, type Json } from "./json";
import type { Program } from "./terraform-program";
import { hasTrue, knownInputs } from "./terraform-values";

const inputs: readonly Attribute[] = snapshotTable.inputs;
/** Inputs that the program alone sets. */
const OPTIONAL: ReadonlySet<string> = new Set(inputs.filter(({ set }) => set === "optional").map(({ name }) => name));

/** Lists of actions that are understood, joined. `no-op` and `read` are none. */
const ACTIONS: Readonly<Record<string, PlannedAction | null>> = {
  "no-op": null,
  read: null,
  create: "create",
  update: "update",
  delete: "delete",
  forget: "forget",
  "delete,create": "replace",
  "create,delete": "replace",
  "create,forget": "replace-keeping",
  "forget,create": "replace-keeping",
};

const FORCED: Readonly<Record<string, ForcedBy>> = {
  replace_because_tainted: "taint",
  replace_by_request: "request",
  replace_by_triggers: "trigger",
};

/** Whether a change of any resource is more than a look. @throws FleetError */
export function isPlanned(change: Json, what: string): boolean {
  return actionOf(change, what) !== null;
}

/**
 * What a plan does with a snapshot; null: nothing. `unknown` has every input that only the apply knows: `ofProgram` leaves those of the program.
 * @param state what the state has, or what an import found
 * @throws FleetError for a change that cannot be read
 */
export function changeOf(change: Json, state: SnapshotRecord | null, what: string): PlannedChange | null {
  const action = actionOf(change, what);
  if (action === null) return null;
  const after = partOf(change, "after", what);
  const marks = markOf(change, "after_unknown");
  const unknown = isObject(marks) ? marks : {};
  const reason = change["action_reason"];
  const paths = markOf(change, "replace_paths");
  return {
    action,
    inputs: after === null ? {} : knownInputs(after, unknown),
    before: state ?? {},
    ...(typeof after?.["image_digest"] === "string" ? { imageDigest: after["image_digest"] } : {}),
    unknown:
      after === null
        ? []
        : inputs
            .filter(({ name }) => hasTrue(unknown[snakeCase(name)]))
            .map(({ name }) => name as keyof SnapshotInputs),
    forcedBy: (typeof reason === "string" ? FORCED[reason] : undefined) ?? null,
    replaceBy: Array.isArray(paths) ? paths.map((path) => nameOf(Array.isArray(path) ? path[0] : path)) : [],
    moved: previousOf(change) !== null,
    // Whatever the provider does with a snapshot makes its state unknown.
    stateOnly: (action === "update" || action === "import") && isObject(marks) && unknown["state"] !== true,
    marksOnly: isMarksOnly(change, action, what),
    ...(action === "other" ? { called: actionsOf(change, what).join(", ") } : {}),
  };
}

/** Whether an update changes no value, but only which values are sensitive: Terraform stores that, and plans to write it anew when a schema says otherwise. */
function isMarksOnly(change: Json, action: PlannedAction, what: string): boolean {
  return (
    action === "update" &&
    !hasTrue(markOf(change, "after_unknown")) &&
    isDeepStrictEqual(partOf(change, "before", what), partOf(change, "after", what)) &&
    !isDeepStrictEqual(markOf(change, "before_sensitive"), markOf(change, "after_sensitive"))
  );
}

/** The address in the state, where it is another one. */
export function previousOf(change: Json): string | null {
  const previous = change["previous_address"];
  return typeof previous === "string" && previous !== change["address"] ? previous : null;
}

function actionOf(change: Json, what: string): PlannedAction | null {
  const actions = actionsOf(change, what);
  const joined = actions.join(",");
  const found = Object.hasOwn(ACTIONS, joined) ? ACTIONS[joined]! : "other";
  if (found === "other") return found;
  if (isObject(change["change"]) && isObject(change["change"]["importing"]) && (found === null || found === "update"))
    return "import";
  return found ?? (previousOf(change) === null ? null : "move");
}

function actionsOf(change: Json, what: string): string[] {
  const inner = change["change"];
  if (!isObject(inner))
    throw new FleetError(`${what} cannot be read`, `"change" of ${String(change["address"])} is missing.`);
  const { actions } = inner;
  if (!Array.isArray(actions) || actions.length === 0 || !actions.every((action) => typeof action === "string"))
    throw new FleetError(
      `${what} cannot be read`,
      `"actions" of ${String(change["address"])} is not a list of actions.`,
    );
  return actions;
}

/**
 * A change without the unknown inputs that are not of the program: a new snapshot's defaults, which the API sets.
 * @param address of the resource in the program
 */
export function ofProgram(planned: PlannedChange, address: string, program: Program): PlannedChange {
  const { unknown = [] } = planned;
  const left = unknown.filter((name) => {
    // The hash is computed from the source alone. Without a word about the program, it counts as the program's.
    return name === "sourceHash" || OPTIONAL.has(name) || program(address, snakeCase(name)) !== false;
  });
  return left.length === unknown.length ? planned : { ...planned, unknown: left };
}

/** The attribute that the first step of a path names, camelCase. */
function nameOf(step: unknown): string {
  return inputs.find(({ name }) => snakeCase(name) === step)?.name ?? String(step);
}

/** @throws FleetError */
export function partOf(change: Json, part: "before" | "after", what: string): Json | null {
  const inner = change["change"];
  if (!isObject(inner))
    throw new FleetError(`${what} cannot be read`, `"change" of ${String(change["address"])} is missing.`);
  const value = inner[part] ?? null;
  if (value !== null && !isObject(value))
    throw new FleetError(`${what} cannot be read`, `"${part}" of ${String(change["address"])} is not an object.`);
  return value;
}

export function markOf(change: Json, name: string): unknown {
  return isObject(change["change"]) ? change["change"][name] : undefined;
}
