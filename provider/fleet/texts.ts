import { classify } from "../resources/snapshot/states";
import { applyText } from "./apply-text";
import { type Happened, isInUnknownState, type Judgement } from "./judge";
import { followedTag } from "./moved-tags";
import type { FleetResource, ForcedBy, PlannedAction, PlannedChange } from "./resource";

/** What a person reads about one snapshot. */
export interface Told {
  /** What happened, as a sentence. */
  readonly summary: string;
  /** What it means for those who use the snapshot; empty: nothing. */
  readonly consequence: string;
  /** What an apply does, as a sentence, and about how long it takes. */
  readonly apply: string;
}

const SUMMARY: Record<Happened, (resource: FleetResource) => string> = {
  gone: ({ holder }) =>
    `It was deleted outside of the tool.${holder === undefined ? "" : ` Another snapshot (${holder.id}), which is in none of these states, has its name now.`}`,
  idle: () => "It is inactive: unused for two weeks, or deactivated by somebody.",
  awake: () => "It is active, although it should not be: somebody activated it.",
  failed: ({ seen }) =>
    `It has failed (${seen?.state ?? "error"})${seen?.errorReason ? `: ${seen.errorReason.trim().replace(/\.$/, "")}` : ""}.`,
  leaving: () => "Somebody is deleting it.",
  settling: ({ seen }) => `It is being made again (${seen?.state ?? "pending"}).`,
  "unfinished-swap": () => "A replacement was interrupted: its successor exists, but does not have the name yet.",
  changed: (resource) =>
    isInUnknownState(resource)
      ? `It is ${resource.seen?.state}, a state that this release does not know.`
      : "Its attributes changed outside of the tool.",
};

const CONSEQUENCE: Record<Happened, string> = {
  gone: "Sandboxes cannot start from it.",
  idle: "Sandboxes cannot start from it until it is active.",
  awake: "It counts toward the quota of active snapshots.",
  failed: "Sandboxes cannot start from it.",
  leaving: "Sandboxes cannot start from it.",
  settling: "Sandboxes cannot start from it until it is active.",
  "unfinished-swap": "Sandboxes may not find it by its name until the replacement is finished.",
  changed: "New sandboxes start with other values than the program says.",
};

/**
 * The texts of a snapshot that has drifted, is not applied, or both.
 * @param now ms since the epoch
 * @param found what happened, ignored or not: an apply repairs it either way
 */
export function textsOf(
  resource: FleetResource,
  judgement: Judgement,
  now: number,
  found: Happened | null = judgement.happened,
): Told {
  const { happened, notApplied } = judgement;
  const parts = [
    happened === null ? "" : SUMMARY[happened](resource),
    notApplied === null ? "" : programText(resource, judgement),
  ];
  return {
    summary: parts.filter((text) => text !== "").join(" "),
    consequence:
      happened === null
        ? resource.state === null && resource.seen === null
          ? "Sandboxes cannot start from it yet."
          : ""
        : happened === "changed" && isInUnknownState(resource)
          ? "Sandboxes may not start from it."
          : CONSEQUENCE[happened],
    apply: applyText(resource, { ...judgement, happened: found }, now),
  };
}

const FORCED: Record<ForcedBy, string> = {
  taint: "It is tainted, so the next apply makes it anew.",
  request: "The plan makes it anew on request (-replace).",
  trigger: "The plan makes it anew because another resource changes (replace_triggered_by).",
};

/** What the program does with a snapshot, where it neither creates, updates nor replaces it. @param names attributes that it changes */
const OTHERWISE: Partial<Record<PlannedAction, (names: readonly string[], planned: PlannedChange) => string>> = {
  other: (_, { called }) =>
    `The plan does something with it that this release of daytona-iac does not know (${called ?? "no action"}); that is not applied.`,
  import: (names) =>
    names.length > 0
      ? `The program imports it and changes ${list(names)}; that is not applied.`
      : "The program imports it; that is not applied.",
  delete: () => "The program has it no more, but it still exists.",
  forget: () => "The program removes it from the state without deleting it.",
  move: () => MOVED,
};

const MOVED = "It has another address in the program.";

function programText({ state, planned, holder }: FleetResource, judgement: Judgement): string {
  const names = changedNames(judgement);
  const otherwise = planned ? OTHERWISE[planned.action]?.(names, planned) : undefined;
  if (otherwise !== undefined) return otherwise;
  if (state === null)
    return holder === undefined
      ? "It is in the program, but not created."
      : `It is in the program, but not created: another snapshot (${holder.id}), which is in none of these states, has its name.`;
  const parts = planned ? reasonsOf(state, planned, names) : [];
  if (parts.length > 0) return parts.join(" ");
  if (planned?.action === "replace") return "The plan makes it anew; that is not applied.";
  return planned?.action === "update" ? notRepairedText(state.state) : NOT_FINISHED;
}

/** Why the plan changes a snapshot that exists, a sentence each. @param names attributes that the program changes */
function reasonsOf(state: FleetResource["state"], planned: PlannedChange, names: readonly string[]): string[] {
  return [
    names.length > 0 ? `The program changes ${list(names)}; that is not applied.` : "",
    followedTag(state, planned) === null
      ? ""
      : "The tag has moved, so the plan replaces the snapshot; that is not applied.",
    anewText(planned),
    planned.moved === true ? MOVED : "",
  ].filter((text) => text !== "");
}

/** Attributes that the program changes. A source changes its hash as well. */
function changedNames({ notApplied }: Judgement): string[] {
  const names = (notApplied ?? []).map(({ attribute }) => attribute).filter((name) => name !== "imageDigest");
  return names.filter((name) => name !== "sourceHash" || names.length === 1);
}

/** Why the plan makes a snapshot anew without a change of the program; empty: it does not. */
function anewText({ action, forcedBy }: PlannedChange): string {
  if (forcedBy) return FORCED[forcedBy];
  return action === "replace-keeping" ? "The plan replaces it without deleting the old one." : "";
}

const NOT_FINISHED = "An earlier apply did not finish.";

/** A refresh was saved, but what it found was not repaired. @param saved in the state */
function notRepairedText(saved: string | null): string {
  switch (classify(saved)) {
    case "failed":
      return `It has failed (${saved}); the state already says so.`;
    case "leaving":
      return "It is being deleted; the state already says so.";
    default:
      return NOT_FINISHED;
  }
}

/** `a`, `a and b`, `a, b and c`. */
export function list(items: readonly string[]): string {
  return items.length < 2 ? (items[0] ?? "") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}
