import { classify } from "../../snapshot/states";
import { ignoring, type IgnoreRule } from "../ignore";
import { judge } from "../judge";
import type { FleetError, FleetResource, FleetSource, SourceKind } from "../resource";
import { told } from "../texts";
import { type DriftReport, isNews, type IgnoredChange, REPORT_VERSION, type ReportedSnapshot, type ReportedSource, type Status, type UnmanagedSnapshot } from "./report";

/** A source as it was read, or why it could not be. */
export type ReadSource = FleetSource | { readonly kind: SourceKind; readonly name: string; readonly error: FleetError };

export interface AssembleOptions {
  readonly rules: readonly IgnoreRule[];
  readonly unmanaged: readonly UnmanagedSnapshot[] | null;
  /** Such as `daytona-iac 0.1.0`. */
  readonly generator: string;
  /** ms since the epoch. */
  readonly now: number;
  /** What failed beside the sources: the API, say. */
  readonly errors?: readonly FleetError[];
}

/** The report of a fleet. Pure. */
export function assemble(sources: readonly ReadSource[], options: AssembleOptions): DriftReport {
  const { rules, unmanaged, generator, now, errors = [] } = options;
  const snapshots = sources.flatMap((source, at) => ("error" in source ? [] : source.resources.map((resource) => reported(resource, source, at, rules, now)))).sort(byUrgency);
  const counts = {
    snapshots: snapshots.length,
    drifted: snapshots.filter(({ drifted }) => drifted).length,
    notApplied: snapshots.filter(({ notApplied }) => notApplied).length,
    ignored: snapshots.reduce((sum, { ignored }) => sum + ignored.length, 0),
    unmanaged: unmanaged?.length ?? null,
    errors: sources.filter((source) => "error" in source).length + errors.length,
  };
  const status: Status = counts.errors > 0 ? "error" : counts.drifted > 0 ? "drift" : counts.notApplied > 0 ? "not-applied" : "clean";
  return {
    version: REPORT_VERSION,
    generatedAt: new Date(now).toISOString(),
    generator,
    status,
    exitCode: ({ clean: 0, error: 1, drift: 2, "not-applied": 3 } as const)[status],
    verdict: verdictOf(counts, sources.length),
    counts,
    sources: [...sources.map(sourceOf), ...errors.map((error): ReportedSource => ({ kind: "state", name: "API", snapshots: 0, others: { drifted: 0, notApplied: 0 }, notes: [], error: { summary: error.summary, detail: error.detail } }))],
    snapshots,
    unmanaged,
  };
}

function sourceOf(source: ReadSource): ReportedSource {
  const { kind, name } = source;
  if ("error" in source) return { kind, name, snapshots: 0, others: { drifted: 0, notApplied: 0 }, notes: [], error: { summary: source.error.summary, detail: source.error.detail } };
  return { kind, name, snapshots: source.resources.length, others: source.others, notes: source.notes, error: null };
}

function reported(resource: FleetResource, source: FleetSource, at: number, rules: readonly IgnoreRule[], now: number): ReportedSnapshot {
  const { address, state, seen, planned } = resource;
  const name = seen?.name ?? state?.name ?? planned?.inputs.name ?? null;
  const judged = judge(resource);
  const ignored: IgnoredChange[] = [];
  const changed = new Set(judged.drift.map(({ attribute }) => attribute));
  const left = judged.drift.filter((change) => {
    // `state` says the same as `active`, and `errorReason` explains `state`.
    const leader = change.attribute === "errorReason" && changed.has("state") ? "state" : change.attribute;
    const names = [change.attribute, leader, ...(leader === "state" && changed.has("active") ? ["active"] : [])];
    const rule = names.map((attribute) => ignoring(rules, { name, address, attribute }, now)).find((found) => found !== null) ?? null;
    if (rule !== null) ignored.push({ ...change, reason: rule.reason, until: rule.until });
    return rule === null;
  });
  const judgement = left.length > 0 ? { ...judged, drift: left } : { ...judged, drift: [], happened: null };
  const drifted = judgement.happened !== null;
  const notApplied = judgement.notApplied !== null;
  const { summary, consequence, apply } = drifted || notApplied ? told(resource, judgement, now) : { summary: "", consequence: "", apply: "" };
  const from = seen ?? state;
  return {
    address, name, id: seen?.id ?? state?.id ?? null, source: at,
    state: seen?.state ?? null, size: from?.size ?? null, createdAt: from?.createdAt ?? null,
    drifted, notApplied, happened: judgement.happened, summary, consequence, since: drifted ? (resource.since ?? null) : null,
    driftChanges: left, programChanges: judgement.notApplied ?? [], ignored, apply, command: drifted || notApplied ? source.apply : null,
  };
}

/** What nobody can start a sandbox from comes first. */
function byUrgency(a: ReportedSnapshot, b: ReportedSnapshot): number {
  const rank = (one: ReportedSnapshot): number => (!isNews(one) ? 3 : one.drifted ? (one.state === null || classify(one.state) !== "ready" ? 0 : 1) : 2);
  return rank(a) - rank(b) || a.source - b.source || (a.address < b.address ? -1 : a.address > b.address ? 1 : 0);
}

function verdictOf({ snapshots, drifted, notApplied, errors }: DriftReport["counts"], sources: number): string {
  const of = `${snapshots} snapshot${snapshots === 1 ? "" : "s"}`;
  const pending = `${notApplied} change${notApplied === 1 ? " is" : "s are"} not applied`;
  const found =
    drifted > 0 ? `${drifted} of ${of} ${drifted === 1 ? "has" : "have"} drifted${notApplied > 0 ? `, ${pending}` : ""}`
    : notApplied > 0 ? `No drift in ${of}, but ${pending}`
    : snapshots === 0 ? "There are no snapshots"
    : `No drift in ${of}`;
  if (errors === 0) return `${found}.`;
  const unread = `${errors} error${errors === 1 ? "" : "s"}: the check is incomplete`;
  return snapshots === 0 && sources <= errors ? `${unread}.` : `${unread}. ${found} so far.`;
}
