import { snapshotAttributes } from "../../../../provider/resources/snapshot/attributes";
import type { SnapshotRecord } from "../../../../provider/resources/snapshot/record";
import { mapRows } from "../../../../provider/resources/snapshot/table/values";

/** A record without any value, for tests to fill in: a new attribute is in it by itself. */
export const NOTHING: Record<keyof SnapshotRecord, null> = mapRows(snapshotAttributes, () => null);
