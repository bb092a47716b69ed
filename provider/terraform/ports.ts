import type { Connected } from "../lifecycle";
import type { Notice } from "../snapshot/record";

export type { Connected };

/** Any answer of a read for people: field names as the attribute tables of data sources have them. */
export type Found = Record<string, unknown>;

/** Makes a connection from wholly known arguments. @throws NoticeError */
export type Connector = (options: { args: Record<string, unknown>; terraformVersion: string; debug(message: string): void }) => Connected;

/** A failure that is told to the user as it stands. */
export class NoticeError extends Error {
  constructor(readonly notice: Notice) {
    super(notice.summary);
    this.name = "NoticeError";
  }
}
