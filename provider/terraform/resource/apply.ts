import type { CallContext, Outcome } from "../../lifecycle/contract";
import { snakeCase } from "../../kit/attribute";
import { snapshotTable } from "../../resources/snapshot/attributes";
import { generateName } from "../../resources/snapshot/names";
import type { Notice } from "../../kit/notice";
import { type Planned, SPELLED, type SourcePlaces, type Written } from "../../resources/snapshot/record";
import { lowerCase } from "../../kit/words";
import { isUnknown } from "../../kit/unknown";
import { createSourceReader, type SourceReader } from "../../source/source-reader";
import { NoticeError } from "../ports";
import type { Session } from "../session";
import type { TfCall, TfDiagnostic, TfObject, TfPrivate, TfResource } from "../types";
import { callContext } from "./call";
import { plannedFromTerraform, recordFromTerraform, toTerraform, writtenFromTerraform } from "./convert";
import { diagnostic, diagnostics } from "./diagnostics";
import { identityOf } from "./identity";
import { marksFromPrivate, privateWithMarks } from "./marks";
import { ownerOf } from "./owners/private";
import { broken } from "./same";
import { withOnlySource } from "./stored-sources";
import { isMarkedUnread, openDigestOf, sourceProblem, withoutUnread } from "./source";

type ApplyArgs = Parameters<TfResource["apply"]>[0];
type ApplyAnswer = Awaited<ReturnType<TfResource["apply"]>>;

/** ApplyResourceChange: turns the outcome of the lifecycle into a state and diagnostics. */
export async function applyResource(
  session: Session,
  given: ApplyArgs,
  call: TfCall,
  sources: SourceReader = createSourceReader(),
): Promise<ApplyAnswer> {
  const marks = marksFromPrivate(given.private);
  const args = { ...given, private: withoutUnread(given.private) };
  const owner = ownerOf(args.private);
  const contextOf = (...of: Parameters<typeof callContext>): CallContext => ({
    ...callContext(...of),
    ...(owner === undefined ? {} : { owner }),
  });
  if (args.planned === null) {
    if (args.prior === null) return { state: null, private: {}, identity: null, diagnostics: [] };
    const prior = recordFromTerraform(args.prior);
    assertReplaceable(given.private, prior.name ?? prior.id);
    const { lifecycle } = session.connected(`Deleting snapshot "${prior.name ?? prior.id}"`);
    const outcome = await lifecycle.delete(prior, marks, contextOf(call, prior.name ?? prior.id));
    return answer(outcome, args, { interrupted: "error", expected: null });
  }

  const written = args.config === null ? null : writtenFromTerraform(args.config);
  // The plan may keep an earlier spelling of where the source is.
  const planned = named({
    ...plannedFromTerraform(args.planned),
    ...(written === null ? {} : { places: placesOf(written) }),
  });
  const name = String(planned.name);
  const doing = `${args.prior === null ? "Creating" : "Updating"} snapshot "${name}"`;
  if (isMarkedUnread(given.private) && written !== null)
    await assertBuildable(sources, written, planned, call, doing, name);
  const { lifecycle } = session.connected(doing);
  if (args.prior === null) {
    const outcome = await lifecycle.create(planned, contextOf(call, name));
    // An error would taint the resource; with a warning, the next apply keeps waiting. Without a record, there is nothing to taint.
    return answer(outcome, args, {
      interrupted: outcome.record === null ? "error" : "warning",
      expected: args.planned,
    });
  }
  // An activation can end with another snapshot of the same name: see `remade`.
  const outcome = await lifecycle.update(recordFromTerraform(args.prior), marks, planned, {
    ...contextOf(call, name, true),
    idMayChange: true,
  });
  // Terraform never taints after an update, and an error allows the state to differ from the plan.
  return answer(outcome, args, { interrupted: "error", expected: args.planned });
}

/** After a plan that could not read the source. @throws NoticeError if it cannot be read now either, or if only another plan can tell what to build */
async function assertBuildable(
  sources: SourceReader,
  written: Written,
  planned: Planned,
  call: TfCall,
  doing: string,
  name: string,
): Promise<void> {
  const problem = await sourceProblem(sources, written, call);
  if (problem !== null) throw new NoticeError({ ...problem, summary: `${doing}: ${lowerCase(problem.summary)}` });
  // What was planned counts as changed and is not known: only a plan can tell.
  if (isUnknown(planned.sourceHash)) throw new NoticeError(readAgain(name));
}

