import {
  AmbiguousAnswerError,
  type Answered,
  ApiError,
  apiDetails,
  Failure,
  type FailureCode,
  type Outcome,
  SnapshotFailed,
  TimedOutError,
} from "../lifecycle";
import { printable } from "../kit/text/printable";
import type { Notice } from "../kit/notice";

/** Headers of an answer of the API: `headers["retry-after"]` or `headers.get("Retry-After")`. */
export type AnswerHeaders = Readonly<Record<string, string>> & { get(name: string): string | undefined };

/** The services that `source` of an error can name. */
export const SOURCE_API = "DAYTONA_API";
export const SOURCE_DAEMON = "DAYTONA_DAEMON";
export const SOURCE_PROXY = "DAYTONA_PROXY";

interface ErrorDetails {
  status?: number | null;
  reason?: string;
  request?: string | null;
  errorCode?: string;
  answered?: Answered | null;
}

/** Base class of all errors of `SnapshotService`, `RegistryService` and `resolveImage`. */
export class DaytonaError extends Error {
  /** HTTP status of the API's answer; null if there was no answer or no request. */
  readonly status: number | null;
  /** The API's reason, unchanged; empty if it gave none. Remove control characters before you print it. `message` contains it without them. */
  readonly reason: string;
  /** `METHOD /path` of the request; null if none was sent. */
  readonly request: string | null;
  /** Kind of the failure, for programs: `conflict`, `quota`, `not-found`, …; undefined if it is none of the known kinds. It is this package's own, not the server's `code`. */
  readonly errorCode: string | undefined;
  /** The server's own code for the failure, as in the official SDK; undefined if the server gave none. Servers up to v0.190 never give one. */
  declare readonly code?: string;
  /** The service that answered, such as `SOURCE_API`; undefined if the answer does not say. */
  declare readonly source?: string;
  /**
   * Headers of the answer, with names in lower case; undefined if there was no answer. Contains only the headers of rate limits, the request ID and
   * the server's version, because others may contain credentials.
   */
  declare readonly headers?: AnswerHeaders;

  /** The same as `status`, under its name in the official SDK; undefined if there is none. 400 for an invalid argument that was not sent. */
  get statusCode(): number | undefined {
    return this.status ?? undefined;
  }

  constructor(message: string, details: ErrorDetails = {}) {
    // Programs print it. `reason` and a build's log are the API's own texts.
    super(printable(message));
    this.name = new.target.name;
    this.status = details.status ?? null;
    this.reason = details.reason ?? "";
    this.request = details.request ?? null;
    this.errorCode = details.errorCode;
    if (details.answered) Object.assign(this, { ...details.answered, headers: headersOf(details.answered) });
  }
}

function headersOf({ headers }: Answered): AnswerHeaders {
  const get = (name: string): string | undefined => headers[name.toLowerCase()];
  // Not shown where the error is printed.
  return Object.defineProperty({ ...headers }, "get", { value: get }) as AnswerHeaders;
}

/** Status 400 of any kind: the base class of `InvalidArgumentError` and `QuotaError`. */
export class BadRequestError extends DaytonaError {}
/** An invalid argument. Nothing was sent, or the API rejected it with status 400. */
export class InvalidArgumentError extends BadRequestError {
  /** 400 even if nothing was sent, because the API would have answered so and programs check for it. `status` is null then. */
  override get statusCode(): number {
    return this.status ?? 400;
  }

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, { errorCode: "invalid", ...details });
  }
}
/** Status 401: the credentials are invalid. Or an image registry does not accept Docker's credentials. */
export class AuthenticationError extends DaytonaError {}
/** Status 403: a permission is missing. */
export class PermissionError extends DaytonaError {}
/** Status 404: there is no such snapshot or registry. Or an image registry has no such image. */
export class NotFoundError extends DaytonaError {}
/** Status 409: the name is taken. */
export class ConflictError extends DaytonaError {}
/** Status 410: the item existed, and is permanently gone. */
export class GoneError extends DaytonaError {}
/** Status 422: the API understood the request, but rejected it. */
export class UnprocessableEntityError extends DaytonaError {}
/** The snapshot quota, or a limit of the organization, is exceeded. */
export class QuotaError extends BadRequestError {}
/** Status 429, after all retries. */
export class RateLimitError extends DaytonaError {}
/** Status 5xx, after all retries: the API or a proxy in front of it failed. */
export class ServerError extends DaytonaError {}
/** Status 500. */
export class InternalServerError extends ServerError {}
/** Status 502. */
export class BadGatewayError extends ServerError {}
/** Status 503. */
export class ServiceUnavailableError extends ServerError {}
/** Status 504 or 408: a gateway gave up waiting. It is also a `DaytonaTimeoutError`. */
export class GatewayTimeoutError extends ServerError {}
/** The API did not answer, after all retries. Or the answer to a request that changes something was lost. */
export class ConnectionError extends DaytonaError {}
/** There was no connection or no answer in time, after all retries. It is also a `DaytonaTimeoutError`. */
export class ConnectionTimeoutError extends ConnectionError {}
/** Any timeout, as in the official SDK: a `TimeoutError`, `GatewayTimeoutError` or `ConnectionTimeoutError`. */
export class DaytonaTimeoutError extends DaytonaError {
  static override [Symbol.hasInstance](value: unknown): boolean {
    const isOther = value instanceof GatewayTimeoutError || value instanceof ConnectionTimeoutError;
    return (this === DaytonaTimeoutError && isOther) || Function.prototype[Symbol.hasInstance].call(this, value);
  }
}
/** The time limit of the call has passed. The snapshot may still become active. */
export class TimeoutError extends DaytonaTimeoutError {}
/** The `signal` was aborted. The message says what exists now. */
export class AbortError extends DaytonaError {}

