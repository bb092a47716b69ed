import type { Definition } from "../resources/snapshot/definition";
import type { PlanRequest } from "../resources/snapshot/plan";
import type { Notice } from "../kit/notice";
import { isUnknown, known } from "../kit/unknown";
import { isPinned } from "../resources/snapshot/own/source/image-build";
import type { Action, SnapshotPlan, Written } from "../resources/snapshot/record";
import type { ToolWords } from "../kit/words";
import type { Face } from "../kit/spell";
import { foundSourceOf } from "../source/changed-files";
import { type PreparedBuild, SourceError } from "../source/prepare";
import type { SourceReader } from "../source/source-reader";
import { systemClock } from "./call/system-clock";
import type { LifecycleLog } from "./contract";
import type { ImageResolution, ImageResolver } from "./resolve/contract";
import { sourceChange } from "./source-change";
import { type ProgressLog, readingMeter } from "./publish/upload-progress";

/** Why a program cannot be planned as it is. */
export interface Wrong {
  /** `program`: what is written; `source`: what it is built from cannot be read; `request`: what would be sent. */
  readonly what: "program" | "source" | "request";
  readonly notices: readonly [Notice, ...Notice[]];
}

/** How a source is read. */
export interface Reading {
  face: Face;
  words: Pick<ToolWords, "attribute">;
  sources: SourceReader;
  signal?: AbortSignal | undefined;
  /** Told how far the reading of a large build context is. */
  log?: (ProgressLog & Partial<Pick<LifecycleLog, "debug">>) | undefined;
}

export interface PlanForRequest
  extends Omit<PlanRequest, "sourceWarnings" | "sourceChange" | "providerRegion">, Reading {
  words: ToolWords;
  /** The provider's default region, for new snapshots. Asked for once the program is known to be valid. */
  providerRegion(): PlanRequest["providerRegion"];
  /** true: a call of its own has validated the program before. */
  validated?: true;
  /** Asks registries what tags name. Not set, or null: no registry is asked. */
  images?: ImageResolver | null | undefined;
  /** Looks a sandbox up by its name or ID; null: there is none. Not set, or null: none is looked for. */
  sandboxes?: ((nameOrId: string, signal?: AbortSignal) => Promise<unknown>) | null | undefined;
  /** true: a source that is wrong is planned all the same, as a change that an apply has to refuse. */
  unread?: boolean;
}

/**
 * @param plan null: there is none, since something is wrong
 * @param build what the snapshot is built from; null: an image, an input that is unknown, or a source that cannot be read
 */
export type PlanFor =
  | { readonly plan: SnapshotPlan; readonly build: PreparedBuild | null; readonly wrong: Wrong | null }
  | { readonly plan: null; readonly build: null; readonly wrong: Wrong };

/**
 * Plans what a program asks for: validates it, reads what it is built from, validates what would be sent, and compares with what there is.
 * Sends no request to the API, but to look for a sandbox that a snapshot has to be taken of. Asks the registry for the digest of a tag, if the plan depends on it.
 * @throws the signal's reason
 */
export async function planFor(
  definition: Definition,
  { validated, unread, images, sandboxes, ...request }: PlanForRequest,
): Promise<PlanFor> {
  const { written, face } = request;
  const invalid = validated ? null : wrongIf("program", definition.validate(written, face));
  if (invalid !== null) return { plan: null, build: null, wrong: invalid };
  const { build, wrong } = await readSource(definition, written, request);
  if (wrong !== null && unread !== true) return { plan: null, build: null, wrong };
  const ready: Written =
    build !== null ? { ...written, prepared: build.source } : wrong !== null ? { ...written, unread: true } : written;
  const providerRegion = request.providerRegion();
  const sourceChange = changeOf(request.prior, written, build, request.sources);
  const planOf = (program: Written): SnapshotPlan =>
    definition.plan({
      ...request,
      providerRegion,
      written: program,
      sourceWarnings: build?.warnings ?? [],
      sourceChange,
    });
  const resolution = await resolveTag(request.prior, ready, images ?? null, () => planOf(ready), request.signal);
  const plan = planOf(resolution === null ? ready : { ...ready, resolution });
  tellSameFiles(plan, request.log);
  const gone = await missingSandbox(plan, request, sandboxes ?? null);
  const more = [gone, unknownImage(plan, request)].filter((notice) => notice !== null);
  return { plan: more.length === 0 ? plan : { ...plan, warnings: [...plan.warnings, ...more] }, build, wrong };
}

/**
 * The warning that a replacement deletes the present snapshot before the image is known whose digest the new one needs. Terraform tells its delete
 * nothing of the new snapshot. Pulumi plans once more when the image is known, before it deletes.
 */
