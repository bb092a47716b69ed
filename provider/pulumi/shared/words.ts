import type { ToolWords } from "../../lifecycle";
import type { Notice } from "../../snapshot/record";

/** Pulumi's own words for what to do next. A dynamic provider cannot import. `inState`: an import would stumble over the resource until a refresh. */
export function toolWords(logicalName: string | undefined, kind: "native" | "dynamic", inState = false): ToolWords {
  const earlier =
    "If it is the earlier snapshot of this very resource: after --target-replace or `pulumi state taint`, change `triggers` to rebuild without a gap, or set `deleteBeforeReplace`; after a new name for the resource in the program, say the old one in its `aliases`.";
  return {
    importLine: (id) => (kind === "native" ? `${inState ? "pulumi refresh, then " : ""}pulumi import daytona:index:Snapshot ${logicalName ?? "NAME"} ${id}` : null),
    adopt: "`adoptExisting: true`",
    recreate: '`replacement: "recreate"`',
    timeout: (call) => `\`customTimeouts: { ${call}: "…" }\``,
    goOnWaiting: "The next `pulumi up` goes on waiting for it.",
    ownEarlier: kind === "native" ? earlier : `To refer to it without managing it: \`Snapshot.get\`.\n${earlier}`,
  };
}

/** What a person or a program other than this one has said: lines of a build log, the server's reason. */
const quoted = /^( {2}|The API says: )/;

/** A notice as one text, in Pulumi's words where the core speaks of applies; what it quotes stays as it was said. */
export function textOf(notice: Notice): string {
  const text = notice.detail === "" ? notice.summary : `${notice.summary}\n${notice.detail}`;
  return text.split("\n").map((line) => (quoted.test(line) ? line : ofPulumi(line))).join("\n");
}

function ofPulumi(line: string): string {
  return line
    .replace(/\b(the|The) next apply\b/g, "$1 next `pulumi up`")
    .replace(/\bPlan and apply again\b/g, "Run `pulumi refresh`, then `pulumi up`")
    .replace(/\bApply again\b/g, "Run `pulumi up` again")
    .replace(/\bapply again\b/g, "run `pulumi up` again")
    .replace(/\bThis apply\b/g, "This update")
    .replace(/\bin the same apply\b/g, "in the same update")
    .replace(/\ban apply\b/g, "`pulumi up`")
    .replace(/\bNothing has been applied\b/g, "`pulumi up` has not run")
    .replace(/\bapply this\b/g, "run `pulumi up` with this")
    .replace(/\bgone since the plan\b/g, "gone since the last refresh")
    .replace(/; plan again\b/g, "; run `pulumi refresh`, then `pulumi up`");
}
