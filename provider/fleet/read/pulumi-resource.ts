import type { Attribute } from "../../kit/attribute";
import { snapshotAttributes, snapshotTable } from "../../resources/snapshot/attributes";
import type { SnapshotInputs, SnapshotRecord } from "../../resources/snapshot/record";
import { fromTool, same, type Value, type Values } from "../../tool/values";
import type { FleetResource, PlannedAction, PlannedChange } from "../resource";
import { isObject, type Json } from "./json";
import { nameOf } from "./pulumi-state";
import type { Steps } from "./pulumi-steps";
import { open } from "./pulumi-values";

const inputTable = (snapshotTable.inputs as readonly Attribute[]).filter(({ only }) => only !== "terraform");
const table: readonly Attribute[] = [...inputTable, ...snapshotTable.outputs];
const spell = ({ pulumiName, name }: Attribute): string => pulumiName ?? name;

/** In place of a secret, which the engine filters out of events, and of one that it says differs. */
const [SECRET, OTHER_SECRET] = ["[secret]", "[changed]"];

/** Steps that change nothing, also in the state. A snapshot that is only read is none of ours. */
const QUIET: ReadonlySet<string> = new Set([
  "same",
  "read",
  "read-discard",
  "discard",
  "read-replacement",
  "discard-replaced",
]);
const ACTIONS: Readonly<Record<string, PlannedAction>> = {
  create: "create",
  update: "update",
  delete: "delete",
  import: "import",
  replace: "replace",
  "create-replacement": "replace",
  "delete-replaced": "replace",
  "import-replacement": "replace",
  "remove-pending-replace": "replace",
};

/** Whether a step of the engine changes nothing. */
export function isQuiet(op: string): boolean {
  return QUIET.has(op);
}

/** A snapshot of our provider, by the steps that a preview has for it. @param state @param seen before and after the refresh; null: it is not there */
export function resourceOf(
  urn: string,
  { refresh, steps, moved }: Steps,
  state: Json | null,
  seen: Json | null,
): FleetResource {
  const step = steps.find((one) => one.new !== null);
  const sensitive = secretsOf(state, seen, ...steps.map((one) => one.new));
  const record = state === null ? null : recordOf(state);
  // Secrets read the same on both sides. Only the engine knows which ones differ.
  const differing = (names: readonly string[]): Record<string, string> =>
    Object.fromEntries(
      table
        .filter((it) => sensitive.includes(it.name) && names.includes(spell(it)))
        .map(({ name }) => [name, OTHER_SECRET]),
    );
  const found = seen === null ? null : ({ ...recordOf(seen), ...differing(refresh?.diffs ?? []) } as SnapshotRecord);
  const action = actionOf(steps, moved);
  return {
    address: nameOf(urn),
    state: record,
    seen: found,
    planned: action === null ? null : plannedOf(action, { step, steps, moved, state, record, differing }),
    sensitive,
  };
}

interface Context {
  readonly step: Steps["steps"][number] | undefined;
  readonly steps: Steps["steps"];
  readonly moved: boolean;
  readonly state: Json | null;
  readonly record: SnapshotRecord | null;
  differing(names: readonly string[]): Record<string, string>;
}

function plannedOf(action: PlannedAction, context: Context): PlannedChange {
  const { step, steps, moved, record, differing } = context;
  const { new: next = null, diffs = [], keys = [], planned = null } = step ?? {};
  const { known, unknown } = inputsOf(next);
  const before = inputsBefore(action, context);
  const wanted: Record<string, Value> = { ...known, ...differing(diffs) };
  if (action === "update" && record !== null) addNotRepaired(diffs, unknown, record, before, wanted);
  return {
    action,
    inputs: wanted as Partial<SnapshotInputs>,
    before: before as Partial<SnapshotInputs>,
    ...plannedOutputs(planned),
    unknown,
    moved,
    replaceBy: keys.map((key) => inputTable.find((it) => spell(it) === key)?.name ?? key),
    stateOnly: action === "update" && keepsState(planned),
    ...(action === "other"
      ? { called: [...new Set(steps.map(({ op }) => op).filter((op) => !isQuiet(op)))].join(", ") }
      : {}),
  };
}

/** Inputs to compare those of the program with. */
function inputsBefore(action: PlannedAction, { step, state }: Context): Record<string, Value> {
  if (action === "import") return { ...(recordOf(step?.old ?? step?.new ?? {}) as Partial<SnapshotInputs>) };
  return state === null ? {} : { ...inputsOf(state).known };
}

