import type { Command } from "commander";
import { commonInputs, type InPlaceDefinition, secretsOf } from "../../resources";
import { commandOf } from "../../kit/spell";
import type { Io } from "../io";
import { commonOptions, type Done, examples, newCommand, runCommand } from "../run-command";
import { type CommonFlags, Session } from "../session";
import type { DeleteFlags } from "./change";
import { type InPlaceFlags, optionsOf, secretOptionsOf, stdinFlag, variableOf } from "./flags";
import { columnNames, type ListFlags } from "./show";

// eslint-disable-next-line @typescript-eslint/no-require-imports -- a list loads nothing that changes
const change = () => require("./change") as typeof import("./change");
// eslint-disable-next-line @typescript-eslint/no-require-imports -- as above
const shown = () => require("./show") as typeof import("./show");

/** The commands of a resource that is changed in place, such as `daytona-iac registry`: its table has their flags and columns. */
export function inPlaceCommand(definition: InPlaceDefinition): (io: Io, done: Done) => Command {
  const { noun, plural, table, sample } = definition;
  const command = commandOf(noun);
  return (io, done) => {
    const group = newCommand(io, command, `Create and manage ${plural}`);
    const run = async (
      flags: CommonFlags,
      doing: string,
      body: (session: Session) => Promise<number>,
    ): Promise<void> => {
      const session = new Session(io, flags);
      done(await session.run(doing, () => body(session)));
    };
    const written = commonInputs(table).flatMap(({ name }) =>
      name === "name" || sample[name] === undefined ? [] : [[name, String(sample[name])] as const],
    );
    const fromFile = secretsOf(table)
      .slice(0, 1)
      .map((input) => ` ${stdinFlag(input)} < token.txt`);
    const flagsOf = (values: typeof written): string => values.map(([name, value]) => ` --${name} ${value}`).join("");

    const list = group
      .command("list")
      .alias("ls")
      .description(`List the ${plural} of the organization`)
      .option("--columns <list>", `columns of the table, separated by commas: ${columnNames(definition).join(", ")}`)
      .option("--no-headers", "omit the header row");
    commonOptions(list, false, true)
      .addHelpText("after", examples(`${command} list`, `${command} list --format json | jq -r '.[].name'`))
      .action((flags: ListFlags) =>
        run(flags, `listing ${plural}`, (session) => shown().listAll(session, definition, flags)),
      );

    commonOptions(
      group
        .command("get")
        .aliases(["info", "view", "inspect"])
        .description(`Show one ${noun}`)
        .argument("<name-or-id>", NAME_OR_ID),
      false,
      true,
    )
      .addHelpText(
        "after",
        examples(`${command} get ${sample.name}`, `${command} get ${sample.name} --format json | jq -r .id`),
      )
      .action((name: string, flags: CommonFlags) =>
        run(flags, `reading ${noun} "${name}"`, (session) => shown().getOne(session, definition, name)),
      );

    const create = group
      .command("create")
      .aliases(["add", "new"])
      .description(`Create a ${noun}`)
      .argument("<name>", `name of the ${noun}`);
    for (const option of [...optionsOf(table, "create"), ...secretOptionsOf(table)]) create.addOption(option);
    commonOptions(create, true)
      .addHelpText("before", secretsText(definition, "the command asks for it on the terminal, without echo"))
      .addHelpText(
        "after",
        examples(
          `${command} create ${sample.name}${flagsOf(written)}`,
          ...fromFile.map((more) => `${command} create ${sample.name}${flagsOf(written)}${more}`),
        ),
      )
      .action((name: string, flags: InPlaceFlags) =>
        run(flags, `creating ${noun} "${name}"`, (session) => change().createOne(session, definition, name, flags)),
      );

    const update = group
      .command("update")
      .description(`Update a ${noun}. Values without a flag stay unchanged`)
      .argument("<name-or-id>", NAME_OR_ID);
    for (const option of [...optionsOf(table, "update"), ...secretOptionsOf(table)]) update.addOption(option);
    commonOptions(update, true)
      .addHelpText("before", secretsText(definition, "the current one stays unchanged"))
      .addHelpText(
        "after",
        examples(
          `${command} update ${sample.name}${flagsOf(written.slice(-1))}`,
          ...fromFile.map((more) => `${command} update ${sample.name}${more}`),
        ),
      )
      .action((name: string, flags: InPlaceFlags) =>
        run(flags, `updating ${noun} "${name}"`, (session) => change().updateOne(session, definition, name, flags)),
      );

    const remove = group
      .command("delete")
      .aliases(["remove", "rm"])
      .description(`Delete ${plural}`)
      .argument("<name-or-id...>", NAME_OR_ID)
      .option("-y, --yes", "skip the confirmation");
    commonOptions(remove, true)
      .addHelpText("after", examples(`${command} delete ${sample.name}`, `${command} delete ${sample.name} --yes`))
      .action((names: string[], flags: DeleteFlags) =>
        run(flags, `deleting ${plural}`, (session) => change().deleteAll(session, definition, names, flags)),
      );
    return group;
  };
}

/** Runs `daytona-iac registry …`. Exit codes: 0, 1 for a failure, 64 for wrong usage. */
export function runInPlace(definition: InPlaceDefinition): (argv: readonly string[], io: Io) => Promise<number> {
  return (argv, io) => runCommand(io, inPlaceCommand(definition), argv);
}

const NAME_OR_ID = "UUID, or a unique name";

/** Why no flag takes a secret, and what does. */
function secretsText(definition: InPlaceDefinition, otherwise: string): string {
  const [secret] = secretsOf(definition.table);
  if (secret === undefined) return "";
  return `There is no flag for the ${secret.name}, because every user of the machine can see a process's arguments, and the shell keeps them in its history. It is read
from standard input with ${stdinFlag(secret)}, otherwise from the environment variable ${variableOf(definition, secret)}.
If neither is set, ${otherwise}.\n`;
}
