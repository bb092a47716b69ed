import { RateLimitError, ServerError, UnreachableError } from "../../api/errors";
import type { Call } from "../call/call";

/** How long a wait puts up with an API that does not answer, in ms. */
const PATIENCE_MS = 120_000;
const since = new WeakMap<Call, number>();

/** A read inside a wait: an API that is away for a while must not end a build. undefined: no answer this time. */
export async function transient<T>(call: Call, read: () => Promise<T>): Promise<T | undefined> {
  try {
    const answer = await read();
    since.delete(call);
    return answer;
  } catch (error) {
    if (!(error instanceof UnreachableError || error instanceof ServerError || error instanceof RateLimitError)) throw error;
    const first = since.get(call) ?? call.clock.now();
    since.set(call, first);
    if (call.clock.now() - first >= PATIENCE_MS) throw error;
    call.progress(`no answer (${error.message}); still trying`);
    return undefined;
  }
}
