import type { Command } from "commander";
import { commands } from "../../provider/cli/commands";

/** docs/cli.md, from the definitions of the commands. */
export function cliPage(): string {
  const nothing = { out: () => undefined, err: () => undefined, env: {} };
  const groups = commands.flatMap(({ command }) => (command ? [command()(nothing, () => undefined)] : []));
  return `# Command line

\`daytona-iac snapshot\` has the commands of Daytona's own \`daytona snapshot\`, with the same flags: they wait until the snapshot is really ready,
or really gone, and say what happened. Credentials come from \`DAYTONA_API_KEY\` (or \`DAYTONA_JWT_TOKEN\` with \`DAYTONA_ORGANIZATION_ID\`),
else from the Daytona CLI's login; the address of the API from \`DAYTONA_API_URL\`; the default region from \`DAYTONA_TARGET\`.

\`daytona-iac registry\` has the credentials with which Daytona pulls private images.

- Results are written to stdout; progress, build logs, warnings and errors to stderr.
- With \`--format json\` or \`yaml\`, stdout has the API's own objects, as an array, and nothing else. With \`--format json\`, an error is
  \`{"error": {"summary", "detail", "status"}}\` on stderr, where \`status\` is the API's HTTP status or null.
- Exit codes: 0 done, 1 failed, 64 wrong usage. \`drift\` also ends with 2 for drift and 3 for changes that are not applied.
- Ctrl-C ends a command within 2 seconds. It says what exists now, and which command goes on. A second Ctrl-C ends it at once.
- Where there is no terminal, progress is a line for each change of state, and at most one every 30 seconds besides. \`NO_COLOR\` and
  \`FORCE_COLOR\` are honored.

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
      ? `\nAlso: ${command
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
  return `## ${name}\n\n${first === "" ? "" : `${first}\n\n`}${command.description()}.\n\n    daytona-iac ${name} ${command.usage()}\n${also}\n| Flag | Meaning |\n|---|---|\n${options.join("\n")}\n\n\`\`\`sh\n${shown}\n\`\`\`\n`;
}
