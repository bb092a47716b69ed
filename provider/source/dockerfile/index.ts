import type { ContextSource } from "../context-source";
import { normalized, refuseOtherFrontend } from "./text/directives";
import { sentText } from "./sent-text";
import { sourcesOf } from "./sources";
import type { BuildOptions } from "./build";
import { readBuild } from "./stages";

export { DockerfileError } from "./error";
export { type CopiesWithoutFiles, copiesWithoutFiles, type MissingCopy } from "./missing";
export { missingUser } from "./missing-user";
export { outsideImages } from "./outside-images";
export type { BuildOptions } from "./build";

export interface SentDockerfile {
  /** As it is sent: build arguments and target worked in, LF line ends, no BOM. Without build arguments and target nothing else changes. */
  readonly text: string;
  /** One sentence each, such as about a build argument that the Dockerfile does not declare. */
  readonly warnings: readonly string[];
}

export interface DockerfileRead extends SentDockerfile {
  /** What the stages that the target needs read from the build context, in the order of the file. */
  readonly sources: readonly ContextSource[];
}

/**
 * What a Dockerfile reads from its build context, and the text to send. The platform is linux/amd64. An ARG without a value counts as not set where the
 * text says what to do then (`${name:-default}`); an image that is not in the file is taken to have no ONBUILD triggers.
 * @throws DockerfileError for what `docker build` refuses and for what the text does not tell: a frontend that is not Docker's, a variable that is
 *   not set in the file. sentDockerfile reads neither.
 */
export function readDockerfile(dockerfile: string, options: BuildOptions = {}): DockerfileRead {
  const text = normalized(dockerfile);
  refuseOtherFrontend(text, "it is unknown which files it reads: list them in context.");
  const build = readBuild(text, options);
  const buildArgs = options.buildArgs ?? {};
  return { sources: sourcesOf(build, buildArgs), ...worked(text, options) };
}

/**
 * The text to send alone, for callers that know the files.
 * @throws DockerfileError where build arguments or a target cannot be worked in: the text cannot be read, has another frontend or no such stage
 */
export function sentDockerfile(dockerfile: string, options: BuildOptions = {}): SentDockerfile {
  return worked(normalized(dockerfile), options);
}

function worked(text: string, options: BuildOptions): SentDockerfile {
  const buildArgs = options.buildArgs ?? {};
  if (Object.keys(buildArgs).length === 0 && !options.target) return { text, warnings: [] };
  refuseOtherFrontend(text, "buildArgs and target cannot be applied to the file.");
  const sent = sentText(text, readBuild(text, options), buildArgs);
  return {
    text: sent.text,
    warnings: sent.unused.map((name) => `buildArgs.${name} is not used: the Dockerfile has no ARG ${name}.`),
  };
}
