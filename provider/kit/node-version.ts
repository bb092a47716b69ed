/** The oldest Node.js that the package runs on, as `engines` of package.json has it. */
export const OLDEST_NODE = "20.19.0";

/**
 * What to tell whoever runs the package with a Node.js that is too old for it, in one line.
 * @param found version of Node.js, such as `18.20.4`
 * @param path where it is
 * @returns null if it is new enough, or is no version that can be compared
 */
export function nodeProblem(found: string, path: string): string | null {
  const parts = (version: string): number[] => version.split(".").map((part) => Number.parseInt(part, 10));
  const [major, minor] = parts(found);
  const [leastMajor, leastMinor] = parts(OLDEST_NODE) as [number, number];
  if (major === undefined || minor === undefined || Number.isNaN(major) || Number.isNaN(minor)) return null;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return null;
  return `daytona-iac requires Node.js ${leastMajor}.${leastMinor} or later; this is ${found} (${path}). Install a newer Node.js, or put one first on PATH.`;
}
