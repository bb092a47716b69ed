import type { Attribute } from "../../kit/attribute";
import { snapshotTable } from "../../resources/snapshot/attributes";
import type { SnapshotRecord } from "../../resources/snapshot/record";
import { fromTool, type Values } from "../../tool/values";
import { FleetError } from "../resource";
import { isObject, type Json, objects } from "./json";
import { isSnapshotType, type KnownSnapshot, type ManagedSnapshot, mentionedIn, type StateDocument } from "./managed";
import { open, type Opened } from "./pulumi-values";

/** Our types: the native one, the dynamic one, and the one of our Terraform provider through Pulumi's bridge. */
const TYPES: readonly unknown[] = [
  "daytona:index:Snapshot",
  "pulumi-nodejs:dynamic/daytona:Snapshot",
  "daytona:index/snapshot:Snapshot",
];
/** Versions of exports and checkpoints: 3, and 4 for stacks that use one of the features. */
const VERSIONS = [3, 4];
/** What version 4 can ask its readers to know (`pkg/resource/stack/deployment.go`); none changes how a resource says its ID and name. */
const FEATURES = [
  "refreshBeforeUpdate",
  "views",
  "hooks",
  "taint",
  "replaceWith",
  "snippets-prototype",
  "extensionParameterization",
  "byteString",
  "outputDependencies",
];

const table: readonly Attribute[] = [
  ...(snapshotTable.inputs as readonly Attribute[]).filter(({ only }) => only !== "terraform"),
  ...snapshotTable.outputs,
];
const spell = ({ pulumiName, name }: Attribute): string => pulumiName ?? name;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** `pulumi stack export`, or a file of `.pulumi/stacks`. @throws FleetError */
export function readExport(state: Json, what: string): StateDocument {
  const { version, features } = state;
  if (!VERSIONS.includes(version as number)) {
    throw new FleetError(
      `${what} has an unknown format`,
      `Its version is ${JSON.stringify(version ?? null)}; this release of daytona-iac reads exports of version 3 and 4. ${typeof version === "number" && version > 4 ? "Update daytona-iac." : "Export it again with a current Pulumi: `pulumi stack export`."}`,
    );
  }
  const strange = Array.isArray(features)
    ? (features as unknown[]).find((it) => !FEATURES.includes(it as string))
    : (features ?? undefined);
  if (strange !== undefined)
    throw new FleetError(
      `${what} has an unknown format`,
      `It uses ${JSON.stringify(strange)}, which this release of daytona-iac does not know. Update daytona-iac.`,
    );
  const deployment = deploymentOf(state, what);

  const holds = new Map<string, number>();
  const known: KnownSnapshot[] = [];
  const managed: ManagedSnapshot[] = [];
  const understood = new Set<unknown>();
  const add = (resource: Json, pending: boolean): void => {
    const { type, urn } = resource;
    if (typeof type !== "string" || typeof urn !== "string")
      throw new FleetError(
        `${what} cannot be read`,
        `A resource has no type or no URN: ${JSON.stringify(resource).slice(0, 200)}`,
      );
    holds.set(type, (holds.get(type) ?? 0) + 1);
    if (!isSnapshotType(type) || type.startsWith("pulumi:")) return;
    const one = managedOf(resource);
    // A component that is called so has no ID of its own.
    if (!one.owned && one.encrypted.length + one.ids.length + one.names.length === 0) return;
    managed.push(one);
    if (!TYPES.includes(type)) return;
    understood.add(resource);
    // What an operation under way says is older or younger than what the stack has.
    if (isKnown(resource) && !pending) known.push(knownOf(resource));
  };
  for (const resource of objects(deployment, "resources", what)) add(resource, false);
  for (const operation of objects(deployment, "pending_operations", what)) {
    if (!isObject(operation["resource"]))
      throw new FleetError(`${what} cannot be read`, "An operation under way has no resource.");
    add(operation["resource"], true);
  }
  return { what, known, managed, mentioned: mentionedIn(state, understood), holds, notes: notesOf(known) };
}

