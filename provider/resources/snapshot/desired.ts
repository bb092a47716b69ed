import type { CreateSnapshotBody } from "../../api/types";
import { snapshotTable } from "./attributes";
import type { AnyTable } from "./attributes/rows";
import { sourceToSend } from "./own/source/send";
import type { SnapshotRecord, Written } from "./record";
import { fieldsToSend } from "./table/send";
import { known } from "../../kit/unknown";
import { mapRows } from "./table/values";

export { buildOf, imageHashOf, sourceKey, sourceKeyOf } from "./own/source/send";

/** A program that writes nothing yet. */
export function nothingWritten(): Written {
  return mapRows(snapshotTable.inputs, () => null);
}

/** A program that says what a record says. */
export function writtenAs(record: SnapshotRecord): Written {
  return mapRows(snapshotTable.inputs, ({ name }) => record[name] ?? null) as Written;
}

/**
 * Body of `POST /snapshots`. What is null or unknown is left out: the API decides.
 * @param name instead of the planned one (a successor's, a generated one)
 * @throws Error where no name or no source is known: the caller has to make them known before
 */
export function toCreateBody(
  planned: Written,
  name?: string,
  { inputs }: Pick<AnyTable, "inputs"> = snapshotTable,
): CreateSnapshotBody {
  const finalName = name ?? known(planned.name);
  if (finalName === null) throw new Error("a snapshot's name has to be known before it is created");
  const source = sourceToSend(planned);
  if (source === null) throw new Error(`the source of snapshot "${finalName}" has to be known before it is created`);
  return { name: finalName, ...source, ...fieldsToSend(inputs, planned) };
}
