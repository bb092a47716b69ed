/** Typed errors of the API. `message` never contains a credential. */

/** Any answer of the API that is not a success, or no answer at all. */
export class ApiError extends Error {
  /** HTTP status; 0 where no answer came. */
  readonly status: number;
  /** The server's own sentence, where it gave one. */
  readonly reason: string;
  /** `METHOD /path`. */
  readonly request: string;

  constructor(message: string, details: { status: number; reason?: string; request: string; cause?: unknown }) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.status = details.status;
    this.reason = details.reason ?? "";
    this.request = details.request;
  }
}

/** 401: the key or token is wrong. Never retried: repeated failures block the address. */
export class UnauthorizedError extends ApiError {}
/** 403: the key lacks a permission, or the organization may not do this. */
export class ForbiddenError extends ApiError {}
/** 404 of a thing (not of a route). */
export class NotFoundError extends ApiError {}
/** 409: the name is taken. */
export class ConflictError extends ApiError {}
/** 400: refused by the server's rules; `reason` says which. */
export class BadRequestError extends ApiError {}
/** 429 that outlasted the retries. */
export class RateLimitError extends ApiError {}
/** 5xx that outlasted the retries. */
export class ServerError extends ApiError {}
/** No connection, a timeout of one request, or an answer that is no JSON (an HTML page, say). */
export class UnreachableError extends ApiError {}
/** A POST was sent and its answer was lost: it may or may not have taken effect. */
export class AmbiguousAnswerError extends ApiError {}
/** The address answers, but is not the snapshot API: an HTML page, an unknown route, other JSON, a redirect. Never "gone". */
export class WrongAddressError extends UnreachableError {}
