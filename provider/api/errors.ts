/** Typed errors of the API. `message` never contains a credential. */

/** What an answer says for programs, beside its status and its reason. Without credentials. */
export interface Answered {
  /** The server's own code for the failure. Servers up to v0.190 send none. */
  readonly code?: string;
  /** Which service answered: `DAYTONA_API`, … */
  readonly source?: string;
  /** Only headers that a program can act on: those of rate limits, and what names the request and the server's version. Names are in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** An answer of the API that is not a success, or no answer. */
export class ApiError extends Error {
  /** HTTP status; 0 if there was no answer. */
  readonly status: number;
  /** The server's error message, if it sent one. */
  readonly reason: string;
  /** `METHOD /path`. */
  readonly request: string;
  /** Null: no answer came. */
  readonly answered: Answered | null;

  constructor(
    message: string,
    details: { status: number; reason?: string; request: string; answered?: Answered | null; cause?: unknown },
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.status = details.status;
    this.reason = details.reason ?? "";
    this.request = details.request;
    this.answered = details.answered ?? null;
  }
}

/** 401: the key or token is invalid. Never retried: repeated failures block the IP address. */
export class UnauthorizedError extends ApiError {}
/** 403: the key lacks a permission, or the organization is not allowed to do this. */
export class ForbiddenError extends ApiError {}
/** 404 for a resource, not for a route. */
export class NotFoundError extends ApiError {}
/** 409: the name is taken. */
export class ConflictError extends ApiError {}
/** 400: rejected by the server's validation; see `reason`. */
export class BadRequestError extends ApiError {}
/** 429, after all retries. */
export class RateLimitError extends ApiError {}
/** 5xx, or the 408 of a gateway, after all retries. */
export class ServerError extends ApiError {}
/** No connection, a request timeout, or an answer that is not JSON, such as an HTML page. */
export class UnreachableError extends ApiError {}
/** A connection, or an answer, that did not come in time. */
export class TimedOutError extends UnreachableError {}
/** A POST was sent and its answer was lost: it may or may not have taken effect. */
export class AmbiguousAnswerError extends ApiError {}
/** The address answers but is not the snapshot API: an HTML page, an unknown route, other JSON, a redirect. Never means "gone". */
export class WrongAddressError extends UnreachableError {}
