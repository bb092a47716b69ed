import type { ToolWords } from "../../kit/words";
import type { Call } from "../call/call";

/** The words of the tool that made the call. */
export function words(call: Call): ToolWords {
  return call.context.words;
}

/** How the tool brings an existing snapshot under its management: by import, or else by adoption. */
export function takeOver(call: Call, id: string): string {
  const { importCommand, adopt } = words(call);
  const command = importCommand(id);
  return command === null
    ? `To adopt it if it matches, ${adopt.startsWith("`--") ? "add" : "set"} ${adopt}.`
    : `To manage it, import it: ${command}`;
}
