/** A provider, by the name of its executable. */
export type Which = "terraform" | "pulumi";

const beginnings: [beginning: string, which: Which][] = [["terraform-provider-daytona", "terraform"], ["pulumi-resource-daytona", "pulumi"]];

/**
 * The provider whose name the file name of one of these paths begins with, in any case; the first path that matches wins. A version or
 * `.exe` may follow. Undefined if none matches.
 */
export function providerNamed(...paths: string[]): Which | undefined {
  for (const path of paths) {
    const name = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1).toLowerCase();
    const found = beginnings.find(([beginning]) => name.startsWith(beginning));
    if (found) return found[1];
  }
  return undefined;
}
