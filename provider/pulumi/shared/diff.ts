import type { ImageResolver } from "../../lifecycle";
import type { Notice } from "../../kit/notice";
import type { Action, SnapshotPlan, SnapshotRecord } from "../../resources/snapshot/record";
import type { MaybeUnknown } from "../../kit/unknown";
import type { SourceReader } from "../../source/source-reader";
import { tagToPin } from "../../lifecycle/publish/pin-source";
import { planNews, type PlanRequest } from "./plan";
import { attributes, marksFrom, outputsFrom, pulumiName, recordFrom, spelled } from "./properties";
import type { KeptDigests } from "./kept-digests";
import type { SeenSources } from "./seen-sources";
import { type Bag, type Value, sameForSure } from "./values";
import { toolWords } from "./words";

export interface Difference {
  /** What the next Update will do; `replace`: the engine creates and deletes. */
  action: Action;
  changes: boolean;
  /** Inputs that force a replacement. */
  replaces: string[];
  deleteBeforeReplace: boolean;
  /** Changes by property path. Old values are from the outputs in the state. */
  detailed: Record<string, PropertyChange>;
  /** Top-level properties of `detailed`. */
  diffs: string[];
  /** Properties that do not change. */
  stables: string[];
  /** Such as the warning that a swap will delete a snapshot. */
  warnings: Notice[];
  /** Those that neither the update has, because there is none, nor the create of a replacement, which knows nothing of the snapshot before. */
  told: Notice[];
  /** Which files have changed since this run of Pulumi read them before; null: none. */
  changedFiles: string | null;
}

export interface PropertyChange {
  kind: "add" | "update" | "delete";
  replace: boolean;
}

export interface DiffRequest {
  id: string;
  /** Outputs in the state. */
  olds: Bag;
  /** Checked inputs. */
  news: Bag;
  /** The default region of the provider. */
  region: MaybeUnknown<string | null>;
  sources: SourceReader;
  seen?: SeenSources;
  /** Asks registries what tags name; null: no registry is asked. */
  images: ImageResolver | null;
  /** Looks the source sandbox of a new snapshot up; default: nobody is told if there is none. */
  sandboxes?: PlanRequest["sandboxes"];
  /** Remembers the digest of a replacement for its Create, by `owner`. */
  digests?: KeptDigests;
  /** The resource, as a Create has it. */
  owner?: string;
  signal?: AbortSignal;
  /** Told how far the reading of a large build context is. */
  log?: PlanRequest["log"];
  /** Whether a replacement would have the same name: the program gives it, or it is derived from what does not change. Default false. */
  nameStays?: boolean;
}

/** Plans an Update from `olds` (outputs in the state) to `news` (checked inputs). */
export async function planUpdate(
  request: DiffRequest,
  doing: string,
): Promise<{ prior: SnapshotRecord; plan: SnapshotPlan; changed: string | null }> {
  const prior = recordFrom(request.olds, request.id);
  const planned = await planNews(
    { ...request, prior, marks: marksFrom(request.olds), words: toolWords(undefined, "native") },
    doing,
  );
  return { prior, ...planned };
}

/** An output, but what a plan says of it is a change by itself. */
const DIGEST = "imageDigest";

const computed = new Set(attributes.filter((attribute) => attribute.set === "optional+computed").map(pulumiName));

/** Diff: the core's plan in Pulumi's terms. Asks the API for nothing but the sandbox of a new snapshot, and reads the files of a Dockerfile build. @throws Refused if they cannot be used */
export async function diff(request: DiffRequest): Promise<Difference> {
  const { prior, plan, changed } = await planUpdate(request, `comparing snapshot "${request.id}"`);
  if (request.owner !== undefined) request.digests?.planned(request.owner, plan);
  // Without its digest, the new snapshot could not be created: the engine must not delete the present one. The update refuses.
  const refused = plan.action === "replace" && tagToPin(plan.planned) !== null;
  const action: Action = refused ? "swap" : plan.action;
  const replaces = refused ? [] : plan.replaceBy.map(spelled);
  const olds = outputsFrom(prior);
  const planned = outputsFrom(plan.planned);
  const detailed = detailedChanges(plan, { olds, planned, news: request.news }, replaces);
  // If an action is needed but no input differs, the output that explains why is shown as changed.
  const because = reason(action);
  if (because !== null && Object.keys(detailed).length === 0) detailed[because] = { kind: "update", replace: false };
  const stables = attributes
    .map(pulumiName)
    .filter((name) => olds[name] !== undefined && sameForSure(olds[name], planned[name]));
  return {
    action,
    changes: plan.action !== "none",
    replaces,
    // The name is taken as long as the old snapshot exists. Also for an update, which `replaceOnChanges` makes a replacement.
    deleteBeforeReplace:
      action !== "none" && !plan.replaceBy.includes("name") && (action === "replace" || request.nameStays === true),
    detailed,
    diffs: Object.keys(detailed),
    stables: action === "replace" ? [] : stables,
    warnings: plan.warnings,
    told: warnedHere({ ...plan, action }, prior, request.news),
    changedFiles: changed,
  };
}

/** What of the program, and of the tag that it names, is another value. */
function detailedChanges(
  { changed }: SnapshotPlan,
  { olds, planned, news }: { olds: Bag; planned: Bag; news: Bag },
  replaces: readonly string[],
): Record<string, PropertyChange> {
  const detailed: Record<string, PropertyChange> = {};
  for (const name of changed.map(spelled)) {
    const before = olds[name] ?? null;
    const after = news[name] ?? null;
    // A value that the program does not set is computed again, such as the source hash. Nobody asked for that change.
    if (after === null && (before === null || computed.has(name) || name === DIGEST)) continue;
    detailed[name] = {
      kind: before === null ? "add" : after === null ? "delete" : "update",
      replace: replaces.includes(name),
    };
  }
  if (isOtherDigest(olds[DIGEST], planned[DIGEST]))
    detailed[DIGEST] = { kind: "update", replace: replaces.includes(DIGEST) };
  return detailed;
}

/** Whether the plan says that the tag names other content than the state has. */
function isOtherDigest(before: Value | undefined, after: Value | undefined): boolean {
  return typeof before === "string" && typeof after === "string" && before !== after;
}

/**
 * What no other call tells: of a snapshot that stays as it is, and of a replacement whose image stays, whose sandbox is gone, or that an import's files ask for. Its
 * create tells the rest.
 */
function warnedHere(
  { action, warnings, differs = [], files }: SnapshotPlan,
  { image }: SnapshotRecord,
  news: Bag,
): Notice[] {
  if (action === "none") return warnings;
  if (action !== "replace") return [];
  return image !== null && image === news["image"]
    ? warnings
    : [...differs, ...warnings.filter((one) => one.attribute?.[0] === "sourceSandbox" || files?.notices.includes(one))];
}

function reason(action: Action): string | null {
  if (action === "none" || action === "state-only" || action === "replace") return null;
  return action === "swap" ? "snapshotId" : "state";
}
