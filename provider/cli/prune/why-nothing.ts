import type { Kept, KeptKind } from "../../fleet/prune";
import type { SnapshotDto } from "../../lifecycle";

/** A snapshot that stays, and why. */
export interface Stay {
  readonly dto: SnapshotDto;
  readonly kept: Kept;
}

/** What follows "1" and "2" in a sentence about all that stays, in the order in which it is said. */
const KINDS: Readonly<Record<KeptKind, readonly [one: string, several: string]>> = {
  managed: ["is in a given state", "are in a given state"],
  recent: [
    "was created or used recently (--min-age, --min-idle)",
    "were created or used recently (--min-age, --min-idle)",
  ],
  filter: ["is excluded by --filter", "are excluded by --filter"],
  sandbox: ["was created from a sandbox", "were created from a sandbox"],
  successor: ["belongs to an unfinished replacement", "belong to an unfinished replacement"],
  state: ["is changing or in an unknown state", "are changing or in an unknown state"],
  undated: ["has a date that cannot be read", "have a date that cannot be read"],
  elsewhere: ["belongs to another organization", "belong to another organization"],
};

/** Why nothing can be pruned, as the end of a sentence. One snapshot is named, with its own reason; more are counted by kind. */
export function whyNothing(stay: readonly Stay[]): string {
  const [only, ...others] = stay;
  if (only === undefined) return "the organization has no snapshots";
  if (others.length === 0) return `"${only.dto.name}", the only snapshot, is kept because ${only.kept.why}`;
  const counts = (Object.keys(KINDS) as KeptKind[]).flatMap((kind) => {
    const count = stay.filter(({ kept }) => kept.kind === kind).length;
    return count === 0 ? [] : [`${count} ${KINDS[kind][count === 1 ? 0 : 1]}`];
  });
  const last = counts.pop()!;
  return counts.length === 0
    ? `all ${stay.length} snapshots${last.slice(String(stay.length).length)}`
    : `of ${stay.length} snapshots, ${counts.join(", ")} and ${last}`;
}