/** The snapshot ended in `error` or `build_failed`. It is kept. */
export class BuildFailedError extends DaytonaError {
  /** ID of the failed snapshot. */
  readonly snapshotId: string;
  /** Last lines of the build log, at most 30, oldest first. */
  readonly logTail: readonly string[];

  constructor(message: string, failed: SnapshotFailed) {
    super(message, { reason: failed.dto.errorReason ?? "", errorCode: "failed" });
    this.snapshotId = failed.dto.id;
    this.logTail = failed.tail;
  }
}

// The official SDK's names for the same errors, so that programs written for it only have to change the import.
export {
  AuthenticationError as DaytonaAuthenticationError,
  PermissionError as DaytonaAuthorizationError,
  PermissionError as DaytonaForbiddenError,
  BadRequestError as DaytonaBadRequestError,
  InvalidArgumentError as DaytonaInvalidArgumentError,
  ConflictError as DaytonaConflictError,
  NotFoundError as DaytonaNotFoundError,
  RateLimitError as DaytonaRateLimitError,
  GoneError as DaytonaGoneError,
  UnprocessableEntityError as DaytonaUnprocessableEntityError,
  BadRequestError as DaytonaValidationError,
  InternalServerError as DaytonaInternalServerError,
  BadGatewayError as DaytonaBadGatewayError,
  ServiceUnavailableError as DaytonaServiceUnavailableError,
  ConnectionError as DaytonaConnectionError,
  ConnectionTimeoutError as DaytonaConnectionTimeoutError,
};

type Kind = new (message: string, details: ErrorDetails) => DaytonaError;

/** The class for each kind of failure. `BuildFailedError` needs the snapshot, so `errorOf` chooses it. */
const KINDS: Readonly<Record<FailureCode, Kind>> = {
  invalid: InvalidArgumentError,
  source: InvalidArgumentError,
  rejected: InvalidArgumentError,
  unauthorized: AuthenticationError,
  forbidden: PermissionError,
  "not-found": NotFoundError,
  conflict: ConflictError,
  quota: QuotaError,
  "rate-limit": RateLimitError,
  deadline: TimeoutError,
  server: DaytonaError,
  unreachable: DaytonaError,
  unanswered: DaytonaError,
  upload: DaytonaError,
  failed: DaytonaError,
  refused: DaytonaError,
  unexpected: DaytonaError,
};

/** Classes for answers of the API itself, because those of an image registry have the same codes. */
const STATUS_KINDS: ReadonlyMap<number, Kind> = new Map<number, Kind>([
  [408, GatewayTimeoutError],
  [410, GoneError],
  [422, UnprocessableEntityError],
  [500, InternalServerError],
  [502, BadGatewayError],
  [503, ServiceUnavailableError],
  [504, GatewayTimeoutError],
]);

/** Returns the class for an answer of the API, or for a missing one; undefined if the code decides. */
function kindOfApi(error: ApiError, code: FailureCode): Kind | undefined {
  // What is known of a lost answer is why it was lost.
  const why = error instanceof AmbiguousAnswerError && error.cause instanceof ApiError ? error.cause : error;
  if (code === "unreachable" || code === "unanswered")
    return why instanceof TimedOutError ? ConnectionTimeoutError : ConnectionError;
  if (code !== "server" && code !== "rejected") return undefined;
  return STATUS_KINDS.get(why.status) ?? (code === "server" ? ServerError : undefined);
}

/** Returns the `DaytonaError` for anything that was thrown. @param message for people @param clean removes secrets from the API's reason */
export function errorOf(
  message: string,
  thrown: unknown,
  clean: (text: string) => string = (text) => text,
): DaytonaError {
  const failure = thrown instanceof ApiError ? apiDetails(thrown) : thrown instanceof Failure ? thrown : null;
  if (failure === null) return new DaytonaError(message);
  const { code, status, cause } = failure;
  if (cause instanceof SnapshotFailed) return new BuildFailedError(message, cause);
  const Chosen = (cause instanceof ApiError ? kindOfApi(cause, code) : undefined) ?? KINDS[code];
  return new Chosen(message, {
    status,
    errorCode: code,
    ...(cause instanceof ApiError ? ofAnswer(cause, clean) : {}),
  });
}

function ofAnswer({ reason, request, answered }: ApiError, clean: (text: string) => string): ErrorDetails {
  if (answered === null) return { reason: clean(reason), request };
  const { headers, ...words } = answered;
  const cleaned = <T extends object>(texts: T): T =>
    Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, clean(text as string)])) as T;
  return { reason: clean(reason), request, answered: { ...cleaned(words), headers: cleaned(headers) } };
}

export function textOf({ summary, detail }: Pick<Notice, "summary" | "detail">): string {
  return detail === "" ? summary : `${summary}\n${detail}`;
}

/** Receives a warning as one text. */
export type OnWarning = (warning: string) => void;

/** Reports warnings to `onWarning`, otherwise as warnings of the process, which Node prints to stderr. */
export function warn(
  warnings: readonly Notice[],
  onWarning: OnWarning = (text) => process.emitWarning(text, "DaytonaWarning"),
): void {
  for (const warning of warnings) onWarning(printable(textOf(warning)));
}

/** Reports the warnings of an outcome. @throws DaytonaError if it failed; an `AbortError` has the warnings in its message */
export function succeeded(outcome: Outcome, onWarning?: OnWarning): void {
  if (outcome.interrupted) throw new AbortError(outcome.warnings.map(textOf).join("\n"));
  warn(outcome.warnings, onWarning);
  if (outcome.error) throw errorOf(textOf(outcome.error), outcome.failure);
}
