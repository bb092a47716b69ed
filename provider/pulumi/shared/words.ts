import type { ToolWords } from "../../lifecycle";
import type { Notice } from "../../snapshot/record";

/** Pulumi's own words for what to do next. `import`: how this provider brings a snapshot under the stack's care. */
export function toolWords(logicalName: string | undefined, kind: "native" | "dynamic"): ToolWords {
  const name = logicalName ?? "NAME";
  return {
    importLine: (id) => (kind === "native" ? `pulumi import daytona:index:Snapshot ${name} ${id}` : "a dynamic provider cannot import; `adoptExisting: true` takes it over if it is the same, `Snapshot.get` refers to it without managing it."),
    adopt: "`adoptExisting: true`",
    recreate: '`replacement: "recreate"`',
    timeout: (call) => `\`customTimeouts: { ${call}: "…" }\``,
    goOnWaiting: "The next `pulumi up` goes on waiting for it.",
    ownEarlier:
      "If it is the earlier snapshot of this very resource (a replacement forced by --target-replace or `pulumi state taint`): change `triggers` to rebuild without a gap, or set `deleteBeforeReplace`.",
  };
}

/** A notice as one text, in Pulumi's words where the core speaks of applies. */
export function textOf(notice: Notice): string {
  const text = notice.detail === "" ? notice.summary : `${notice.summary}\n${notice.detail}`;
  return text
    .replace(/\b(the|The) next apply\b/g, "$1 next `pulumi up`")
    .replace(/\bapply again\b/g, "run `pulumi up` again")
    .replace(/\bThis apply\b/g, "This update")
    .replace(/\bin the same apply\b/g, "in the same update")
    .replace(/\ban apply\b/g, "`pulumi up`")
    .replace(/; plan again\b/g, "; run `pulumi refresh`, then `pulumi up`");
}
