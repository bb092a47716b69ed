import type { AttributeChange, Happened } from "../judge";
import type { ChangedFile } from "../../lifecycle";
import type { SourceKind } from "../resource";

/** Version of the report's JSON; a change that a reader could notice makes a new one. */
export const REPORT_VERSION = 1;

export type Status = "clean" | "drift" | "not-applied" | "error";

/** An ignore that matched. */
export interface IgnoredChange extends AttributeChange {
  /** Of the rule; null: none was given. */
  readonly reason: string | null;
  /** `YYYY-MM-DD`; null: for ever. */
  readonly until: string | null;
}

/** A tag that has moved since the snapshot was made. It is neither drift nor pending. */
export interface ReportedTag {
  /** As the state has it; `(sensitive)` like the digests where it must not be printed. */
  readonly image: string;
  /** `sha256:…`, when the snapshot was made. */
  readonly from: string;
  /** `sha256:…`, when the registry was asked for the report. */
  readonly to: string;
  /** All that in a sentence. */
  readonly summary: string;
  /** How a program gets the new content. */
  readonly advice: string;
}

export interface ReportedSnapshot {
  readonly address: string;
  /** Name at the API; null: not known yet. */
  readonly name: string | null;
  readonly id: string | null;
  /** Index in `sources`. */
  readonly source: number;
  /** State at the API; null: gone, not created, or not known. */
  readonly state: string | null;
  /** GiB. */
  readonly size: number | null;
  readonly createdAt: string | null;
  readonly drifted: boolean;
  readonly notApplied: boolean;
  /** null: no drift. */
  readonly happened: Happened | null;
  readonly summary: string;
  readonly consequence: string;
  /** `updatedAt` at the API; null: not known. */
  readonly since: string | null;
  /** From the state to the API. */
  readonly driftChanges: readonly AttributeChange[];
  /** From the state to the program. */
  readonly programChanges: readonly AttributeChange[];
  /** Files of the source that the program changes; null: none, or not known. The summary says which of the two. */
  readonly changedFiles: readonly ChangedFile[] | null;
  readonly ignored: readonly IgnoredChange[];
  /** null: it has not moved, nobody can tell, or a rule covers it. */
  readonly movedTag: ReportedTag | null;
  /** What an apply does, and about how long it takes; empty: there is nothing to do. */
  readonly apply: string;
  /** The command; null: not known. */
  readonly command: string | null;
}

export interface UnmanagedSnapshot {
  readonly name: string;
  readonly id: string;
  readonly state: string;
  readonly size: number | null;
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
}

export interface ReportedSource {
  readonly kind: SourceKind;
  readonly name: string;
  /** Stack of Pulumi or CDKTF. */
  readonly stack?: string;
  /** Workspace of Terraform, if it is not the default one. */
  readonly workspace?: string;
  readonly snapshots: number;
  readonly others: { readonly drifted: number; readonly notApplied: number };
  readonly notes: readonly string[];
  /** null: it was read. */
  readonly error: { readonly summary: string; readonly detail: string } | null;
}

/** What one run of `daytona-iac drift` found. Its JSON is described by docs/drift.schema.json. */
export interface DriftReport {
  readonly version: typeof REPORT_VERSION;
  /** ISO 8601, UTC. */
  readonly generatedAt: string;
  readonly generator: string;
  readonly status: Status;
  /** 0 clean, 1 error, 2 drift, 3 not applied. */
  readonly exitCode: 0 | 1 | 2 | 3;
  /** One line. */
  readonly verdict: string;
  readonly counts: {
    readonly snapshots: number;
    readonly drifted: number;
    readonly notApplied: number;
    /** Snapshots whose tag has moved since. */
    readonly movedTags: number;
    readonly ignored: number;
    readonly unmanaged: number | null;
    readonly errors: number;
  };
  readonly sources: readonly ReportedSource[];
  /** All managed snapshots; those with something to say come first. */
  readonly snapshots: readonly ReportedSnapshot[];
  /** null: not asked for. */
  readonly unmanaged: readonly UnmanagedSnapshot[] | null;
}

/** Whether a snapshot is in the report's lists: it has news, or its tag has moved. */
export function isListed(one: ReportedSnapshot): boolean {
  return isNews(one) || one.movedTag !== null;
}

/** Whether a snapshot has drifted or is not applied. */
export function isNews({ drifted, notApplied }: ReportedSnapshot): boolean {
  return drifted || notApplied;
}
