import type { Command } from "commander";
import { exitCodes, type Io } from "../io";
import { collect, commonOptions, type Done, examples, newCommand, positive, runCommand, whole } from "../run-command";
import type { DeleteFlags } from "./change";
import type { CreateFlags } from "./create";
import type { ListFlags } from "./list";
import { type CommonFlags, Session } from "../session";
import { pushWords } from "../words";

/* eslint-disable @typescript-eslint/no-require-imports -- a command loads only what it needs */
const load = {
  create: () => require("./create") as typeof import("./create"),
  change: () => require("./change") as typeof import("./change"),
  list: () => require("./list") as typeof import("./list"),
  logs: () => require("./logs") as typeof import("./logs"),
};
/* eslint-enable @typescript-eslint/no-require-imports */

/** The definitions of `daytona-iac snapshot`; docs/cli.md is generated from them. `done` gets the exit code of the command that ran. */
export function snapshotCommand(io: Io, done: Done): Command {
  const group = newCommand(io, "snapshot", "Create and manage snapshots").alias("snapshots");
  const run = async (flags: CommonFlags, doing: string, body: (session: Session) => Promise<number>): Promise<void> => {
    const session = new Session(io, flags);
    done(await session.run(doing, () => body(session)));
  };

  const create = sourceOptions(
    group
      .command("create")
      .aliases(["add", "new"])
      .description(
        "Create a snapshot from an image, a Dockerfile, a local image or a sandbox, and wait until it is active",
      )
      .argument("<name>", "name of the snapshot"),
  )
    .option("--from-sandbox <name-or-id>", "sandbox to create the snapshot from; it must be started or stopped")
    .option("--include-memory", "include the memory of the sandbox, which must be a running VM")
    .option("--if-not-exists", "succeed if an identical snapshot with this name already exists")
    .option("--replace", "replace the snapshot with this name if it differs, as `snapshot replace` does")
    .option(
      "--no-wait",
      "return as soon as the API has accepted the request; with --from-sandbox, as soon as the snapshot exists",
    );
  resources(create);
  commonOptions(create, true)
    .addHelpText(
      "after",
      examples(
        "snapshot create agent --image ubuntu:24.04 --cpu 2 --memory 4",
        "snapshot create agent --dockerfile app/Dockerfile --build-arg VERSION=1.2",
        "snapshot create prepared --from-sandbox my-sandbox",
      ),
    )
    .action((name: string, flags: CreateFlags) =>
      run(flags, `${flags.replace ? "replacing" : "creating"} snapshot "${name}"`, (session) =>
        load.create().createSnapshot(session, name, flags),
      ),
    );

  const replace = sourceOptions(
    group
      .command("replace")
      .description(
        "Make a snapshot match the flags: create it, keep it if it already matches, or replace it once the new one is active. During the last step, no sandbox can be created with this name: for seconds if the server still has the image, otherwise for as long as a second pull or build takes",
      )
      .argument("<name>", "name of the snapshot"),
  );
  resources(replace, "the current value");
  commonOptions(replace, true)
    .addHelpText(
      "after",
      examples(
        "snapshot replace agent --image ubuntu:24.04",
        "snapshot replace agent --dockerfile app/Dockerfile --timeout 1h",
      ),
    )
    .action((name: string, flags: CreateFlags) =>
      run(flags, `replacing snapshot "${name}"`, (session) =>
        load
          .create()
          .createSnapshot(session, name, { ...flags, replace: true }, undefined, "daytona-iac snapshot replace"),
      ),
    );

  const list = group
    .command("list")
    .alias("ls")
    .description("List the snapshots of the organization")
    .option("-p, --page <number>", "page number, starting at 1", positive)
    .option("-l, --limit <number>", "snapshots per page, at most 200 (default: 100)", positive)
    .option("--all-pages", "fetch all pages")
    .option("--state <state>", "only snapshots in this state (repeatable)", collect)
    .option("--name <text>", "only snapshots whose name contains this text")
    .option("--region <id>", "only snapshots in this region")
    .option("--source-sandbox-id <id>", "only snapshots created from this sandbox")
    .option(
      "--columns <list>",
      "columns of the table, separated by commas: name, id, state, size, resources, region, created, used",
    )
    .option("--no-headers", "omit the header row");
  commonOptions(list, false, true)
    .addHelpText(
      "after",
      examples("snapshot list --state error --state build_failed", "snapshot list --format json | jq -r '.[].name'"),
    )
    .action((flags: ListFlags) =>
      run(flags, "listing snapshots", (session) => load.list().listSnapshots(session, flags)),
    );

  commonOptions(
    group.command("get").aliases(["info", "view", "inspect"]).description("Show one snapshot").argument("<name-or-id>"),
    false,
    true,
  )
    .addHelpText("after", examples("snapshot get agent", "snapshot get agent --format json | jq -r .state"))
    .action((name: string, flags: CommonFlags) =>
      run(flags, `reading snapshot "${name}"`, (session) => load.list().getSnapshot(session, name)),
    );

  const remove = group
    .command("delete")
    .aliases(["remove", "rm"])
    .description("Delete snapshots, and wait until they are deleted")
    .argument("[name-or-id...]")
    .option("-a, --all", "all snapshots of the organization")
    .option("-y, --yes", "skip the confirmation")
    .option("--no-wait", "return as soon as the API has accepted the request");
  commonOptions(remove, true)
    .addHelpText("after", examples("snapshot delete agent", "snapshot delete --all --yes"))
    .action((names: string[], flags: DeleteFlags) => {
      // As the official command line does.
      if (names.length === 0 && flags.all !== true) {
        remove.outputHelp();
        return done(exitCodes.ok);
      }
      return run(flags, "deleting snapshots", (session) => load.change().deleteSnapshots(session, names, flags));
    });

  const push = group
    .command("push")
    .description("Push a local image, create a snapshot from it, and wait until it is active")
    .argument("<image>", "image in the local engine, or oci-archive:FILE, oci:FOLDER, docker-archive:FILE")
    .requiredOption("-n, --name <name>", "name of the snapshot")
    .option("--if-not-exists", "succeed if an identical snapshot with this name already exists")
    .option("--replace", "replace the snapshot with this name if it differs, as `snapshot replace` does");
  resources(push);
  commonOptions(push, true)
    .addHelpText(
      "after",
      examples(
        "snapshot push agent:dev --name agent",
        "snapshot push oci-archive:build/image.tar --name agent --memory 4",
      ),
    )
    .action((image: string, flags: CreateFlags & { name: string }) =>
      run(flags, `${flags.replace ? "replacing" : "creating"} snapshot "${flags.name}"`, (session) =>
        load
          .create()
          .createSnapshot(
            session,
            flags.name,
            { ...flags, localImage: image },
            pushWords,
            "daytona-iac snapshot push --replace",
          ),
      ),
    );

  for (const active of [true, false]) {
    const verb = active ? "activate" : "deactivate";
    const command = group
      .command(verb)
      .description(
        active
          ? "Activate snapshots, and wait until they are active"
          : "Deactivate snapshots, and wait until they are inactive",
      )
      .argument("<name-or-id...>")
      .option("--no-wait", "return as soon as the API has accepted the request");
    commonOptions(command, true)
      .addHelpText("after", examples(`snapshot ${verb} agent`, `snapshot ${verb} agent tools --timeout 20m`))
      .action((names: string[], flags: CommonFlags) =>
        run(flags, `${verb.replace(/e$/, "ing")} snapshots`, (session) =>
          load.change().setActive(session, names, active),
        ),
      );
  }

  commonOptions(
    group
      .command("logs")
      .alias("log")
      .description("Print the build log of a snapshot")
      .argument("<name-or-id>")
      .option("--follow", "keep streaming until the build ends"),
  )
    .addHelpText("after", examples("snapshot logs agent", "snapshot logs agent --follow"))
    .action((name: string, flags: CommonFlags & { follow?: boolean }) =>
      run(flags, `reading the build log of snapshot "${name}"`, (session) =>
        load.logs().buildLogs(session, name, flags.follow === true),
      ),
    );
  return group;
}

