import type { Notice } from "../../kit/notice";
import type { ToolWords } from "../../kit/words";
import { spelled } from "./properties";

/**
 * Pulumi's commands and spelling.
 * @param logicalName name of the resource in the program, if known
 * @param kind a dynamic provider cannot import
 * @param inState whether the stack already has the resource, which then needs a refresh before an import
 */
export function toolWords(logicalName: string | undefined, kind: "native" | "dynamic", inState = false): ToolWords {
  const earlier =
    "If it is an earlier snapshot of the same resource: after `--target-replace` or `pulumi state taint`, change `triggers` to rebuild without downtime, or set `deleteBeforeReplace`.";
  return {
    attribute: spelled,
    run: "`pulumi up`",
    refreshAndRun: "run `pulumi refresh`, then `pulumi up`",
    code: "program",
    goneSince: "deleted since the last refresh; run `pulumi refresh`, then `pulumi up`",
    kept: (id) => `The ID of the snapshot, ${id}, is saved in the state.`,
    resumes: (id) => `Its ID ${id} is saved in the state; the next \`pulumi up\` resumes from there.`,
    nothingKept: "Nothing was saved in the state.",
    importCommand: (id) =>
      kind === "native"
        ? `${inState ? "pulumi refresh, then " : ""}pulumi import daytona:index:Snapshot ${logicalName ?? "NAME"} ${id}`
        : null,
    adopt: "`adoptExisting: true`",
    recreate: '`replacement: "recreate"`',
    timeout: (call) => `\`customTimeouts: { ${call}: "…" }\``,
    keepWaiting: "The next `pulumi up` continues to wait for it.",
    startOver: () =>
      "To delete and recreate it, run `daytona-iac snapshot delete` with its name, then `pulumi up --refresh`.",
    createRegistry: (host) => `create a \`Registry\` for ${host} and add it to the snapshot's \`dependsOn\``,
    ownEarlier: kind === "native" ? earlier : `To refer to it without managing it, use \`Snapshot.get\`.\n${earlier}`,
    oneOwner:
      "Remove one of the two resources from the program, which keeps the snapshot, or remove it from the state: pulumi state delete URN",
    deleteKept: "If no other resource manages it, delete it manually: daytona-iac snapshot delete NAME",
    renamed: "If you renamed the resource in the program, list its old name in `aliases`.",
    zeroDowntime:
      "The `protect` resource option does not prevent this. For zero downtime, change the name as well: the new snapshot is then created before the old one is deleted.",
  };
}

/** Converts a notice to one text: Pulumi has no separate summary. */
export function textOf(notice: Notice): string {
  return notice.detail === "" ? notice.summary : `${notice.summary}\n${notice.detail}`;
}
