import { FleetError } from "../resource";
import { Collected } from "./collected";
import { isObject, type Json, objects } from "./json";
import type { StateDocument } from "./managed";
import { addValues, checkFormat } from "./terraform-state";
import { sensitiveNames } from "./terraform-values";

/**
 * The state that a plan in JSON was made from: its `prior_state`, without what the refresh of this plan found (`resource_drift`), and the snapshots
 * that it creates.
 * @throws FleetError for a plan that stopped with errors
 */
export function readPlannedState(plan: Json, what: string): StateDocument {
  checkFormat(plan, what);
  if (plan["errored"] === true)
    throw new FleetError(
      `${what} failed`,
      "It is a plan, and Terraform stopped with errors while creating it, so parts of it are missing. Run `terraform plan` to see them.",
    );
  const all = new Collected(what);
  const prior = plan["prior_state"] ?? {};
  if (!isObject(prior)) throw new FleetError(`${what} cannot be read`, '"prior_state" is not an object.');
  addValues(all, prior["values"] ?? {}, what);
  for (const key of ["resource_drift", "resource_changes"] as const) {
    for (const change of objects(plan, key, what)) {
      const { address, type, mode, deposed, provider_name: provider } = change;
      const inner = change["change"];
      if (typeof type !== "string" || !isObject(inner))
        throw new FleetError(`${what} cannot be read`, `"${key}" has ${String(address)} without a type or a change.`);
      const full = `${String(address)}${typeof deposed === "string" ? ` (deposed ${deposed})` : ""}`;
      // An object to import is not in the state yet. What is in the state, the plan has as it is after the refresh.
      if (!isObject(inner["before"]) || (key === "resource_changes" && (isObject(inner["importing"]) || all.has(full))))
        continue;
      all.add(
        {
          address: full,
          type,
          data: mode === "data",
          provider: typeof provider === "string" ? provider : null,
          values: inner["before"],
          sensitive: sensitiveNames(inner["before_sensitive"]),
        },
        change,
      );
    }
  }
  return all.document(plan);
}
