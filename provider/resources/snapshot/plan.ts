import {
  type Action,
  type Cause,
  type Marks,
  type Planned,
  SPELLED,
  type SnapshotInputs,
  type SnapshotPlan,
  type SnapshotRecord,
  type SourcePlaces,
  type Written,
} from "./record";
import type { Notice } from "../../kit/notice";
import type { MaybeUnknown } from "../../kit/unknown";
import { type ToolWords, capital, lowerCase } from "../../kit/words";
import { snapshotTable } from "./attributes";
import type { AnyTable } from "./attributes/rows";
import { type Changes, compareInputs } from "./changes";
import { plannedRegion } from "./own/region";
import { hashOf, isUnread, plannedHash } from "./own/source/compare";
import { comparedFiles, filesNotices } from "./own/source/files";
import { decidedBySandbox, isFromSandbox } from "./own/source/sandbox";
import { movedTag, plannedDigest, takenDigest } from "./own/source/pin";
import { tagNotices } from "./own/source/tag-warning";
import { classify } from "./states";
import { keptInputs, plannedInputs, plannedOutputs } from "./table/plan";
import { isEmpty, unknownOf } from "./table/values";
import { UNKNOWN, hasUnknown, isUnknown } from "../../kit/unknown";

export interface PlanRequest {
  /** null: there is nothing yet. */
  prior: SnapshotRecord | null;
  marks: Marks;
  written: Written;
  /** The provider's default region, for new snapshots. */
  providerRegion: MaybeUnknown<string | null>;
  words: ToolWords;
  /** What should be known before the source is built, such as files that it copies but that are not sent. Default: nothing. */
  sourceWarnings?: readonly Notice[];
  /** A sentence: which files of the source have changed since the snapshot was made. Default: nothing to say. */
  sourceChange?: string;
  /** Default: the snapshot's. */
  table?: AnyTable;
}

type Input = keyof SnapshotInputs;

/**
 * The single answer to "what changed", for plan, preview and drift. Pure: no I/O.
 * Terraform's rules hold for `planned`: what is written is planned as written, only computed attributes are filled in or unknown.
 */
export function planSnapshot(request: PlanRequest): SnapshotPlan {
  const { prior, marks, written, sourceWarnings = [] } = request;
  if (prior === null) return planCreate(request);

  const changes = compareInputs(prior, written, marks, request.table);
  if (isUnread(written)) return plannedUnread(request, prior, changes);
  const recreate = written.replacement === "recreate";
  const replaceBy: Cause[] = [...changes.name, ...(recreate ? changes.content : [])];
  const changed: Cause[] = [...changes.name, ...changes.content, ...changes.active, ...changes.managed];
  const tag = (action: Action, { imageDigest }: Planned): Notice[] =>
    tagNotices({ prior, written, action, content: changes.content, imageDigest, words: request.words });
  if (replaceBy.length > 0) {
    const planned = plannedCreate(request, changes.content);
    const differs = sourceChanged(request, prior, changes.content);
    const files = filesOf("replace", request, prior);
    return {
      action: "replace",
      changed,
      replaceBy,
      planned,
      warnings: [...(files.files?.notices ?? []), ...tag("replace", planned), ...differs, ...sourceWarnings],
      differs,
      ...files,
    };
  }

  const action = actionOf(prior, marks, written, changes.content.length > 0, changed.length > 0);
  const planned = {
    ...plannedUpdate(request, prior, action, changes.content),
    ...keptSpelling(prior, written, changes.spelling),
  };
  const files = filesOf(action, request, prior);
  const warnings = [
    ...(files.files?.notices ?? []),
    ...warningsOf(action, request, prior, changes.content),
    ...(action === "rebuild" ? sourceChanged(request, prior, changes.content) : []),
    ...tag(action, planned),
    ...(action === "swap" || action === "rebuild" ? sourceWarnings : takenOver(request, prior, changes.managed)),
  ];
  return { action, changed, replaceBy: [], planned, warnings, ...files };
}

/** How the files of an imported build compare with those that it was built from. */
function filesOf(
  action: Action,
  { marks, written, words }: PlanRequest,
  prior: SnapshotRecord,
): Pick<SnapshotPlan, "files"> {
  const compared = comparedFiles(prior, written, marks);
  return compared === null ? {} : { files: { compared, notices: filesNotices(compared, prior, action, words) } };
}

