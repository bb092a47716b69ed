import { ApiError } from "../../api/errors";
import type { Marks, SnapshotRecord } from "../../resources/snapshot/record";
import type { ToolWords } from "../../kit/words";
import { words } from "../messages/tool-words";
import { Call, type Shared } from "../call/call";
import type { CallContext, Outcome } from "../contract";
import { DeadlinePassed, Failure, Interrupted, SnapshotFailed } from "../call/errors";
import { deadlineNotice, failureIn, interruptedNotice, snapshotFailure, unexpectedNotice } from "../messages/notices";

export interface Start {
  doing: string;
  verb: "create" | "update" | "delete";
  limitMs: number;
  record: SnapshotRecord | null;
  marks: Marks;
}

/** The default advice after a failure. */
const next = ({ run, afterFailure }: ToolWords): string =>
  afterFailure ??
  `The failed snapshot is kept. Fix the cause and run ${run} again, which deletes and recreates the failed snapshot.`;

/** Runs one call. However it ends, the outcome contains the record that was set last with `keep`. */
export async function run(
  shared: Shared,
  context: CallContext,
  start: Start,
  body: (call: Call) => Promise<void>,
): Promise<Outcome> {
  const call = new Call(shared, context, start.doing, start.verb, start.limitMs, {
    record: start.record,
    marks: start.marks,
  });
  const outcome = (rest: Partial<Outcome> = {}): Outcome => ({
    record: call.record,
    marks: call.marks,
    warnings: call.warnings,
    ...rest,
  });
  try {
    await body(call);
    return outcome();
  } catch (error) {
    if (error instanceof Interrupted)
      return outcome({ interrupted: true, warnings: [...call.warnings, interruptedNotice(call, error.mayExist)] });
    const failure = failureOf(call, error);
    return outcome({ error: failure.notice, failure });
  } finally {
    call.deadline.dispose();
  }
}

/** Converts any error to one with a code and a message. */
export function failureOf(call: Call, error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof DeadlinePassed)
    return new Failure(deadlineNotice(call, error.mayExist), { code: "deadline", cause: error });
  if (error instanceof SnapshotFailed) return snapshotFailure(call, error, next(words(call)));
  if (error instanceof ApiError) return failureIn(call, error);
  if (error instanceof Error) call.context.log.debug(error.stack ?? error.message);
  return new Failure(unexpectedNotice(call, error), { code: "unexpected", cause: error });
}
