import type { Command } from "commander";
import { exitCodes, type Io } from "../io";
import { collect, connectionOptions, type Done, examples, formatOptions, newCommand, runCommand } from "../run-command";
import { Session } from "../session";
import type { DriftFlags } from "./flags";
import { FORMATS, formatOf } from "./flags";

const KNOWS = `
What is compared:
  The command runs a plan or preview with a refresh, so it sees both drift and unapplied changes. It rejects arguments after "--" that would hide one of them,
  such as -refresh=false or -destroy. With -target or -exclude, the report says which part was checked.
  Image registries are asked whether tags have moved since the snapshots were created. A moved tag is listed, but does not change the exit status.
  --plan shows only what is in the plan: a plan created with -refresh=false shows no drift. --state does not show unapplied changes. Encrypted values are not compared.
  Anything that this release does not understand, such as an action of a newer tool, counts as an unapplied change or an error. It is never ignored.
`;

/** The definition of `daytona-iac drift`. @param rest what follows `--`: arguments of plans and previews */
export function driftCommand(io: Io, done: Done, rest: readonly string[] = []): Command {
  const command = newCommand(
    io,
    "drift",
    "Report snapshots that differ from the state (drift), and changes in the configuration or program that have not been applied. Does not change anything. Exits with status 0 if there is neither, 1 for an error, 2 for drift, and 3 if there are only unapplied changes",
  )
    .usage("[options] [-- PLAN OR PREVIEW ARGUMENTS...]")
    .option(
      "--terraform <folder>",
      "Terraform or OpenTofu root (repeatable; default: all projects in this folder, of every kind)",
      collect,
    )
    .option("--cdktf <folder>", "CDKTF or cdktn project, with all its stacks (repeatable)", collect)
    .option("--pulumi <folder>", "Pulumi project (repeatable)", collect)
    .option("--stack <name>", "Pulumi stack (repeatable; default: the selected one)", collect)
    .option(
      "--plan <file>",
      'plan in JSON, from `terraform show -json PLAN`; "-" is standard input (repeatable)',
      collect,
    )
    .option(
      "--state <file>",
      'state, from `terraform state pull` or `pulumi stack export`, compared with the API; "-" is standard input (repeatable)',
      collect,
    )
    .option("--no-synth", "use already synthesized stacks; do not run synth")
    .option("--binary <path>", "Terraform or OpenTofu to run (default: terraform, otherwise tofu)")
    .option("--unmanaged", "also report unmanaged snapshots: those that are not in any of the given states");
  return formatOptions(connectionOptions(command), FORMATS)
    .option("--output <format=file>", "also write the report to a file (repeatable)", collect)
    .option(
      "--comment-marker <text>",
      "hidden marker in the first line of the Markdown report, so that a pipeline can find its comment",
    )
    .option(
      "--ignore <name:attribute>",
      "drift to ignore, as NAME:ATTRIBUTE, where both are globs (repeatable)",
      collect,
    )
    .option("--config <file>", "file with more drift to ignore (default: .daytona-iac.yaml)")
    .option("--no-resolve-tags", "do not ask registries whether tags have moved, as with DAYTONA_RESOLVE_TAGS=false")
    .option(
      "--exit-zero",
      "exit with status 0 even if there is drift or an unapplied change; errors still exit with status 1",
    )
    .option("-q, --quiet", "do not print progress")
    .option("-v, --verbose", "log every API request")
    .addHelpText(
      "after",
      `${KNOWS}${examples("drift --terraform infra -- -var-file=prod.tfvars", "drift --output html=drift.html --output junit=drift.xml", "drift --state state.json --unmanaged --format json")}`,
    )
    .action(async (flags: DriftFlags) => {
      const { quiet, verbose, apiUrl, apiKeyFile, profile } = flags;
      const session = new Session(flags.resolveTags === false ? withoutTags(io) : io, {
        format: formatOf(flags) === "json" ? "json" : "table",
        ...(quiet ? { quiet } : {}),
        ...(verbose ? { verbose } : {}),
        ...(apiUrl === undefined ? {} : { apiUrl }),
        ...(apiKeyFile === undefined ? {} : { apiKeyFile }),
        ...(profile === undefined ? {} : { profile }),
      });
      done(
        await session.run("checking for drift", () =>
          // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded when it runs, not for its help
          (require("./drift") as typeof import("./drift")).drift(session, flags, rest),
        ),
      );
    });
}

/** The same for what asks no registry: plans and previews get the environment as well. */
function withoutTags(io: Io): Io {
  return Object.create(io, { env: { value: { ...io.env, DAYTONA_RESOLVE_TAGS: "false" } } }) as Io;
}

/** Arguments of `terraform plan` and `pulumi preview` as people know them, before the `--` that they belong behind. */
const OF_THE_PLAN =
  /^(-(var|var-file|target|exclude|replace|refresh|refresh-only|destroy|parallelism|lock|lock-timeout|input|out|no-color|compact-warnings|detailed-exitcode)|--(target|exclude|diff|refresh|parallel))(=.*)?$/;

/** `daytona-iac drift`. */
export function runDrift(argv: readonly string[], io: Io): Promise<number> {
  const end = argv.indexOf("--");
  const misplaced = (end < 0 ? argv : argv.slice(0, end)).find((one) => OF_THE_PLAN.test(one));
  if (misplaced !== undefined) {
    const [name] = misplaced.split("=");
    io.err(
      `Error: ${name} is an argument of the plan or preview. Write it after "--": daytona-iac drift … -- ${name} …\nRun "daytona-iac drift --help" for help.\n`,
    );
    return Promise.resolve(exitCodes.usage);
  }
  return runCommand(
    io,
    (to, done) => driftCommand(to, done, end < 0 ? [] : argv.slice(end + 1)),
    end < 0 ? argv : argv.slice(0, end),
  );
}
