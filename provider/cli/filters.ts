import { glob } from "../fleet/ignore";
import type { Io } from "./io";
import { printWarning } from "./output/print";

/** Says of each `--filter` that no snapshot has a name for: a typo would look like an answer. @param names of all snapshots that were looked at */
export function tellOfUnused(io: Io, filters: readonly string[], names: readonly string[]): void {
  for (const filter of filters)
    if (!names.some(glob(filter)))
      printWarning(io, {
        summary: `--filter "${filter}" matches no snapshot`,
        detail: "Check the spelling. * matches any text, ? matches one character.",
      });
}
