import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readNamedFile } from "../../kit/text/named-file";

const SOURCE = "daytona-iac/daytona";

/** What a new file needs in a folder so that `terraform init` finds the provider. */
export interface TerraformFolder {
  /** No file of it names providers, so the new one has to. A second block beside another is an error in Terraform. */
  readonly needsProviders: boolean;
  /** Its files name providers, but not this one. */
  readonly lacksProvider: boolean;
  /** `terraform init` has run in it. */
  readonly initialized: boolean;
}

/** @param folder that need not exist */
export function terraformFolder(folder: string): TerraformFolder {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    names = [];
  }
  const texts = names
    .filter((name) => /\.(?:tf|tofu)(?:\.json)?$/.test(name))
    .map((name) => textOf(join(folder, name)));
  const named = texts.some((text) => text.includes("required_providers"));
  return {
    needsProviders: !named,
    lacksProvider: named && !texts.some((text) => text.includes(SOURCE)),
    initialized: names.includes(".terraform"),
  };
}

/** How a new file begins that has to name the provider, as `terraform fmt` leaves it. */
export const PROVIDERS = `# Run \`terraform init\` in this folder first, then \`terraform plan\`.
terraform {
  required_providers {
    daytona = {
      source = "${SOURCE}"
    }
  }
}

`;

/** The line that another file's block needs. */
export const PROVIDER_LINE = `daytona = { source = "${SOURCE}" }`;

/** Bytes that a program's file may have. */
const MOST_PROGRAM = 16 * 2 ** 20;

/** "" for what cannot be read: a folder, a device, or a file of somebody else. */
function textOf(file: string): string {
  try {
    return readNamedFile(file, MOST_PROGRAM).toString("utf8");
  } catch {
    return "";
  }
}