function deploymentOf({ deployment, checkpoint }: Json, what: string): Json {
  if (isObject(deployment)) return deployment;
  const latest = isObject(checkpoint) ? (checkpoint["latest"] ?? {}) : null;
  if (!isObject(latest)) throw new FleetError(`${what} cannot be read`, '"latest" of its checkpoint is not an object.');
  return latest;
}

/** Whether the stack has it now: `Snapshot.get` only refers to one, and one that waits for its deletion has been replaced. */
export function isKnown(resource: Json): boolean {
  // The engine's own mark counts. Ours, in the outputs, stays behind after an import.
  return TYPES.includes(resource["type"]) && resource["external"] !== true && resource["delete"] !== true;
}

function managedOf(resource: Json): ManagedSnapshot {
  const { urn, external, custom, id, importID } = resource;
  const of = (...names: string[]): Opened[] =>
    ["outputs", "inputs"].flatMap((part) =>
      isObject(resource[part]) ? names.map((name) => open((resource[part] as Json)[name])) : [],
    );
  const [ids, names] = [of("snapshotId", "id"), of("name")];
  const texts = (...values: unknown[]): string[] => [
    ...new Set(values.filter((it): it is string => typeof it === "string" && it !== "")),
  ];
  const uuids = texts(...ids.map(({ value }) => value), id);
  const encrypted = [
    ...(ids.some(({ secret, unknown }) => secret && unknown) && !uuids.some((it) => UUID.test(it)) ? ["its ID"] : []),
    ...(names.some(({ secret, unknown }) => secret && unknown) && !names.some(({ value }) => typeof value === "string")
      ? ["its name"]
      : []),
  ];
  const organization = of("organizationId").find(({ value }) => typeof value === "string")?.value as string | undefined;
  // A Pulumi ID is the name or the UUID, by provider; either can be the other's.
  return {
    address: nameOf(urn),
    ids: uuids,
    names: texts(...names.map(({ value }) => value), id, importID),
    organizationId: organization ?? null,
    owned: external !== true && custom !== false,
    encrypted,
  };
}

function knownOf(resource: Json): KnownSnapshot {
  const outputs = isObject(resource["outputs"]) ? resource["outputs"] : {};
  const values: Record<string, unknown> = {};
  const [sensitive, unreadable]: [string[], string[]] = [[], []];
  for (const attribute of table) {
    const opened = open(outputs[spell(attribute)]);
    values[spell(attribute)] = opened.unknown ? null : opened.value;
    const input = open(isObject(resource["inputs"]) ? resource["inputs"][spell(attribute)] : undefined);
    if (opened.secret || input.secret) sensitive.push(attribute.name);
    if (opened.unknown) unreadable.push(attribute.name);
  }
  const record = fromTool(table, values as Values, spell) as unknown as SnapshotRecord;
  const { ids, names } = managedOf(resource);
  const regionIds = Array.isArray(record.regionIds) ? [...record.regionIds].sort() : null;
  const id = typeof record.id === "string" ? record.id : (ids.find((it) => UUID.test(it)) ?? "");
  const name = typeof record.name === "string" ? record.name : unreadable.includes("name") ? null : (names[0] ?? null);
  return {
    address: nameOf(resource["urn"]),
    record: { ...record, namePrefix: null, id, name, regionIds },
    sensitive,
    unreadable: unreadable.filter((it) => it !== "id" || id === ""),
  };
}

function notesOf(known: readonly KnownSnapshot[]): string[] {
  const hidden = known.filter(({ unreadable = [] }) => unreadable.length > 0);
  if (hidden.length === 0) return [];
  return [
    `Not compared, because it is encrypted in the state: ${hidden.map(({ address, unreadable = [] }) => `${unreadable.join(", ")} of ${address}`).join("; ")}. To compare it, export the stack with \`pulumi stack export --show-secrets\`.`,
  ];
}

/** The logical name in a URN. */
export function nameOf(urn: unknown): string {
  const text = String(urn);
  return text.slice(text.lastIndexOf("::") + 2);
}
