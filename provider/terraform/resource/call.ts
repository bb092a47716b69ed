import type { CallContext } from "../../lifecycle/contract";
import type { TfCall } from "../types";

/** Terraform's log as the lifecycle's: what people wait for at INFO, the rest at DEBUG. */
export function callContext(call: TfCall): CallContext {
  return {
    signal: call.signal,
    log: {
      debug: (message) => call.log("debug", message),
      progress: (message) => call.log("info", message),
      buildLine: (line) => call.log("info", line, { source: "build" }),
    },
  };
}
