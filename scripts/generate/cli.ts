import type { Command } from "commander";
import { commands } from "../../provider/cli/commands";

/** docs/cli.md, from the definitions of the commands. */
export function cliPage(): string {
  const nothing = { out: () => undefined, err: () => undefined, env: {} };
  const groups = commands.flatMap(({ command }) => (command ? [command()(nothing, () => undefined)] : []));
  return `# Command line

\`daytona-iac snapshot\` has the commands and flags of Daytona's own \`daytona snapshot\`, and more. They wait until the snapshot is active or deleted, and report the
result. Credentials come from \`DAYTONA_API_KEY\` (or \`DAYTONA_JWT_TOKEN\` with \`DAYTONA_ORGANIZATION_ID\`), otherwise from the Daytona CLI's login. The API URL
comes from \`DAYTONA_API_URL\`, and the default region from \`DAYTONA_TARGET\`.

\`daytona-iac registry\` manages the credentials with which Daytona pulls private images.

- Results are written to stdout; progress, build logs, warnings and errors to stderr.
- With \`--format json\` or \`yaml\`, stdout contains only the result. It is one object for a command on a single snapshot or registry, and an array for lists and for commands that
  take several names. With \`--format json\`, an error is
  \`{"error": {"summary", "detail", "status"}}\` on stderr, where \`status\` is the API's HTTP status or null.
- Exit status: 0 success, 1 failure, 64 usage error. \`drift\` also exits with 2 for drift, and with 3 if there are only unapplied changes.
- Ctrl-C stops a command within 2 seconds. It reports which snapshots exist, and which command to run to continue. A second Ctrl-C stops it immediately.
- Without a terminal, progress is one line per state change, plus at most one line every 30 seconds. \`NO_COLOR\` and \`FORCE_COLOR\` are honored.

${groups
  .flatMap((group) => (group.commands.length > 0 ? group.commands : [group]))
  .map(section)
  .join("\n")}`;
}

function section(command: Command): string {
  const help = command.createHelp();
  const term = (text: string): string => `\`${text.replaceAll("|", "\\|")}\``;
  const options = help
    .visibleOptions(command)
    .map((option) => `| ${term(option.flags)} | ${help.optionDescription(option).replaceAll("|", "\\|")} |`);
  const also =
    command.aliases().length > 0
      ? `\nAliases: ${command
          .aliases()
          .map((alias) => `\`${alias}\``)
          .join(", ")}.\n`
      : "";
  let printed = "";
  const output = { writeOut: (text: string) => (printed += text), writeErr: () => undefined };
  command.configureOutput(output);
  command.outputHelp();
  const shown = /\nExamples:\n([\s\S]*)$/.exec(printed)?.[1]?.trimEnd().replace(/^ {2}/gm, "") ?? "";
  const first = printed.slice(0, printed.indexOf("Usage: ")).trim();
  const name = [command.parent?.name(), command.name()].filter(Boolean).join(" ");
  return `## ${name}\n\n${command.description()}.\n\n    daytona-iac ${name} ${command.usage()}\n${also}\n${first === "" ? "" : `${first}\n\n`}| Flag | Meaning |\n|---|---|\n${options.join("\n")}\n\n\`\`\`sh\n${shown}\n\`\`\`\n`;
}
