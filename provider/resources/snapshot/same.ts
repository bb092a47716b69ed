import type { SnapshotDto } from "../../api/types";
import { snapshotTable } from "./attributes";
import type { AnyTable } from "./attributes/rows";
import { differEntrypoint } from "./own/entrypoint";
import { differRegion } from "./own/region";
import { differSource } from "./own/source/differ";
import type { Written } from "./record";
import { type Differ, differRows, show } from "./table/differ";

/**
 * What differs between what is asked for and what is there, one line for people each; empty: the same.
 * For adoption, the holder of a taken name, and successors. Values that are unknown or not written never differ, nor does what the API does not store.
 * @param options.spell spells an attribute as programs of the tool do
 * @param options.exact also compares the triggers in a build's last comment line: for our own successors, which must have been made for this very change
 */
export function differences(
  desired: Written,
  dto: SnapshotDto,
  options: { spell?(name: string): string; exact?: boolean } = {},
  { inputs }: Pick<AnyTable, "inputs"> = snapshotTable,
): string[] {
  const spell = (name: string): string => options.spell?.(name) ?? name;
  const found = differSource(desired, dto, spell, options.exact === true);
  const differ: Differ = (name, wanted, actual) =>
    found.push(`${spell(name)}: requested ${show(wanted)}, found ${show(actual)}`);
  differEntrypoint(desired, dto, differ);
  differRows(
    inputs.filter((row) => "read" in row),
    desired,
    dto,
    differ,
  );
  differRows(
    inputs.filter((row) => !("read" in row)),
    desired,
    dto,
    differ,
  );
  differRegion(desired, dto, differ);
  return found;
}
