import type { Value } from "../tool/values";
import { same } from "../tool/values";
import { type Attribute, snapshotTable } from "../snapshot/attributes";
import { classify } from "../snapshot/states";
import type { FleetResource } from "./resource";

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

const inputs: readonly Attribute[] = snapshotTable.inputs;
const all: readonly Attribute[] = [...inputs, ...snapshotTable.outputs];

/**
 * Tells drift (the API differs from the state) from what is not applied (the program differs from the state). One snapshot can have both. A
 * change that an apply makes only to bring a snapshot back to its state is repair, and counts as drift alone.
 */
export function judge(resource: FleetResource): Judgement {
  const { state, seen } = resource;
  if (state === null) return { drift: [], happened: null, notApplied: pending(resource) };
  const drift = seen === null ? [{ attribute: "id", from: state.id, to: null }] : changes(all, state, seen, resource.sensitive);
  if (resource.unfinishedSwap === true && drift.length === 0) drift.push({ attribute: "state", from: state.state, to: seen?.state ?? null });
  return { drift, happened: drift.length === 0 ? null : happened(resource), notApplied: pending(resource) };
}

/** Whether there is anything to say of a resource. */
export function hasNews(resource: FleetResource): boolean {
  const { happened: what, notApplied } = judge(resource);
  return what !== null || notApplied !== null;
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

function pending(resource: FleetResource): AttributeChange[] | null {
  const { planned, state, seen } = resource;
  if (planned === undefined || planned === null) return null;
  const { action, inputs: wanted, before } = planned;
  if (state === null || action === "delete" || action === "forget" || action === "import" || action === "move") return [];
  const known = inputs.filter(({ name }) => Object.hasOwn(wanted, name));
  // What the plan takes over from the API is not of the program: a computed attribute keeps the value that the refresh found.
  const found = seen as Record<string, Value> | null;
  const differing = changes(known, before, wanted, resource.sensitive).filter(({ attribute }) => found === null || !same(found[attribute], (wanted as Record<string, Value>)[attribute]));
  if (differing.length > 0) return differing;
  // Without a difference to the state, the change only repairs drift; without drift, it is one that the plan alone knows of.
  const drifted = seen === null || resource.unfinishedSwap === true || changes(all, state, seen, []).length > 0;
  return drifted ? null : [];
}

function changes(table: readonly Attribute[], from: object, to: object, sensitive: readonly string[]): AttributeChange[] {
  const [before, after] = [from, to] as Record<string, Value>[];
  return table
    .filter(({ name }) => !same(before![name], after![name]))
    .map(({ name, sensitive: hidden }) => {
      const secret = hidden === true || sensitive.includes(name);
      const told = (value: Value | undefined): unknown => (value === null || value === undefined ? null : secret ? "(sensitive)" : value);
      return { attribute: name, from: told(before![name]), to: told(after![name]) };
    });
}