/**
 * Adds what a refresh saved and no update repaired, to both sides: an `up --refresh` that ended halfway leaves the inputs as they are, and what the
 * state says of them is something else.
 * @param diffs properties that differ, as the engine says
 */
function addNotRepaired(
  diffs: readonly string[],
  unknown: readonly string[],
  record: SnapshotRecord,
  before: Record<string, Value>,
  wanted: Record<string, Value>,
): void {
  for (const { name, default: otherwise } of inputTable.filter((it) => diffs.includes(spell(it)))) {
    const has = (record as unknown as Record<string, Value>)[name] ?? null;
    const asked = wanted[name] ?? (otherwise as Value | undefined) ?? null;
    if (unknown.includes(name) || asked === null || !same(before[name], wanted[name]) || same(has, asked)) continue;
    before[name] = has;
    wanted[name] = asked;
  }
}

/** The digest and the source hash that the provider plans, where the preview shows them. */
function plannedOutputs(planned: Json | null): Pick<PlannedChange, "imageDigest" | "sourceHash"> {
  const outputs = isObject(planned?.["outputs"]) ? planned["outputs"] : {};
  const told: { imageDigest?: string; sourceHash?: string } = {};
  for (const name of ["imageDigest", "sourceHash"] as const) {
    const { value } = open(outputs[name]);
    if (typeof value === "string") told[name] = value;
  }
  return told;
}

/** Whether an update leaves the snapshot alone: whatever the provider does with one makes its state unknown. */
function keepsState(planned: Json | null): boolean {
  const outputs = isObject(planned?.["outputs"]) ? planned["outputs"] : null;
  return outputs !== null && typeof outputs["state"] === "string" && !open(outputs["state"]).unknown;
}

function actionOf(steps: Steps["steps"], moved: boolean): PlannedAction | null {
  const ops = steps.map(({ op }) => op).filter((op) => !isQuiet(op));
  if (ops.some((op) => !Object.hasOwn(ACTIONS, op))) return "other";
  const actions = ops.map((op) => ACTIONS[op]!);
  const retained = steps.some(({ op, old }) => op.startsWith("delete") && old?.["retainOnDelete"] === true);
  if (actions.includes("replace")) return retained ? "replace-keeping" : "replace";
  // Several that are no replacement together are nothing that this release knows.
  if (new Set(actions).size > 1) return "other";
  if (actions[0] === "delete") return retained ? "forget" : "delete";
  return actions[0] ?? (moved ? "move" : null);
}

function recordOf(resource: Json): SnapshotRecord {
  const outputs = isObject(resource["outputs"]) ? resource["outputs"] : {};
  const record = fromTool(snapshotAttributes, plain(outputs), spell) as SnapshotRecord;
  const { id } = resource;
  return {
    ...record,
    namePrefix: null,
    name: record.name ?? (typeof id === "string" ? id : null),
    id: record.id ?? "",
    regionIds: Array.isArray(record.regionIds) ? [...record.regionIds].sort() : null,
  };
}

/** Every input that is known, null where the program sets none, and those that only an `up` knows. */
function inputsOf(resource: Json | null): { known: Partial<SnapshotInputs>; unknown: (keyof SnapshotInputs)[] } {
  const values = resource !== null && isObject(resource["inputs"]) ? resource["inputs"] : {};
  const all = fromTool(inputTable, plain(values), spell);
  const later = (attribute: Attribute): boolean => {
    const { unknown, secret } = open(values[spell(attribute)]);
    return unknown && !secret;
  };
  const names = inputTable.filter(later).map(({ name }) => name as keyof SnapshotInputs);
  return {
    known: Object.fromEntries(
      inputTable
        .filter(({ name }) => !names.includes(name as keyof SnapshotInputs))
        .map(({ name }) => [name, all[name] as Value]),
    ) as Partial<SnapshotInputs>,
    unknown: names,
  };
}

/** Values without the wrapping of secrets. A secret that cannot be read is the same everywhere. */
function plain(values: Json): Values {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => {
      const opened = open(value);
      return [key, (opened.unknown ? (opened.secret ? SECRET : null) : opened.value) as Value];
    }),
  );
}

function secretsOf(...resources: (Json | null)[]): string[] {
  const secret = (resource: Json | null, attribute: Attribute): boolean =>
    ["inputs", "outputs"].some(
      (part) => isObject(resource?.[part]) && open((resource[part] as Json)[spell(attribute)]).secret,
    );
  return table.filter((attribute) => resources.some((resource) => secret(resource, attribute))).map(({ name }) => name);
}
