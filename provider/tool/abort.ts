/** `cause` chains that are longer lead in a circle. */
const DEPTH = 8;

/**
 * Whether an error only says that the call was interrupted, so that it is neither a failure nor a bug. Libraries wrap the signal's reason in
 * errors of their own, and errors of the call itself can come after the interrupt: those stay failures.
 * @param error anything that was thrown
 * @param signal the call's own signal; an abort of anything else is a failure
 */
export function isAbort(error: unknown, signal: AbortSignal): boolean {
  if (!signal.aborted) return false;
  for (let at = error, depth = 0; at !== undefined && at !== null && depth < DEPTH; depth += 1) {
    const { name, code, cause } = at as { name?: unknown; code?: unknown; cause?: unknown };
    if (at === signal.reason || name === "AbortError" || code === "ABORT_ERR" || code === "ABORTED") return true;
    at = cause;
  }
  return false;
}
