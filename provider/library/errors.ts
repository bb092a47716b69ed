import { ApiError, apiDetails, Failure, type FailureCode, type Outcome, SnapshotFailed } from "../lifecycle";
import { printable } from "../kit/text/printable";
import type { Notice } from "../kit/notice";

/** The error of every method of `SnapshotService` and `RegistryService`, and of `resolveImage`. */
export class DaytonaError extends Error {
  /** HTTP status of the API's answer; null if none came or none was asked for. */
  readonly status: number | null;
  /** What the API gave as the reason, as it came; empty if it gave none. To print it, remove control characters first, as `message` has it. */
  readonly reason: string;
  /** `METHOD /path` of the request; null if none was sent. */
  readonly request: string | null;
  /** What kind of failure it is, for programs: `conflict`, `quota`, `not-found`, …; undefined: none of these. */
  readonly errorCode: string | undefined;

  /** The same as `status`, under the name that the official SDK gives it; undefined where there is none. 400 where a wrong argument was not even sent. */
  get statusCode(): number | undefined {
    return this.status ?? undefined;
  }

  constructor(
    message: string,
    details: { status?: number | null; reason?: string; request?: string | null; errorCode?: string } = {},
  ) {
    // Programs print it. `reason` and a build's log are the API's own texts.
    super(printable(message));
    this.name = new.target.name;
    this.status = details.status ?? null;
    this.reason = details.reason ?? "";
    this.request = details.request ?? null;
    this.errorCode = details.errorCode;
  }
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
/** No answer of the API came, after all retries. Or the answer to a request that changes something was lost. */
export class ConnectionError extends DaytonaError {}
/** The time limit passed. The snapshot may still become active. */
export class TimeoutError extends DaytonaError {}
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
  TimeoutError as DaytonaTimeoutError,
  BadRequestError as DaytonaValidationError,
  InternalServerError as DaytonaInternalServerError,
  BadGatewayError as DaytonaBadGatewayError,
  ServiceUnavailableError as DaytonaServiceUnavailableError,
  ConnectionError as DaytonaConnectionError,
};

type Kind = new (message: string, details: ConstructorParameters<typeof DaytonaError>[1]) => DaytonaError;

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

/** Of failures of the API itself: those of an image registry have the same codes. */
const API_KINDS: Readonly<Partial<Record<FailureCode, (status: number | null) => Kind>>> = {
  server: (status) => SERVER_KINDS.get(status) ?? ServerError,
  unreachable: () => ConnectionError,
  unanswered: () => ConnectionError,
};
const SERVER_KINDS: ReadonlyMap<number | null, Kind> = new Map([
  [500, InternalServerError],
  [502, BadGatewayError],
  [503, ServiceUnavailableError],
]);

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
  const Chosen = (cause instanceof ApiError ? API_KINDS[code]?.(status) : undefined) ?? KINDS[code];
  return new Chosen(message, {
    status,
    errorCode: code,
    ...(cause instanceof ApiError ? { reason: clean(cause.reason), request: cause.request } : {}),
  });
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
