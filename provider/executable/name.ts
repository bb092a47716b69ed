/** Which provider a file of this name is. */
export type Which = "terraform" | "pulumi";

const beginnings: [beginning: string, which: Which][] = [["terraform-provider-daytona", "terraform"], ["pulumi-resource-daytona", "pulumi"]];

/**
 * The provider that the first of these paths names in its last part, whatever follows there (a version, `.exe`); undefined: none
 * does. Upper and lower case are one, as on Windows and macOS.
 */
export function providerNamed(...paths: string[]): Which | undefined {
  for (const path of paths) {
    const name = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1).toLowerCase();
    const found = beginnings.find(([beginning]) => name.startsWith(beginning));
    if (found) return found[1];
  }
  return undefined;
}
