import type { Value } from "../tool/values";
import { same } from "../tool/values";
import type { Attribute } from "../kit/attribute";
import { snapshotTable } from "../resources/snapshot/attributes";
import { classify } from "../resources/snapshot/states";
import type { SnapshotInputs } from "../resources/snapshot/record";
import { followedTag } from "./moved-tags";
import type { FleetResource, PlannedChange } from "./resource";

/** What happened to a snapshot outside of the tool. */
export type Happened = "gone" | "idle" | "awake" | "failed" | "leaving" | "settling" | "unfinished-swap" | "changed";

/** One attribute that differs. Values are as JSON has them; a sensitive one is `(sensitive)`. */
export interface AttributeChange {
  /** camelCase, as in the resource model. */
  readonly attribute: string;
  readonly from: unknown;
  readonly to: unknown;
}

export interface Judgement {
  /** Empty: no drift. From the state to the API. */
  readonly drift: readonly AttributeChange[];
  /** null: no drift. */
  readonly happened: Happened | null;
  /** null: all is applied. From the state to the program; an import, a move or a delete has none. */
  readonly notApplied: readonly AttributeChange[] | null;
}

/** In place of a value that must not be printed. */
export const SENSITIVE = "(sensitive)";
/** In place of a value that only the apply knows. */
export const AFTER_APPLY = "(known after apply)";

/** Outputs that tell the value of an input. */
const TELLS: Readonly<Record<string, readonly string[]>> = {
  image: ["imageName", "imageDigest", "ref"],
  localImage: ["imageName", "ref"],
};

const inputs: readonly Attribute[] = snapshotTable.inputs;
const all: readonly Attribute[] = [...inputs, ...snapshotTable.outputs];
const imageDigest = all.find(({ name }) => name === "imageDigest")!;
const sourceHash = all.find(({ name }) => name === "sourceHash")!;
/** What says where a source is, so that another hash of it needs no words. */
const SOURCES: ReadonlySet<string> = new Set(
  snapshotTable.inputs.filter((row) => "own" in row && row.own === "source").map(({ name }) => name),
);
/** What an apply brings back. Of the outputs, the others only follow: no plan changes anything because of them. */
const REPAIRED: ReadonlySet<string> = new Set([...inputs.map(({ name }) => name), "id", "state"]);

/**
 * Tells drift (the API differs from the state) from what is not applied (the program differs from the state). One snapshot can have both. A
 * change that an apply makes only to bring a snapshot back to its state is repair, and counts as drift alone.
 */
export function judge(resource: FleetResource): Judgement {
  const { state, seen } = resource;
  if (state === null) return { drift: [], happened: null, notApplied: pending(resource, []) };
  const drift =
    seen === null ? [{ attribute: "id", from: state.id, to: null }] : changes(all, state, seen, resource.sensitive);
  const notApplied = pending(
    resource,
    drift.map(({ attribute }) => attribute),
  );
  if (resource.unfinishedSwap === true && drift.length === 0)
    drift.push({ attribute: "state", from: state.state, to: seen?.state ?? null });
  return { drift, happened: drift.length === 0 ? null : happened(resource), notApplied };
}

/** Whether there is anything to say of a resource. */
export function hasNews(resource: FleetResource): boolean {
  const { happened: what, notApplied } = judge(resource);
  return what !== null || notApplied !== null;
}

/** Whether all that has changed is a state that this release does not know: what it means for sandboxes, and what comes of it, nobody here can tell. */
export function isInUnknownState({ state, seen, sensitive }: FleetResource): boolean {
  return (
    state !== null &&
    seen !== null &&
    classify(seen.state) === "unknown" &&
    changes(all, state, seen, sensitive).every(({ attribute }) => attribute === "state")
  );
}

