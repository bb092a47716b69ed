import { type InPlaceDefinition, inPlaceResources } from "../resources";
import { firstSentence } from "../kit/attribute";
import { commandOf } from "../kit/spell";
import type { TopCommand } from "./run-command";

/* eslint-disable @typescript-eslint/no-require-imports -- each command is loaded on demand, so that the others do not delay it */
const snapshot = () => require("./snapshot/command") as typeof import("./snapshot/command");
const inPlace = () => require("./in-place/command") as typeof import("./in-place/command");
const drift = () => require("./drift/command") as typeof import("./drift/command");
const importing = () => require("./import/command") as typeof import("./import/command");
const prune = () => require("./prune/command") as typeof import("./prune/command");
const image = () => require("./image/command") as typeof import("./image/command");
const local = () => require("../local/cli") as typeof import("../local/cli");
const install = () => require("./install/install") as typeof import("./install/install");
const doctor = () => require("./doctor/command") as typeof import("./doctor/command");
const completion = () => require("./completion") as typeof import("./completion");
/* eslint-enable @typescript-eslint/no-require-imports */

/** The commands of `daytona-iac`, in the order of its help. */
export const commands: readonly TopCommand[] = [
  {
    name: "snapshot",
    aliases: ["snapshots"],
    about: "create, list, get, delete, push, activate and deactivate snapshots, and show their build logs",
    run: () => snapshot().runSnapshot,
    command: () => snapshot().snapshotCommand,
  },
  ...inPlaceResources.map(inPlaceCommands),
  {
    name: "image",
    about: "print the digests that image tags currently resolve to",
    run: () => image().runImage,
    command: () => image().imageCommand,
  },
  {
    name: "drift",
    about: "report drift (snapshots that differ from the state) and unapplied changes",
    run: () => drift().runDrift,
    command: () => drift().driftCommand,
  },
  {
    name: "import",
    about: "generate Terraform, CDKTF or Pulumi code for existing snapshots",
    run: () => importing().runImport,
    command: () => importing().importCommand,
  },
  {
    name: "prune",
    about: "list unmanaged snapshots that are not in use; with --delete, delete them",
    run: () => prune().runPrune,
    command: () => prune().pruneCommand,
  },
  {
    name: "local",
    about: 'run a simulated Daytona API, on its own or for one command ("daytona-iac local -- terraform apply")',
    run: () => (argv, io) =>
      local().runLocal(argv, { stdout: { write: io.out }, stderr: { write: io.err }, env: io.env }),
    command: () => (io) => local().localCommand({ stdout: { write: io.out }, stderr: { write: io.err } }),
  },
  {
    name: "install",
    about: 'install the Terraform provider for "terraform init" and "tofu init", or with --pulumi the Pulumi plugin',
    run: () => install().install,
    command: () => install().installCommand,
  },
  {
    name: "doctor",
    about: "check credentials, the API, permissions, tools and installed providers",
    run: () => doctor().doctor,
    command: () => doctor().doctorCommand,
  },
  {
    name: "completion",
    about: "print the completion script for bash, zsh or fish",
    run: () => (argv, io) => completion().completion(argv, io, commands),
  },
];

/** The command of a resource beside the snapshot. */
function inPlaceCommands(definition: InPlaceDefinition): TopCommand {
  const { noun, plural, table } = definition;
  return {
    name: commandOf(noun),
    about: `list, get, create, update and delete ${plural}: ${firstSentence(table.doc)}`,
    run: () => inPlace().runInPlace(definition),
    command: () => inPlace().inPlaceCommand(definition),
  };
}
