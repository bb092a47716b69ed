import { AmbiguousAnswerError, ApiError, BadRequestError, ForbiddenError, NotFoundError, RateLimitError, ServerError, UnauthorizedError, UnreachableError, WrongAddressError } from "../../api/errors";
import type { Notice } from "../../snapshot/record";
import { capital } from "../../snapshot/tool-words";

/** Where parts of the connection came from (`DAYTONA_API_KEY`, a profile, …), for messages. Never contains a value. */
export interface Origin {
  credentials: string;
  apiUrl: string;
}

/**
 * Converts an API error to a message: what was being done, what the API answered, and what to do next.
 * @param doing the beginning of the message: `creating snapshot "x"`
 */
export function apiFailure(doing: string, error: ApiError, origin?: Origin): Notice {
  // For a POST without an answer, the cause says more than the fact.
  const cause = error instanceof AmbiguousAnswerError && error.cause instanceof ApiError ? error.cause : error;
  const told = error instanceof BadRequestError || error instanceof NotFoundError;
  const attribute = told ? attributeOf(error.reason) : undefined;
  return { summary: `${doing}: ${headline(error, cause)}`, detail: lines(begun(sentence(cause.message)), next(cause), error === cause ? from(cause, origin) : ""), ...(attribute ? { attribute: [attribute] } : {}) };
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
function next(error: ApiError): string {
  if (error instanceof ForbiddenError) {
    const verb = error.request.split(" ", 1)[0];
    if (verb === "POST") return "Creating, activating and deactivating snapshots requires the `write:snapshots` permission.";
    if (verb === "DELETE") return "Deleting snapshots requires the `delete:snapshots` permission.";
  }
  if (error instanceof ServerError || error instanceof RateLimitError) return "Try again later.";
  return "";
}

/** Where the rejected key or the unreachable address was set. */
function from(error: ApiError, origin: Origin | undefined): string {
  if (origin === undefined) return "";
  if (error instanceof UnauthorizedError || error instanceof ForbiddenError) return `The credentials come from ${origin.credentials}.`;
  if (error instanceof UnreachableError && origin.apiUrl !== "the default") return `The address comes from ${origin.apiUrl}.`;
  return "";
}

/** The attribute that the API rejected, if the error text names it. */
function attributeOf(reason: string): string | undefined {
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
  return found.find(([pattern]) => pattern.test(reason))?.[1];
}
