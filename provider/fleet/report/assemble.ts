import { classify } from "../../resources/snapshot/states";
import { ignoring, type IgnoreRule } from "../ignore";
import { type AttributeChange, judge, SENSITIVE } from "../judge";
import { counted } from "../../kit/text/numbers";
import { Redactor } from "../../tool/redactor";
import type { FleetError, FleetResource, FleetSource, SourceKind } from "../resource";
import { textsOf } from "../texts";
import { reportedTag } from "./moved-tag";
import {
  type DriftReport,
  type IgnoredChange,
  isListed,
  REPORT_VERSION,
  type ReportedSnapshot,
  type ReportedSource,
  type Status,
  type UnmanagedSnapshot,
} from "./report";

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
  const snapshots = byUrgency(
    sources.flatMap((source, at) =>
      "error" in source ? [] : source.resources.map((resource) => reported(resource, source, at, rules, now)),
    ),
  );
  const counts = {
    snapshots: snapshots.length,
    drifted: snapshots.filter(({ drifted }) => drifted).length,
    notApplied: snapshots.filter(({ notApplied }) => notApplied).length,
    movedTags: snapshots.filter(({ movedTag }) => movedTag !== null).length,
    ignored: snapshots.reduce((sum, { ignored }) => sum + ignored.length, 0),
    unmanaged: unmanaged?.length ?? null,
    errors: sources.filter((source) => "error" in source).length + errors.length,
  };
  const status: Status =
    counts.errors > 0 ? "error" : counts.drifted > 0 ? "drift" : counts.notApplied > 0 ? "not-applied" : "clean";
  return {
    version: REPORT_VERSION,
    generatedAt: new Date(now).toISOString(),
    generator,
    status,
    exitCode: ({ clean: 0, error: 1, drift: 2, "not-applied": 3 } as const)[status],
    verdict: verdictOf(counts, sources.length),
    counts,
    sources: [
      ...sources.map(sourceOf),
      ...errors.map((error): ReportedSource => ({
        kind: "state",
        name: "API",
        snapshots: 0,
        others: { drifted: 0, notApplied: 0 },
        notes: [],
        error: { summary: error.summary, detail: error.detail },
      })),
    ],
    snapshots,
    unmanaged,
  };
}

function sourceOf(source: ReadSource): ReportedSource {
  const { kind, name } = source;
  const place =
    "error" in source
      ? {}
      : {
          ...(source.stack ? { stack: source.stack } : {}),
          ...(source.workspace ? { workspace: source.workspace } : {}),
        };
  if ("error" in source)
    return {
      kind,
      name,
      snapshots: 0,
      others: { drifted: 0, notApplied: 0 },
      notes: [],
      error: { summary: source.error.summary, detail: source.error.detail },
    };
  return {
    kind,
    name,
    ...place,
    snapshots: source.resources.length,
    others: source.others,
    notes: source.notes,
    error: null,
  };
}

function reported(
  resource: FleetResource,
  source: FleetSource,
  at: number,
  rules: readonly IgnoreRule[],
  now: number,
): ReportedSnapshot {
  const { address } = resource;
  const name = nameOf(resource);
  const judged = judge(resource);
  const { left, ignored } = sortOut(judged.drift, { name, address }, rules, now);
  const tag = reportedTag(resource, source.kind);
  const tagRule = tag === null ? null : ignoring(rules, { name, address, attribute: TAG }, now);
  const judgement = left.length > 0 ? { ...judged, drift: left } : { ...judged, drift: [], happened: null };
  const drifted = judgement.happened !== null;
  const notApplied = judgement.notApplied !== null;
  const isNew = drifted || notApplied;
  const { summary, consequence, apply } = isNew
    ? textsOf(resource, judgement, now, judged.happened, source.kind)
    : { summary: "", consequence: "", apply: "" };
  const { id, state, size, createdAt } = shownOf(resource);
  return withoutSecrets(resource, {
    address,
    name: name !== null && resource.sensitive.includes("name") ? SENSITIVE : name,
    id,
    source: at,
    state,
    size,
    createdAt,
    drifted,
    notApplied,
    happened: judgement.happened,
    summary,
    consequence,
    since: drifted ? (resource.since ?? null) : null,
    driftChanges: left,
    programChanges: judgement.notApplied ?? [],
    changedFiles: changedFilesOf(resource, notApplied),
    ignored:
      tag === null || tagRule === null
        ? ignored
        : [...ignored, ignoredBy(tagRule, { attribute: TAG, from: tag.from, to: tag.to })],
    movedTag: tagRule === null ? tag : null,
    apply,
    command: isNew ? source.apply : null,
  });
}