/** @throws NoticeError if the delete belongs to a replacement whose create would surely fail */
function assertReplaceable(stored: TfPrivate, name: string): void {
  if (isMarkedUnread(stored)) throw new NoticeError(keptForSource(name));
  const open = openDigestOf(stored);
  if (open !== null) throw new NoticeError(keptForDigest(name, open));
}

/** In a replacement, the old snapshot is deleted first: not if the new one cannot be built. */
function keptForSource(name: string): Notice {
  return {
    summary: `Replacing snapshot "${name}": its source cannot be read`,
    detail: `The new snapshot could not be built, so the old one was not deleted. The plan's warning says what is wrong with the source. Correct it, then plan and apply again.`,
  };
}

/** The same for a tag that is to be pinned. */
function keptForDigest(name: string, image: string): Notice {
  return {
    summary: `Replacing snapshot "${name}": the digest of ${image} is unknown`,
    detail: `The new snapshot could not be created from the digest of its tag, so the old one was not deleted. The plan's warning says why no registry returned it. Correct that, write the digest in image ("${image}@sha256:…"), or set pin_digest to false, then plan and apply again.`,
    attribute: ["image"],
  };
}

function readAgain(name: string): Notice {
  return {
    summary: `Updating snapshot "${name}": the source can be read again`,
    detail:
      "It could not be read during the plan, so the plan does not say what to build. Nothing was changed. Plan and apply again.",
  };
}

function placesOf(written: Written): SourcePlaces {
  return Object.fromEntries(SPELLED.map((name) => [name, written[name]])) as unknown as SourcePlaces;
}

/** Generates the name once, so that the request, the state and every message use the same one. */
function named(planned: Planned): Planned {
  if (!isUnknown(planned.name) || typeof planned.namePrefix !== "string") return planned;
  return { ...planned, name: generateName(planned.namePrefix, Date.now(), Math.random) };
}

function answer(
  outcome: Outcome,
  args: ApplyArgs,
  how: { interrupted: TfDiagnostic["severity"]; expected: TfObject | null },
): ApplyAnswer {
  const told = diagnostics("warning", outcome.warnings);
  // The last warning of an interrupted call reports the interrupt.
  const last = told.at(-1);
  if (outcome.interrupted === true && last !== undefined) last.severity = how.interrupted;
  if (outcome.error !== undefined) told.push(diagnostic("error", outcome.error));
  if (outcome.record === null) {
    return { state: null, private: {} satisfies TfPrivate, identity: null, diagnostics: told };
  }
  const state = toTerraform(outcome.record);
  const failed = told.some((item) => item.severity === "error");
  let unlikePlan = false;
  if (how.expected !== null && !failed) {
    const wrong = broken(how.expected, state);
    if (wrong.length > 0 && outcome.interrupted === true) {
      // Otherwise Terraform reports a provider bug. The next apply continues from the planned values.
      for (const name of wrong) state[name] = how.expected[name] ?? null;
    } else if (remade(args, state, wrong)) {
      unlikePlan = true;
    } else if (wrong.length > 0) {
      told.push(diagnostic("error", unlike(outcome.record.name ?? outcome.record.id, how.expected, state, wrong)));
    }
  }
  return {
    state,
    private: withOnlySource(privateWithMarks(args.private, outcome.marks), state["source_hash"]),
    identity: identityOf(state),
    diagnostics: told,
    ...(unlikePlan ? { unlikePlan } : {}),
  };
}

/**
 * Whether only outputs differ from the plan because the snapshot had to be recreated: an activation that ended in `error`. The plan keeps
 * `id` known in that case, so that resources which refer to it do not change without need.
 */
function remade(args: ApplyArgs, state: TfObject, wrong: string[]): boolean {
  const outputs = new Set(snapshotTable.outputs.map((output) => snakeCase(output.name)));
  return (
    args.prior !== null && args.prior.id !== state.id && wrong.length > 0 && wrong.every((name) => outputs.has(name))
  );
}

function unlike(name: string, planned: TfObject, state: TfObject, wrong: string[]): Notice {
  const lines = wrong.map(
    (attribute) => `  ${attribute}: planned ${show(planned[attribute])}, got ${show(state[attribute])}`,
  );
  return {
    summary: `Snapshot "${name}" differs from the plan`,
    detail: `The API returned values that differ from the plan:\n\n${lines.join("\n")}\n\nThe snapshot exists and is saved in the state. Use the values that the API returned, or ask Daytona why they differ.`,
    ...(wrong.length === 1 ? { attribute: [wrong[0] as string] } : {}),
  };
}

function show(value: unknown): string {
  return value === undefined || value === null ? "nothing" : JSON.stringify(value);
}
