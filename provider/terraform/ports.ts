import type { Connected } from "../lifecycle";
import { Failure } from "../kit/failure";

export type { Connected };

/** The result of a data source, with the names of its attribute table. */
export type Found = Record<string, unknown>;

/** Connects with arguments that are all known. @throws NoticeError, NoCredentialsError */
export type Connector = (options: {
  args: Record<string, unknown>;
  terraformVersion: string;
  debug(message: string): void;
}) => Connected;

/** A failure whose message is meant for the user. */
export class NoticeError extends Failure {}
