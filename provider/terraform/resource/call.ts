import type { CallContext } from "../../lifecycle/contract";
import type { Written } from "../../resources/snapshot/record";
import type { TfCall } from "../types";
import { toolWords } from "../words";

/** The log for what a program writes: its lines have the name, or how the name begins. */
export function logOf(call: TfCall, { name, namePrefix }: Pick<Written, "name" | "namePrefix">): CallContext["log"] {
  return callContext(call, [name, namePrefix].find((text) => typeof text === "string") ?? "").log;
}

/**
 * Writes the log of the lifecycle to Terraform's log: progress at INFO, the rest at DEBUG.
 * @param snapshot name of the snapshot, added to every line: Terraform works on ten resources at once, and their lines are interleaved
 * @param inState whether the state already has a snapshot at this address, which would block an import
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
