import type { SnapshotDto } from "../../api/types";
import { registryOf } from "../../resources/registry/address";
import { isPushed } from "../../resources/snapshot/local-image";
import { sourceOf } from "../../resources/snapshot/observed";
import type { Call } from "../call/call";
import { privateImageAdvice, registriesIn } from "./private-image";
import { words } from "./tool-words";

/** What an explanation is made from. */
interface Failed {
  readonly call: Call;
  readonly dto: SnapshotDto;
  /** The reason that the API gave, or the part of it that the explanation is for. */
  readonly found: RegExpExecArray;
  /** The image that was to be pulled, as the program says it; null: it was built. */
  readonly image: string | null;
}

interface Explanation {
  readonly reason: RegExp;
  /** For pulls or for builds only. Default: for both. */
  readonly only?: "pull" | "build";
  /** "": the reason says everything. */
  say(failed: Failed): string;
}

/** An unfinished job of a runner stands in the way (runner API v2). */
const CLASH = /already in progress/i;
/** The server has given up on a job that no runner finished in time (runner API v2). It passes by itself. */
const LOST = /^Job \S+ timed out after \d+ ?ms\b/i;
/** The same of a pull, a build or a sandbox's snapshot: the server hears nothing of a job for two hours (runner API v2). */
const HUNG = /^Job timed out - no update received for (\d+) minutes/i;
/** Daytona's own registry has no room. Before "failed to inspect", it would be the registry of the image. */
const FULL = /^(?!Snapshot \S+ failed to inspect).*\b507 Insufficient Storage/i;
const NO_CONTEXT = /failed to get tar from storage with hash (\S+?):/i;
/** How a command of a build, and not the builder, may end: with any text of its own. */
const STEP = /executor failed running|did not complete successfully|returned a non-zero code/i;

/** What a snapshot failed of that is not the fault of its source and passes by itself, so that the same create succeeds later; null: something else. */
export function passingTrouble({ errorReason }: SnapshotDto): string | null {
  if (CLASH.test(errorReason ?? "")) return "another operation on the same source was in progress";
  return LOST.test(errorReason ?? "") ? "no runner responded in time" : null;
}

/** Whether the failed attempt got as far as the builder, so that the end of the build log is its own and tells why. */
export function reachedTheBuilder({ errorReason }: SnapshotDto): boolean {
  return ![CLASH, LOST, FULL, NO_CONTEXT].some((reason) => reason.test(errorReason ?? ""));
}

