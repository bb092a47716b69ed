import { classify } from "../resources/snapshot/states";
import { applyText } from "./apply-text";
import { type Happened, isInUnknownState, type Judgement } from "./judge";
import { followedTag } from "./moved-tags";
import type { FleetResource, ForcedBy, PlannedAction, PlannedChange, SourceKind } from "./resource";
import { codeWord, toolName } from "./words";

/** What a person reads about one snapshot. */
export interface Told {
  /** What happened, as a sentence. */
  readonly summary: string;
  /** What it means for those who use the snapshot; empty: nothing. */
  readonly consequence: string;
  /** What an apply does, as a sentence, and about how long it takes. */
  readonly apply: string;
}

/** @param tool as the sentence names it: `Terraform` */
const SUMMARY: Record<Happened, (resource: FleetResource, tool: string) => string> = {
  gone: ({ holder }, tool) =>
    `It was deleted outside of ${tool}.${holder === undefined ? "" : ` An unmanaged snapshot (${holder.id}) now has its name.`}`,
  idle: () => "It is inactive: it was unused for two weeks, or was deactivated manually.",
  awake: (_, tool) => `It is active, although it should not be: it was activated outside of ${tool}.`,
  failed: ({ seen }) =>
    `It has failed (${seen?.state ?? "error"})${seen?.errorReason ? `: ${seen.errorReason.trim().replace(/\.$/, "")}` : ""}.`,
  leaving: (_, tool) => `It is being deleted outside of ${tool}.`,
  settling: ({ seen }) => `It is being recreated (${seen?.state ?? "pending"}).`,
  "unfinished-swap": () => "A replacement was interrupted: the successor exists, but does not have the name yet.",
  changed: (resource, tool) =>
    isInUnknownState(resource)
      ? `It is ${resource.seen?.state}, a state that this release does not know.`
      : `Its attributes changed outside of ${tool}.`,
};

const CONSEQUENCE: Record<Happened, string> = {
  gone: "No sandbox can be created from it.",
  idle: "No sandbox can be created from it until it is active.",
  awake: "It counts toward the quota of active snapshots.",
  failed: "No sandbox can be created from it.",
  leaving: "No sandbox can be created from it.",
  settling: "No sandbox can be created from it until it is active.",
  "unfinished-swap": "Creating a sandbox by its name may fail until the replacement is finished.",
  changed: "New sandboxes start with values that differ from the configured ones.",
};

/**
 * The texts of a snapshot that has drifted, is not applied, or both.
 * @param now ms since the epoch
 * @param found what happened, ignored or not: an apply repairs it either way
 * @param kind of the source: its tool and its code have other names
 */
export function textsOf(
  resource: FleetResource,
  judgement: Judgement,
  now: number,
  found: Happened | null = judgement.happened,
  kind: SourceKind = "terraform",
): Told {
  const { happened, notApplied } = judgement;
  const parts = [
    happened === null ? "" : SUMMARY[happened](resource, toolName(kind)),
    notApplied === null ? "" : programText(resource, judgement, codeWord(kind)),
  ];
  return {
    summary: parts.filter((text) => text !== "").join(" "),
    consequence:
      happened === null
        ? resource.state === null && resource.seen === null
          ? "No sandbox can be created from it yet."
          : ""
        : happened === "changed" && isInUnknownState(resource)
          ? "Creating sandboxes from it may fail."
          : CONSEQUENCE[happened],
    apply: applyText(resource, { ...judgement, happened: found }, now, codeWord(kind)),
  };
}

const FORCED: Record<ForcedBy, string> = {
  taint: "It is tainted, so the next apply recreates it.",
  request: "The plan recreates it on request (-replace).",
  trigger: "The plan recreates it because another resource changes (replace_triggered_by).",
};

/**
 * What the program does with a snapshot, where it neither creates, updates nor replaces it.
 * @param names attributes that it changes @param code `configuration` or `program`
 */
const OTHERWISE: Partial<
  Record<PlannedAction, (names: readonly string[], planned: PlannedChange, code: string) => string>
> = {
  other: (_, { called }) =>
    `The plan has an unapplied action for it that this release of daytona-iac does not know (${called ?? "no action"}).`,
  import: (names, _, code) =>
    names.length > 0
      ? `The ${code} imports it and changes ${list(names)}, but has not been applied.`
      : `The ${code} imports it, but has not been applied.`,
  delete: (_names, _planned, code) => `It was removed from the ${code}, but still exists.`,
  forget: (_names, _planned, code) => `The ${code} removes it from the state without deleting it.`,
  move: (_names, _planned, code) => movedText(code),
};

const movedText = (code: string): string => `Its address in the ${code} has changed.`;

function programText(
  { state, planned, holder, sourceChange }: FleetResource,
  judgement: Judgement,
  code: string,
): string {
  const names = changedNames(judgement);
  const otherwise = planned ? OTHERWISE[planned.action]?.(names, planned, code) : undefined;
  if (otherwise !== undefined) return otherwise;
  if (state === null)
    return holder === undefined
      ? `It is in the ${code}, but has not been created.`
      : `It is in the ${code}, but has not been created: an unmanaged snapshot (${holder.id}) has its name.`;
  const parts = planned ? reasonsOf(state, planned, names, code) : [];
  if (sourceChange !== undefined) parts.push(sourceChange.text);
  if (parts.length > 0) return parts.join(" ");
  if (planned?.marksOnly === true) return MARKS_ONLY;
  if (planned?.action === "replace") return "The plan recreates it, but has not been applied.";
  return planned?.action === "update" ? notRepairedText(state.state) : NOT_FINISHED;
}

/** Why the plan changes a snapshot that exists, a sentence each. @param names attributes that the program changes */
function reasonsOf(
  state: FleetResource["state"],
  planned: PlannedChange,
  names: readonly string[],
  code: string,
): string[] {
  return [
    names.length > 0 ? `Changed in the ${code} but not applied: ${list(names)}.` : "",
    followedTag(state, planned) === null
      ? ""
      : "The tag has moved, so the plan replaces the snapshot, but has not been applied.",
    anewText(planned),
    planned.moved === true ? movedText(code) : "",
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

const MARKS_ONLY =
  "None of its values change: the plan only updates which of them are marked as sensitive in the state, because another version of the provider marks them differently.";
const NOT_FINISHED = "An earlier apply did not finish.";

/** A refresh was saved, but what it found was not repaired. @param saved in the state */
function notRepairedText(saved: string | null): string {
  switch (classify(saved)) {
    case "failed":
      return `It has failed (${saved}). The state already contains this.`;
    case "leaving":
      return "It is being deleted. The state already contains this.";
    default:
      return NOT_FINISHED;
  }
}

/** `a`, `a and b`, `a, b and c`. */
export function list(items: readonly string[]): string {
  return items.length < 2 ? (items[0] ?? "") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}
