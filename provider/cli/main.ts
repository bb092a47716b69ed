#!/usr/bin/env node
import { didYouMean } from "../kit/text/did-you-mean";
import "./needs-node";
import { printable } from "../kit/text/printable";
import { systemErrorAtText } from "../kit/text/system-error";
import { commit } from "../commit";
import { version } from "../version.gen";
import { commands } from "./commands";
import { exitCodes, type Io } from "./io";
import { processIo } from "./process-io";

const lines: readonly (readonly [string, string])[] = [
  ...commands.map(({ name, about }) => [name, about] as const),
  ["version", "print the version; --version also prints the commit"],
  ["help", "print this help"],
];

const help = (): string => `daytona-iac ${version}: Daytona snapshots as code

Usage: daytona-iac <command> [options]

Commands
${lines.map(([name, about]) => `  ${name.padEnd(10)}  ${about}\n`).join("")}
Run "daytona-iac <command> --help" for help on a command.
`;

/** Runs a command line (without node and script) and resolves with its exit code. */
export async function main(argv: string[], io: Io): Promise<number> {
  const [name, ...rest] = argv;
  const command = commands.find((it) => it.name === name || it.aliases?.includes(name ?? "") === true);
  if (command) return command.run()(rest, io);
  switch (name) {
    case "version":
      io.out(`${version}\n`);
      return exitCodes.ok;
    case "--version":
    case "-v":
      // With what a report of a bug needs.
      io.out(`${version} (commit ${commit})\n`);
      return exitCodes.ok;
    case "help":
      if (rest[0] !== undefined && commands.some((it) => it.name === rest[0])) return main([...rest, "--help"], io);
      io.out(help());
      return exitCodes.ok;
    case "--help":
    case "-h":
      io.out(help());
      return exitCodes.ok;
    case undefined:
      io.err(help());
      return exitCodes.usage;
    default:
      io.err(
        `Error: unknown command "${name}".${didYouMean(
          name,
          lines.map(([known]) => known),
        )} Run "daytona-iac help" for a list.\n`,
      );
      return exitCodes.usage;
  }
}

if (require.main === module) runProcess();

/** Runs the command line of this process. @param more `executable`, in one */
export function runProcess(more: Pick<Io, "executable"> = {}): void {
  main(process.argv.slice(2), Object.defineProperties(processIo(), Object.getOwnPropertyDescriptors(more))).then(
    (code) => {
      process.exitCode = code;
    },
    (error: unknown) => {
      process.stderr.write(`Error: ${printable(systemErrorAtText(error))}\n`);
      process.exitCode = exitCodes.error;
    },
  );
}
