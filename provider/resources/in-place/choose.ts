import { Failure } from "../../kit/failure";
import { commonInputs } from "./change";
import type { InPlaceDefinition, Listed } from "./definition";
import type { Values } from "./rows";

/**
 * One of all, by its UUID, else by a name that only one has.
 * @param doing beginning of the message: `deleting registry "x"`
 * @param advice what to do where several have the name, and a sentence for where there is none
 * @throws Failure
 */
export function chooseOne(
  definition: InPlaceDefinition,
  all: readonly Listed[],
  idOrName: string,
  doing: string,
  advice: { readonly several: string; readonly none?: string },
): Listed {
  const { noun, plural } = definition;
  const named = all.filter(({ name }) => name === idOrName);
  const found = all.find(({ id }) => id === idOrName.toLowerCase()) ?? (named.length === 1 ? named[0] : undefined);
  if (found !== undefined) return found;
  if (named.length === 0) {
    const detail = `The organization has no ${noun} with this UUID or name. Names are case-sensitive.${advice.none === undefined ? "" : ` ${advice.none}`}`;
    throw new Failure({ summary: `${doing}: no such ${noun}`, detail }, { code: "not-found", status: 404 });
  }
  throw new Failure({
    summary: `${doing}: several have this name`,
    detail: `${named.length} ${plural} have this name. ${advice.several}:\n${named.map((one) => `  ${one.id} (${summaryOf(definition, one)})`).join("\n")}`,
  });
}

/** The values that the API shows but for the name, to tell it from others: `docker.io, robot`. */
export function summaryOf({ table }: InPlaceDefinition, dto: Values): string {
  return commonInputs(table)
    .flatMap(({ name, read }) => (read === undefined || name === "name" ? [] : [dto[read]]))
    .filter((value) => value !== null && value !== undefined && value !== "")
    .join(", ");
}
