import type { SnapshotDto } from "../../api/types";
import { snapshotData, snapshotTable } from "./attributes";
import type { AnyInput } from "./attributes/rows";
import { mapRows } from "./table/values";

/** What data sources show of any snapshot: each attribute from the field that the row of the resource reads, else from the field of its name. */
export function detailsOf(dto: SnapshotDto): Record<string, unknown> {
  const fields = dto as unknown as Record<string, unknown>;
  const shown = mapRows(DETAILS, ({ name }) => fields[READ.get(name) ?? name] ?? null);
  return { ...shown, dockerfileContent: dto.buildInfo?.dockerfileContent ?? null };
}

const DETAILS = [...snapshotData.snapshot.inputs, ...snapshotData.snapshot.outputs];
const READ = new Map(
  (snapshotTable.inputs as readonly AnyInput[]).flatMap((row) =>
    "read" in row && typeof row.read === "string" ? [[row.name, row.read]] : [],
  ),
);
