import type { Action, Marks, Notice, Planned, SnapshotInputs, SnapshotPlan, SnapshotRecord, Written } from "./record";
import type { MaybeUnknown } from "./unknown";
import type { ToolWords } from "./tool-words";
import { snapshotTable } from "./attributes";
import { compareInputs, hashOf } from "./changes";
import { needsReading } from "./source";
import { classify } from "./states";
import { UNKNOWN, hasUnknown, isUnknown } from "./unknown";

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
}

type Input = keyof SnapshotInputs;

/**
 * The single answer to "what changed", for plan, preview and drift. Pure: no I/O.
 * Terraform's rules hold for `planned`: what is written is planned as written, only computed attributes are filled in or unknown.
 */
export function planSnapshot(request: PlanRequest): SnapshotPlan {
  const { prior, marks, written, sourceWarnings = [] } = request;
  if (prior === null) return { action: "create", changed: [], replaceBy: [], planned: plannedCreate(request), warnings: [...sourceWarnings] };

  const changes = compareInputs(prior, written, marks);
  const recreate = written.replacement === "recreate";
  const replaceBy: Input[] = [...changes.name, ...(recreate ? changes.content : [])];
  const changed: Input[] = [...changes.name, ...changes.content, ...changes.active, ...changes.managed];
  if (replaceBy.length > 0) return { action: "replace", changed, replaceBy, planned: plannedCreate(request), warnings: [...sourceWarnings] };

  const action = actionOf(prior, marks, written, changes.content.length > 0, changed.length > 0);
  const planned = plannedUpdate(prior, written, action, changes.content);
  const warnings = [...warningsOf(action, request, prior, changes.content), ...(action === "swap" || action === "rebuild" ? sourceWarnings : takenOver(request, prior, changes.managed))];
  return { action, changed, replaceBy: [], planned, warnings };
}

/** The action if no replacement is needed. Checked in the order of urgency. */
function actionOf(prior: SnapshotRecord, marks: Marks, written: Written, content: boolean, changed: boolean): Action {
  const phase = classify(prior.state);
  // A failed or vanishing snapshot has nothing to protect: no successor is needed, even when its source changes.
  if (marks.successor) return "swap";
  if (marks.removing || phase === "leaving" || phase === "failed") return "rebuild";
  if (content) return "swap";
  if (phase === "settling") return "wait";
  const active = written.active ?? true;
  const known = phase !== "unknown";
  if (isUnknown(active)) return phase === "idle" ? "activate" : "deactivate";
  if (active && (phase === "idle" || (!known && prior.active === false))) return "activate";
  if (!active && (phase === "ready" || (!known && prior.active === true))) return "deactivate";
  return changed ? "state-only" : "none";
}

/** The configured value, or `otherwise` if there is none. */
function or<T>(value: MaybeUnknown<T | null>, otherwise: MaybeUnknown<T | null>): MaybeUnknown<T | null> {
  return value === null ? otherwise : value;
}

/** Inputs that are planned as they are written. */
const PLAIN = ["image", "dockerfile", "dockerfileContent", "localImage", "contextDir", "context", "buildArgs", "target", "namePrefix", "gpuTypes", "triggers", "timeouts"] as const;

/** Inputs whose planned value does not depend on what is there. */
function plainInputs(written: Written): Pick<Planned, (typeof PLAIN)[number] | "active" | "replacement" | "adoptExisting" | "prepared"> {
  return {
    ...(Object.fromEntries(PLAIN.map((name) => [name, written[name]])) as Pick<Planned, (typeof PLAIN)[number]>),
    ...(written.prepared ? { prepared: written.prepared } : {}),
    active: or(written.active, true),
    replacement: or(written.replacement, "swap"),
    adoptExisting: or(written.adoptExisting, false),
  };
}

function plannedCreate({ written, providerRegion }: PlanRequest): Planned {
  const outputs = Object.fromEntries(snapshotTable.outputs.map((output) => [output.name, UNKNOWN]));
  return {
    ...plainInputs(written),
    name: or(written.name, UNKNOWN),
    sourceHash: hashOf(written),
    entrypoint: or(written.entrypoint, UNKNOWN),
    cpu: or(written.cpu, UNKNOWN),
    memory: or(written.memory, UNKNOWN),
    disk: or(written.disk, UNKNOWN),
    gpu: or(written.gpu, UNKNOWN),
    sandboxClass: or(written.sandboxClass, UNKNOWN),
    region: or(written.region, or(providerRegion, UNKNOWN)),
    ...outputs,
  } as Planned;
}

