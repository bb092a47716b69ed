import { Failure, type FailureDetails } from "../../kit/failure";
import type { Notice } from "../../kit/notice";
import type { SnapshotDto } from "../../api/types";

/** The user interrupted. `mayExist`: name of a snapshot whose POST was sent and never answered. */
export class Interrupted extends Error {
  constructor(readonly mayExist?: string) {
    super("interrupted");
  }
}

/** The call timed out. `mayExist` as in `Interrupted`. */
export class DeadlinePassed extends Error {
  constructor(readonly mayExist?: string) {
    super("deadline passed");
  }
}

/** A function that the program gave us threw: that is no bug of this package. */
export class CallbackError extends Error {
  /** @param name as the program knows it: `onProgress` */
  constructor(name: string, thrown: unknown) {
    super(`${name} threw an error: ${thrown instanceof Error ? thrown.message : String(thrown)}`, { cause: thrown });
  }
}

export { Failure };

/** The snapshot was not deleted, because another resource manages it. */
export class Kept extends Failure {
  constructor(
    readonly id: string,
    notice: Notice,
  ) {
    super(notice);
  }
}

/** Someone else deleted or deactivated the snapshot during the wait. */
export class Elsewhere extends Failure {}

/** No snapshot can be taken of the sandbox, or none has come of it. */
export class SandboxUnusable extends Failure {
  constructor(
    notice: Notice,
    details: FailureDetails,
    /** Whether another try may succeed. */
    readonly mayPass = false,
  ) {
    super(notice, details);
  }
}

/** The snapshot itself ended in `error` or `build_failed`. */
export class SnapshotFailed extends Error {
  constructor(
    readonly dto: SnapshotDto,
    /** Last lines of the build log, oldest first. */
    readonly tail: string[],
    /** How often it was made in this call, and for how long, in ms. Default: once. */
    readonly tries: { readonly count: number; readonly ms: number } | null = null,
  ) {
    super(`snapshot ${dto.id} is ${dto.state}`);
  }
}
