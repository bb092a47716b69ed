import type { SnapshotLifecycle } from "../lifecycle/contract";
import type { Notice } from "../snapshot/record";

/** Any answer of a read for people: field names as the API table of data sources has them. */
export type Found = Record<string, unknown>;

/** What this face needs of a configured connection. */
export interface Connected {
  lifecycle: SnapshotLifecycle;
  /** Default region of new snapshots; null: the organization's. */
  region: string | null;
  data: {
    /** null: there is none. */
    snapshot(by: { id: string } | { name: string }, signal: AbortSignal): Promise<Found | null>;
    snapshots(filter: { nameContains: string | null; states: string[] | null; region: string | null; includeGeneral: boolean }, signal: AbortSignal): Promise<Found[]>;
    regions(signal: AbortSignal): Promise<Found[]>;
  };
  close(): void;
}

/** Makes a connection from wholly known arguments. @throws NoticeError */
export type Connector = (options: { args: Record<string, unknown>; terraformVersion: string; debug(message: string): void }) => Connected;

/** A failure that is told to the user as it stands. */
export class NoticeError extends Error {
  constructor(readonly notice: Notice) {
    super(notice.summary);
    this.name = "NoticeError";
  }
}
