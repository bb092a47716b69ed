import type { Notice } from "./notice";

/**
 * What kind of failure it is, for faces and programs that tell failures apart: no sentence has to be read for that. Those with a status in
 * brackets come from an answer of the API.
 */
export type FailureCode =
  /** What a program or a caller wrote cannot be used. Nothing was sent. */
  | "invalid"
  /** The Dockerfile, its build context or the local image cannot be read, or has changed meanwhile. */
  | "source"
  /** The API's validation rejected the request [400]. */
  | "rejected"
  /** The credentials are invalid [401]. */
  | "unauthorized"
  /** A permission is missing [403]. */
  | "forbidden"
  /** There is no such snapshot, or not any more [404]. */
  | "not-found"
  /** The name is taken [409]. */
  | "conflict"
  /** The snapshot quota is exhausted [400]. */
  | "quota"
  /** Too many requests, after all retries [429]. */
  | "rate-limit"
  /** The API failed, after all retries [5xx]. */
  | "server"
  /** No answer of the API came, or one that is none of its own. */
  | "unreachable"
  /** A request was sent and its answer was lost. */
  | "unanswered"
  /** The object storage or the registry did not take the source. */
  | "upload"
  /** The snapshot itself ended in `error` or `build_failed`. */
  | "failed"
  /** The time limit passed. */
  | "deadline"
  /** What was asked for cannot be done with what is there. */
  | "refused"
  /** A bug in this program. */
  | "unexpected";

export interface FailureDetails {
  /** Default: `refused`. */
  readonly code?: FailureCode;
  /** HTTP status of the API's answer; null: none came, or none was asked for. */
  readonly status?: number | null;
  /** What was thrown. */
  readonly cause?: unknown;
}

/** A failure with a complete message for people. The base of the errors that this package throws across rooms. */
export class Failure extends Error {
  readonly code: FailureCode;
  readonly status: number | null;

  /** @param message default: the summary */
  constructor(
    readonly notice: Notice,
    { code = "refused", status = null, cause }: FailureDetails = {},
    message: string = notice.summary,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    this.status = status;
  }

  /** The same failure in other words. */
  saying(words: Partial<Notice>): Failure {
    return new Failure({ ...this.notice, ...words }, this);
  }
}
