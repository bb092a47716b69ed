import { FleetError } from "../resource";
import type { SnapshotRecord } from "../../snapshot/record";
import { isObject, type Json, objects } from "./json";
import { isOurs, recordOf } from "./terraform-values";

/** A snapshot as a state has it. */
export interface KnownSnapshot {
  readonly address: string;
  readonly record: SnapshotRecord;
}

/**
 * The snapshots of a Terraform or OpenTofu state: the state itself (`terraform state pull`, version 4), or `terraform show -json`. A plan in JSON
 * has a state, too: the one before the refresh.
 * @param what for messages @throws FleetError
 */
export function readTerraformState(state: Json, what: string): KnownSnapshot[] {
  if (typeof state["version"] === "number" && state["terraform_version"] !== undefined) return rawState(state, what);
  if (state["version"] !== undefined) throw new FleetError(`${what} has a format that is not known`, `Its version is ${JSON.stringify(state["version"])}; this release of daytona-iac reads states of version 4.`);
  if (state["encrypted_data"] !== undefined) throw new FleetError(`${what} is encrypted`, "Decrypt it first: `tofu state pull > state.json` writes a readable state.");
  const version = state["format_version"];
  if (typeof version !== "string") throw new FleetError(`${what} is not a state`, "Expected a Terraform state (`terraform state pull`), the output of `terraform show -json`, or of `pulumi stack export`.");
  if (version.split(".")[0] !== "1") throw new FleetError(`${what} has a newer format`, `Its format version is ${version}; this release of daytona-iac reads 1.x. Update daytona-iac.`);
  // An empty state is shown without values.
  const values = isObject(state["values"]) ? state["values"] : {};
  return isObject(values["root_module"]) ? moduleOf(values["root_module"], what) : [];
}

/** Version 4, as it lies in a backend. */
function rawState(state: Json, what: string): KnownSnapshot[] {
  if (state["version"] !== 4) throw new FleetError(`${what} has a format that is not known`, `Its version is ${String(state["version"])}; this release of daytona-iac reads 4. ${Number(state["version"]) > 4 ? "Update daytona-iac." : "Any command of a current Terraform that writes the state updates it."}`);
  return objects(state, "resources", what).flatMap((resource) => {
    const provider = /\["([^"]+)"\]/.exec(String(resource["provider"]))?.[1];
    if (!isOurs({ ...resource, provider_name: provider })) return [];
    const base = `${typeof resource["module"] === "string" ? `${resource["module"]}.` : ""}${String(resource["type"])}.${String(resource["name"])}`;
    return objects(resource, "instances", what).map((instance): KnownSnapshot => {
      const { index_key: key, attributes, deposed } = instance;
      if (!isObject(attributes)) throw new FleetError(`${what} cannot be read`, `${base} has no attributes.`);
      const address = `${base}${key === undefined ? "" : typeof key === "number" ? `[${key}]` : `[${JSON.stringify(key)}]`}${typeof deposed === "string" ? ` (deposed ${deposed})` : ""}`;
      return { address, record: recordOf(attributes) };
    });
  });
}

function moduleOf(module: Json, what: string): KnownSnapshot[] {
  const own = objects(module, "resources", what).filter(isOurs).map((resource): KnownSnapshot => {
    const { address, values, deposed_key: deposed } = resource;
    if (!isObject(values)) throw new FleetError(`${what} cannot be read`, `${String(address)} has no values.`);
    return { address: `${String(address)}${typeof deposed === "string" ? ` (deposed ${deposed})` : ""}`, record: recordOf(values) };
  });
  return [...own, ...objects(module, "child_modules", what).flatMap((child) => moduleOf(child, what))];
}
