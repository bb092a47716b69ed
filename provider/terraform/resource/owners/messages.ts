import type { TfDiagnostic } from "../../types";

/** What Terraform's plans say about a snapshot that two resources manage. Commands are on indented lines of their own. */

const ONE = "Only one resource can manage a snapshot.";
const STATE_RM = "remove one of the two from the state, which deletes nothing:\n\n  terraform state rm ADDRESS";

type Snapshot = { id: string; name: string };

/** Two resources that both stay. */
export function sharedWarning({ id, name }: Snapshot): TfDiagnostic {
  return {
    severity: "warning",
    summary: `Two resources manage snapshot "${name}"`,
    detail: `Another resource of this configuration manages snapshot ${id} as well. ${ONE} Remove one of the two blocks: its destroy keeps the snapshot. Or ${STATE_RM}\n\nUntil then, do not destroy one of them with \`-target\`: the provider may not see the other one.`,
  };
}

/** A change or a destroy of one of two would delete the snapshot. */
export function wouldDelete({ id, name }: Snapshot, what: string): TfDiagnostic {
  return {
    severity: "error",
    summary: `Two resources manage snapshot "${name}", and this plan ${what}`,
    detail: `Another resource of this configuration manages snapshot ${id} as well, and would lose it. ${ONE} To continue, ${STATE_RM}`,
  };
}

/** A new resource with the name of one that is there. */
export function nameTaken({ id, name }: Snapshot): TfDiagnostic {
  return {
    severity: "error",
    summary: `Two resources have the name "${name}"`,
    detail: `Another resource of this configuration manages snapshot "${name}" (${id}). Two resources cannot share a name, and \`adopt_existing\` does not adopt what another resource manages. Give the new resource another name, or remove it. If it is the old one under a new address, add a \`moved\` block.`,
    path: ["name"],
  };
}

/** An import of a snapshot that another resource keeps. */
export function importedTwice({ id, name }: Snapshot): TfDiagnostic {
  return {
    severity: "error",
    summary: `Two resources would manage snapshot "${name}"`,
    detail: `The import targets snapshot ${id}, which another resource of this configuration manages. ${ONE} Remove the \`import\` block, or the other resource: with a \`removed\` block and \`destroy = false\`, or a \`moved\` block instead of the import.`,
  };
}

/** `terraform import`, or an import block, while the state has the snapshot at another address. */
export function importedAgain({ id, name }: Snapshot): TfDiagnostic {
  return {
    severity: "warning",
    summary: `Another resource in the state has snapshot "${name}"`,
    detail: `Snapshot ${id} is in the state at another address as well. ${ONE} Unless this run removes it from the state there (\`removed\` with \`destroy = false\`), ${STATE_RM}`,
  };
}

/** The destroy of one of two, in the plan. */
export function keptWarning({ id, name }: Snapshot): TfDiagnostic {
  return {
    severity: "warning",
    summary: `Snapshot "${name}" will be kept: another resource of this configuration manages it`,
    detail: `Snapshot ${id} is not deleted. The resource to destroy is removed from the state only.`,
  };
}
