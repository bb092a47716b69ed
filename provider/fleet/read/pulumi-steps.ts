import { FleetError } from "../resource";
import { isObject, type Json } from "./json";

/** One step of the engine. */
export interface Step {
  readonly op: string;
  readonly old: Json | null;
  readonly new: Json | null;
  /** Names of the properties that differ. */
  readonly diffs: readonly string[];
  /** Names of those that demand a replacement. */
  readonly keys: readonly string[];
  /** What the provider says it becomes; null: the step has not ended. */
  readonly planned: Json | null;
}

/** What a preview does with one resource. */
export interface Steps {
  readonly refresh?: Step;
  readonly steps: readonly Step[];
  /** The program has it under another name than the state, by an alias. */
  readonly moved: boolean;
}

/** The steps of a resource, as far as the log has been read. */
interface Collected {
  /** That the program has, or the state where the program has none. */
  urn: string;
  /** Its refresh has begun. */
  begun: boolean;
  refresh?: Step;
  steps: Step[];
  moved: boolean;
}

/** What an event says of a step. */
interface StepEvent {
  readonly op: string;
  readonly urn: string;
  readonly old: Json | null;
  readonly metadata: Json;
  /** It tells the end of the step, not its beginning. */
  readonly isEnd: boolean;
}

/** The steps of an event log, by the URN that the program has, or the state where the program has none. @throws FleetError for one that cannot be read */
export function stepsOf(events: readonly Json[], what: string): Map<string, Steps> {
  const all = new Map<string, Collected>();
  for (const event of events) {
    const read = stepEventOf(event, what);
    if (read === null) continue;
    const { urn, old } = read;
    // A resource with an alias is refreshed under its old URN, and planned under its new one.
    const before = typeof old?.["urn"] === "string" ? old["urn"] : urn;
    let of = all.get(before);
    if (of === undefined) all.set(before, (of = { urn: before, begun: false, steps: [], moved: false }));
    if (read.op === "refresh") {
      addRefresh(of, read);
      continue;
    }
    if (urn !== before) Object.assign(of, { urn, moved: true });
    addStep(of, read);
  }
  const unfinished = [...all.values()].find(({ begun, refresh }) => begun && refresh === undefined);
  if (unfinished !== undefined)
    throw new FleetError(
      `${what} was cut off`,
      `The refresh of ${unfinished.urn} did not finish. Run the command again.`,
    );
  return new Map(
    [...all.values()].map(({ urn, refresh, steps, moved }) => [urn, { ...(refresh ? { refresh } : {}), steps, moved }]),
  );
}

/** null: the event is not about a step. @throws FleetError */
function stepEventOf(event: Json, what: string): StepEvent | null {
  const isEnd = !isObject(event["resourcePreEvent"]);
  const body = isEnd ? event["resOutputsEvent"] : event["resourcePreEvent"];
  if (!isObject(body)) return null;
  const { metadata } = body;
  if (!isObject(metadata) || typeof metadata["op"] !== "string" || typeof metadata["urn"] !== "string")
    throw new FleetError(`${what} cannot be read`, "A step has no operation or no URN.");
  const { op, urn, old } = metadata;
  return { op, urn, old: isObject(old) ? old : null, metadata, isEnd };
}

/** A refresh is known when it has ended. */
function addRefresh(of: Collected, { metadata, isEnd }: StepEvent): void {
  if (isEnd) of.refresh = stepOf(metadata, isEnd);
  else of.begun = true;
}

/** A planned step is known from its beginning; its end tells what the resource becomes. */
function addStep(of: Collected, { op, old, metadata, isEnd }: StepEvent): void {
  const at = of.steps.findIndex((step) => step.op === op && (step.old?.["id"] ?? null) === (old?.["id"] ?? null));
  if (at < 0) of.steps.push(stepOf(metadata, isEnd));
  else if (isEnd) of.steps[at] = { ...of.steps[at]!, planned: isObject(metadata["new"]) ? metadata["new"] : null };
}

function stepOf(metadata: Json, isEnd: boolean): Step {
  const { op, old, new: next, detailedDiff, diffs, keys } = metadata;
  const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
  const names = [...(isObject(detailedDiff) ? Object.keys(detailedDiff) : []), ...texts(diffs)];
  const after = isObject(next) ? next : null;
  return {
    op: String(op),
    old: isObject(old) ? old : null,
    new: after,
    diffs: names.map((name) => /^[A-Za-z_]+/.exec(name)?.[0] ?? name),
    keys: texts(keys),
    planned: isEnd ? after : null,
  };
}
