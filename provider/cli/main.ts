#!/usr/bin/env node
import { version } from "../version.gen";
import { exitCodes, type Io } from "./io";
import { processIo } from "./process-io";

const help = `daytona-iac ${version}: Daytona snapshots as code

Usage: daytona-iac <command> [options]

Commands
  snapshot    create, list, get, delete, push, activate and deactivate snapshots, and show their build logs
  local       run a simulated Daytona API, alone or for a command ("daytona-iac local -- terraform apply")
  install     install the Terraform provider for "terraform init" and "tofu init", or with --pulumi the Pulumi plugin
  doctor      check credentials, the API, permissions, tools and installed providers
  completion  print the completion script of a shell: bash, zsh or fish
  version     print the version
  help        print this help

Run "daytona-iac <command> --help" for help on a command.
`;

/* eslint-disable @typescript-eslint/no-require-imports -- each command is loaded on demand, so that the others do not delay it */
const load = {
  local: () => require("../local/cli") as typeof import("../local/cli"),
  snapshot: () => require("./snapshot/command") as typeof import("./snapshot/command"),
  doctor: () => require("./doctor") as typeof import("./doctor"),
  completion: () => require("./completion") as typeof import("./completion"),
  install: () => require("./install") as typeof import("./install"),
};
/* eslint-enable @typescript-eslint/no-require-imports */

/** Runs a command line (without node and script) and resolves with its exit code. */
export async function main(argv: string[], io: Io): Promise<number> {
  const [command, ...rest] = argv;
  switch (command) {
    case "local":
      return load.local().runLocal(rest);
    case "snapshot":
      return load.snapshot().runSnapshot(rest, io);
    case "doctor":
      return load.doctor().doctor(rest, io);
    case "completion":
      return load.completion().completion(rest, io);
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
      io.err(`daytona-iac: unknown command "${command}". Run "daytona-iac help" for a list.\n`);
      return exitCodes.usage;
  }
}

if (require.main === module) {
  main(process.argv.slice(2), processIo()).then(
    (code) => { process.exitCode = code; },
    (error: unknown) => {
      process.stderr.write(`daytona-iac: ${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = exitCodes.error;
    },
  );
}