/** Runs `daytona-iac snapshot …`. Exit codes: 0, 1 for a failure, 64 for wrong usage. */
export function runSnapshot(argv: readonly string[], io: Io): Promise<number> {
  return runCommand(io, snapshotCommand, argv);
}

/** What a snapshot is made from. */
function sourceOptions(command: Command): Command {
  return command
    .option("-i, --image <image>", "image in a registry, with a tag or a digest")
    .option("--pin", "create it from the digest that the tag in --image currently resolves to")
    .option("-f, --dockerfile <path>", "Dockerfile that Daytona builds; its folder is the build context")
    .option(
      "-c, --context <path>",
      "file or folder to send, relative to the current folder (repeatable; default: the files that the Dockerfile uses)",
      collect,
    )
    .option("--context-dir <path>", "root of the build context")
    .option("--build-arg <name=value>", "value of an ARG instruction (repeatable)", collect)
    .option("--target <stage>", "build stage to stop at")
    .option("--local-image <image>", "image in the local engine, or oci-archive:FILE, oci:FOLDER, docker-archive:FILE")
    .option("--gpu <count>", "GPUs of each sandbox", whole)
    .option("--gpu-type <type>", "preferred GPU type (repeatable)", collect)
    .option("--sandbox-class <class>", "sandbox class, such as container or linux-vm");
}

/** @param otherwise what counts for a flag that is not given */
function resources(command: Command, otherwise = "the API's"): void {
  command
    .option("-e, --entrypoint <command>", "command that sandboxes run when they start; quotes work as in a shell")
    .option("--cpu <cores>", `CPU cores of each sandbox (default: ${otherwise})`, whole)
    .option("--memory <GiB>", `memory of each sandbox in GiB (default: ${otherwise})`, whole)
    .option("--disk <GiB>", `disk of each sandbox in GiB (default: ${otherwise})`, whole)
    .option("--region <id>", "ID of the region (default: the organization's)");
}
