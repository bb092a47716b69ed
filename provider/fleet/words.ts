import type { SourceKind } from "./resource";

const TOOLS: Readonly<Record<SourceKind, string>> = {
  terraform: "Terraform",
  opentofu: "OpenTofu",
  cdktf: "Terraform",
  plan: "Terraform",
  pulumi: "Pulumi",
  state: "Terraform or Pulumi",
};

/** The tool that manages the snapshots of a source, as a sentence names it. A state may be of either. */
export function toolName(kind: SourceKind): string {
  return TOOLS[kind];
}

/** What declares the snapshots: Terraform and OpenTofu have a configuration, Pulumi has a program. */
export function codeWord(kind: SourceKind): "configuration" | "program" {
  return kind === "pulumi" ? "program" : "configuration";
}