/** The action if no replacement is needed. Checked in the order of urgency. */
function actionOf(prior: SnapshotRecord, marks: Marks, written: Written, content: boolean, changed: boolean): Action {
  const phase = classify(prior.state);
  // A failed or vanishing snapshot has nothing to protect: no successor is needed, even when its source changes.
  if (marks.successor) return "swap";
  if (marks.removing || phase === "leaving" || phase === "failed") return "rebuild";
  if (content) return "swap";
  if (phase === "settling") return "wait";
  return activationOf(phase, prior, written) ?? (changed ? "state-only" : "none");
}

/** null: the snapshot is as active as it is to be. In a state that this release does not know, it is what the state says it was. */
function activationOf(
  phase: "ready" | "idle" | "unknown",
  prior: SnapshotRecord,
  written: Written,
): "activate" | "deactivate" | null {
  const active = written.active ?? true;
  if (isUnknown(active)) return phase === "idle" ? "activate" : "deactivate";
  const is = phase === "unknown" ? (prior.active ?? null) : phase === "ready";
  if (is === null || is === active) return null;
  return active ? "activate" : "deactivate";
}

function planCreate(request: PlanRequest): SnapshotPlan {
  const { written, words, sourceWarnings = [] } = request;
  const planned = plannedCreate(request, []);
  const { imageDigest } = planned;
  const tag = tagNotices({ prior: null, written, action: "create", content: [], imageDigest, words });
  return { action: "create", changed: [], replaceBy: [], planned, warnings: [...tag, ...sourceWarnings] };
}

/** @param content of a replacement: what differs and asks for another snapshot */
function plannedCreate(
  { prior, written, providerRegion, table = snapshotTable }: PlanRequest,
  content: readonly Cause[],
): Planned {
  return {
    ...plannedInputs(table.inputs, written),
    ...unknownOf(table.outputs),
    sourceHash: hashOf(written),
    region: plannedRegion(written, providerRegion),
    ...decidedBySandbox(written, table),
    imageDigest: plannedDigest(prior, written, content),
    ...preparedIn(written),
  } as Planned;
}

function plannedUpdate(
  { written, table = snapshotTable }: PlanRequest,
  prior: SnapshotRecord,
  action: Action,
  content: readonly Cause[],
): Planned {
  const anew = action === "swap" || action === "rebuild";
  const after = anew
    ? "rebuild"
    : action === "activate" || action === "deactivate" || action === "wait"
      ? "activate"
      : null;
  return {
    ...keptInputs(table.inputs, prior, written, anew),
    ...(anew ? decidedBySandbox(written, table) : {}),
    ...plannedOutputs(table.outputs, prior, after),
    sourceHash: plannedHash(prior, written, content, certain(content, written)),
    imageDigest: anew
      ? plannedDigest(prior, written, content)
      : (prior.imageDigest ?? (action === "none" ? null : takenDigest(written))),
    ...preparedIn(written),
  } as Planned;
}

function preparedIn({ prepared }: Written): Pick<Written, "prepared"> {
  return prepared ? { prepared } : {};
}

/** The prior spelling of an unchanged source, whatever else the plan does: values that become known later must not change it. */
function keptSpelling(prior: SnapshotRecord, written: Written, spelling: readonly Input[]): Partial<Planned> {
  if (spelling.length === 0) return {};
  return {
    ...Object.fromEntries(spelling.map((name) => [name, prior[name]])),
    places: Object.fromEntries(SPELLED.map((name) => [name, written[name]])) as SourcePlaces,
  };
}

/**
 * The plan while the source cannot be read: a change that shows and that the apply must refuse. All outputs stay known, so that nothing
 * which refers to the snapshot is replaced for a change that cannot be made.
 */
function plannedUnread(request: PlanRequest, prior: SnapshotRecord, changes: Changes): SnapshotPlan {
  const { written } = request;
  const spelling = SPELLED.filter(
    (name) => prior[name] !== null && written[name] !== null && !isUnknown(written[name]),
  );
  const planned: Planned = {
    ...plannedUpdate(request, prior, "state-only", []),
    ...keptSpelling(prior, written, spelling),
    name: prior.name,
    sourceHash: UNKNOWN,
  };
  return {
    action: "swap",
    changed: [...changes.name, ...changes.content, ...changes.active, ...changes.managed],
    replaceBy: [],
    planned,
    warnings: [],
  };
}

/** Whether at least one of the changes is certain, and not only possible because a value is unknown. */
function certain(changes: readonly Cause[], written: Written): boolean {
  return changes.some((name) => name === "imageDigest" || !hasUnknown(written[name]));
}

