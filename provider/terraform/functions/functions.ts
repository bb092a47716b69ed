import type { SourceReader } from "../../source/source-reader";
import type { TfFunction } from "../types";
import { functionSignatures } from "./signatures";

/** `provider::daytona::…`. */
export function providerFunctions(sources: SourceReader): TfFunction[] {
  return functionSignatures.map((signature) => ({
    ...signature,
    call(args, call) {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded by the first call: most programs make none
      const { answers } = require("./answers") as typeof import("./answers");
      return answers[signature.name](args, { sources, signal: call.signal });
    },
  }));
}
