import type { SnapshotDto } from "../../api/types";
import { snapshotData, snapshotTable } from "./attributes";
import type { AnyInput } from "./attributes/rows";
import { stripTriggers } from "./source";
import { mapRows } from "./table/values";

/**
 * What data sources show of any snapshot: each attribute from the field that the row of the resource reads, else from the field of its name. A resource
 * can be filled with it: what does not apply is null, and a Dockerfile is as it was written, without the comment line of `triggers`.
 */
export function detailsOf(dto: SnapshotDto): Record<string, unknown> {
  const fields = dto as unknown as Record<string, unknown>;
  const shown = mapRows(DETAILS, ({ name }) => valueOf(fields[READ.get(name) ?? name]));
  const text = dto.buildInfo?.dockerfileContent || null;
  return { ...shown, dockerfileContent: text === null ? null : stripTriggers(text) };
}

/** The API writes "" for some texts that do not apply. */
function valueOf(field: unknown): unknown {
  return field === "" ? null : (field ?? null);
}

const DETAILS = [...snapshotData.snapshot.inputs, ...snapshotData.snapshot.outputs];
const READ = new Map(
  (snapshotTable.inputs as readonly AnyInput[]).flatMap((row) =>
    "read" in row && typeof row.read === "string" ? [[row.name, row.read]] : [],
  ),
);