function changedFilesOf({ sourceChange }: FleetResource, notApplied: boolean): ReportedSnapshot["changedFiles"] {
  return notApplied ? (sourceChange?.files ?? null) : null;
}

export function nameOf({ seen, state, planned }: FleetResource): string | null {
  return seen?.name ?? state?.name ?? planned?.inputs.name ?? null;
}

/** What the API says of a snapshot; where it has none, what can still be told by the state. */
function shownOf({ seen, state }: FleetResource): Pick<ReportedSnapshot, "id" | "state" | "size" | "createdAt"> {
  const from = seen ?? state;
  return {
    id: seen?.id ?? state?.id ?? null,
    state: seen?.state ?? null,
    size: from?.size ?? null,
    createdAt: from?.createdAt ?? null,
  };
}

/** Drift that counts, and drift that a rule covers. */
function sortOut(
  drift: readonly AttributeChange[],
  of: { readonly name: string | null; readonly address: string },
  rules: readonly IgnoreRule[],
  now: number,
): { readonly left: AttributeChange[]; readonly ignored: IgnoredChange[] } {
  const changed = new Set(drift.map(({ attribute }) => attribute));
  const left: AttributeChange[] = [];
  const ignored: IgnoredChange[] = [];
  for (const change of drift) {
    const rule = namesToIgnore(change.attribute, changed)
      .map((attribute) => ignoring(rules, { ...of, attribute }, now))
      .find((found) => found !== null);
    if (rule) ignored.push(ignoredBy(rule, change));
    else left.push(change);
  }
  return { left, ignored };
}

/** What a rule names to cover a tag that has moved. */
const TAG = "imageDigest";

function ignoredBy({ reason, until }: IgnoreRule, change: AttributeChange): IgnoredChange {
  return { ...change, reason, until };
}

/** The attributes that a rule can name to cover a change: `state` says the same as `active`, and `errorReason` explains `state`. */
function namesToIgnore(attribute: string, changed: ReadonlySet<string>): string[] {
  const leader = attribute === "errorReason" && changed.has("state") ? "state" : attribute;
  return [attribute, leader, ...(leader === "state" && changed.has("active") ? ["active"] : [])];
}

/** What a server says of a failure can repeat a sensitive value. */
function withoutSecrets({ sensitive, state, seen, planned }: FleetResource, one: ReportedSnapshot): ReportedSnapshot {
  if (sensitive.length === 0) return one;
  const values = [state, seen, planned?.inputs, planned?.before].flatMap((from) =>
    sensitive.map((name) => (from as Record<string, unknown> | null | undefined)?.[name]),
  );
  const redactor = new Redactor().learn(values);
  const told = (change: AttributeChange): AttributeChange =>
    change.attribute === "errorReason" ? { ...change, from: clean(change.from), to: clean(change.to) } : change;
  const clean = (value: unknown): unknown => (typeof value === "string" ? redactor.text(value) : value);
  return {
    ...one,
    summary: redactor.text(one.summary),
    driftChanges: one.driftChanges.map(told),
    ignored: one.ignored.map((change) => ({ ...change, ...told(change) })),
  };
}

/** What nobody can start a sandbox from comes first. */
function byUrgency(snapshots: readonly ReportedSnapshot[]): ReportedSnapshot[] {
  const rank = (one: ReportedSnapshot): number =>
    one.drifted
      ? one.state === null || classify(one.state) !== "ready"
        ? 0
        : 1
      : one.notApplied
        ? 2
        : isListed(one)
          ? 3
          : 4;
  return snapshots
    .map((one) => ({ one, rank: rank(one) }))
    .sort(
      ({ one: a, rank: first }, { one: b, rank: second }) =>
        first - second || a.source - b.source || (a.address < b.address ? -1 : a.address > b.address ? 1 : 0),
    )
    .map(({ one }) => one);
}

function verdictOf(
  { snapshots, drifted, notApplied, movedTags, errors }: DriftReport["counts"],
  sources: number,
): string {
  const of = counted(snapshots, "snapshot");
  const pending = counted(notApplied, "unapplied change");
  const found =
    drifted > 0
      ? `${drifted} of ${of} ${drifted === 1 ? "has" : "have"} drifted${notApplied > 0 ? `, ${pending}` : ""}`
      : notApplied > 0
        ? `No drift, but ${pending} in ${of}`
        : snapshots === 0
          ? "There are no snapshots"
          : `No drift in ${of}`;
  const moved = movedTags === 0 ? "" : ` ${counted(movedTags, "tag has", "tags have")} moved.`;
  if (errors === 0) return `${found}.${moved}`;
  const unread = `${counted(errors, "error")}: the check is incomplete`;
  return snapshots === 0 && sources <= errors ? `${unread}.` : `${unread}. ${found} so far.${moved}`;
}
