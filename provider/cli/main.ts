#!/usr/bin/env node
import { version } from "../version.gen";
import { exitCodes, type Io } from "./io";

const help = `daytona-iac ${version}: Daytona snapshots as code

Usage: daytona-iac <command> [options]

Commands
  local       run a local stand-in for the Daytona API, or a command against one ("daytona-iac local -- terraform apply")
  install     put the Terraform provider where "terraform init" and "tofu init" find it, or with --pulumi the plugin where "pulumi" does
  version     print the version
  help        print this text

"daytona-iac <command> --help" tells more about a command.
`;

/* eslint-disable @typescript-eslint/no-require-imports -- a command is loaded when it is asked for: the others cost it nothing */
const load = {
  local: () => require("../local/cli") as typeof import("../local/cli"),
  install: () => require("./install") as typeof import("./install"),
};
/* eslint-enable @typescript-eslint/no-require-imports */

/** Runs one command line (without node and script) and answers its exit code. */
export async function main(argv: string[], io: Io): Promise<number> {
  const [command, ...rest] = argv;
  switch (command) {
    case "local":
      return load.local().runLocal(rest);
    case "install":
      return load.install().install(rest, io);
    case "version":
    case "--version":
    case "-v":
      io.out(`${version}\n`);
      return exitCodes.ok;
    case "help":
    case "--help":
    case "-h":
      io.out(help);
      return exitCodes.ok;
    case undefined:
      io.err(help);
      return exitCodes.usage;
    default:
      io.err(`daytona-iac: there is no command "${command}". "daytona-iac help" lists them.\n`);
      return exitCodes.usage;
  }
}

if (require.main === module) {
  const io: Io = { out: (text) => process.stdout.write(text), err: (text) => process.stderr.write(text), env: process.env };
  main(process.argv.slice(2), io).then(
    (code) => { process.exitCode = code; },
    (error: unknown) => {
      io.err(`daytona-iac: ${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = exitCodes.error;
    },
  );
}