function plannedUpdate(prior: SnapshotRecord, written: Written, action: Action, content: readonly Input[]): Planned {
  const anew = action === "swap" || action === "rebuild";
  const touched = anew ? "rebuild" : action === "activate" || action === "deactivate" || action === "wait" ? "activate" : null;
  const outputs: Record<string, unknown> = {};
  for (const { name, unknownAfter = [] } of snapshotTable.outputs) {
    outputs[name] = touched !== null && unknownAfter.includes(touched) ? UNKNOWN : prior[name as keyof SnapshotRecord];
  }
  const hash = hashOf(written);
  // After an import, only a hash can tell when the files change.
  const adopted = written.prepared !== undefined && needsReading(written) && (prior.sourceHash === null || (prior.image !== null && written.localImage !== null));
  return {
    ...plainInputs(written),
    name: or(written.name, prior.name),
    // A hash of another recipe stays until the next real change; whether there is one may not be known yet.
    sourceHash: written.sourceHash ?? (content.length === 0 ? (adopted ? hash : prior.sourceHash) : certain(content, written) || hash === prior.sourceHash ? hash : UNKNOWN),
    // No entrypoint is configured: a new snapshot uses the one of its image or Dockerfile.
    entrypoint: or(written.entrypoint, anew ? UNKNOWN : prior.entrypoint),
    cpu: or(written.cpu, prior.cpu),
    memory: or(written.memory, prior.memory),
    disk: or(written.disk, prior.disk),
    gpu: or(written.gpu, prior.gpu),
    sandboxClass: or(written.sandboxClass, prior.sandboxClass),
    region: or(written.region, prior.region),
    ...outputs,
  } as Planned;
}

/** Whether at least one of the changes is certain, and not only possible because a value is unknown. */
function certain(changes: readonly Input[], written: Written): boolean {
  return changes.some((name) => !hasUnknown(written[name]));
}

function warningsOf(action: Action, { marks, written, words }: PlanRequest, prior: SnapshotRecord, content: readonly Input[]): Notice[] {
  if (action !== "swap") return [];
  const which = `snapshot "${prior.name}" (${prior.id})`;
  if (marks.successor) {
    return [{
      summary: `The unfinished swap of snapshot "${prior.name}" resumes`,
      detail: `An earlier change was interrupted: ${which} is the successor that was created to take over the name. The next ${words.run} creates "${prior.name}" again, then deletes the successor. Until then, no sandbox can start from the name.`,
    }];
  }
  const sure = certain(content, written);
  // A computed hash changes with its source: only the source is what the user wrote.
  const causes = content.filter((name) => name !== "sourceHash" || written.sourceHash !== null || content.length === 1);
  // In the present tense: Terraform plans again while it applies, and prints this once more when all is done.
  return [{
    summary: `A swap ${sure ? "replaces" : "may replace"} snapshot "${prior.name}"`,
    detail:
      `Changing ${causes.map((name) => words.attribute(name)).join(", ")} ${sure ? "creates" : "may create"} a new snapshot. A successor is created first and has to become active. Then ${which} is deleted, and "${prior.name}" is created again. ` +
      `Between these two steps, no sandbox can start from the name: for seconds if the server reuses the image, or for as long as a second pull or build if it does not. ` +
      words.zeroDowntime,
  }];
}

/** After an import, attributes that the API does not store are recorded without a new snapshot, even if they are written much later. */
function takenOver({ marks, written, words }: PlanRequest, prior: SnapshotRecord, managed: readonly Input[]): Notice[] {
  const unstored = managed.filter((name) => ["triggers", "gpuTypes", "sourceHash"].includes(name) && !isEmpty(written[name]));
  if (!marks.imported || unstored.length === 0) return [];
  const names = unstored.map((name) => words.attribute(name)).join(" and ");
  return [{
    summary: `Snapshot "${prior.name}" was imported: ${names} ${unstored.length > 1 ? "are" : "is"} recorded without creating a new snapshot`,
    detail: `The API does not store ${names}, so the ${unstored.length > 1 ? "values" : "value"} at creation ${unstored.length > 1 ? "are" : "is"} unknown. To create a new snapshot, run ${words.run} with this change, then change ${names} again.`,
    attribute: [unstored[0] as string],
  }];
}

function isEmpty(value: unknown): boolean {
  return value === null || (typeof value === "object" && Object.keys(value).length === 0);
}
