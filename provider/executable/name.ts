/** A provider or the command line, by the name of the executable. */
export type Which = "terraform" | "pulumi" | "cli";

const beginnings: [beginning: string, which: Which][] = [
  ["terraform-provider-daytona", "terraform"],
  ["pulumi-resource-daytona", "pulumi"],
];

/** `daytona-iac`, alone or with a version or a platform: `daytona-iac_v0.1.0_linux_amd64`, but not `daytona-iac-provider`. */
const commandLine = /^daytona-iac(?:[_-]v?\d.*)?(?:\.exe)?(?: \(deleted\))?$/;

/**
 * The provider whose name the file name of one of these paths begins with, in any case; the first path that matches wins. A version or
 * `.exe` may follow. "cli" for the name of the command line. Undefined if none matches.
 */
export function providerNamed(...paths: string[]): Which | undefined {
  for (const path of paths) {
    const name = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1).toLowerCase();
    const found = beginnings.find(([beginning]) => name.startsWith(beginning));
    if (found) return found[1];
    if (commandLine.test(name)) return "cli";
  }
  return undefined;
}
