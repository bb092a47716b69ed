import { type Attribute, type AttributeTable, identifierOf } from "../../kit/attribute";
import { dataSources } from "../../resources";
import { detailsOf } from "../../resources/snapshot/details";
import { capital } from "../../kit/words";
import { readOnlyWritten } from "../../kit/read-only";
import { hasUnknown } from "../../kit/unknown";
import type { Failure } from "./check";
import { inPlaceTypes } from "./in-place-types";
import { pulumiName, spelled, typeProblem } from "./properties";
import { Refused } from "./refused";
import type { Session } from "./session";
import { type Bag, compact, pathText } from "./values";

export interface Invoked {
  /** Null: an argument is unknown, so the answer is unknown too. */
  result: Bag | null;
  failures: Failure[];
}

/** `getRegistries` lists the type `Registry`. */
const lists = new Map(inPlaceTypes.map((type) => [`get${capital(identifierOf(type.definition.plural))}`, type]));

const tables: Readonly<Record<string, AttributeTable>> = Object.fromEntries(
  dataSources.map(({ name, table }) => [`get${capital(identifierOf(name))}`, table]),
);

/** Invoke of `daytona:index:<name>`. @throws Refused if there is no such function, or it fails */
export async function invoke(session: Session, name: string, args: Bag, signal: AbortSignal): Promise<Invoked> {
  const [table, read] = [tables[name], readers[name]];
  if (table === undefined || read === undefined)
    throw new Refused(
      `There is no function "daytona:index:${name}". The functions are ${Object.keys(tables).join(", ")}.`,
    );
  const failures = failuresOf(name, table, args);
  if (failures.length > 0) return { result: null, failures };
  if (hasUnknown(args)) return { result: null, failures: [] };
  return {
    result: project([...table.inputs, ...table.outputs], await read(session, args, signal)),
    failures: [],
  };
}

function failuresOf(name: string, table: AttributeTable, args: Bag): Failure[] {
  const failures: Failure[] = [];
  for (const [key, value] of Object.entries(compact(args))) {
    const attribute = table.inputs.find((candidate) => pulumiName(candidate) === key);
    const [readOnly] =
      attribute === undefined ? readOnlyWritten(table, (output) => spelled(output) === key, spelled) : [];
    const problem =
      attribute === undefined
        ? { path: [key], reason: readOnly?.detail ?? `${name} has no argument "${key}".` }
        : typeProblem(attribute, value);
    if (problem !== null) failures.push({ property: pathText(problem.path), reason: problem.reason });
  }
  if (name !== "getSnapshot" || failures.length > 0 || hasUnknown(args)) return failures;
  const given = ["snapshotId", "name"].filter((key) => (args[key] ?? null) !== null);
  if (given.length !== 1)
    failures.push({
      property: given.length === 0 ? "" : "name",
      reason: `Exactly one of snapshotId and name must be given; ${given.length === 0 ? "neither is" : "both are"}.`,
    });
  else if (args[given[0] as string] === "") failures.push({ property: given[0] as string, reason: "It is empty." });
  return failures;
}

type Reader = (session: Session, args: Bag, signal: AbortSignal) => Promise<Bag>;

/** How each function is answered. */
const readers: Readonly<Record<string, Reader>> = {
  getRegions,
  getSnapshot,
  getSnapshots,
  ...Object.fromEntries(
    [...lists].map(([name, type]) => [name, (session, _args, signal) => type.list(session, signal)]),
  ),
};

async function getRegions(session: Session, _args: Bag, signal: AbortSignal): Promise<Bag> {
  const doing = "listing regions";
  const regions = [...(await session.connected(doing).regions(signal).catch(session.refuse(doing)))].sort((a, b) =>
    a.id < b.id ? -1 : a.id > b.id ? 1 : 0,
  );
  return { regions: regions.map((region) => ({ ...region })), ids: regions.map((region) => region.id) };
}

async function getSnapshot(session: Session, { snapshotId, name }: Bag, signal: AbortSignal): Promise<Bag> {
  const which = typeof snapshotId === "string" ? `snapshotId "${snapshotId}"` : `name "${String(name)}"`;
  const doing = `reading the snapshot with the ${which}`;
  const dto = await session
    .connected(doing)
    .getSnapshot(typeof snapshotId === "string" ? { id: snapshotId } : { name: String(name) }, signal)
    .catch(session.refuse(doing));
  if (dto === null)
    throw new Refused(
      `No snapshot with the ${which}: neither your organization nor the general snapshots include one. \`getSnapshots\` lists all snapshots.`,
    );
  return detailsOf(dto) as Bag;
}

async function getSnapshots(session: Session, args: Bag, signal: AbortSignal): Promise<Bag> {
  const filter = {
    nameContains: (args["nameContains"] ?? null) as string | null,
    states: (args["states"] ?? null) as string[] | null,
    region: (args["region"] ?? null) as string | null,
    general: args["includeGeneral"] === true,
  };
  const doing = "listing snapshots";
  const snapshots = await session.connected(doing).listSnapshots(filter, signal).catch(session.refuse(doing));
  return {
    ...args,
    snapshots: snapshots.map((dto) => detailsOf(dto) as Bag),
    ids: snapshots.map((dto) => dto.id),
    names: snapshots.map((dto) => dto.name),
  };
}

/** Only the properties in the schema, with Pulumi's names. */
function project(table: readonly Attribute[], from: Bag): Bag {
  return compact(
    Object.fromEntries(
      table.map((attribute) => {
        const value = from[attribute.name] ?? from[pulumiName(attribute)] ?? null;
        if (typeof attribute.type !== "object" || !("objects" in attribute.type) || !Array.isArray(value))
          return [pulumiName(attribute), value];
        const { objects } = attribute.type;
        return [pulumiName(attribute), value.map((item) => project(objects, item as Bag))];
      }),
    ),
  );
}
