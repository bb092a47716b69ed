import { glob, type IgnoreRule, isFor } from "../fleet/ignore";
import type { Io } from "./io";
import { printWarning } from "./output/print";

/** Names that a message lists: more of them would bury it. */
const MOST = 20;

/** What there is, for somebody whose filter matches nothing: `Available: a, b and 3 more.` */
export function whatExists(names: readonly string[]): string {
  const all = [...new Set(names)].sort();
  if (all.length === 0) return "There are none.";
  if (all.length === 1) return `Available: ${all[0]}.`;
  const shown = all.slice(0, MOST);
  const rest = all.length > MOST ? `${all.length - MOST} more` : shown.pop()!;
  return `Available: ${shown.join(", ")} and ${rest}.`;
}

/** Says of each `--filter` that no snapshot has a name for: a typo would look like an answer. @param names of all snapshots that were looked at */
export function tellOfUnused(io: Io, filters: readonly string[], names: readonly string[]): void {
  for (const filter of filters)
    if (!names.some(glob(filter)))
      printWarning(io, {
        summary: `--filter "${filter}" matches no snapshot`,
        detail: `${whatExists(names)} * matches any text, ? matches one character.`,
      });
}

/** A rule and how a message names it. */
export interface NamedRule {
  readonly rule: IgnoreRule;
  readonly label: string;
}

/** A snapshot that was checked. */
export interface Checked {
  readonly name: string | null;
  readonly address: string;
  /** How a message names it. */
  readonly shown: string;
}

/**
 * Says of each rule that it ignores nothing: its last day is over, or no snapshot has a name or an address for it.
 * @param known all snapshots that were checked; null: some could not be, so nobody knows @param now ms since the epoch
 */
export function tellOfIdleRules(
  io: Io,
  rules: readonly NamedRule[],
  known: readonly Checked[] | null,
  now: number,
): void {
  const today = new Date(now).toISOString().slice(0, 10);
  for (const { rule, label } of rules) {
    if (rule.until !== null && rule.until < today)
      printWarning(io, {
        summary: `${label} expired on ${rule.until}, and no longer ignores anything`,
        detail: "Set a later date, or remove the rule.",
      });
    else if (known !== null && known.length > 0 && !known.some((one) => isFor(rule, one)))
      printWarning(io, {
        summary: `${label} matches no snapshot`,
        detail: `None has the name or the address "${rule.name}". ${whatExists(known.map(({ shown }) => shown))} * matches any text, ? matches one character.`,
      });
  }
}
