import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { exitCodes, type Io } from "./io";
import { printError } from "./output/print";

/** Gets the exit code of the command that ran. */
export type Done = (code: number) => void;

/** A command of `daytona-iac`, loaded when it is needed. */
export interface TopCommand {
  readonly name: string;
  /** Other names that it answers to. */
  readonly aliases?: readonly string[];
  /** One line, for `daytona-iac help`. */
  readonly about: string;
  /** Loads the function that runs the command. */
  readonly run: () => (argv: string[], io: Io) => Promise<number>;
  /** Loads its definition; without one the command has no flags. */
  readonly command?: () => (io: Io, done: Done) => Command;
}

/** A command of `daytona-iac` that writes to `io` and never ends the process. */
export function newCommand(io: Pick<Io, "out" | "err">, name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out(text),
      writeErr: (text) => io.err(text.replace(/^error: /, "Error: ")),
    })
    .showSuggestionAfterError();
}

/** Parses `argv`, which follows the command's name, and runs the command. Exit codes: the command's own, 64 for wrong usage. */
export async function runCommand(
  io: Io,
  define: (io: Io, done: Done) => Command,
  argv: readonly string[],
): Promise<number> {
  let code: number = exitCodes.ok;
  const program = new Command("daytona-iac").exitOverride();
  const command = define(io, (ended) => (code = ended));
  program.addCommand(command);
  refuseDoubledFlags(command);
  nameOwnHelp(command, `daytona-iac ${command.name()}`);
  try {
    await program.parseAsync([command.name(), ...argv], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    printError(
      io,
      {
        summary: `daytona-iac ${command.name()} failed`,
        detail: error instanceof Error ? error.message : String(error),
      },
      "table",
    );
    return exitCodes.error;
  }
}

/** After a wrong flag, the help that lists the flags is named: that of the command itself, not of its group. */
function nameOwnHelp(command: Command, path: string): void {
  command.showHelpAfterError(`Run "${path} --help" for help.`);
  command.commands.forEach((it) => nameOwnHelp(it, `${path} ${it.name()}`));
}

/** Of two values, one would be lost without a word. */
function refuseDoubledFlags(command: Command): void {
  const given = new Map<string, string>();
  for (const option of command.options) {
    // `-o` is another name of `--format`.
    const meant = option.flags.startsWith("-o <") ? "format" : option.name();
    command.on(`option:${option.name()}`, () => {
      const before = given.get(meant);
      given.set(meant, option.flags);
      if (before === undefined || option.parseArg === collect) return;
      command.error(
        before === option.flags
          ? `error: option '${option.flags}' is given twice. Remove one of them.`
          : `error: options '${before}' and '${option.flags}' are the same. Remove one of them.`,
      );
    });
  }
  command.commands.forEach((it) => refuseDoubledFlags(it));
}

/** Examples below a command's help; docs/cli.md shows them too. */
export const examples = (...lines: string[]): string =>
  `\nExamples:\n${lines.map((line) => `  daytona-iac ${line}\n`).join("")}`;

/** A flag that can be given more than once. */
export function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/** @throws InvalidArgumentError */
export function whole(value: string): number {
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(value);
}

/** @throws InvalidArgumentError */
export function positive(value: string): number {
  const number = whole(value);
  if (number < 1) throw new InvalidArgumentError("It must be a whole number, at least 1.");
  return number;
}

/** The flags of every command that asks the API. @param waits with a time limit @param short with `-f` for the format */
export function commonOptions(command: Command, waits = false, short = false): Command {
  if (waits) command.option("--timeout <duration>", 'time limit for the whole operation, such as "45m" or "90s"');
  return formatOptions(connectionOptions(command), ["table", "json", "yaml"], short)
    .option("-q, --quiet", "do not print progress")
    .option("-v, --verbose", "log every API request");
}

/** `--format` and `-o`, which is the same. @param formats the first is the default @param short with `-f` as well */
export function formatOptions(command: Command, formats: readonly string[], short = false): Command {
  return command
    .addOption(formatOption(formats, short))
    .addOption(new Option("-o <format>", "the same as --format").choices([...formats]));
}

/** Which API a command asks, and with whose credentials. They win over the environment. */
export function connectionOptions(command: Command): Command {
  return command
    .option("--api-url <url>", "URL of the API (default: DAYTONA_API_URL, or the profile's)")
    .option("--api-key-file <path>", "file that contains the API key (default: DAYTONA_API_KEY, or the profile's)")
    .option("--profile <name>", "profile of the Daytona CLI to use (default: the active profile)");
}

/** `--format`, with the formats that a command has; the first is the default. */
export function formatOption(formats: readonly string[], short = false): Option {
  return new Option(`${short ? "-f, " : ""}--format <format>`, `output format (default: ${formats[0]})`).choices([
    ...formats,
  ]);
}