/** Reasons that runners of both kinds gave (recorded at v0.190), and what they do not say. The first that matches counts. */
const EXPLANATIONS: readonly Explanation[] = [
  {
    reason: CLASH,
    say: ({ call, image }) =>
      `A runner has an unfinished job for the same source: for another snapshot, perhaps one of another organization, or a job that was lost when a runner restarted. A lost job ends the next time that runner restarts, or after two hours, when the server gives up on it. Run ${words(call).run} again later.${image === null ? ` Changing \`${words(call).attribute("triggers")}\` also helps: a Dockerfile with another text is another source.` : ""}`,
  },
  {
    reason: LOST,
    say: ({ call }) => `No runner responded in time. This is temporary: run ${words(call).run} again.`,
  },
  {
    reason: HUNG,
    say: ({ call, found, dto }) =>
      `No runner reported on the ${dto.buildInfo ? "build" : "pull"} for ${found[1]} minutes: the runner was lost, or it takes longer than that. The server has given up on the job, so it does not block another one: run ${words(call).run} again.`,
  },
  {
    reason: FULL,
    say: ({ dto }) =>
      `The image was ${dto.buildInfo ? "built" : "pulled"}, but Daytona's own registry has no room to store it. The source is not the cause. Try again later, or contact the operator of the Daytona server.`,
  },
  {
    reason: /\bfailed to push\b|\berror pushing\b|action: push/i,
    say: ({ dto }) =>
      `The image was ${dto.buildInfo ? "built" : "pulled"}, but Daytona's own registry did not accept it. The source is not the cause. Try again later, or contact the operator of the Daytona server.`,
  },
  {
    reason: NO_CONTEXT,
    only: "build",
    say: ({ call, dto }) =>
      /specified key does not exist|NoSuchKey/i.test(dto.errorReason ?? "")
        ? `The object storage no longer has the build context. Run ${words(call).run} again, which uploads it again.`
        : "The runner could not read the build context from the object storage. The source is not the cause. Try again later, or contact the operator of the Daytona server.",
  },
  { reason: /exceeds maximum allowed size of/i, say: tooLarge },
  {
    reason: /^Timeout (?:processing|while (?:pulling|building)) snapshot/i,
    say: ({ call }) =>
      `The server gave up after an hour without an update from the runner, for example because the runner restarted. Run ${words(call).run} again.`,
  },
  {
    reason: /invalid reference format/i,
    only: "pull",
    say: ({ call, image }) =>
      image?.includes("@")
        ? `This release of the server cannot pull an image by its digest. Run ${words(call).run} again: it then creates the snapshot through a build from the image.`
        : "",
  },
  { reason: /manifest unknown|manifest for \S+ not found|name unknown/i, only: "pull", say: missingImage },
  { reason: /failed to solve with frontend gateway\.v0: (\S+): not found$/, only: "build", say: missingFrontend },
  {
    reason:
      /(?:failed to create LLB definition|failed to resolve source metadata for \S+|failed to solve): (\S+): not found$|manifest for (\S+) not found/,
    only: "build",
    say: ({ found }) => {
      const image = found[1] ?? found[2] ?? "";
      return `The registry \`${registryOf(image).host}\` has no image \`${image}\`. Check the name and the tag in FROM and \`COPY --from\` of the Dockerfile.`;
    },
  },
  {
    reason:
      /failed to compute cache key: (?:[^"\n]*: )?"([^"\n]+)": not found|failed to compute cache key: (?:[^"\n]*: )?"([^"\n]+)" not found|file not found in build context[^:\n]*: stat ([^:\n]+):/i,
    only: "build",
    say: ({ call, found }) =>
      `The files that were sent have no \`${found[1] ?? found[2] ?? found[3]}\`. Check the path in COPY or ADD, what the ignore file excludes, and \`${words(call).attribute("context")}\`.`,
  },
  {
    reason: /dockerfile parse error[^:\n]*: unknown instruction/i,
    only: "build",
    say: ({ dto }) =>
      /^\s*(?:RUN|COPY|ADD)\b.*<</im.test(dto.buildInfo?.dockerfileContent ?? "")
        ? "The runner's builder does not support heredocs (`<<EOF`) by default. Begin the Dockerfile with the line `# syntax=docker/dockerfile:1`, or write the step without a heredoc."
        : "",
  },
  {
    reason: /the (--\w+) option requires BuildKit/i,
    only: "build",
    say: ({ found }) =>
      `The runner builds with Docker's older builder, which does not support \`${found[1]}\`. Write the step without it, or build the image elsewhere and let Daytona pull it.`,
  },
  {
    reason: /certificate|x509:|server gave HTTP response to HTTPS client/i,
    say: (failed) =>
      unlessInAStep(
        failed,
        (hosts, what) => `Daytona's runner does not trust the certificate of the registry${hosts}${what}.`,
      ),
  },
  {
    reason:
      /\bdial (?:tcp|udp)\b|no such host|i\/o timeout|handshake timeout|connection (?:refused|reset)|network is unreachable|Client\.Timeout exceeded/i,
    say: (failed) => unlessInAStep(failed, unreachable(failed.call)),
  },
];

/** What the reason of a failed snapshot does not say: which image, which registry, what to do. "": nothing more is known. */
export function failureAdvice(call: Call, dto: SnapshotDto): string {
  const refused = privateImageAdvice(call, dto);
  if (refused !== "") return refused;
  const reason = dto.errorReason ?? "";
  const image = dto.buildInfo ? null : (dto.imageName ?? null);
  for (const { reason: pattern, only, say } of EXPLANATIONS) {
    const found = only === (dto.buildInfo ? "pull" : "build") ? null : pattern.exec(reason);
    if (found !== null) return say({ call, dto, found, image });
  }
  return "";
}

/** Of a build, the limit is met by a size that no registry shows. */
function tooLarge({ call, dto }: Failed): string {
  const limit = "This is a limit of the organization.";
  return dto.buildInfo
    ? `${limit} For an image that Daytona builds, the uncompressed size counts; for one that it pulls, the compressed size. Make the image smaller, or build it elsewhere and let Daytona pull it (\`${words(call).attribute("image")}\`, \`${words(call).attribute("localImage")}\`).`
    : `${limit} For an image that Daytona pulls, the compressed size counts. Make the image smaller, or ask Daytona for a larger limit.`;
}

function missingImage({ call, image }: Failed): string {
  if (image === null || image === "") return "";
  if (isPushed(image))
    return `The image that was pushed for this snapshot is no longer in Daytona's registry. Run ${words(call).run} again, which pushes it again.`;
  return `The registry \`${registryOf(image).host}\` has no image \`${image}\`. Check its name and its tag.`;
}

function missingFrontend({ found }: Failed): string {
  return `The \`# syntax=\` line of the Dockerfile names the image \`${found[1]}\`, which its registry does not have.`;
}

/** Says what happened between a runner and a registry; "" where a command of the build may have said it of something else. */
function unlessInAStep({ dto }: Failed, say: (hosts: string, what: string) => string): string {
  const reason = dto.errorReason ?? "";
  // An ADD from the network is no registry either.
  if (dto.buildInfo && (STEP.test(reason) || !/\/v2\/|\/token\b|registry/i.test(reason))) return "";
  const { hosts, images } = registriesIn(dto);
  const named = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(" or ");
  const built = dto.buildInfo && !sourceOf(dto)?.image;
  return say(
    hosts.length > 0 ? ` ${named(hosts)}` : "",
    images.length === 1 ? ` of the ${built ? "base image" : "image"} ${named(images)}` : "",
  );
}

const unreachable =
  (call: Call) =>
  (hosts: string, what: string): string =>
    `Daytona's runner could not reach the registry${hosts}${what}. Runners pull images themselves, so the registry has to be reachable from where they run; \`localhost\` is the runner itself. If the registry is reachable, run ${words(call).run} again. For an image that only this machine can reach, use \`${words(call).attribute("localImage")}\`.`;
