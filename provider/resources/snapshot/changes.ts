import { snapshotTable } from "./attributes";
import type { AnyTable } from "./attributes/rows";
import { compareEntrypoint } from "./own/entrypoint";
import { compareName } from "./own/name";
import { compareRegion } from "./own/region";
import { compareSource } from "./own/source/compare";
import { comparePin } from "./own/source/pin";
import type { Cause, Marks, SnapshotInputs, SnapshotRecord, Written } from "./record";
import { type Difference, compareRows } from "./table/compare";

type Input = keyof SnapshotInputs;

/** Inputs that differ between the prior record and the program, sorted by what the difference asks for. What is unknown may differ, so it counts. */
export interface Changes {
  /** Only a replacement by the tool can do it. */
  name: Input[];
  /** Another snapshot has to be made: swap or recreate. */
  content: Cause[];
  /** Activate or deactivate. */
  active: Input[];
  /** No call: the state alone. */
  managed: Input[];
  /** No change: spelled otherwise, but the same source. */
  spelling: Input[];
}

/** Compares what is written with what the state holds. What is not written keeps its present value and never differs. */
export function compareInputs(
  prior: SnapshotRecord,
  written: Written,
  marks: Marks,
  { inputs }: Pick<AnyTable, "inputs"> = snapshotTable,
): Changes {
  const rows = (some: AnyTable["inputs"]): Difference[] => compareRows(some, prior, written, marks.imported === true);
  const found: Difference[] = [
    ...compareName(prior, written),
    ...compareSource(prior, written, marks),
    ...comparePin(prior, written),
    ...rows(inputs.filter((row) => "read" in row)),
    ...compareEntrypoint(prior, written),
    ...rows(inputs.filter((row) => !("read" in row))),
    ...compareRegion(prior, written),
  ];
  const changes: Changes = { name: [], content: [], active: [], managed: [], spelling: [] };
  for (const { name, asks } of found) changes[asks].push(name as Input);
  return changes;
}
