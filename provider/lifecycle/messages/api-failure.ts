import { AmbiguousAnswerError, ApiError, BadRequestError, ForbiddenError, NotFoundError, RateLimitError, ServerError, UnauthorizedError, UnreachableError, WrongAddressError } from "../../api/errors";
import type { Notice } from "../../snapshot/record";

/** Where parts of a connection came from (`DAYTONA_API_KEY`, a profile, …), for messages; never a value. */
export interface Origin {
  credentials: string;
  apiUrl: string;
}

/**
 * An error of the API for people: what was being done, what the API said, where to look, and what to do now.
 * @param doing begin of the message: `creating snapshot "x"`
 */
export function apiFailure(doing: string, error: ApiError, origin?: Origin): Notice {
  // Of a POST without an answer, why there was none says more than that there was none.
  const cause = error instanceof AmbiguousAnswerError && error.cause instanceof ApiError ? error.cause : error;
  const told = error instanceof BadRequestError || error instanceof NotFoundError;
  const attribute = told ? attributeOf(error.reason) : undefined;
  return { summary: `${doing}: ${headline(error, cause)}`, detail: lines(capital(sentence(cause.message)), next(cause), error === cause ? from(cause, origin) : ""), ...(attribute ? { attribute: [attribute] } : {}) };
}

/** Joins paragraphs, leaving out empty ones. */
export function lines(...parts: string[]): string {
  return parts.filter((part) => part !== "").join("\n");
}

/** With a full stop, where there is none yet. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

/** With a capital letter, unless it begins with an address. */
function capital(text: string): string {
  return /^[a-z]+:\/\//.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1);
}

function headline(error: ApiError, cause: ApiError): string {
  if (cause instanceof UnauthorizedError) return "the API does not accept the credentials";
  if (cause instanceof ForbiddenError) return "the API does not allow it";
  if (cause instanceof RateLimitError) return "too many requests";
  if (cause instanceof ServerError) return "the API failed";
  if (error instanceof AmbiguousAnswerError) return "the answer was lost";
  if (cause instanceof WrongAddressError) return "what answers is not the Daytona API";
  if (cause instanceof UnreachableError) return "the API cannot be reached";
  if (cause instanceof NotFoundError) return "the API does not find it";
  return "the API refused it";
}

/** What to do now, where the error itself does not say. */
function next(error: ApiError): string {
  if (error instanceof ForbiddenError) {
    const verb = error.request.split(" ", 1)[0];
    if (verb === "POST") return "Creating, activating and deactivating need the permission `write:snapshots`.";
    if (verb === "DELETE") return "Deleting needs the permission `delete:snapshots`.";
  }
  if (error instanceof ServerError || error instanceof RateLimitError) return "Try again in a while.";
  return "";
}

/** A key or an address that nobody remembers to have set is looked for where it came from. */
function from(error: ApiError, origin: Origin | undefined): string {
  if (origin === undefined) return "";
  if (error instanceof UnauthorizedError || error instanceof ForbiddenError) return `The credentials come from ${origin.credentials}.`;
  if (error instanceof UnreachableError && origin.apiUrl !== "the default") return `The address comes from ${origin.apiUrl}.`;
  return "";
}

/** The attribute that a refusal is about, as far as its text tells. */
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
