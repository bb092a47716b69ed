import type { Command } from "commander";
import { Option } from "commander";
import { TARGETS } from "../../fleet/code/model";
import type { Io } from "../io";
import { collect, connectionOptions, type Done, examples, formatOption, newCommand, runCommand } from "../run-command";
import { Session } from "../session";
import type { ImportFlags } from "./import";

/** The definition of `daytona-iac import`. */
export function importCommand(io: Io, done: Done): Command {
  const command = newCommand(
    io,
    "import",
    "Generate code for existing snapshots, together with their imports. The next plan or preview then shows imports and no changes",
  )
    .argument("[name-or-id...]", "snapshots to generate code for")
    .addOption(new Option("--to <target>", "target language or tool").choices([...TARGETS]).makeOptionMandatory())
    .option("-a, --all", "all snapshots of the organization")
    .option("--filter <glob>", "all snapshots whose names match, such as agent-* (repeatable)", collect)
    .option("--state <file>", "skip snapshots that are already in this state (repeatable)", collect)
    .option("-o, --output <file>", "write the code to a new file (default: to standard output)")
    .option(
      "--import-file <file>",
      "with Pulumi: new file for `pulumi import --file` (default: import.json in the folder of --output)",
    );
  return connectionOptions(command)
    .addOption(formatOption(["table", "json", "yaml"]))
    .option("-q, --quiet", "do not print progress")
    .option("-v, --verbose", "log every API request")
    .addHelpText(
      "after",
      examples("import agent tools --to terraform > imported.tf", "import --all --to pulumi-yaml --output Pulumi.yaml"),
    )
    .action(async (names: string[], flags: ImportFlags) => {
      const session = new Session(io, flags);
      done(
        await session.run("generating code", () =>
          // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded when it runs, not for its help
          (require("./import") as typeof import("./import")).importSnapshots(session, names, flags),
        ),
      );
    });
}

/** `daytona-iac import`. Exit codes: 0, 1 for a failure, 64 for wrong usage. */
export function runImport(argv: readonly string[], io: Io): Promise<number> {
  return runCommand(io, importCommand, argv);
}
