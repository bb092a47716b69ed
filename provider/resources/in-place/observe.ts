import { isUnknown } from "../../kit/unknown";
import { means, storedOf } from "./plan";
import type { AnyInPlaceTable, Values } from "./rows";

/** An answer of a list by the names of the attributes, where those of the fields differ. */
export function listedValues({ inputs, outputs }: AnyInPlaceTable, dto: Values): Values {
  const read = [...inputs, ...outputs].flatMap(({ name, read }) => (read === undefined ? [] : [[name, dto[read]]]));
  return { ...dto, ...(Object.fromEntries(read) as Values) };
}

/**
 * The values of a resource after an answer of the API. A value that means what the state already has keeps the state's spelling, so that
 * nothing the API rewrites is drift. What the answer does not say stays.
 * @param before the state; null: an import @param dto the API's answer
 */
export function observe(table: AnyInPlaceTable, before: Values | null, dto: Values): Values {
  const values: Record<string, unknown> = {};
  for (const input of table.inputs) {
    const present = before?.[input.name] ?? null;
    const answered = input.read === undefined ? undefined : dto[input.read];
    if (input.writeOnly === true) values[input.name] = null;
    else if (answered === undefined || means(input, present, answered)) values[input.name] = present;
    else values[input.name] = storedOf(input, answered);
  }
  for (const { name, read } of table.outputs) {
    const present = before?.[name] ?? null;
    values[name] = dto[read] ?? (isUnknown(present) ? null : present);
  }
  return values;
}
