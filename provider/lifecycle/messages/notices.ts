import { BadRequestError, type ApiError } from "../../api/errors";
import type { SnapshotDto } from "../../api/types";
import { formatDuration } from "../../snapshot/durations";
import type { Notice } from "../../snapshot/record";
import { classify } from "../../snapshot/states";
import type { Call } from "../call/call";
import type { SnapshotFailed } from "../call/errors";
import { apiFailure, lines, sentence } from "./api-failure";
import { importLine, words } from "./tool-words";

export { lines };

/** What the API answered, where nobody had anything better to say about it. */
export function apiNotice(call: Call, error: ApiError): Notice {
  const notice = apiFailure(call.doing, error, call.shared.origin);
  return { ...notice, detail: lines(notice.detail, call.unanswered === null ? "" : unanswered(call.unanswered), kept(call)) };
}

/** The 400 of a full quota of snapshots. */
export function isQuota(error: unknown): error is ApiError {
  return error instanceof BadRequestError && /snapshot quota exceeded/i.test(error.reason);
}

/** A full quota, where nothing can be done but to make room. */
export function quotaNotice(call: Call, error: ApiError): Notice {
  const notice = apiNotice(call, error);
  return {
    summary: `${call.doing}: the snapshot quota has no place for it`,
    detail: lines(notice.detail, "Delete or deactivate a snapshot that is not needed, or ask Daytona for a larger quota; then apply again."),
  };
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
  const phase = record !== null && lastState !== null ? classify(lastState) : null;
  const { trouble } = call.api;
  return {
    summary: `${call.doing}: not done within ${formatDuration(call.deadline.limitMs)}${state}`,
    detail: lines(
      mayExist ? unanswered(mayExist) : "",
      kept(call),
      unfinished(call),
      trouble ? `In the way was: ${sentence(trouble)}` : "",
      verb === "create" && (phase === "settling" || phase === "ready") ? words(call).goOnWaiting : "",
      verb === "delete" && phase === "leaving" ? "The API has taken the delete on and may still finish it. The same command again goes on waiting for that." : "",
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
  const summary = `${call.doing}: the name "${holder.name}" is taken`;
  const difference = differences.length === 0 ? "It is the same as the one asked for." : `It differs from the one asked for:\n${differences.map((line) => `  ${line}`).join("\n")}`;
  if (madeHere(call, holder)) {
    // Importing or adopting it would have two resources change and delete one snapshot.
    const what = `Another resource of this program has it: snapshot ${holder.id}, which this very run has made or taken over.`;
    return { summary, detail: lines(what, difference, "A name belongs to one resource: give one of the two another name, or take one of them out."), attribute: ["name"] };
  }
  const what = `Snapshot ${holder.id} of this organization has the name (state \`${holder.state}\`, created ${holder.createdAt}).`;
  const same = differences.length === 0;
  const line = importLine(call, holder.id);
  return {
    summary,
    detail: lines(
      what,
      difference,
      line === null ? "" : `To bring it under control, import it: ${line}`,
      same ? `${line === null ? "To" : "Or"} take it over in the same apply: ${adopt}.` : `${adopt} does not take over a snapshot that differs: choose another name, delete that one, or ${line === null ? "have the program say the same" : "import it and let the next apply change it"}.`,
      ownEarlier,
    ),
    attribute: ["name"],
  };
}

/** Whether this process has created or adopted the snapshot, for whichever resource. */
export function madeHere(call: Call, holder: SnapshotDto): boolean {
  return call.shared.made.get(holder.name)?.id === holder.id;
}

function kept(call: Call): string {
  return call.record && call.verb === "create" ? `The state keeps the snapshot's id, ${call.record.id}.` : "";
}

function unfinished(call: Call): string {
  return call.marks.successor && call.record ? `The swap of "${call.record.name}" is unfinished: its successor ${call.record.id} is kept, and the next apply goes on. Until then the name cannot be used.` : "";
}

function unanswered(name: string): string {
  return `It is not known whether the request to create "${name}" took effect: a snapshot of that name may exist. If it does, the next apply says so, and how to import it.`;
}
