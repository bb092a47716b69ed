import { reports } from "../../version.gen";
import type { ApiError } from "../../api/errors";
import type { SnapshotDto } from "../../api/types";
import { formatDuration } from "../../resources/snapshot/durations";
import type { Notice } from "../../kit/notice";
import { sourceOf } from "../../resources/snapshot/observed";
import { classify } from "../../resources/snapshot/states";
import type { Call } from "../call/call";
import { CallbackError, Failure, type SnapshotFailed } from "../call/errors";
import { apiDetails, apiFailure, isQuota, lines, sentence } from "./api-failure";
import { failureAdvice } from "./failure-advice";
import { words } from "./tool-words";

export { isQuota, lines };

/** Fallback message for an API error. */
export function apiNotice(call: Call, error: ApiError): Notice {
  const notice = apiFailure(call.doing, error, call.shared.origin);
  return {
    ...notice,
    detail: lines(notice.detail, call.unanswered === null ? "" : unanswered(call, call.unanswered), keptSentence(call)),
  };
}

/** The same as a failure. @param more added to the detail */
export function failureIn(call: Call, error: ApiError, ...more: string[]): Failure {
  const notice = isQuota(error) ? quotaNotice(call, error) : apiNotice(call, error);
  return new Failure({ ...notice, detail: lines(notice.detail, ...more) }, apiDetails(error));
}

/** The snapshot quota is exhausted. */
export function quotaNotice(call: Call, error: ApiError): Notice {
  const notice = apiNotice(call, error);
  return {
    summary: `${call.doing}: snapshot quota exceeded`,
    detail: lines(
      notice.detail,
      `Delete or deactivate a snapshot that you no longer need, or ask Daytona for a larger quota. Then run ${words(call).run} again.`,
    ),
  };
}

/** The snapshot ended in `error` or `build_failed`. `next`: what to do next. */
export function failedNotice(call: Call, failed: SnapshotFailed, next: string): Notice {
  const { dto, tail, tries } = failed;
  const what = dto.state === "build_failed" || dto.buildInfo ? "the build failed" : "the snapshot failed";
  const reason = dto.errorReason ? `Reason: ${sentence(dto.errorReason)}` : "The API gave no reason.";
  const shown = call.context.log.showsBuild === true || tail.length === 0;
  const log = shown ? "" : `Last lines of the build log:\n${tail.map((line) => `  ${line}`).join("\n")}`;
  return {
    summary: `${call.doing}: ${what} (state \`${dto.state}\`)`,
    detail: lines(reason, tries === null ? "" : tried(tries), log, failureAdvice(call, dto), next),
    ...(sourceOf(dto)?.image ? { attribute: ["image"] } : {}),
  };
}

function tried({ count, ms }: NonNullable<SnapshotFailed["tries"]>): string {
  return `This was attempt ${count}, ${formatDuration(Math.round(ms / 1000) * 1000)} after the first one began.`;
}

/** The same as a failure. */
export function snapshotFailure(call: Call, failed: SnapshotFailed, next: string): Failure {
  return new Failure(failedNotice(call, failed, next), { code: "failed", cause: failed });
}

/** The call timed out. */
export function deadlineNotice(call: Call, mayExist?: string): Notice {
  const { verb, lastState, record } = call;
  const state = call.waitingFor
    ? ` while waiting for ${call.waitingFor}`
    : lastState
      ? `; last state: \`${lastState}\``
      : "";
  const timeout = words(call).timeout(verb);
  const phase = record !== null && lastState !== null ? classify(lastState) : null;
  const { trouble } = call.api;
  return {
    summary: `${call.doing}: timed out after ${formatDuration(call.deadline.limitMs)}${state}`,
    detail: lines(
      mayExist ? unanswered(call, mayExist) : "",
      stillComing(call),
      keptSentence(call),
      unfinished(call),
      trouble ? `Last error: ${sentence(trouble)}` : "",
      ...(phase === "settling" || phase === "ready" ? goOn(call) : []),
      verb === "delete" && phase === "leaving"
        ? "The API accepted the delete and may still complete it. Run the command again to keep waiting."
        : "",
      `To allow more time, set ${timeout}.`,
    ),
    attribute: ["timeouts", verb],
  };
}

/** How to go on with a snapshot that was still being made: to wait for it where that may help, to start over where it may be stuck. */
function goOn(call: Call): string[] {
  const { verb, lastState, record } = call;
  // In a swap, the state is that of a successor, which the next run looks after.
  const isOther = verb === "update" && (call.marks.successor === true || record?.state !== lastState);
  if (verb === "delete" || call.waitingFor !== null || isOther) return [];
  const isBuilding = lastState === "building";
  // With the runner API v0, a build whose push was refused stays like this: only its size tells.
  if (isBuilding && typeof record?.size === "number")
    return [
      "The image is built, but Daytona's own registry did not accept it, so waiting does not help.",
      words(call).startOver(verb),
    ];
  const keepWaiting = verb === "create" ? words(call).keepWaiting : "";
  if (lastState === "pending")
    return [
      keepWaiting,
      "The server has not assigned it to a runner yet. It waits for a runner of its region and sandbox class, indefinitely if there is none.",
    ];
  if (!isBuilding && lastState !== "pulling") return [keepWaiting];
  const job = isBuilding ? "build" : "pull";
  return [
    keepWaiting,
    `The server waits for a runner to finish the ${job}. If there is no more progress, the job may be lost: a runner that restarts can forget it, and the server gives up on the snapshot after an hour, and on the job after two. Until then, a new snapshot of the same source may fail with "already in progress". ${words(call).startOver(verb)}`,
  ];
}

