import { isObject, type Json } from "./json";
import { type InnerShape, keep, leaveOut, LEFT_OUT, type Read, readJson, type Shape, type Take } from "./json-stream";
import { PlanReader, type ReadPlan } from "./plan-reader";
import { Similar } from "./similar";
import { readRest } from "./terraform-plan";

/**
 * The snapshots of a plan that is read in pieces, so that no more of it is in memory than one resource and what is found.
 * @param read its bytes, in UTF-8 without a mark
 * @param what for messages, such as `the plan plan.json`
 * @throws FleetError as `readPlan`; any other error for what is not a plan, or not read in pieces: read it whole, which has a sentence for it
 */
export function readPlanInPieces(read: Read, what: string): ReadPlan {
  const reader = new PlanReader(what);
  const rest = readJson(read, planOf(reader));
  if (!isObject(rest)) throw new TypeError("not an object");
  return readRest(rest, reader, what);
}

/** What nothing is asked of. Whether it is there can tell what a document is. */
const ANYTHING: Shape = { members: () => leaveOut };
const LIST: Shape = { items: leaveOut };

function planOf(reader: PlanReader): Shape {
  const shapes: Readonly<Record<string, Shape>> = {
    resource_drift: { items: changes((change) => reader.drift(change)) },
    resource_changes: { items: changes((change) => reader.change(change)) },
    prior_state: object({ values: object({ root_module: module(resources((resource) => reader.inState(resource))) }) }),
    configuration: object({ root_module: CONFIGURATION }),
    planned_values: object({ root_module: module(resources(() => undefined)) }),
    output_changes: ANYTHING,
    relevant_attributes: LIST,
    checks: LIST,
  };
  return { members: (key) => (Object.hasOwn(shapes, key) ? shapes[key]! : keep) };
}

/** An object of which only these members are kept. */
function object(members: Readonly<Record<string, Shape>>): Shape {
  return { members: (key) => (Object.hasOwn(members, key) ? members[key]! : leaveOut) };
}

/** The entries of a list of changes: what a fleet's snapshots are differs in little. */
function changes(take: (change: Json) => void): Shape {
  const change: InnerShape = {
    ...similar(),
    inner: {
      before: similar(),
      after: similar(),
      after_unknown: similar(),
      before_sensitive: similar(),
      after_sensitive: similar(),
    },
  };
  return { ...similar(), inner: { change }, take: each(take) };
}

/** The resources of a module of a state. */
function resources(take: (resource: Json) => void): Shape {
  return { ...similar(), inner: { values: similar(), sensitive_values: similar() }, take: each(take) };
}

function similar(): InnerShape {
  return { similar: new Similar() };
}

/** A module of a state, and its children. */
function module(items: Shape): Shape {
  const shape: Shape = object({
    resources: { items },
    child_modules: {
      get items(): Shape {
        return shape;
      },
    },
  });
  return shape;
}

/** Of a program's module, what `programOf` asks for. */
const CONFIGURATION: Shape = object({
  resources: {
    items: each((resource) => (resource["type"] === "daytona_snapshot" ? resource : { mode: resource["mode"] })),
  },
  module_calls: {
    members: () =>
      object({
        get module(): Shape {
          return CONFIGURATION;
        },
      }),
  },
});

/** Takes objects one by one. @throws TypeError for everything else */
function each(take: (it: Json) => Json | void): Take {
  return (item) => {
    if (!isObject(item)) throw new TypeError("not an object");
    return take(item) ?? LEFT_OUT;
  };
}
