import { type Command, Option } from "commander";
import type { Io } from "../io";
import { collect, connectionOptions, type Done, examples, formatOptions, newCommand, runCommand } from "../run-command";
import { Session } from "../session";
import type { PruneFlags } from "./prune";

const ABOUT =
  "Report snapshots that no given state has and that nobody uses: inactive, failed, unused, or left over from a replacement. Deletes them only with --delete";

/** What `prune` keeps, and why. The help and the reference page begin with it. */
const KEEPS = `Never deleted:

- what a given state has or mentions, by ID or by name: resources of any provider, data sources, creates under way
- the successor of a replacement that is not finished: it may be all that a resource has
- what is in use, in motion, or in a state that this release does not know
- what was used within --min-idle, or was made within it and not used yet
- what was created within --min-age
- what was taken from a sandbox, as nothing can make it again (unless --include-sandbox-snapshots)
- general snapshots, which belong to another organization, and what --filter leaves out

Nothing at all is deleted if a state cannot be read, hides a name, belongs to another organization or has no snapshot, or if a date of the API
cannot be read. Directly before each delete, everything that its reason rests on is read again: the snapshot, the one that it should replace, the states.
`;

/** The definition of `daytona-iac prune`. */
export function pruneCommand(io: Io, done: Done): Command {
  const stateless = new Option(
    "--no-state",
    "with --delete: there are no states to keep, or those that are given may be without snapshots",
  );
  // Beside --state, whose value commander would take back.
  stateless.attributeName = () => "stateless";
  const command = newCommand(io, "prune", ABOUT)
    .option(
      "--state <file>",
      'state whose snapshots are kept, from `terraform state pull` or `pulumi stack export`; "-" is standard input (repeatable)',
      collect,
    )
    .option("--filter <glob>", "only names that match (repeatable)", collect)
    .option(
      "--min-idle <duration>",
      "keep what was used within this time, or made within it and not used yet (default: 14d)",
    )
    .option("--min-age <duration>", "keep what was created within this time (default: 1d)")
    .option(
      "--include-sandbox-snapshots",
      "also snapshots that were taken from sandboxes, which nothing can make again",
    )
    .option("--delete", "delete them, after a confirmation on the terminal")
    .option("-y, --yes", "with --delete: do not ask")
    .addOption(stateless)
    .option("--timeout <duration>", 'with --delete: time limit for each snapshot, such as "10m"');
  return formatOptions(connectionOptions(command), ["table", "json", "yaml"])
    .option("-q, --quiet", "print no progress")
    .option("-v, --verbose", "print every request")
    .addHelpText("before", KEEPS)
    .addHelpText(
      "after",
      examples(
        "prune --state state.json --min-idle 30d",
        "prune --state a.json --state b.json --filter 'ci-*' --delete --yes",
        "prune --state - --delete < state.json",
      ),
    )
    .action(async (flags: PruneFlags) => {
      const session = new Session(io, flags);
      done(
        await session.run("pruning snapshots", () =>
          // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded when it runs, not for its help
          (require("./prune") as typeof import("./prune")).prune(session, flags),
        ),
      );
    });
}

/** `daytona-iac prune`. Exit codes: 0, 1 for a failure, 64 for wrong usage. */
export function runPrune(argv: readonly string[], io: Io): Promise<number> {
  return runCommand(io, pruneCommand, argv);
}
