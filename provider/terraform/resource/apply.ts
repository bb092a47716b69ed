import type { Outcome } from "../../lifecycle/contract";
import { snakeCase } from "../../snapshot/attributes/attribute";
import { snapshotTable } from "../../snapshot/attributes";
import { generateName } from "../../snapshot/names";
import type { Notice, Planned } from "../../snapshot/record";
import { isUnknown } from "../../snapshot/unknown";
import type { Session } from "../session";
import type { TfCall, TfDiagnostic, TfObject, TfPrivate, TfResource } from "../types";
import { callContext } from "./call";
import { plannedFromTerraform, recordFromTerraform, toTerraform } from "./convert";
import { diagnostic, diagnostics } from "./diagnostics";
import { identityOf } from "./identity";
import { marksFromPrivate, privateWithMarks } from "./marks";
import { broken } from "./same";

type ApplyArgs = Parameters<TfResource["apply"]>[0];
type ApplyAnswer = Awaited<ReturnType<TfResource["apply"]>>;

/** ApplyResourceChange: turns the outcome of the lifecycle into a state and diagnostics. */
export async function applyResource(session: Session, args: ApplyArgs, call: TfCall): Promise<ApplyAnswer> {
  const marks = marksFromPrivate(args.private);
  if (args.planned === null) {
    if (args.prior === null) return { state: null, private: {}, identity: null, diagnostics: [] };
    const prior = recordFromTerraform(args.prior);
    const { lifecycle } = session.connected(`Deleting snapshot "${prior.name ?? prior.id}"`);
    const outcome = await lifecycle.delete(prior, marks, callContext(call, prior.name ?? prior.id));
    return answer(outcome, args, { interrupted: "error", expected: null });
  }

  const planned = named(plannedFromTerraform(args.planned));
  const name = String(planned.name);
  if (args.prior === null) {
    const { lifecycle } = session.connected(`Creating snapshot "${name}"`);
    const outcome = await lifecycle.create(planned, callContext(call, name));
    // An error would taint the resource; with a warning, the next apply keeps waiting. Without a record, there is nothing to taint.
    return answer(outcome, args, { interrupted: outcome.record === null ? "error" : "warning", expected: args.planned });
  }
  const { lifecycle } = session.connected(`Updating snapshot "${name}"`);
  // An activation can end with another snapshot of the same name: see `remade`.
  const outcome = await lifecycle.update(recordFromTerraform(args.prior), marks, planned, { ...callContext(call, name, true), idMayChange: true });
  // Terraform never taints after an update, and an error allows the state to differ from the plan.
  return answer(outcome, args, { interrupted: "error", expected: args.planned });
}

/** Generates the name once, so that the request, the state and every message use the same one. */
function named(planned: Planned): Planned {
  if (!isUnknown(planned.name) || typeof planned.namePrefix !== "string") return planned;
  return { ...planned, name: generateName(planned.namePrefix, Date.now(), Math.random) };
}

function answer(outcome: Outcome, args: ApplyArgs, how: { interrupted: TfDiagnostic["severity"]; expected: TfObject | null }): ApplyAnswer {
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
  return { state, private: privateWithMarks(args.private, outcome.marks), identity: identityOf(state), diagnostics: told, ...(unlikePlan ? { unlikePlan } : {}) };
}

/**
 * Whether only outputs differ from the plan because the snapshot had to be recreated: an activation that ended in `error`. The plan keeps
 * `id` known in that case, so that resources which refer to it do not change without need.
 */
function remade(args: ApplyArgs, state: TfObject, wrong: string[]): boolean {
  const outputs = new Set(snapshotTable.outputs.map((output) => snakeCase(output.name)));
  return args.prior !== null && args.prior.id !== state.id && wrong.length > 0 && wrong.every((name) => outputs.has(name));
}

function unlike(name: string, planned: TfObject, state: TfObject, wrong: string[]): Notice {
  const lines = wrong.map((attribute) => `  ${attribute}: planned ${show(planned[attribute])}, got ${show(state[attribute])}`);
  return {
    summary: `Snapshot "${name}" differs from the plan`,
    detail: `The API returned values that differ from the plan:\n\n${lines.join("\n")}\n\nThe snapshot exists and is saved in the state. Use the values that the API returned, or ask Daytona why they differ.`,
    ...(wrong.length === 1 ? { attribute: [wrong[0] as string] } : {}),
  };
}

function show(value: unknown): string {
  return value === undefined || value === null ? "nothing" : JSON.stringify(value);
}
