import { FleetError } from "../resource";
import { isObject, type Json, objects } from "./json";
import { PlanReader, type ReadPlan } from "./plan-reader";

/** The format of `terraform show -json` that is understood: any minor version of this major one. */
const FORMAT = 1;

/**
 * The snapshots of a plan: output of `terraform show -json PLAN` or `tofu show -json PLAN`. One plan tells drift (`resource_drift`) and what is
 * not applied (`resource_changes`) apart: https://developer.hashicorp.com/terraform/internals/json-format
 * @param what for messages, such as `the plan plan.json`
 * @throws FleetError for another format, an errored plan, and one that does not compare the program: of `-destroy`, of `-refresh-only`
 */
export function readPlan(plan: Json, what: string): ReadPlan {
  return readRest(plan, new PlanReader(what), what);
}

/**
 * The same for a plan of which the reader has seen a part already.
 * @param plan what is left of it: lists and modules without the entries that were seen
 * @throws FleetError
 */
export function readRest(plan: Json, reader: PlanReader, what: string): ReadPlan {
  mustBePlan(plan, what);
  objects(plan, "resource_drift", what).forEach((change) => reader.drift(change));
  objects(plan, "resource_changes", what).forEach((change) => reader.change(change));
  // What Terraform puts off to a later plan is not applied either.
  objects(plan, "deferred_changes", what)
    .map(({ resource_change: change }) => change)
    .filter(isObject)
    .forEach((change) => reader.deferred(change));
  return reader.end(plan);
}

/** @throws FleetError */
function mustBePlan(plan: Json, what: string): void {
  const version = plan["format_version"];
  const major = typeof version === "string" ? Number(version.split(".")[0]) : NaN;
  if (!Number.isInteger(major))
    throw new FleetError(
      `${what} is not a plan`,
      'It has no "format_version". Write it with `terraform show -json PLAN`, where PLAN is from `terraform plan -out=PLAN`.',
    );
  if (major > FORMAT)
    throw new FleetError(
      `${what} has a newer format`,
      `Its format version is ${String(version)}; this release of daytona-iac reads ${FORMAT}.x. Update daytona-iac.`,
    );
  if (major < FORMAT)
    throw new FleetError(
      `${what} has an older format`,
      `Its format version is ${String(version)}; daytona-iac reads ${FORMAT}.x, which Terraform 1.1 and later and every OpenTofu write.`,
    );
  if (
    !isObject(plan["planned_values"]) &&
    plan["resource_changes"] === undefined &&
    plan["resource_drift"] === undefined
  ) {
    const state =
      plan["values"] !== undefined ||
      Object.keys(plan).every((key) => key === "format_version" || key === "terraform_version");
    throw new FleetError(
      `${what} is not a plan`,
      state
        ? "It is a state. Pass it with `--state`."
        : 'It has no "planned_values". Write it with `terraform show -json PLAN`.',
    );
  }
  if (plan["errored"] === true)
    throw new FleetError(
      `${what} failed`,
      "Terraform stopped with errors while creating this plan, so parts of it are missing. Run `terraform plan` to see them.",
    );
}
