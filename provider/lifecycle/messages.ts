import { AmbiguousAnswerError, ApiError, BadRequestError, ForbiddenError, NotFoundError, RateLimitError, ServerError, UnauthorizedError, UnreachableError } from "../api/errors";
import type { SnapshotDto } from "../api/types";
import { formatDuration } from "../snapshot/durations";
import type { Notice } from "../snapshot/record";
import { classify } from "../snapshot/states";
import type { Call } from "./call";
import type { SnapshotFailed } from "./flow";
import { importLine, words } from "./words";

/** What the API answered, where nobody had anything better to say about it. */
export function apiNotice(call: Call, error: ApiError): Notice {
  const told = error instanceof BadRequestError || error instanceof NotFoundError;
  const attribute = told ? attributeOf(error.reason) : undefined;
  return { summary: `${call.doing}: ${headline(error)}`, detail: lines(sentence(error.message), call.unanswered === null ? "" : unanswered(call.unanswered), kept(call)), ...(attribute ? { attribute: [attribute] } : {}) };
}

/** `error` or `build_failed`. `next`: what to do now. */
export function failedNotice(call: Call, failed: SnapshotFailed, next: string): Notice {
  const { dto, tail } = failed;
  const what = dto.state === "build_failed" || dto.buildInfo ? "the build failed" : "it failed";
  const reason = dto.errorReason ? `The API says: ${sentence(dto.errorReason)}` : "The API gives no reason.";
  const log = tail.length > 0 ? `Last lines of the build log:\n${tail.map((line) => `  ${line}`).join("\n")}` : "";
  return { summary: `${call.doing}: ${what} (state \`${dto.state}\`)`, detail: lines(reason, log, next), ...(dto.imageName && !dto.buildInfo ? { attribute: ["image"] } : {}) };
}

/** The deadline passed. */
export function deadlineNotice(call: Call, mayExist?: string): Notice {
  const { verb, lastState, record } = call;
  const state = call.waitingFor ? `; it was waiting for ${call.waitingFor}` : lastState ? `; last state seen: \`${lastState}\`` : "";
  const timeout = words(call).timeout(verb);
  const settling = record !== null && lastState !== null && classify(lastState) === "settling";
  return {
    summary: `${call.doing}: not done within ${formatDuration(call.deadline.limitMs)}${state}`,
    detail: lines(
      mayExist ? unanswered(mayExist) : "",
      kept(call),
      unfinished(call),
      verb === "create" && settling ? words(call).goOnWaiting : "",
      `A longer limit is set by ${timeout}.`,
    ),
    attribute: ["timeouts", verb],
  };
}

/** The user interrupted: a warning, the tool itself ends with an error. */
export function interruptedNotice(call: Call, mayExist?: string): Notice {
  const { record, lastState } = call;
  const state = lastState ? ` Last state seen: \`${lastState}\`.` : "";
  const next = record ? `The state keeps its id ${record.id}; the next apply goes on from there.` : "";
  return { summary: `${call.doing}: interrupted`, detail: lines(mayExist ? unanswered(mayExist) : "", unfinished(call), `${next || "Nothing is kept in the state."}${state}`) };
}

/** Not foreseen: a fault of this program. */
export function unexpectedNotice(call: Call, error: unknown): Notice {
  const message = error instanceof Error ? error.message : String(error);
  return { summary: `${call.doing}: ${message}`, detail: lines("This is a fault of the provider, not of your program. Please report it with the debug log.", kept(call)) };
}

export function takenNotice(call: Call, holder: SnapshotDto, differences: string[]): Notice {
  const { adopt, ownEarlier } = words(call);
  const what = `Snapshot ${holder.id} of this organization has the name (state \`${holder.state}\`, created ${holder.createdAt}).`;
  const same = differences.length === 0;
  return {
    summary: `${call.doing}: the name "${holder.name}" is taken`,
    detail: lines(
      what,
      same ? "It is the same as the one asked for." : `It differs from the one asked for:\n${differences.map((line) => `  ${line}`).join("\n")}`,
      `To bring it under control, import it: ${importLine(call, holder.id)}`,
      same ? `Or take it over in the same apply: ${adopt}.` : `${adopt} does not take over a snapshot that differs: choose another name, delete that one, or import it and let the next apply change it.`,
      ownEarlier,
    ),
    attribute: ["name"],
  };
}

/** Joins paragraphs, leaving out empty ones. */
export function lines(...parts: string[]): string {
  return parts.filter((part) => part !== "").join("\n");
}

export function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?)]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

function kept(call: Call): string {
  return call.record && call.verb === "create" ? `The state keeps the snapshot's id, ${call.record.id}.` : "";
}

function unfinished(call: Call): string {
  return call.marks.successor && call.record ? `The swap of "${call.record.name}" is unfinished: its successor ${call.record.id} is kept, and the next apply goes on. Until then the name cannot be used.` : "";
}

function unanswered(name: string): string {
  return `A request to create "${name}" was sent and not answered: a snapshot of that name may exist. If it does, the next apply says so, and how to import it.`;
}

function headline(error: ApiError): string {
  if (error instanceof UnauthorizedError) return "the API does not accept the credentials";
  if (error instanceof ForbiddenError) return "the API does not allow it";
  if (error instanceof RateLimitError) return "too many requests";
  if (error instanceof AmbiguousAnswerError) return "the answer was lost";
  if (error instanceof UnreachableError) return "the API cannot be reached";
  if (error instanceof NotFoundError) return "the API does not find it";
  if (error instanceof ServerError) return "the API failed";
  return "the API refused it";
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