function unknownImage(
  { action, planned }: SnapshotPlan,
  { prior, words }: Pick<PlanForRequest, "prior" | "words">,
): Notice | null {
  if (words.createFirst === undefined || action !== "replace" || prior === null) return null;
  if (!isUnknown(planned.image) || known(planned.pinDigest) !== true) return null;
  return {
    summary: `The new image of snapshot "${prior.name}" is not known yet`,
    detail: `${words.attribute("pinDigest")} needs its digest, and the replacement deletes the current snapshot before a registry can be asked for it, unless create_before_destroy is set. If no registry returns the digest at that point, ${words.run} fails, and no snapshot is left. To be safe, first create the resource that ${words.attribute("image")} comes from (${words.createFirst}).`,
    attribute: ["image"],
  };
}

/** What to say of the files that have changed; empty: nothing. A hash that the program gives is not one of files. */
function changeOf(
  prior: PlanRequest["prior"],
  written: Written,
  build: PreparedBuild | null,
  sources: SourceReader,
): string {
  if (prior === null || build === null || build.image !== null || written.sourceHash !== null) return "";
  return sourceChange(prior, written, foundSourceOf(build), sources)?.text ?? "";
}

/** Only the log says what was compared where nothing differs. */
function tellSameFiles({ files, planned }: SnapshotPlan, log: Reading["log"]): void {
  if (files?.compared.is !== "same" || files.compared.text === "") return;
  log?.debug?.(`snapshot "${String(planned.name)}" was imported: ${files.compared.text}`);
}

/** The warning that a snapshot would have to be taken of a sandbox that is not there. Only a warning: the same run may make the sandbox first. */
async function missingSandbox(
  { action, planned }: SnapshotPlan,
  { prior, words, signal }: Pick<PlanForRequest, "prior" | "words" | "signal">,
  find: PlanForRequest["sandboxes"],
): Promise<Notice | null> {
  const sandbox = known(planned.sourceSandbox ?? null);
  if (sandbox === null || !find || !MAKES.has(action)) return null;
  // Whatever keeps the API from answering is the apply's to tell.
  const found = await find(sandbox, signal).catch(() => undefined);
  signal?.throwIfAborted();
  if (found !== null) return null;
  const present =
    prior === null
      ? ""
      : action === "replace"
        ? ` The current snapshot "${prior.name}" is deleted before that, and cannot be restored.`
        : ` The current snapshot "${prior.name}" stays.`;
  return {
    summary: `There is no sandbox "${sandbox}"`,
    detail: `The snapshot is created from it. Unless you create it first, ${words.run} fails.${present} Set ${words.attribute("sourceSandbox")} to an existing sandbox.`,
    attribute: ["sourceSandbox"],
  };
}

/** What takes a new snapshot of a sandbox. */
const MAKES: ReadonlySet<Action> = new Set(["create", "replace", "swap", "rebuild"]);

/**
 * What the registry says of the tag of `image`. null: nothing has to be known, or nobody is to be asked.
 * @param planned the plan without an answer
 * @throws the signal's reason
 */
async function resolveTag(
  prior: PlanRequest["prior"],
  written: Written,
  images: ImageResolver | null,
  planned: () => SnapshotPlan,
  signal: AbortSignal | undefined,
): Promise<ImageResolution | null> {
  const image = known(written.image);
  if (images === null || image === null || isPinned(image)) return null;
  const watched = prior === null || prior.imageDigest !== null || known(written.trackTag) === true;
  return watched || PULLS.has(planned().action) ? images.resolve(image, signal) : null;
}

/** What pulls or builds the image, and so depends on what its tag names now. */
const PULLS: ReadonlySet<Action> = new Set(["create", "replace", "swap", "rebuild", "activate"]);

/** Reads what a program is built from. No build: an image, or an input is unknown. @throws the signal's reason */
export async function readSource(
  definition: Definition,
  written: Written,
  { face, words, sources, signal, log }: Reading,
): Promise<{ build: PreparedBuild | null; wrong: Wrong | null }> {
  try {
    const build = await sources.prepare(written, words.attribute, signal, log && readingMeter(log, systemClock));
    return {
      build,
      wrong:
        build === null
          ? null
          : wrongIf("request", definition.validatePrepared({ ...written, prepared: build.source }, face)),
    };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return { build: null, wrong: { what: "source", notices: [error.notice] } };
  }
}

function wrongIf(what: Wrong["what"], [first, ...others]: readonly Notice[]): Wrong | null {
  return first === undefined ? null : { what, notices: [first, ...others] };
}
