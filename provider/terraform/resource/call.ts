import type { CallContext } from "../../lifecycle/contract";
import type { TfCall } from "../types";
import { toolWords } from "../words";

/**
 * Terraform's log as the lifecycle's: what people wait for at INFO, the rest at DEBUG.
 * @param snapshot its name, in every line: Terraform works on ten resources at a time, and the lines come mixed
 * @param inState whether the state holds a snapshot at the resource's address, which would stop an import
 */
export function callContext(call: TfCall, snapshot: string, inState = false): CallContext {
  return {
    signal: call.signal,
    log: {
      debug: (message) => call.log("debug", message, { snapshot }),
      progress: (message) => call.log("info", message, { snapshot }),
      buildLine: (line) => call.log("info", line, { snapshot, source: "build" }),
    },
    words: toolWords(inState),
  };
}
