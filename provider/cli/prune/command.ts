import { type Command, Option } from "commander";
import type { Io } from "../io";
import { collect, connectionOptions, type Done, examples, formatOptions, newCommand, runCommand } from "../run-command";
import { Session } from "../session";
import type { PruneFlags } from "./prune";

const ABOUT =
  "List unmanaged snapshots that are not in use: inactive, failed, unused, or left over from a replacement. Snapshots are deleted only with --delete";

/** What `prune` keeps, and why. The help begins with it; the reference page has it below the usage. */
const KEEPS = `Never deleted:

- snapshots that a given state contains or mentions, by ID or by name, in resources of any provider, data sources, and pending creates
- the successor of an unfinished replacement, because it may be the only snapshot of a resource
- snapshots that are in use, changing, or in a state that this release does not know
- snapshots used within --min-idle, or created within it and not used yet
- snapshots created within --min-age
- snapshots created from a sandbox, because they cannot be recreated (unless --include-sandbox-snapshots is set)
- general snapshots, which belong to another organization, and snapshots that --filter excludes

Nothing is deleted if a state cannot be read, hides a name, belongs to another organization or contains no snapshot, or if a date from the API
cannot be read. Before each delete, the command reads the snapshot, the one that it was created to replace, and the states again, and checks the reason again.
`;

/** The definition of `daytona-iac prune`. */
export function pruneCommand(io: Io, done: Done): Command {
  const stateless = new Option(
    "--no-state",
    "with --delete: confirm that there are no states, or that the given ones may contain no snapshots",
  );
  // Beside --state, whose value commander would take back.
  stateless.attributeName = () => "stateless";
  const command = newCommand(io, "prune", ABOUT)
    .option(
      "--state <file>",
      'state whose snapshots are kept, from `terraform state pull` or `pulumi stack export`; "-" is standard input (repeatable)',
      collect,
    )
    .option("--filter <glob>", "only snapshots whose names match (repeatable)", collect)
    .option(
      "--min-idle <duration>",
      "keep snapshots used within this period, or created within it and not used yet (default: 14d)",
    )
    .option("--min-age <duration>", "keep snapshots created within this period (default: 1d)")
    .option("--include-sandbox-snapshots", "include snapshots created from sandboxes, which cannot be recreated")
    .option("--delete", "delete the listed snapshots, after a confirmation on the terminal")
    .option("-y, --yes", "with --delete: skip the confirmation")
    .addOption(stateless)
    .option("--timeout <duration>", 'with --delete: time limit for each snapshot, such as "10m"');
  return formatOptions(connectionOptions(command), ["table", "json", "yaml"])
    .option("-q, --quiet", "do not print progress")
    .option("-v, --verbose", "log every API request")
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
