import type { Call } from "../call/call";
import type { ToolWords } from "../contract";

/** Terraform's words, and whatever the face says better. */
export function words(call: Call): Required<ToolWords> {
  const address = call.context.address ?? "ADDRESS";
  const snake = (verb: string): string => `timeouts = { ${verb} = "…" }`;
  return {
    importLine: (id) => `terraform import ${address} ${id}`,
    adopt: "`adopt_existing = true`",
    recreate: '`replacement = "recreate"`',
    timeout: (verb) => `\`${snake(verb)}\``,
    goOnWaiting: `To go on waiting for it instead of replacing it: terraform untaint ${address}, then apply again.`,
    ownEarlier: "If it is the earlier snapshot of this very resource (tainted, or replaced with create_before_destroy): create_before_destroy needs `name_prefix` instead of `name`; without it, a replacement deletes first.",
    ...call.context.words,
  };
}

export function importLine(call: Call, id: string): string | null {
  return words(call).importLine(id);
}

/** How the tool takes over a snapshot that is there: by an import, else by adoption. */
export function takeOver(call: Call, id: string): string {
  const line = importLine(call, id);
  return line === null ? `To take it over, if it is the same: ${words(call).adopt}.` : `To take it over: ${line}`;
}