function warningsOf(
  action: Action,
  { marks, written, words, sourceChange = "" }: PlanRequest,
  prior: SnapshotRecord,
  content: readonly Cause[],
): Notice[] {
  if (action !== "swap") return [];
  const which = `snapshot "${prior.name}" (${prior.id})`;
  if (marks.successor) {
    return [
      {
        summary: `The unfinished swap of snapshot "${prior.name}" resumes`,
        detail: `An earlier change was interrupted: ${which} is the successor that was created to take over the name. The next ${words.run} recreates "${prior.name}", then deletes the successor. Until then, no sandbox can be created with this name.`,
      },
    ];
  }
  const sure = certain(content, written);
  // A computed hash changes with its source: only the source is what the user wrote.
  const causes = content.filter((name) => name !== "sourceHash" || written.sourceHash !== null || content.length === 1);
  // In the present tense: Terraform plans again while it applies, and prints this once more when all is done.
  return [
    {
      summary: `A swap ${sure ? "replaces" : "may replace"} snapshot "${prior.name}"`,
      detail:
        `${causeText(causes, written, prior, words)} ${sure ? "creates" : "may create"} a new snapshot. ${content.includes("sourceHash") && sourceChange !== "" ? `${sourceChange} ` : ""}A successor is created first and has to become active. Then ${which} is deleted, and "${prior.name}" is recreated. ` +
        betweenText(written, words) +
        words.zeroDowntime,
    },
  ];
}

/** Which files have changed, where no warning of a swap says it. */
function sourceChanged({ sourceChange = "" }: PlanRequest, prior: SnapshotRecord, content: readonly Cause[]): Notice[] {
  return sourceChange === "" || !content.includes("sourceHash")
    ? []
    : [{ summary: `The source of snapshot "${prior.name}" has changed`, detail: sourceChange }];
}

/** How long the name cannot be used, and what the second snapshot holds. */
function betweenText(written: Written, words: Pick<ToolWords, "attribute">): string {
  const between = "Between these two steps, no sandbox can be created with this name: for";
  if (!isFromSandbox(written))
    return `${between} seconds if the server reuses the image, or for as long as a second pull or build if it does not. `;
  return (
    `${between} as long as the second snapshot of the sandbox takes. ` +
    `The API cannot copy a snapshot, so it is created from the sandbox in ${words.attribute("sourceSandbox")} twice. What changes in the sandbox in the meantime is only in the second snapshot, which is the one that stays. To make both the same, stop the sandbox first. `
  );
}

/** What the change is, as the subject of a sentence. */
function causeText(
  causes: readonly Cause[],
  written: Written,
  prior: SnapshotRecord,
  words: Pick<ToolWords, "attribute">,
): string {
  const moved = causes.includes("imageDigest") ? movedTag(prior, written) : null;
  const inputs = causes.filter((name) => moved === null || name !== "imageDigest");
  // Nobody has changed it: there was none to compare with, so the files have been compared.
  if (inputs.length === 1 && inputs[0] === "sourceHash" && written.sourceHash === null && prior.sourceHash === null)
    return "Building from the files on this machine";
  const changing = inputs.length === 0 ? "" : `Changing ${inputs.map((name) => words.attribute(name)).join(", ")}`;
  if (moved === null) return changing;
  const tag = `the tag ${moved.image} has moved from ${moved.from} to ${moved.to}, which`;
  return changing === "" ? capital(tag) : `${capital(tag)} with ${lowerCase(changing)}`;
}

/** After an import, attributes that the API does not store are recorded without a new snapshot, even if they are written much later. */
function takenOver(
  { marks, written, words, table = snapshotTable }: PlanRequest,
  prior: SnapshotRecord,
  managed: readonly Input[],
): Notice[] {
  const content = table.inputs.filter((row) => row.change === "content" && "stored" in row).map(({ name }) => name);
  const unstored = managed.filter((name) => content.includes(name) && !isEmpty(written[name]));
  if (!marks.imported || unstored.length === 0) return [];
  const names = unstored.map((name) => words.attribute(name)).join(" and ");
  return [
    {
      summary: `Snapshot "${prior.name}" was imported: ${names} ${unstored.length > 1 ? "are" : "is"} recorded without creating a new snapshot`,
      detail: `The API does not store ${names}, so the ${unstored.length > 1 ? "values" : "value"} at creation ${unstored.length > 1 ? "are" : "is"} unknown. To create a new snapshot, run ${words.run} with this change, then change ${names} again.`,
      attribute: [unstored[0] as string],
    },
  ];
}
