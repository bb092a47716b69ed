import { snakeCase } from "../../kit/attribute";
import { FleetError } from "../resource";
import { Collected } from "./collected";
import { isObject, type Json, objects } from "./json";
import type { StateDocument } from "./managed";
import { attributeNames, providerOf, sensitiveNames } from "./terraform-values";
import { insteadOf } from "./what-is";

/** Version of `terraform state pull`. */
const RAW = 4;
/** Of `terraform show -json`: any minor version of this major one. */
const SHOWN = 1;
/** Keys of a shown state. */
const SHOWN_KEYS = ["format_version", "terraform_version", "values", "checks"];

/** A state as it lies in a backend. @throws FleetError */
export function readRawState(state: Json, what: string): StateDocument {
  const { version } = state;
  if (version !== RAW) {
    const newer = typeof version === "number" && version > RAW;
    const advice = newer
      ? "Update daytona-iac."
      : state["backend"] !== undefined && state["modules"] === undefined
        ? insteadOf(state, "state")
        : "Any command of a current Terraform release that writes the state updates its format.";
    throw new FleetError(
      `${what} has an unknown format`,
      `Its version is ${JSON.stringify(version)}; this release of daytona-iac reads states of version ${RAW}. ${advice}`,
    );
  }
  const all = new Collected(what);
  for (const resource of listOf(state, "resources", what, true)) {
    const { type, name, module, mode } = resource;
    if (typeof type !== "string")
      throw new FleetError(
        `${what} cannot be read`,
        `A resource has no type: ${JSON.stringify(resource).slice(0, 200)}`,
      );
    const base = `${typeof module === "string" ? `${module}.` : ""}${mode === "data" ? "data." : ""}${type}.${String(name)}`;
    const ours = listOf(resource, "instances", `${base} in ${what}`, false).map((instance) => {
      const { index_key: key, attributes, attributes_flat: flat, deposed } = instance;
      const address = `${base}${key === undefined || key === null ? "" : typeof key === "number" ? `[${key}]` : `[${JSON.stringify(key)}]`}${typeof deposed === "string" ? ` (deposed ${deposed})` : ""}`;
      // OpenTofu writes the provider at each instance where it has a for_each.
      const provider = providerOf(instance["provider"]) ?? providerOf(resource["provider"]);
      return all.add(
        {
          address,
          type,
          data: mode === "data",
          provider,
          values: isObject(attributes) ? attributes : isObject(flat) ? flat : null,
          sensitive: sensitiveIn(instance["sensitive_attributes"]),
        },
        instance,
      );
    });
    if (ours.every((it) => it)) all.understand(resource);
  }
  return all.document(state);
}

/** A state as `terraform show -json` writes it; an empty one has no values. @throws FleetError for everything else that has a format version */
export function readShownState(state: Json, what: string): StateDocument {
  checkFormat(state, what);
  const { values } = state;
  const strange = Object.keys(state).find((key) => !SHOWN_KEYS.includes(key));
  if (strange !== undefined && values === undefined)
    throw new FleetError(`${what} is not a state`, insteadOf(state, "state"));
  const all = new Collected(what);
  addValues(all, values ?? {}, what);
  return all.document(state);
}

/** @throws FleetError for another major version */
export function checkFormat(state: Json, what: string): void {
  const version = state["format_version"];
  const major = typeof version === "string" && /^\d+(\.|$)/.test(version) ? Number(version.split(".")[0]) : NaN;
  if (major === SHOWN) return;
  const its = `Its format version is ${typeof version === "string" ? version : JSON.stringify(version)}; this release of daytona-iac reads ${SHOWN}.x.`;
  if (major > SHOWN) throw new FleetError(`${what} has a newer format`, `${its} Update daytona-iac.`);
  if (major < SHOWN)
    throw new FleetError(`${what} has an older format`, `${its} Write it again with Terraform 1.1 or later.`);
  throw new FleetError(`${what} has an unknown format`, its);
}

/** The resources of `values`, of a shown state or of a plan's. @throws FleetError */
export function addValues(all: Collected, values: unknown, what: string): void {
  if (!isObject(values)) throw new FleetError(`${what} cannot be read`, '"values" is not an object.');
  const root = values["root_module"];
  const other = Object.keys(values).find((key) => key !== "outputs" && key !== "root_module");
  if (other !== undefined || (root !== undefined && !isObject(root)))
    throw new FleetError(
      `${what} cannot be read`,
      other === undefined ? '"root_module" is not an object.' : `"${other}" in its values is unknown.`,
    );
  if (isObject(root)) addModule(all, root, what);
}

function addModule(all: Collected, root: Json, what: string): void {
  const modules = [root];
  for (let module = modules.pop(); module !== undefined; module = modules.pop()) {
    for (const resource of objects(module, "resources", what)) {
      const { address, type, mode, values, deposed_key: deposed, provider_name: provider } = resource;
      if (typeof type !== "string") throw new FleetError(`${what} cannot be read`, `${String(address)} has no type.`);
      const full = `${String(address)}${typeof deposed === "string" ? ` (deposed ${deposed})` : ""}`;
      all.add(
        {
          address: full,
          type,
          data: mode === "data",
          provider: typeof provider === "string" ? provider : null,
          values: isObject(values) ? values : null,
          sensitive: sensitiveNames(resource["sensitive_values"]),
        },
        resource,
      );
    }
    modules.push(...objects(module, "child_modules", what).reverse());
  }
}

/** A list that has to be there. @param nullable Go writes null for an empty list @throws FleetError */
function listOf(from: Json, key: string, what: string, nullable: boolean): Json[] {
  if (from[key] === undefined || (from[key] === null && !nullable))
    throw new FleetError(`${what} cannot be read`, `It has no list "${key}".`);
  return objects(from, key, what);
}

/** Attributes that paths such as `[[{type: "get_attr", value: "name"}]]` begin with. */
function sensitiveIn(paths: unknown): string[] {
  const firsts = (Array.isArray(paths) ? (paths as unknown[]) : []).map((path) =>
    Array.isArray(path) && isObject(path[0]) ? path[0]["value"] : null,
  );
  // A path of no steps is the whole object.
  return firsts.includes(null)
    ? [...attributeNames]
    : attributeNames.filter((name) => firsts.includes(snakeCase(name)));
}
