import type { Written } from "../record";
import { isUnknown, known } from "../../../kit/unknown";
import type { Spell } from "../../../kit/spell";
import type { Refuse } from "./items";
import { textProblem } from "./rules";

/** What a snapshot has of the sandbox that it is taken from (`persistSnapshotFromSandbox` of the server v0.190): the request has no fields for it. */
const OF_THE_SANDBOX = ["cpu", "memory", "disk", "gpu", "gpuTypes", "sandboxClass", "region", "entrypoint"] as const;

/** Rules for a snapshot that is taken from a sandbox. */
export function sandboxNotices(written: Written, spell: Spell, refuse: Refuse): void {
  const isKnown = (name: keyof Written): boolean => (written[name] ?? null) !== null && !isUnknown(written[name]);
  const sandbox = known(written.sourceSandbox ?? null);
  if ((written.sourceSandbox ?? null) === null) {
    if (isKnown("includeMemory"))
      refuse(
        ["includeMemory"],
        `No sandbox for ${spell("includeMemory")}`,
        `Only the memory of a sandbox can be included. Remove ${spell("includeMemory")}, or set ${spell("sourceSandbox")}.`,
      );
    return;
  }
  // One that is not known yet can still turn out to be null.
  if (sandbox === null) return;
  const problem = nameProblem(sandbox);
  if (problem !== null) refuse(["sourceSandbox"], "Invalid sandbox", `${problem} Set the name or the ID of a sandbox.`);
  for (const name of OF_THE_SANDBOX)
    if (isKnown(name))
      refuse(
        [name],
        `Sandbox with ${spell(name)}`,
        `A snapshot of a sandbox gets its ${spell(name)} from the sandbox. Remove ${spell(name)}.`,
      );
  if (isKnown("sourceHash"))
    refuse(
      ["sourceHash"],
      `Sandbox with ${spell("sourceHash")}`,
      `The API does not report whether the content of a sandbox has changed. Remove ${spell("sourceHash")}, and change ${spell("triggers")} to create a new snapshot of the sandbox.`,
    );
}

function nameProblem(sandbox: string): string | null {
  if (sandbox.trim() === "") return "The value is empty.";
  return /^\.{1,2}$/.test(sandbox) ? `"${sandbox}" cannot be a part of a URL.` : textProblem(sandbox);
}
