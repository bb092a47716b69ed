import type { CallContext } from "../../lifecycle/contract";
import type { TfCall } from "../types";

/**
 * Terraform's log as the lifecycle's: what people wait for at INFO, the rest at DEBUG.
 * @param snapshot its name, in every line: Terraform works on ten resources at a time, and the lines come mixed
 * @param inState whether the state holds a snapshot at the resource's address, which an import would stumble over
 */
export function callContext(call: TfCall, snapshot: string, inState = false): CallContext {
  return {
    signal: call.signal,
    log: {
      debug: (message) => call.log("debug", message, { snapshot }),
      progress: (message) => call.log("info", message, { snapshot }),
      buildLine: (line) => call.log("info", line, { snapshot, source: "build" }),
    },
    // Terraform wraps lines, but not indented ones: a command stays in one piece, to be copied.
    words: {
      importLine: (id) => `\n${inState ? "  terraform state rm ADDRESS\n" : ""}  terraform import ADDRESS ${id}`,
      goOnWaiting: "The next apply would replace it. To keep it and go on waiting for it:\n  terraform untaint ADDRESS\n  terraform apply",
    },
  };
}
