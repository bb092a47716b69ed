import { commit } from "../commit";
import { version } from "../version.gen";

/**
 * Answers `--version` of a plugin: `terraform-provider-daytona 0.1.0 (commit 3f2a1b4c5d6e)`. Tools that start plugins ask nothing of the kind;
 * people do. @returns whether it was asked
 */
export function printsVersion(
  name: string,
  argv: readonly string[],
  write: (text: string) => void = (text) => void process.stdout.write(text),
): boolean {
  if (argv.length !== 1 || !/^(--?version|-v)$/.test(argv[0]!)) return false;
  write(`${name} ${version} (commit ${commit})\n`);
  return true;
}
