import type { SnapshotDto } from "../lifecycle";
import { formatDuration } from "../resources/snapshot/durations";
import { baseName, successorName } from "../resources/snapshot/names";
import { classify } from "../resources/snapshot/states";
import type { Managed } from "./read/managed";

/** Why a snapshot can go. */
export type PruneReason = "left over from a replacement" | "failed" | "inactive" | "not used";

export interface PruneRules {
  /** What the given states have. */
  readonly managed: Managed;
  /** Kept if it was used within so many ms; one that can be used, but was not yet, counts from its creation. */
  readonly minIdleMs: number;
  /** Kept if it was created within so many ms. */
  readonly minAgeMs: number;
  /** Of the name. */
  readonly filter: (name: string) => boolean;
  /** Whether snapshots that were taken from sandboxes can go: nothing can make them again. */
  readonly fromSandboxes: boolean;
  /** ms since the epoch. */
  readonly now: number;
}

/** What a command sets. */
export type PruneSettings = Omit<PruneRules, "managed" | "now">;

export interface Candidate {
  readonly dto: SnapshotDto;
  readonly reason: PruneReason;
}

/** A snapshot that stays. */
export interface Kept {
  /** Ends the sentence "it is kept: …". */
  readonly why: string;
  readonly kind: KeptKind;
}

/**
 * Kinds of reasons to keep a snapshot. `undated`: a date of it cannot be read. `state`: it is on its way to another state, or in one
 * that this release does not know. `successor`: it belongs to an unfinished replacement.
 */
export type KeptKind = "managed" | "recent" | "filter" | "sandbox" | "successor" | "state" | "undated" | "elsewhere";

/** What deleting candidates frees. */
export interface Freed {
  /** Places of the snapshot quota, which counts what is active or on its way. */
  readonly quota: number;
  /** GiB; snapshots whose size the API does not tell aside. */
  readonly gib: number;
}

/** Snapshots that can go, the longest unused first. Pure. */
export function candidates(snapshots: readonly SnapshotDto[], rules: PruneRules): Candidate[] {
  const all = new Fleet(snapshots);
  return snapshots
    .flatMap((dto) => {
      const found = judge(dto, all, rules);
      return "reason" in found ? [{ dto, reason: found.reason }] : [];
    })
    .sort((a, b) => lastUse(a.dto) - lastUse(b.dto) || (a.dto.name < b.dto.name ? -1 : 1));
}

/** Snapshots that stay, and why. */
export function keptOf(
  snapshots: readonly SnapshotDto[],
  rules: PruneRules,
): { readonly dto: SnapshotDto; readonly kept: Kept }[] {
  const all = new Fleet(snapshots);
  return snapshots.flatMap((dto) => {
    const found = judge(dto, all, rules);
    return "reason" in found ? [] : [{ dto, kept: found }];
  });
}

/** Why a snapshot can go, or why it is kept. @param all what the API has: of a successor, also whose it is */
export function reasonFor(
  dto: SnapshotDto,
  all: readonly SnapshotDto[],
  rules: PruneRules,
): { readonly reason: PruneReason } | Kept {
  return judge(dto, new Fleet(all), rules);
}

/** Names and IDs that `reasonFor` looks up to judge one snapshot. */
export function restsOn(
  { id, name }: SnapshotDto,
  managed: Managed,
): { readonly names: readonly string[]; readonly ids: readonly string[] } {
  const base = baseName(name);
  return base === null
    ? { names: [successorName(name, id)], ids: [] }
    : { names: [base, successorName(name, id)], ids: managed.idsOf(base) };
}

export function freed(found: readonly Candidate[]): Freed {
  return {
    quota: found.filter(({ dto }) => classify(dto.state) === "ready").length,
    gib: found.reduce((sum, { dto }) => sum + (dto.size ?? 0), 0),
  };
}

/** The API's snapshots by ID and by name. */
class Fleet {
  private readonly byId: Map<string, SnapshotDto>;
  private readonly byName: Map<string, SnapshotDto>;

  constructor(snapshots: readonly SnapshotDto[]) {
    this.byId = new Map(snapshots.map((dto) => [dto.id, dto]));
    this.byName = new Map(snapshots.map((dto) => [dto.name, dto]));
  }

  named(name: string): SnapshotDto | undefined {
    return this.byName.get(name);
  }

  /** @param reference an ID, or a name */
  find(reference: string): SnapshotDto | undefined {
    return this.byId.get(reference) ?? this.byName.get(reference);
  }
}

const kept = (kind: KeptKind, why: string): Kept => ({ why, kind });

function judge(dto: SnapshotDto, all: Fleet, rules: PruneRules): { readonly reason: PruneReason } | Kept {
  const outside = keptAsOutside(dto, rules);
  if (outside !== null) return outside;
  const dates = datesOf(dto);
  if ("unreadable" in dates) return kept("undated", `the date ${JSON.stringify(dates.unreadable)} cannot be read`);
  return (
    keptAsRecent(dto, dates, rules) ??
    keptAsSuccessor(dto, all, rules) ??
    keptAsNew(dto, dates, rules) ??
    keptFromSandbox(dto, rules) ??
    keptForItsSuccessor(dto, all, rules) ?? { reason: reasonOf(dto) }
  );
}

