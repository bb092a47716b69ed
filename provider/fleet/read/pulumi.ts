import { type Attribute, snapshotTable } from "../../snapshot/attributes";
import type { SnapshotInputs, SnapshotRecord } from "../../snapshot/record";
import { fromTool, type Value, type Values } from "../../tool/values";
import { FleetError, type FleetResource, type Others, type PlannedAction } from "../resource";
import { isObject, type Json, objects, parseObject } from "./json";
import type { KnownSnapshot } from "./terraform-state";

const TYPES: readonly unknown[] = ["daytona:index:Snapshot", "pulumi-nodejs:dynamic/daytona:Snapshot"];
/** How Pulumi's JSON marks a secret, and a value that a preview does not know (`sdk/go/common/resource/properties.go`). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const inputTable = (snapshotTable.inputs as readonly Attribute[]).filter(({ only }) => only !== "terraform");
const table: readonly Attribute[] = [...inputTable, ...snapshotTable.outputs];
const spell = ({ pulumiName, name }: Attribute): string => pulumiName ?? name;

/** The snapshots of `pulumi stack export`. @param what for messages @throws FleetError */
export function readPulumiState(state: Json, what: string): KnownSnapshot[] {
  if (state["version"] !== 3 || !isObject(state["deployment"])) throw new FleetError(`${what} has a format that is not known`, `Its version is ${JSON.stringify(state["version"] ?? null)}; this release of daytona-iac reads exports of version 3.`);
  return objects(state["deployment"], "resources", what).filter(isManaged).map((resource) => ({ address: nameOf(resource["urn"]), record: recordOf(resource) }));
}

/** Whether JSON is from Pulumi rather than from Terraform. */
export function isPulumiState(state: Json): boolean {
  return isObject(state["deployment"]);
}

interface Step {
  readonly op: string;
  readonly old: Json | null;
  readonly new: Json | null;
  /** Names of the properties that differ. */
  readonly diffs: readonly string[];
}

/**
 * The snapshots of `pulumi preview --refresh --event-log FILE`: its `refresh` steps tell drift, the other steps what is not applied. Found out with
 * CLI 3.260: `preview --json` has the same steps, but shows a refresh with the old values on both sides.
 * @param log one event (`apitype.EngineEvent`) on each line
 * @param what for messages @throws FleetError for a preview that failed or was cut off
 */
export function readPreview(log: string, what: string): { resources: FleetResource[]; others: Others } {
  const events = log.split("\n").filter((line) => line.trim() !== "").map((line) => parseObject(line, what));
  const told = events.flatMap(({ diagnosticEvent: it }) => (isObject(it) && it["severity"] === "error" ? [String(it["message"]).trim()] : []));
  const errors = [...new Set(told)].filter((text) => text !== "preview failed");
  if (errors.length > 0) throw new FleetError(`${what} failed`, errors.join("\n"));
  const summary = events.map(({ summaryEvent }) => summaryEvent).find(isObject);
  if (summary === undefined) throw new FleetError(`${what} was cut off`, "Its log has no end. Run it again.");
  if (summary["result"] !== undefined && summary["result"] !== "succeeded") throw new FleetError(`${what} failed`, `Pulumi says: ${String(summary["result"])}.`);

  const byUrn = new Map<string, { refresh?: Step; steps: Step[] }>();
  for (const event of events) {
    const [before, after] = [event["resourcePreEvent"], event["resOutputsEvent"]];
    const metadata = isObject(before) ? before["metadata"] : isObject(after) ? after["metadata"] : undefined;
    if (!isObject(metadata)) continue;
    const urn = String(metadata["urn"]);
    if (!byUrn.has(urn)) byUrn.set(urn, { steps: [] });
    const of = byUrn.get(urn)!;
    // A refresh is known when it has ended, a planned step from its beginning.
    if (metadata["op"] === "refresh" && isObject(after)) of.refresh = stepOf(metadata);
    else if (metadata["op"] !== "refresh" && isObject(before)) of.steps.push(stepOf(metadata));
  }
  const resources: FleetResource[] = [];
  const others = { drifted: 0, notApplied: 0 };
  for (const [urn, { refresh, steps }] of byUrn) {
    const state = (refresh ?? steps.find(({ old }) => old !== null))?.old ?? null;
    const any = state ?? steps[0]?.new ?? null;
    if (any === null || any["custom"] !== true || String(any["type"]).startsWith("pulumi:providers:")) continue;
    const action = actionOf(steps);
    const seen = refresh === undefined ? state : refresh.new;
    if (!isManaged(any)) {
      if (refresh !== undefined && JSON.stringify(state?.["outputs"]) !== JSON.stringify(seen?.["outputs"])) others.drifted += 1;
      else if (action !== null) others.notApplied += 1;
      continue;
    }
    const planned = steps.find((step) => step.new !== null);
    const inputs = inputsOf(planned?.new ?? null);
    const before: Partial<SnapshotInputs> = state === null ? {} : inputsOf(state);
    const sensitive = secretsOf(state, seen, planned?.new ?? null);
    // A changed secret reads `[secret]` on both sides; only the engine knows that it differs.
    const hidden = Object.fromEntries(inputTable.filter((it) => sensitive.includes(it.name) && (planned?.diffs ?? []).includes(spell(it))).map(({ name }) => [name, "[changed]"]));
    resources.push({
      address: nameOf(urn),
      state: state === null ? null : recordOf(state),
      seen: seen === null ? null : recordOf(seen),
      planned: action === null ? null : { action, inputs: { ...inputs, ...hidden }, before },
      sensitive,
    });
  }
  return { resources, others };
}

