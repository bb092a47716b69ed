import type { Command } from "commander";
import type { Io } from "../io";
import { type Done, examples, formatOptions, newCommand, runCommand } from "../run-command";
import { Session } from "../session";
import type { ResolveFlags } from "./resolve";

const ABOUT = "Ask registries what tags of images stand for";

/** What `image resolve` does, for whom. The help and the reference page begin with it. */
const RESOLVE = `Prints a line for each reference, in their order: the image by its digest, such as "ghcr.io/team/app@sha256:…". For an image for several platforms it is
the digest of its index. If one of them cannot be resolved, nothing is printed on standard output, and the command ends with exit code 1.

Registries are asked with the credentials of Docker (DOCKER_CONFIG, config.json, credential helpers), else of Podman, else without any. Neither Docker nor
credentials of Daytona are needed. Docker Hub is asked in a way that does not count as a pull, but for --format json and yaml: it does not tell the platforms otherwise.
`;

/** The definition of `daytona-iac image`. */
export function imageCommand(io: Io, done: Done): Command {
  const group = newCommand(io, "image", ABOUT);
  const resolve = group
    .command("resolve")
    .description("Print the digests that tags have now")
    .argument("<reference...>", 'image as Docker writes it, such as "ubuntu:24.04"')
    .option("--timeout <duration>", 'time limit for each image, such as "10s" (default: 30s)');
  formatOptions(resolve, ["lines", "json", "yaml"])
    .option("-q, --quiet", "print no progress")
    .option("-v, --verbose", "print what is asked for")
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
