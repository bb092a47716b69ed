import type { Command } from "commander";
import type { Io } from "../io";
import { collect, type Done, examples, formatOption, newCommand, runCommand } from "../run-command";
import { Session } from "../session";
import type { PruneFlags } from "./prune";

/** The definition of `daytona-iac prune`. */
export function pruneCommand(io: Io, done: Done): Command {
  return newCommand(io, "prune", "Report snapshots that no given state has and that nobody uses: inactive, failed, unused, or left over from a replacement. Deletes them only with --delete")
    .option("--state <file>", 'state whose snapshots are kept, from `terraform state pull` or `pulumi stack export`; "-" is standard input (repeatable)', collect)
    .option("--filter <glob>", "only names that match (repeatable)", collect)
    .option("--min-idle <duration>", "keep what was used within this time (default: 14d)")
    .option("--min-age <duration>", "keep what was created within this time (default: 1d)")
    .option("--delete", "delete them, after a confirmation")
    .option("-y, --yes", "with --delete: do not ask")
    .option("--no-state", "with --delete: there are no states to keep")
    .option("--timeout <duration>", 'with --delete: time limit for each snapshot, such as "10m"')
    .addOption(formatOption(["table", "json"]))
    .option("-q, --quiet", "print no progress")
    .option("-v, --verbose", "print every request")
    .addHelpText("after", examples("prune --state state.json --min-idle 30d", "prune --state a.json --state b.json --filter 'ci-*' --delete --yes"))
    .action(async (flags: PruneFlags) => {
      const session = new Session(io, flags);
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded when it runs, not for its help
      done(await session.run("pruning snapshots", () => (require("./prune") as typeof import("./prune")).prune(session, flags)));
    });
}

/** `daytona-iac prune`. Exit codes: 0, 1 for a failure, 64 for wrong usage. */
export function runPrune(argv: readonly string[], io: Io): Promise<number> {
  return runCommand(io, pruneCommand, argv);
}
