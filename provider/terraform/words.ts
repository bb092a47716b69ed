import { snakeCase } from "../kit/attribute";
import type { ToolWords } from "../kit/words";

/**
 * Terraform's commands and spelling. Commands are on indented lines of their own, because Terraform wraps other lines.
 * @param inState whether the state already has a snapshot at this address, which would block an import
 */
export function toolWords(inState = false): ToolWords {
  return {
    attribute: snakeCase,
    run: "apply",
    refreshAndRun: "plan and apply again",
    code: "configuration",
    goneSince: "gone since the plan; plan again",
    kept: (id) => `The ID of the snapshot, ${id}, is saved in the state.`,
    resumes: (id) => `Its ID ${id} is saved in the state; the next apply resumes from there.`,
    nothingKept: "Nothing was saved in the state.",
    importCommand: (id) => `\n${inState ? "  terraform state rm ADDRESS\n" : ""}  terraform import ADDRESS ${id}`,
    adopt: "`adopt_existing = true`",
    recreate: '`replacement = "recreate"`',
    timeout: (call) => `\`timeouts = { ${call} = "…" }\``,
    keepWaiting:
      "The next apply would replace the snapshot. To keep waiting for it instead:\n  terraform untaint ADDRESS\n  terraform apply",
    startOver: (call) =>
      call === "create"
        ? "The next apply deletes and recreates the snapshot."
        : "To delete and recreate it:\n  terraform apply -replace=ADDRESS",
    createRegistry: (host) => `create a \`daytona_registry\` for ${host} and add it to the snapshot's \`depends_on\``,
    ownEarlier:
      "If it is an earlier snapshot of the same resource (tainted, or replaced with create_before_destroy): create_before_destroy needs `name_prefix` instead of `name`. Without create_before_destroy, the old snapshot is deleted first.",
    oneOwner:
      "Remove the block of one of the two, which keeps the snapshot, or remove it from the state:\n  terraform state rm ADDRESS",
    deleteKept: "If no other resource manages it, delete it manually:\n  daytona-iac snapshot delete NAME",
    renamed: "If you renamed the resource, add a `moved` block.",
    createFirst: "`terraform apply -target=ADDRESS`",
    zeroDowntime:
      "`prevent_destroy` does not prevent this, and `lifecycle { destroy = false }` does not keep the old snapshot. For zero downtime, use `name_prefix` with `create_before_destroy`.",
  };
}
