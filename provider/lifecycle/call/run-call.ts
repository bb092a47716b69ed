import { ApiError } from "../../api/errors";
import type { Marks, Notice, SnapshotRecord } from "../../snapshot/record";
import type { ToolWords } from "../../snapshot/tool-words";
import { words } from "../messages/tool-words";
import { Call, type Shared } from "./call";
import type { CallContext, Outcome } from "../contract";
import { DeadlinePassed, Failure, Interrupted, SnapshotFailed } from "./errors";
import { apiNotice, deadlineNotice, failedNotice, interruptedNotice, isQuota, quotaNotice, unexpectedNotice } from "../messages/notices";

export interface Start {
  doing: string;
  verb: "create" | "update" | "delete";
  limitMs: number;
  record: SnapshotRecord | null;
  marks: Marks;
}

/** The default advice after a failure. */
const next = ({ run, afterFailure }: ToolWords): string => afterFailure ?? `The failed snapshot is kept. Fix the cause and run ${run} again, which deletes the failed snapshot and creates it again.`;

/** Runs one call. However it ends, the outcome contains the record that was set last with `keep`. */
export async function run(shared: Shared, context: CallContext, start: Start, body: (call: Call) => Promise<void>): Promise<Outcome> {
  const call = new Call(shared, context, start.doing, start.verb, start.limitMs, { record: start.record, marks: start.marks });
  const outcome = (rest: Partial<Outcome> = {}): Outcome => ({ record: call.record, marks: call.marks, warnings: call.warnings, ...rest });
  try {
    await body(call);
    return outcome();
  } catch (error) {
    if (error instanceof Interrupted) return outcome({ interrupted: true, warnings: [...call.warnings, interruptedNotice(call, error.mayExist)] });
    return Object.defineProperty(outcome({ error: noticeOf(call, error) }), "cause", { value: error });
  } finally {
    call.deadline.dispose();
  }
}

/** Converts any error to a message. */
export function noticeOf(call: Call, error: unknown): Notice {
  if (error instanceof Failure) return error.notice;
  if (error instanceof DeadlinePassed) return deadlineNotice(call, error.mayExist);
  if (error instanceof SnapshotFailed) return failedNotice(call, error, next(words(call)));
  if (isQuota(error)) return quotaNotice(call, error);
  if (error instanceof ApiError) return apiNotice(call, error);
  if (error instanceof Error) call.context.log.debug(error.stack ?? error.message);
  return unexpectedNotice(call, error);
}
