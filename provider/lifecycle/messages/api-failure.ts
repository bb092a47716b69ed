import {
  AmbiguousAnswerError,
  ApiError,
  BadRequestError,
  ConflictError,
  ForbiddenError,
  NotFoundError,
  RateLimitError,
  ServerError,
  UnauthorizedError,
  UnreachableError,
  WrongAddressError,
} from "../../api/errors";
import type { InPlaceDefinition } from "../../resources";
import { snapshotTable } from "../../resources/snapshot/attributes";
import type { AnyInput } from "../../resources/snapshot/attributes/rows";
import { Failure, type FailureCode, type FailureDetails } from "../../kit/failure";
import type { Notice } from "../../kit/notice";
import { capital } from "../../kit/words";
import type { Origin } from "../contract";

/** The resource that a request was about, where it was not a snapshot. */
export type Subject = Pick<InPlaceDefinition, "plural" | "permissions" | "table">;

/**
 * Converts an API error to a message: what was being done, what the API answered, and what to do next.
 * @param doing the beginning of the message: `creating snapshot "x"`
 * @param subject undefined: a snapshot
 */
export function apiFailure(doing: string, error: ApiError, origin?: Origin, subject?: Subject): Notice {
  // For a POST without an answer, the cause says more than the fact.
  const cause = error instanceof AmbiguousAnswerError && error.cause instanceof ApiError ? error.cause : error;
  const told = error instanceof BadRequestError || error instanceof NotFoundError;
  const attribute = told ? attributeOf(error.reason, subject) : undefined;
  return {
    summary: `${doing}: ${headline(error, cause)}`,
    detail: lines(begun(sentence(cause.message)), next(cause, subject), error === cause ? from(cause, origin) : ""),
    ...(attribute ? { attribute: [attribute] } : {}),
  };
}

/** The same as an error, with a code. */
export function failureOfApi(doing: string, error: ApiError, origin?: Origin, subject?: Subject): Failure {
  return new Failure(apiFailure(doing, error, origin, subject), apiDetails(error));
}

/** Code, status and cause of a failure that an answer of the API, or none, led to. */
export function apiDetails(error: ApiError): Required<FailureDetails> {
  return { code: codeOf(error), status: error.status === 0 ? null : error.status, cause: error };
}

const CODES: readonly (readonly [new (...args: never[]) => ApiError, FailureCode])[] = [
  [UnauthorizedError, "unauthorized"],
  [ForbiddenError, "forbidden"],
  [NotFoundError, "not-found"],
  [ConflictError, "conflict"],
  [BadRequestError, "rejected"],
  [RateLimitError, "rate-limit"],
  [ServerError, "server"],
  [UnreachableError, "unreachable"],
  [AmbiguousAnswerError, "unanswered"],
];

function codeOf(error: ApiError): FailureCode {
  // For a POST that was answered with a 5xx.
  if (error instanceof AmbiguousAnswerError && error.cause instanceof ServerError) return "server";
  const code = CODES.find(([kind]) => error instanceof kind)?.[1] ?? "refused";
  // The API has no code of its own for it.
  return code === "rejected" && /snapshot quota exceeded/i.test(error.reason) ? "quota" : code;
}

/** Whether the error is the 400 for an exhausted snapshot quota. */
export function isQuota(error: unknown): error is ApiError {
  return error instanceof ApiError && codeOf(error) === "quota";
}

/** Joins the paragraphs that are not empty. */
export function lines(...parts: string[]): string {
  return parts.filter((part) => part !== "").join("\n");
}

/** Adds a full stop if the text has none. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

/** Capitalizes the first letter, unless the text begins with a URL. */
function begun(text: string): string {
  return /^[a-z]+:\/\//.test(text) ? text : capital(text);
}

function headline(error: ApiError, cause: ApiError): string {
  if (cause instanceof UnauthorizedError) return "the API rejected the credentials";
  if (cause instanceof ForbiddenError) return "permission denied";
  if (cause instanceof RateLimitError) return "rate limit exceeded";
  if (cause instanceof ServerError) return "the API returned a server error";
  if (error instanceof AmbiguousAnswerError) return "the response was lost";
  if (cause instanceof WrongAddressError) return "the server is not a Daytona API";
  if (cause instanceof UnreachableError) return "cannot reach the API";
  if (cause instanceof NotFoundError) return "not found";
  return "the API rejected the request";
}

/** What to do next, if the error does not say. */
function next(error: ApiError, subject: Subject | undefined): string {
  if (error instanceof ForbiddenError) {
    const verb = error.request.split(" ", 1)[0];
    if (isOfSandbox(error)) return "Creating a snapshot from a sandbox requires the `write:sandboxes` permission.";
    const { write, delete: remove } = subject?.permissions ?? { write: "write:snapshots", delete: "delete:snapshots" };
    const writing =
      subject === undefined
        ? "Creating, activating and deactivating snapshots"
        : `Creating and changing ${subject.plural}`;
    if (verb === "POST" || verb === "PATCH") return `${writing} requires the \`${write}\` permission.`;
    if (verb === "DELETE") return `Deleting ${subject?.plural ?? "snapshots"} requires the \`${remove}\` permission.`;
  }
  if (error instanceof ServerError || error instanceof RateLimitError) return "Try again later.";
  return "";
}

/** Whether the request was about the sandbox that a snapshot is taken from. */
const isOfSandbox = ({ request }: ApiError): boolean => request.includes(" /sandbox/");

/** Where the rejected key or the unreachable address was set. */
function from(error: ApiError, origin: Origin | undefined): string {
  if (origin === undefined) return "";
  const address = origin.apiUrl === "the default" ? "" : `, the address from ${origin.apiUrl}`;
  if (error instanceof UnauthorizedError) return `The credentials come from ${origin.credentials}${address}.`;
  if (error instanceof ForbiddenError) return `The credentials come from ${origin.credentials}.`;
  if (error instanceof UnreachableError && origin.apiUrl !== "the default")
    return `The address comes from ${origin.apiUrl}.`;
  return "";
}

/** The attribute of a snapshot whose field a check of the request names: `FIELD must …`, `each value in FIELD must …`. */
function rowSaidBy(reason: string): string | undefined {
  const field = /^(?:each value in )?(\w+) must /.exec(reason)?.[1];
  return (snapshotTable.inputs as readonly AnyInput[]).find((row) => "sent" in row && row.sent === field)?.name;
}

/** The attribute that the API rejected, if the error text names it. */
function attributeOf(reason: string, subject: Subject | undefined): string | undefined {
  if (subject !== undefined)
    return subject.table.inputs.find(({ sent }) => sent !== undefined && reason.startsWith(`${sent} must `))?.name;
  const found = [
    [/snapshot name|invalid name/i, "name"],
    [/snapshot quota/i, undefined],
    [/image/i, "image"],
    [/gpu type/i, "gpuTypes"],
    [/^gpu|\bgpu\b/i, "gpu"],
    [/^cpu/i, "cpu"],
    [/^memory/i, "memory"],
    [/^disk/i, "disk"],
    [/region/i, "region"],
  ] as const;
  const named = found.find(([pattern]) => pattern.test(reason));
  return named ? named[1] : rowSaidBy(reason);
}
