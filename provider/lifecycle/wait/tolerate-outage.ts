import { RateLimitError, ServerError, UnreachableError } from "../../api/errors";
import type { Call } from "../call/call";

/** How long a wait tolerates an API that does not respond, in ms. */
const PATIENCE_MS = 120_000;
const since = new WeakMap<Call, number>();

/** A read during a wait. A short outage of the API must not end the wait for a build. Undefined: no response this time. */
export async function transient<T>(call: Call, read: () => Promise<T>): Promise<T | undefined> {
  try {
    const answer = await read();
    since.delete(call);
    return answer;
  } catch (error) {
    if (!(error instanceof UnreachableError || error instanceof ServerError || error instanceof RateLimitError))
      throw error;
    const first = since.get(call) ?? call.clock.now();
    since.set(call, first);
    if (call.clock.now() - first >= PATIENCE_MS) throw error;
    call.progress(`no response (${error.message}); still trying`);
    return undefined;
  }
}
