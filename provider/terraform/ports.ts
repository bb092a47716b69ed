import type { Connected } from "../lifecycle";
import type { Notice } from "../snapshot/record";

export type { Connected };

/** The result of a data source, with the names of its attribute table. */
export type Found = Record<string, unknown>;

/** Connects with arguments that are all known. @throws NoticeError */
export type Connector = (options: { args: Record<string, unknown>; terraformVersion: string; debug(message: string): void }) => Connected;

/** A failure whose message is meant for the user. */
export class NoticeError extends Error {
  constructor(readonly notice: Notice) {
    super(notice.summary);
    this.name = "NoticeError";
  }
}