/** Of what the rules do not cover, or a state manages, nothing else matters. */
function keptAsOutside(dto: SnapshotDto, { managed, filter }: PruneRules): Kept | null {
  if (dto.general) return kept("elsewhere", "it belongs to another organization");
  if (!filter(dto.name)) return kept("filter", "--filter excludes it");
  if (managed.has(dto)) return kept("managed", "it is in a given state");
  // A state that this release does not know says nothing.
  return ["ready", "idle", "failed"].includes(classify(dto.state)) ? null : kept("state", `it is ${dto.state}`);
}

/** In ms since the epoch. A snapshot that was never used counts as used before all time. */
interface Dates {
  readonly created: number;
  readonly used: number;
}

/** A date that cannot be read is no proof of age. */
function datesOf({ createdAt, lastUsedAt }: SnapshotDto): Dates | { readonly unreadable: unknown } {
  const created = timeOf(createdAt);
  if (created === null) return { unreadable: createdAt ?? null };
  const used = lastUsedAt === null || lastUsedAt === undefined ? -Infinity : timeOf(lastUsedAt);
  return used === null ? { unreadable: lastUsedAt } : { created, used };
}

function keptAsRecent(
  dto: SnapshotDto,
  { created, used }: Dates,
  { minAgeMs, minIdleMs, now }: PruneRules,
): Kept | null {
  if (now - created < minAgeMs)
    return kept("recent", `it was created at ${dto.createdAt}, less than ${formatDuration(minAgeMs)} ago (--min-age)`);
  return now - used < minIdleMs
    ? kept(
        "recent",
        `it is ${dto.state} and was last used at ${dto.lastUsedAt}, less than ${formatDuration(minIdleMs)} ago (--min-idle)`,
      )
    : null;
}

function keptAsSuccessor({ name }: SnapshotDto, all: Fleet, { managed }: PruneRules): Kept | null {
  const base = baseName(name);
  return base !== null && isUnfinished(base, all, managed)
    ? kept("successor", `it is the only snapshot that the unfinished replacement of "${base}" has`)
    : null;
}

/** Somebody made it to use it; a failed one and a successor are of no use as they are. */
function keptAsNew(dto: SnapshotDto, { created }: Dates, { minIdleMs, now }: PruneRules): Kept | null {
  const isOfUse = baseName(dto.name) === null && classify(dto.state) !== "failed";
  return isOfUse && now - created < minIdleMs
    ? kept(
        "recent",
        `it was created at ${dto.createdAt}, less than ${formatDuration(minIdleMs)} ago (--min-idle), and has not been used yet`,
      )
    : null;
}

/** Servers up to 0.190 do not tell the sandbox, but nothing else is without an image and without a build. */
function keptFromSandbox(
  { sourceSandboxId, imageName, buildInfo }: SnapshotDto,
  { fromSandboxes }: PruneRules,
): Kept | null {
  const fromSandbox = (sourceSandboxId ?? null) !== null || (imageName !== undefined && !imageName && !buildInfo);
  return fromSandbox && !fromSandboxes
    ? kept("sandbox", "it was created from a sandbox, and cannot be recreated")
    : null;
}

/** A delete takes the successor of an unfinished replacement with it. */
function keptForItsSuccessor(dto: SnapshotDto, all: Fleet, rules: PruneRules): Kept | null {
  const successor = all.named(successorName(dto.name, dto.id));
  if (successor === undefined) return null;
  const its = judge(successor, all, rules);
  return "why" in its
    ? kept("successor", `deleting it would also delete "${successor.name}", which is kept: ${its.why}`)
    : null;
}

function reasonOf({ name, state }: SnapshotDto): PruneReason {
  if (baseName(name) !== null) return "left over from a replacement";
  const phase = classify(state);
  if (phase === "failed") return "failed";
  return phase === "idle" ? "inactive" : "not used";
}

/** Whether a successor may be the only snapshot that a resource has, now or during a swap that goes on. @param base the name that it is to get */
function isUnfinished(base: string, all: Fleet, managed: Managed): boolean {
  const holders = [...(managed.hasName(base) ? [base] : []), ...managed.idsOf(base)].map((it) => all.find(it));
  const steady: readonly (SnapshotDto | undefined)[] = managed.hasName(base)
    ? holders
    : [all.named(base)].filter((it) => it !== undefined && classify(it.state) !== "failed");
  return steady.some((it) => it === undefined || !["ready", "idle"].includes(classify(it.state)));
}

/** ms since the epoch of an ISO date with its time zone; null: it is none, or one before there were snapshots (servers write `0001-01-01` for none). */
function timeOf(date: unknown): number | null {
  if (typeof date !== "string" || !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/.test(date))
    return null;
  const ms = Date.parse(date);
  return ms >= FIRST ? ms : null;
}

const FIRST = Date.UTC(2020, 0);

function lastUse({ lastUsedAt, createdAt }: SnapshotDto): number {
  return Date.parse(lastUsedAt ?? createdAt);
}
