import { existsSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { ApiError, apiFailure, ConfigError } from "../../lifecycle";
import { classify } from "../../snapshot/states";
import { isSuccessorOf } from "../../snapshot/names";
import { ApiView } from "../../fleet/api-view";
import { type IgnoreRule, parseConfig, parseIgnore } from "../../fleet/ignore";
import { hasNews } from "../../fleet/judge";
import { assemble, type ReadSource } from "../../fleet/report/assemble";
import type { UnmanagedSnapshot } from "../../fleet/report/report";
import { applyUnderWay, FleetError, type FleetSource } from "../../fleet/resource";
import { version } from "../../version.gen";
import { exitCodes } from "../io";
import { type Session, usage } from "../session";
import type { DriftFlags } from "./flags";
import { outputsOf, write } from "./outputs";
import { LOCKED } from "./run-terraform";
import { readSources, type StateSource } from "./sources";

const CONFIG = ".daytona-iac.yaml";

/** `daytona-iac drift`. Changes nothing: no state, no lock, no snapshot. Resolves with 0 clean, 1 error, 2 drift, 3 not applied. */
export async function drift(session: Session, flags: DriftFlags, rest: readonly string[]): Promise<number> {
  const outputs = outputsOf(flags);
  if (flags.stack !== undefined && (flags.terraform ?? flags.cdktf) !== undefined && flags.pulumi === undefined) throw usage("--stack is for Pulumi projects", "Name the project with --pulumi.");
  if ((flags.plan ?? []).concat(flags.state ?? []).filter((file) => file === "-").length > 1) throw usage("standard input can be read once", 'Only one --plan or --state can be "-".');
  const rules = rulesOf(flags);
  const sources = await readSources(session, flags, rest);
  const { read, unmanaged, errors } = await withApi(session, sources, flags.unmanaged === true);
  const report = assemble(read, { rules, unmanaged, generator: `daytona-iac ${version}`, now: Date.now(), errors });
  session.reporter.stop();
  const clean = JSON.parse(session.redacted(JSON.stringify(report))) as typeof report;
  for (const output of outputs) write(clean, output, session.io, flags);
  return flags.exitZero === true && report.exitCode !== exitCodes.error ? exitCodes.ok : report.exitCode;
}

/** @throws Stop for a wrong flag, FleetError for a wrong file */
function rulesOf(flags: DriftFlags): IgnoreRule[] {
  const file = flags.config ?? CONFIG;
  let own: IgnoreRule[];
  try {
    own = (flags.ignore ?? []).map(parseIgnore);
  } catch (error) {
    throw error instanceof FleetError ? usage(error.summary, error.detail) : error;
  }
  if (!existsSync(file)) {
    if (flags.config !== undefined) throw usage(`--config ${file} does not exist`, "Correct the path.");
    return own;
  }
  let content: unknown;
  try {
    content = parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new FleetError(`${file} is not valid YAML`, (error as Error).message);
  }
  return [...own, ...parseConfig(content, file)];
}

interface WithApi {
  readonly read: ReadSource[];
  readonly unmanaged: UnmanagedSnapshot[] | null;
  readonly errors: FleetError[];
}

/** What the API adds: what states are compared with, times, unmanaged snapshots. A plan is complete without it. */
async function withApi(session: Session, sources: readonly (ReadSource | StateSource)[], unmanaged: boolean): Promise<WithApi> {
  const needed = unmanaged || sources.some((source) => "known" in source);
  // Times, and whether an apply is under way, matter where there is something to say.
  if (!needed && !sources.some((source) => "resources" in source && source.resources.some(hasNews))) return { read: sources as ReadSource[], unmanaged: null, errors: [] };
  const states = (error: FleetError): ReadSource[] => sources.map((source) => ("known" in source ? { kind: source.kind, name: source.name, error } : source));
  let view: ApiView;
  try {
    session.reporter.progress("reading the snapshots of the organization");
    view = await ApiView.read(session.connection, session.signal);
  } catch (error) {
    const told = toldOf(session, error);
    if (!needed) return { read: sources.map((source) => ("resources" in source ? { ...source, notes: [...source.notes, `The times of changes are missing: ${told.summary}.`] } : (source as ReadSource))), unmanaged: null, errors: [] };
    return { read: states(told), unmanaged: null, errors: sources.some((source) => "known" in source) ? [] : [told] };
  }
  const read: ReadSource[] = [];
  for (const source of sources) {
    if (!("known" in source)) {
      read.push("error" in source ? source : withTimes(source, view));
      continue;
    }
    try {
      read.push({ kind: "state", name: source.name, apply: null, others: { drifted: 0, notApplied: 0 }, notes: [], resources: await view.compare(source.known) });
    } catch (error) {
      read.push({ kind: "state", name: source.name, error: toldOf(session, error) });
    }
  }
  const managed = read.flatMap((source) => ("error" in source ? [] : source.resources.map(({ state, seen }) => ({ id: seen?.id ?? state?.id ?? null, name: state?.name ?? null }))));
  // Of a source that could not be read, every snapshot would look unmanaged.
  return { read, unmanaged: unmanaged && !read.some((source) => "error" in source) ? view.unmanaged(managed) : null, errors: [] };
}

/** `updatedAt` of every snapshot, and whether an apply may be under way: then something of the source is in motion. */
function withTimes(source: FleetSource, view: ApiView): FleetSource {
  const names = source.resources.flatMap(({ state, planned }) => [state?.name ?? planned?.inputs.name ?? null].filter((name) => name !== null));
  const busy = view.snapshots.find(({ name, state }) => ["settling", "leaving"].includes(classify(state)) && names.some((own) => own === name || isSuccessorOf(name, own)));
  const note = busy === undefined || source.notes.includes(LOCKED) ? [] : [applyUnderWay(`snapshot "${busy.name}" is ${busy.state}`)];
  return { ...source, notes: [...source.notes, ...note], resources: source.resources.map((resource) => ({ ...resource, since: view.since(resource.seen?.id ?? null) })) };
}

function toldOf(session: Session, error: unknown): FleetError {
  if (error instanceof FleetError) return error;
  if (error instanceof ConfigError) return new FleetError("the API is not configured", error.message);
  if (error instanceof ApiError) {
    const { summary, detail } = apiFailure("reading snapshots", error, session.connection.connection.sources);
    return new FleetError(summary, detail);
  }
  throw error;
}
