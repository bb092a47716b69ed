import type { Command } from "commander";
import type { Io } from "../io";
import { collect, connectionOptions, type Done, examples, formatOptions, newCommand, runCommand } from "../run-command";
import { Session } from "../session";
import type { DriftFlags } from "./flags";
import { FORMATS, formatOf } from "./flags";

const KNOWS = `
What it knows:
  A plan or preview runs with a refresh, so that drift and changes of the program are both seen. Arguments after "--" that would hide one of them,
  such as -refresh=false or -destroy, are refused. With -target or -exclude, the report says which part was checked.
  Registries are asked whether the tags have moved since their snapshots were made. A moved tag is listed, and changes no exit code.
  --plan knows what the plan knew; one made with -refresh=false shows no drift. --state knows nothing of the program. Encrypted values are not compared.
  What is not understood, such as an action of a newer tool, counts as not applied or is an error, never as nothing.
`;

/** The definition of `daytona-iac drift`. @param rest what follows `--`: arguments of plans and previews */
export function driftCommand(io: Io, done: Done, rest: readonly string[] = []): Command {
  const command = newCommand(
    io,
    "drift",
    "Report snapshots that differ from the state (drift), and changes of the program that are not applied. Changes nothing. Ends with 0 if all is in order, 2 for drift, 3 for changes that are not applied only, 1 for an error",
  )
    .usage("[options] [-- ARGUMENTS OF THE PLAN OR PREVIEW...]")
    .option(
      "--terraform <folder>",
      "Terraform or OpenTofu root (repeatable; default: the project in this folder)",
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
    .option("--no-synth", "use the stacks that CDKTF has synthesized before")
    .option("--binary <path>", "Terraform or OpenTofu to run (default: terraform, else tofu)")
    .option("--unmanaged", "also report snapshots that are in none of the states");
  return formatOptions(connectionOptions(command), FORMATS)
    .option("--output <format=file>", "also write the report to a file (repeatable)", collect)
    .option("--comment-marker <text>", "hidden first line of the Markdown, to find the comment again")
    .option("--ignore <name:attribute>", "drift to ignore, both globs (repeatable)", collect)
    .option("--config <file>", "file with more ignores (default: .daytona-iac.yaml)")
    .option("--no-resolve-tags", "ask no registry whether tags have moved, as with DAYTONA_RESOLVE_TAGS=false")
    .option("--exit-zero", "end with 0 also for drift and for what is not applied; errors still end with 1")
    .option("-q, --quiet", "print no progress")
    .option("-v, --verbose", "print every request")
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

/** `daytona-iac drift`. */
export function runDrift(argv: readonly string[], io: Io): Promise<number> {
  const end = argv.indexOf("--");
  return runCommand(
    io,
    (to, done) => driftCommand(to, done, end < 0 ? [] : argv.slice(end + 1)),
    end < 0 ? argv : argv.slice(0, end),
  );
}