function happened({ state, seen, unfinishedSwap }: FleetResource): Happened {
  if (seen === null || state === null) return "gone";
  if (unfinishedSwap === true || (state.id !== "" && seen.id !== state.id)) return "unfinished-swap";
  const phase = classify(seen.state);
  if (phase === "failed") return "failed";
  if (phase === "leaving") return "leaving";
  if (phase === "settling") return "settling";
  if (state.active !== seen.active) return seen.active === true ? "awake" : "idle";
  return "changed";
}

/** @param drifted attributes that differ from the state */
function pending(resource: FleetResource, drifted: readonly string[]): AttributeChange[] | null {
  const { planned, state, seen } = resource;
  if (planned === undefined || planned === null) return null;
  const { action, inputs: wanted, before, unknown = [] } = planned;
  if (
    (state === null && action !== "import") ||
    action === "delete" ||
    action === "forget" ||
    action === "move" ||
    action === "other"
  )
    return [];
  const known = inputs.filter(
    ({ name }) => Object.hasOwn(wanted, name) && !unknown.includes(name as keyof SnapshotInputs),
  );
  // What the plan takes over from the API is not of the program: a computed attribute keeps the value that the refresh found.
  const found = (action === "import" ? null : seen) as Record<string, Value> | null;
  const differing = changes(known, before, wanted, resource.sensitive).filter(
    ({ attribute }) => found === null || !same(found[attribute], (wanted as Record<string, Value>)[attribute]),
  );
  const later = inputs
    .filter(({ name }) => unknown.includes(name as keyof SnapshotInputs))
    .map((attribute) => ({
      attribute: attribute.name,
      from: shown(attribute, (before as Record<string, Value>)[attribute.name], resource.sensitive),
      to: AFTER_APPLY,
    }));
  const tag = followedTag(state, planned);
  const followed =
    tag === null ? [] : changes([imageDigest], { imageDigest: tag.from }, { imageDigest: tag.to }, resource.sensitive);
  const own = [...differing, ...later, ...followed, ...computedHash(resource, differing)];
  if (own.length > 0) return own;
  return isRepair(
    resource,
    planned,
    drifted.filter((name) => REPAIRED.has(name)),
  )
    ? null
    : [];
}

/** The source hash that the plan computes, where no input tells of another source: the files differ. */
function computedHash(
  { state, planned, sensitive }: FleetResource,
  differing: readonly AttributeChange[],
): AttributeChange[] {
  const before = state?.sourceHash ?? null;
  const now = planned?.sourceHash;
  if (before === null || now === undefined || differing.some(({ attribute }) => SOURCES.has(attribute))) return [];
  return changes([sourceHash], { sourceHash: before }, { sourceHash: now }, sensitive);
}

/** Whether a change without a difference in the program only brings a snapshot back to its state. What drift does not explain is a change that the plan alone knows of. */
function isRepair(
  resource: FleetResource,
  { action, forcedBy = null, replaceBy = [], moved = false }: PlannedChange,
  drifted: readonly string[],
): boolean {
  const { state, seen, unfinishedSwap } = resource;
  if (state === null || forcedBy !== null || moved) return false;
  if (seen === null) return action === "create";
  if (action === "replace") return replaceBy.length > 0 && replaceBy.every((name) => drifted.includes(name));
  return action === "update" && (unfinishedSwap === true || drifted.length > 0);
}

function changes(
  table: readonly Attribute[],
  from: object,
  to: object,
  sensitive: readonly string[],
): AttributeChange[] {
  const [before, after] = [from, to] as [Record<string, Value>, Record<string, Value>];
  const found: AttributeChange[] = [];
  for (const attribute of table) {
    const { name } = attribute;
    const old = before[name];
    const next = after[name];
    if (!same(old, next))
      found.push({ attribute: name, from: shown(attribute, old, sensitive), to: shown(attribute, next, sensitive) });
  }
  return found;
}

function shown(
  { name, sensitive: hidden }: Attribute,
  value: Value | undefined,
  sensitive: readonly string[],
): unknown {
  return value === null || value === undefined
    ? null
    : hidden === true || sensitive.some((of) => of === name || TELLS[of]?.includes(name) === true)
      ? SENSITIVE
      : value;
}
