import { FleetError, type FleetResource, type Others } from "../resource";
import { isObject, type Json, parseObject } from "./json";
import type { KnownSnapshot } from "./managed";
import { isQuiet, resourceOf } from "./pulumi-resource";
import { isKnown, nameOf, readExport } from "./pulumi-state";
import { type Steps, stepsOf } from "./pulumi-steps";

/** The snapshots of our provider in `pulumi stack export`. @param what for messages @throws FleetError */
export function readPulumiState(state: Json, what: string): readonly KnownSnapshot[] {
  return readExport(state, what).known;
}

/** What a preview says. */
export interface ReadPreview {
  readonly resources: FleetResource[];
  readonly others: Others;
  /** Name of the stack; undefined: the log does not tell. */
  readonly stack?: string;
  readonly notes?: string[];
}

/**
 * The snapshots of `pulumi preview --refresh --event-log FILE`: its `refresh` steps tell drift, the other steps what is not applied. Found out with
 * CLI 3.260: `preview --json` has the same steps, but shows a refresh with the old values on both sides.
 * @param log one event (`apitype.EngineEvent`) on each line
 * @param what for messages
 * @param partial whether the preview covers a part of the stack (`--target`): then not everything is refreshed
 * @throws FleetError for a preview that failed, was cut off, or has not looked at a snapshot
 */
export function readPreview(log: string, what: string, partial = false): ReadPreview {
  const events = log
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => parseObject(line, what));
  mustHaveSucceeded(events, what);
  const resources: FleetResource[] = [];
  const others = { drifted: 0, notApplied: 0 };
  let unchecked = 0;
  const all = stepsOf(events, what);
  for (const [urn, one] of all) {
    const { any, state, seen } = sidesOf(urn, one, what);
    if (any["custom"] !== true || String(any["type"]).startsWith("pulumi:providers:")) continue;
    if (!isKnown(any)) {
      const news = newsOf(one, state, seen);
      if (news !== null) others[news] += 1;
      continue;
    }
    if (state !== null && one.refresh === undefined) {
      if (!partial)
        throw new FleetError(
          `${what} is not complete`,
          `It did not refresh ${nameOf(urn)}, so the state of this resource is unknown. Run the command again.`,
        );
      unchecked += 1;
      continue;
    }
    resources.push(resourceOf(urn, one, state, seen));
  }
  const stack = [...all.keys()].map((urn) => /^urn:pulumi:(.+?)::/.exec(urn)?.[1]).find((name) => name !== undefined);
  return {
    resources,
    others,
    ...(stack === undefined ? {} : { stack }),
    ...(partial ? { notes: [partNote(resources.length, unchecked)] } : {}),
  };
}

/** A resource before and after the refresh; null: it is not there. */
interface Sides {
  readonly state: Json | null;
  readonly seen: Json | null;
  /** The state, or what the program has. */
  readonly any: Json;
}

/** @throws FleetError */
function sidesOf(urn: string, { refresh, steps }: Steps, what: string): Sides {
  const state = (refresh ?? steps.find(({ old }) => old !== null))?.old ?? null;
  const any = state ?? steps.find((step) => step.new !== null)?.new ?? null;
  if (any === null)
    throw new FleetError(`${what} cannot be read`, `A step of ${urn} has neither an old nor a new state.`);
  return { state, seen: refresh === undefined ? state : refresh.new, any };
}

/** What the preview says of a resource that is none of ours; null: it is as the state and the program say. */
function newsOf({ refresh, steps }: Steps, state: Json | null, seen: Json | null): keyof Others | null {
  if (refresh !== undefined && JSON.stringify(state?.["outputs"]) !== JSON.stringify(seen?.["outputs"]))
    return "drifted";
  return steps.every(({ op }) => isQuiet(op)) ? null : "notApplied";
}

function partNote(checked: number, unchecked: number): string {
  const covered = unchecked > 0 ? `: ${checked} of ${checked + unchecked} snapshots` : "";
  return `The preview covers part of the stack${covered} (--target, --exclude). The others were not checked.`;
}

/** @throws FleetError */
function mustHaveSucceeded(events: readonly Json[], what: string): void {
  const told = events.flatMap(({ diagnosticEvent: it }) =>
    isObject(it) && it["severity"] === "error" ? [String(it["message"]).trim()] : [],
  );
  const errors = [...new Set(told)].filter((text) => text !== "preview failed");
  if (errors.length > 0) throw new FleetError(`${what} failed`, errors.join("\n"));
  const failed = events.map(({ resOpFailedEvent: it }) => it).find(isObject);
  if (failed !== undefined)
    throw new FleetError(
      `${what} failed`,
      `Pulumi could not ${String(isObject(failed["metadata"]) ? failed["metadata"]["op"] : "read")} a resource: ${nameOf(isObject(failed["metadata"]) ? failed["metadata"]["urn"] : "")}.`,
    );
  const summary = events.map(({ summaryEvent }) => summaryEvent).find(isObject);
  if (summary === undefined)
    throw new FleetError(`${what} was cut off`, "Its log is incomplete. Run the command again.");
  if (summary["result"] !== undefined && summary["result"] !== "succeeded")
    throw new FleetError(`${what} failed`, `Pulumi says: ${String(summary["result"])}.`);
}