function stepOf(metadata: Json): Step {
  const { op, old, new: next, detailedDiff, diffs } = metadata;
  const names = [...(isObject(detailedDiff) ? Object.keys(detailedDiff) : []), ...(Array.isArray(diffs) ? diffs.map(String) : [])];
  return { op: String(op), old: isObject(old) ? old : null, new: isObject(next) ? next : null, diffs: names.map((name) => /^[A-Za-z_]+/.exec(name)?.[0] ?? name) };
}

/** A resource that the stack manages: `Snapshot.get` only refers to one. */
function isManaged(resource: Json): boolean {
  return TYPES.includes(resource["type"]) && resource["external"] !== true && resource["delete"] !== true && !(isObject(resource["outputs"]) && resource["outputs"]["__external"] === true);
}

function actionOf(steps: readonly Step[]): PlannedAction | null {
  const ops = steps.map(({ op }) => op);
  if (ops.some((op) => op.includes("replace"))) return "replace";
  for (const op of ["create", "update", "delete", "import"] as const) if (ops.includes(op)) return op;
  return null;
}

function recordOf(resource: Json): SnapshotRecord {
  const outputs = isObject(resource["outputs"]) ? resource["outputs"] : {};
  const record = fromTool(table, plain(outputs) as Values, spell, (_, value) => (value === UNKNOWN ? null : value)) as unknown as SnapshotRecord;
  const { id } = resource;
  return { ...record, namePrefix: null, name: record.name ?? (typeof id === "string" ? id : null), id: record.id ?? "", regionIds: record.regionIds === null ? null : [...record.regionIds].sort() };
}

/** Every input that is known, null where the program sets none. */
function inputsOf(resource: Json | null): Partial<SnapshotInputs> {
  const values = plain(resource !== null && isObject(resource["inputs"]) ? resource["inputs"] : {}) as Values;
  const all = fromTool(inputTable, values, spell);
  return Object.fromEntries(inputTable.filter(({ name }) => !JSON.stringify(all[name] ?? null).includes(UNKNOWN)).map(({ name }) => [name, all[name] as Value])) as Partial<SnapshotInputs>;
}

/** Without the wrapping of secrets. What stays is not printed: see `secretsOf`. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isObject(value)) return value;
  if (value[SIGNATURE] !== undefined) return value["plaintext"] ?? value["ciphertext"] ?? "[secret]";
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

function secretsOf(...resources: (Json | null)[]): string[] {
  const secret = (value: unknown): boolean => value !== undefined && (JSON.stringify(value).includes(SIGNATURE) || value === "[secret]");
  return table.filter((attribute) => resources.some((resource) => ["inputs", "outputs"].some((part) => isObject(resource?.[part]) && secret((resource[part] as Json)[spell(attribute)])))).map(({ name }) => name);
}

/** The logical name in a URN. */
function nameOf(urn: unknown): string {
  const text = String(urn);
  return text.slice(text.lastIndexOf("::") + 2);
}
