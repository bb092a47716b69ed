import { ApiError, BadRequestError as ApiBadRequest, ConflictError as ApiConflict, DeadlinePassed, ForbiddenError as ApiForbidden, isQuota, NotFoundError as ApiNotFound, type Outcome, RateLimitError as ApiRateLimit, SnapshotFailed, UnauthorizedError as ApiUnauthorized } from "../lifecycle";
import type { Notice } from "../snapshot/record";

/** The error of every method of `SnapshotService`. */
export class DaytonaError extends Error {
  /** HTTP status of the API's answer; null if none came or none was asked for. */
  readonly status: number | null;
  /** What the API gave as the reason; empty if it gave none. */
  readonly reason: string;
  /** `METHOD /path` of the request; null if none was sent. */
  readonly request: string | null;

  constructor(message: string, details: { status?: number | null; reason?: string; request?: string | null } = {}) {
    super(message);
    this.name = new.target.name;
    this.status = details.status ?? null;
    this.reason = details.reason ?? "";
    this.request = details.request ?? null;
  }
}

/** An argument that cannot be used; nothing was sent. Or 400: the API rejected it. */
export class InvalidArgumentError extends DaytonaError {}
/** 401: the credentials are invalid. */
export class AuthenticationError extends DaytonaError {}
/** 403: a permission is missing. */
export class PermissionError extends DaytonaError {}
/** 404: there is no such snapshot. */
export class NotFoundError extends DaytonaError {}
/** 409: the name is taken. */
export class ConflictError extends DaytonaError {}
/** The snapshot quota, or a limit of the organization, is exceeded. */
export class QuotaError extends DaytonaError {}
/** 429, after all retries. */
export class RateLimitError extends DaytonaError {}
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
    super(message, { reason: failed.dto.errorReason ?? "" });
    this.snapshotId = failed.dto.id;
    this.logTail = failed.tail;
  }
}

/** The error for something that was thrown, with a message for people. */
export function errorOf(message: string, cause: unknown): DaytonaError {
  if (cause instanceof SnapshotFailed) return new BuildFailedError(message, cause);
  if (cause instanceof DeadlinePassed) return new TimeoutError(message);
  const details = cause instanceof ApiError ? { status: cause.status === 0 ? null : cause.status, reason: cause.reason, request: cause.request } : {};
  if (isQuota(cause)) return new QuotaError(message, details);
  const known = [
    [ApiUnauthorized, AuthenticationError], [ApiForbidden, PermissionError], [ApiNotFound, NotFoundError], [ApiConflict, ConflictError], [ApiBadRequest, InvalidArgumentError], [ApiRateLimit, RateLimitError],
  ] as const;
  const Found = known.find(([kind]) => cause instanceof kind)?.[1] ?? DaytonaError;
  return new Found(message, details);
}

export function textOf({ summary, detail }: Pick<Notice, "summary" | "detail">): string {
  return detail === "" ? summary : `${summary}\n${detail}`;
}

/** @throws DaytonaError unless the outcome is a success */
export function succeeded(outcome: Outcome): void {
  if (outcome.interrupted) throw new AbortError(outcome.warnings.map(textOf).join("\n"));
  if (!outcome.error) return;
  // The name is taken: found by comparing, after the API's 409.
  if (/ is already taken$/.test(outcome.error.summary)) throw new ConflictError(textOf(outcome.error), { status: 409 });
  throw errorOf(textOf(outcome.error), outcome.cause);
}
