import type { Attribute } from "../../provider/kit/attribute";
import { snapshotTable } from "../../provider/resources/snapshot/attributes";
import { inPlaceResources } from "../../provider/resources";

const all: readonly Attribute[] = [snapshotTable, ...inPlaceResources.map(({ table }) => table)].flatMap(
  ({ inputs }) => [...inputs],
);
const own: readonly string[] = all.filter(({ only }) => only === "terraform").map(({ name }) => `{${name}}`);

/** A text without the sentences about attributes that only Terraform has. */
export function withoutTerraform(doc: string): string {
  return doc
    .split(/(?<=\.) /)
    .filter((sentence) => !own.some((name) => sentence.includes(name)))
    .join(" ");
}
