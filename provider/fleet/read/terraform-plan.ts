import type { SnapshotInputs } from "../../snapshot/record";
import { FleetError, type FleetResource, type Others, type PlannedAction, type PlannedChange } from "../resource";
import { isObject, type Json, objects } from "./json";
import { isOurs, knownInputs, recordOf, sensitiveNames } from "./terraform-values";

/** The format of `terraform show -json` that is understood: any minor version of this major one. */
const FORMAT = 1;

/**
 * The snapshots of a plan: output of `terraform show -json PLAN` or `tofu show -json PLAN`. One plan tells drift (`resource_drift`) and what is
 * not applied (`resource_changes`) apart: https://developer.hashicorp.com/terraform/internals/json-format
 * @param what for messages, such as `the plan plan.json`
 * @throws FleetError for a newer format, an errored plan, and one made without a refresh
 */
export function readPlan(plan: Json, what: string): { resources: FleetResource[]; others: Others } {
  const version = plan["format_version"];
  const major = typeof version === "string" ? Number(version.split(".")[0]) : NaN;
  if (!Number.isInteger(major)) throw new FleetError(`${what} is not a plan`, 'It has no "format_version". Write it with `terraform show -json PLAN`, where PLAN is from `terraform plan -out=PLAN`.');
  if (major !== FORMAT) throw new FleetError(`${what} has a newer format`, `Its format version is ${String(version)}; this release of daytona-iac reads ${FORMAT}.x. Update daytona-iac.`);
  if (!isObject(plan["planned_values"]) && plan["resource_changes"] === undefined && plan["resource_drift"] === undefined) throw new FleetError(`${what} is not a plan`, "It is a state. Pass it with `--state`.");
  if (plan["errored"] === true) throw new FleetError(`${what} failed`, "Terraform stopped with errors while it made this plan, so parts of it are missing. Run `terraform plan` to see them.");

  const drifts = new Map<string, Json>();
  let othersDrifted = 0;
  for (const change of objects(plan, "resource_drift", what)) {
    if (isOurs(change)) drifts.set(keyOf(change), change);
    else if (change["mode"] !== "data") othersDrifted += 1;
  }
  const resources: FleetResource[] = [];
  let othersNotApplied = 0;
  for (const change of objects(plan, "resource_changes", what)) {
    if (!isOurs(change)) {
      const planned = plannedOf(change);
      if (change["mode"] !== "data" && planned !== null) othersNotApplied += 1;
      continue;
    }
    const key = keyOf(change);
    const drift = drifts.get(key);
    drifts.delete(key);
    resources.push(resourceOf(change, drift, what));
  }
  for (const drift of drifts.values()) resources.push(resourceOf(null, drift, what));
  return { resources, others: { drifted: othersDrifted, notApplied: othersNotApplied } };
}

/** A deposed object is one of its own. */
function keyOf(change: Json): string {
  return `${String(change["previous_address"] ?? change["address"])} ${String(change["deposed"] ?? "")}`;
}

function resourceOf(change: Json | null, drift: Json | undefined, what: string): FleetResource {
  const source = change ?? drift!;
  const before = partOf(source, "before", what);
  const address = `${String(source["address"])}${typeof source["deposed"] === "string" ? ` (deposed ${source["deposed"]})` : ""}`;
  const state = drift ? partOf(drift, "before", what) : before;
  const seen = drift ? partOf(drift, "after", what) : before;
  const importing = isObject(source["change"]) && isObject(source["change"]["importing"]);
  const record = state === null || importing ? null : recordOf(state);
  return {
    address,
    state: record,
    seen: seen === null ? null : recordOf(seen),
    planned: change === null ? null : plannedOf(change, record),
    sensitive: [change, drift].flatMap((it) => (it ? sensitiveNames(markOf(it, "before_sensitive"), markOf(it, "after_sensitive")) : [])),
  };
}

function plannedOf(change: Json, state: Partial<SnapshotInputs> | null = null): PlannedChange | null {
  const action = actionOf(change);
  if (action === null) return null;
  const after = partOf(change, "after", "the plan");
  const unknown = markOf(change, "after_unknown");
  return { action, inputs: after === null || !isOurs(change) ? {} : knownInputs(after, isObject(unknown) ? unknown : {}), before: state ?? {} };
}

function actionOf(change: Json): PlannedAction | null {
  const inner = isObject(change["change"]) ? change["change"] : {};
  const actions = Array.isArray(inner["actions"]) ? (inner["actions"] as string[]).join(",") : "";
  if (isObject(inner["importing"])) return "import";
  switch (actions) {
    case "create": return "create";
    case "update": return "update";
    case "delete": return "delete";
    case "forget": return "forget";
    case "delete,create": case "create,delete": case "create,forget": return "replace";
    // `no-op` and `read`: but a new address is a change of the state.
    default: return typeof change["previous_address"] === "string" && change["previous_address"] !== change["address"] ? "move" : null;
  }
}

function partOf(change: Json, part: "before" | "after", what: string): Json | null {
  const inner = change["change"];
  if (!isObject(inner)) throw new FleetError(`${what} cannot be read`, `"change" of ${String(change["address"])} is missing.`);
  const value = inner[part] ?? null;
  if (value !== null && !isObject(value)) throw new FleetError(`${what} cannot be read`, `"${part}" of ${String(change["address"])} is not an object.`);
  return value;
}

function markOf(change: Json, name: string): unknown {
  return isObject(change["change"]) ? change["change"][name] : undefined;
}
