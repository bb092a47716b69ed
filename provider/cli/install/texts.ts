import { version } from "../../version.gen";
import { installationBlock, networkInstallationBlock } from "./config";
import { address } from "./mirror";
import { nameOf, type Platform } from "./platforms";

const program = `terraform {
  required_providers {
    daytona = {
      source  = "${address}"
      version = "${version}"
    }
  }
}
`;

/**
 * The command that writes the checksums of a mirror's packages into a lock file. It is Terraform's own: the file belongs to the tool, which
 * merges it with what is locked already, for every provider and every version of its format.
 * @param tool `terraform` or `tofu`
 */
export function lockCommand(tool: string, mirror: string, platforms: readonly Platform[]): string {
  const folder = /^[\w./:\\-]+$/.test(mirror) ? mirror : `"${mirror.replace(/(["$`])/g, "\\$1")}"`;
  return [
    `${tool} providers lock -fs-mirror=${folder}`,
    ...platforms.map((platform) => `-platform=${nameOf(platform)}`),
    address,
  ].join(" ");
}

/** What to do with packages of several platforms. */
export function lockLines(mirror: string, platforms: readonly Platform[]): string {
  return `
To write the checksums of ${platforms.length === 1 ? "this platform" : "these platforms"} into .terraform.lock.hcl, run this in the folder of your configuration, then commit the file:

  ${lockCommand("terraform", mirror, platforms)}

For OpenTofu, run "tofu" instead of "terraform". Checksums of other platforms stay in the file.
`;
}

/** `--print-mirror`. @param chosen whether `--dir` named the folder */
export function explainMirror(mirror: string, chosen: boolean): string {
  const searched = chosen
    ? "Neither tool searches this folder by default: add it to the CLI configuration."
    : "Terraform and OpenTofu search this folder by default, unless their CLI configuration has a provider_installation block.";
  return `
${mirror} is a filesystem mirror: HOST/NAMESPACE/TYPE/VERSION/OS_ARCH/. It contains the provider twice, because Terraform
looks under registry.terraform.io and OpenTofu under registry.opentofu.org. ${searched}
A version that is in a mirror is never downloaded from a registry.

CLI configuration (~/.terraformrc or ~/.tofurc, on Windows %APPDATA%\\terraform.rc or %APPDATA%\\tofu.rc, or the file that
TF_CLI_CONFIG_FILE names):

${installationBlock(mirror)}
In your configuration:

${program}`;
}

/** After `--mirror`: how the folder is served and used. */
export function explainNetworkMirror(mirror: string, platforms: readonly Platform[]): string {
  return `
Copy the contents of ${mirror} to an HTTPS web server. Then add this to the CLI configuration of every machine, with the URL of the copy,
including the slash at its end:

${networkInstallationBlock("https://mirror.example.com/providers/")}${lockLines(mirror, platforms)}`;
}
