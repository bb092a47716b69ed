/** `name` and `namePrefix`: one of them names the snapshot, and only a replacement by the tool gives it another name. */

import type { SnapshotRecord, Written } from "../record";
import type { Difference } from "../table/compare";
import { isUnknown } from "../../../kit/unknown";

export function compareName(prior: SnapshotRecord, written: Written): Difference[] {
  const { name, namePrefix } = written;
  if (name !== null && name !== prior.name) return [{ name: "name", asks: "name" }];
  // An unknown prefix may not match, and a name cannot be changed in place.
  const fits =
    name !== null || namePrefix === null || (!isUnknown(namePrefix) && (prior.name ?? "").startsWith(namePrefix));
  if (!fits) return [{ name: "namePrefix", asks: "name" }];
  return namePrefix === prior.namePrefix ? [] : [{ name: "namePrefix", asks: "managed" }];
}