/** The user interrupted the call. A warning: the tool itself reports the error. */
export function interruptedNotice(call: Call, mayExist?: string): Notice {
  const { record, lastState, verb } = call;
  const state = lastState ? ` Last state: \`${lastState}\`.` : "";
  const next = record ? words(call).resumes(record.id, verb === "delete") : words(call).nothingKept;
  return {
    summary: `${call.doing}: interrupted`,
    detail: lines(mayExist ? unanswered(call, mayExist) : "", stillComing(call), unfinished(call), `${next}${state}`),
  };
}

/** An unexpected error: a bug in this program, or in a function of the program that calls it. */
export function unexpectedNotice(call: Call, error: unknown): Notice {
  const message = error instanceof Error ? error.message : String(error);
  return {
    summary: `${call.doing}: ${message}`,
    detail: lines(
      error instanceof CallbackError
        ? "Your program passed this function, and its error ended the call. Catch errors inside the function."
        : `This is a bug in daytona-iac. Please report it together with the debug log: ${reports}`,
      keptSentence(call),
    ),
  };
}

/** The name of a create is taken. @param more added to the detail */
export function takenFailure(call: Call, holder: SnapshotDto, differences: string[], ...more: string[]): Failure {
  const notice = takenNotice(call, holder, differences);
  return new Failure({ ...notice, detail: lines(notice.detail, ...more) }, { code: "conflict", status: 409 });
}

function takenNotice(call: Call, holder: SnapshotDto, differences: string[]): Notice {
  const { adopt, code, importCommand, ownEarlier, request = "the request", run } = words(call);
  const summary = `${call.doing}: the name "${holder.name}" is already taken`;
  const difference =
    differences.length === 0
      ? "It matches the requested snapshot."
      : `It differs from the requested snapshot:\n${differences.map((line) => `  ${line}`).join("\n")}`;
  // Importing or adopting it would let two resources change and delete one snapshot.
  const other = madeHere(call, holder)
    ? `Another resource has the name: snapshot ${holder.id}, which this run created or adopted.`
    : call.shared.owners.managedByOther(holder.id, call)
      ? `Snapshot ${holder.id} has the name, and another resource of this ${code} manages it.`
      : null;
  if (other !== null)
    return {
      summary,
      detail: lines(
        other,
        difference,
        `Two resources cannot share a name. Rename one of them, or remove it. ${words(call).renamed}`.trimEnd(),
      ),
      attribute: ["name"],
    };
  const what = `Snapshot ${holder.id} in this organization has the name (state \`${holder.state}\`, created ${holder.createdAt}).`;
  const same = differences.length === 0;
  const command = importCommand(holder.id);
  return {
    summary,
    detail: lines(
      what,
      // At night, the question is where it comes from.
      same && command !== null
        ? `${difference} An earlier run may have been killed before it saved the state.`
        : difference,
      // First, because it is the only way that leaves nothing of the old resource in the state.
      words(call).renamed,
      command === null ? "" : `To manage it, import it: ${command}`,
      // A replace that meets another's snapshot has just looked for one.
      replaceHint(call, holder, same),
      same
        ? `${command === null ? "To adopt it," : "Or adopt it:"} ${adopt.startsWith("`--") ? "add" : "set"} ${adopt}.`
        : `${adopt} does not adopt a snapshot that differs. Choose another name, delete that snapshot, or ${command === null ? `change ${request} to match it` : `import it and let the next ${run} change it`}.`,
      ownEarlier,
    ),
    attribute: ["name"],
  };
}

/** How to replace the holder of a name, for tools that have no state. */
function replaceHint(call: Call, { state }: SnapshotDto, same: boolean): string {
  const { replaceHolder } = words(call);
  const failed = classify(state) === "failed";
  // A replace that meets another's snapshot has just looked for one.
  if (replaceHolder === undefined || call.verb !== "create" || (same && !failed)) return "";
  return `To replace it, ${replaceHolder}${failed ? "" : ": the old snapshot stays until the new one is active"}.`;
}

/** Whether this process created or adopted the snapshot, for any resource. */
export function madeHere(call: Call, holder: SnapshotDto): boolean {
  return call.shared.owners.madeUnder(holder.name)?.id === holder.id;
}

function keptSentence(call: Call): string {
  return call.record && call.verb === "create" ? words(call).kept(call.record.id) : "";
}

function unfinished(call: Call): string {
  return call.marks.successor && call.record
    ? `The swap of "${call.record.name}" is unfinished. Its successor ${call.record.id} is kept, and the next ${words(call).run} resumes the swap. Until then, no sandbox can be created with this name.`
    : "";
}

/** A snapshot of a sandbox that nobody waits for any more. */
function stillComing(call: Call): string {
  return call.taking === null
    ? ""
    : `The API is still creating the snapshot of sandbox "${call.taking.sandbox}", so snapshot "${call.taking.name}" may appear later. If it does, the next ${words(call).run} reports it and shows how to manage it.`;
}

function unanswered(call: Call, name: string): string {
  return `The request to create "${name}" was sent, but its response was lost, so the snapshot may exist. If it does, the next ${words(call).run} reports it and shows how to manage it.`;
}
