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

/** Headers of an answer of the API: `headers["retry-after"]`, or `headers.get("Retry-After")`. */
export type AnswerHeaders = Readonly<Record<string, string>> & { get(name: string): string | undefined };

/** Which service answered, as `source` of an error says it. */
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

/** The error of every method of `SnapshotService` and `RegistryService`, and of `resolveImage`. */
export class DaytonaError extends Error {
  /** HTTP status of the API's answer; null if none came or none was asked for. */
  readonly status: number | null;
  /** What the API gave as the reason, as it came; empty if it gave none. To print it, remove control characters first, as `message` has it. */
  readonly reason: string;
  /** `METHOD /path` of the request; null if none was sent. */
  readonly request: string | null;
  /** What kind of failure it is, for programs: `conflict`, `quota`, `not-found`, …; undefined: none of these. It is this package's, not the server's. */
  readonly errorCode: string | undefined;
  /** The server's own code for the failure, as the official SDK has it; undefined if it gave none, as servers up to v0.190. */
  declare readonly code?: string;
  /** Which service answered, if it says so: `SOURCE_API`, … */
  declare readonly source?: string;
  /**
   * Headers of the answer for programs, under names in lower case; undefined if none came. Only those of rate limits, of the request's ID and of
   * the server's version: the others may hold credentials.
   */
  declare readonly headers?: AnswerHeaders;

  /** The same as `status`, under the name that the official SDK gives it; undefined where there is none. 400 where a wrong argument was not even sent. */
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

/** 400, of whatever kind: the parent of `InvalidArgumentError` and `QuotaError`. */
export class BadRequestError extends DaytonaError {}
/** An argument that cannot be used; nothing was sent. Or 400: the API rejected it. */
export class InvalidArgumentError extends BadRequestError {
  /** 400 as well where nothing was sent: the API would have answered so, and programs look for it. `status` is null then. */
  override get statusCode(): number {
    return this.status ?? 400;
  }
}
/** 401: the credentials are invalid. Or a registry does not show an image to those of Docker. */
export class AuthenticationError extends DaytonaError {}
/** 403: a permission is missing. */
export class PermissionError extends DaytonaError {}
/** 404: there is no such snapshot or registry. Or a registry has no such image. */
export class NotFoundError extends DaytonaError {}
/** 409: the name is taken. */
export class ConflictError extends DaytonaError {}
/** 410: it was there, and is gone for good. */
export class GoneError extends DaytonaError {}
/** 422: the API understood the request, and rejected it. */
export class UnprocessableEntityError extends DaytonaError {}
/** The snapshot quota, or a limit of the organization, is exceeded. */
export class QuotaError extends BadRequestError {}
/** 429, after all retries. */
export class RateLimitError extends DaytonaError {}
/** 5xx, after all retries; the API, or what stands before it, failed. */
export class ServerError extends DaytonaError {}
/** 500. */
export class InternalServerError extends ServerError {}
/** 502. */
export class BadGatewayError extends ServerError {}
/** 503. */
export class ServiceUnavailableError extends ServerError {}
/** 504 or 408: a gateway gave up waiting. It is a `DaytonaTimeoutError`, too. */
export class GatewayTimeoutError extends ServerError {}
/** No answer of the API came, after all retries. Or the answer to a request that changes something was lost. */
export class ConnectionError extends DaytonaError {}
/** No connection, or no answer, in time, after all retries. It is a `DaytonaTimeoutError`, too. */
export class ConnectionTimeoutError extends ConnectionError {}
/** Whatever came too late, as the official SDK has it: `TimeoutError`, `GatewayTimeoutError` or `ConnectionTimeoutError`. */
export class DaytonaTimeoutError extends DaytonaError {
  static override [Symbol.hasInstance](value: unknown): boolean {
    const isOther = value instanceof GatewayTimeoutError || value instanceof ConnectionTimeoutError;
    return (this === DaytonaTimeoutError && isOther) || Function.prototype[Symbol.hasInstance].call(this, value);
  }
}
/** The time limit of the call passed. The snapshot may still become active. */
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

// The names that the official SDK gives the same errors, so that programs written for it need no other change than the import.
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

/** The class for each kind of failure. That of a failed snapshot needs the snapshot. */
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

/** Of answers of the API itself: those of an image registry have the same codes. */
const STATUS_KINDS: ReadonlyMap<number, Kind> = new Map<number, Kind>([
  [408, GatewayTimeoutError],
  [410, GoneError],
  [422, UnprocessableEntityError],
  [500, InternalServerError],
  [502, BadGatewayError],
  [503, ServiceUnavailableError],
  [504, GatewayTimeoutError],
]);

/** The class for an answer of the API, or for none; undefined: that of its code. */
function kindOfApi(error: ApiError, code: FailureCode): Kind | undefined {
  // What is known of a lost answer is why it was lost.
  const why = error instanceof AmbiguousAnswerError && error.cause instanceof ApiError ? error.cause : error;
  if (code === "unreachable" || code === "unanswered")
    return why instanceof TimedOutError ? ConnectionTimeoutError : ConnectionError;
  if (code !== "server" && code !== "rejected") return undefined;
  return STATUS_KINDS.get(why.status) ?? (code === "server" ? ServerError : undefined);
}

/** The error for something that was thrown, with a message for people. @param clean removes secrets from the API's reason */
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

/** Takes a warning as one text. */
export type OnWarning = (warning: string) => void;

/** Tells of warnings; without `onWarning`, as warnings of the process, which Node prints on stderr. */
export function warn(
  warnings: readonly Notice[],
  onWarning: OnWarning = (text) => process.emitWarning(text, "DaytonaWarning"),
): void {
  for (const warning of warnings) onWarning(printable(textOf(warning)));
}

/** Tells of the warnings of an outcome. @throws DaytonaError unless it is a success; that of an interrupted call has the warnings in its message */
export function succeeded(outcome: Outcome, onWarning?: OnWarning): void {
  if (outcome.interrupted) throw new AbortError(outcome.warnings.map(textOf).join("\n"));
  warn(outcome.warnings, onWarning);
  if (outcome.error) throw errorOf(textOf(outcome.error), outcome.failure);
}
