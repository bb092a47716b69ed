import type { Command } from "commander";
import type { Io } from "../io";
import { type Done, examples, formatOptions, newCommand, runCommand } from "../run-command";
import { Session } from "../session";
import type { ResolveFlags } from "./resolve";

const ABOUT = "Ask registries which digests image tags resolve to";

/** What `image resolve` does, for whom. The help begins with it; the reference page has it below the usage. */
const RESOLVE = `Prints one line for each reference, in the given order: the image with its digest, such as "ghcr.io/team/app@sha256:…". For a multi-platform image, this is
the digest of its index. If any reference cannot be resolved, the command prints nothing to standard output and exits with status 1.

The command uses Docker's credentials (DOCKER_CONFIG, config.json, credential helpers), otherwise Podman's, otherwise none. It needs neither Docker nor
Daytona credentials. Requests to Docker Hub do not count as pulls, except with --format json and yaml: Docker Hub returns the platforms only for a pull.
`;

/** The definition of `daytona-iac image`. */
export function imageCommand(io: Io, done: Done): Command {
  const group = newCommand(io, "image", ABOUT);
  const resolve = group
    .command("resolve")
    .description("Print the digests that image tags currently resolve to")
    .argument("<reference...>", 'image as Docker writes it, such as "ubuntu:24.04"')
    .option("--timeout <duration>", 'time limit for each image, such as "10s" (default: 30s)');
  formatOptions(resolve, ["lines", "json", "yaml"])
    .option("-q, --quiet", "do not print progress")
    .option("-v, --verbose", "log every request")
    .addHelpText("before", RESOLVE)
    .addHelpText(
      "after",
      examples(
        "image resolve ghcr.io/team/app:1",
        "image resolve ubuntu:24.04 debian:13 --format json | jq -r '.[].digest'",
      ),
    )
    .action(async (references: string[], flags: ResolveFlags) => {
      // The format of errors is that of the other commands: text for people, or JSON.
      const { o, format = o, ...others } = flags;
      const session = new Session(io, {
        ...others,
        format: format === "lines" || format === undefined ? "table" : format,
      });
      done(
        await session.run("resolving images", () =>
          // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded when it runs, not for its help
          (require("./resolve") as typeof import("./resolve")).resolve(session, references),
        ),
      );
    });
  return group;
}

/** `daytona-iac image`. Exit codes: 0, 1 for a failure, 64 for wrong usage. */
export function runImage(argv: readonly string[], io: Io): Promise<number> {
  return runCommand(io, imageCommand, argv);
}
