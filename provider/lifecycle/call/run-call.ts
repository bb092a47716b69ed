import { ApiError } from "../../api/errors";
import type { Marks, Notice, SnapshotRecord } from "../../snapshot/record";
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

/** What is said after a failure that nobody had a better word for. */
const NEXT = "The failed snapshot is kept; correct the cause and apply again: it is deleted and made again then.";

/** Runs one call. Whatever happens in it, the outcome has what the call kept last. */
export async function run(shared: Shared, context: CallContext, start: Start, body: (call: Call) => Promise<void>): Promise<Outcome> {
  const call = new Call(shared, context, start.doing, start.verb, start.limitMs, { record: start.record, marks: start.marks });
  const outcome = (rest: Partial<Outcome> = {}): Outcome => ({ record: call.record, marks: call.marks, warnings: call.warnings, ...rest });
  try {
    await body(call);
    return outcome();
  } catch (error) {
    if (error instanceof Interrupted) return outcome({ interrupted: true, warnings: [...call.warnings, interruptedNotice(call, error.mayExist)] });
    return outcome({ error: noticeOf(call, error) });
  } finally {
    call.deadline.dispose();
  }
}

/** The message of any error. */
export function noticeOf(call: Call, error: unknown): Notice {
  if (error instanceof Failure) return error.notice;
  if (error instanceof DeadlinePassed) return deadlineNotice(call, error.mayExist);
  if (error instanceof SnapshotFailed) return failedNotice(call, error, NEXT);
  if (isQuota(error)) return quotaNotice(call, error);
  if (error instanceof ApiError) return apiNotice(call, error);
  if (error instanceof Error) call.context.log.debug(error.stack ?? error.message);
  return unexpectedNotice(call, error);
}
