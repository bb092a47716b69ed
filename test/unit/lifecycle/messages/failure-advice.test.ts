import { readdirSync } from "node:fs";
import type { SnapshotDto } from "../../../../provider/api";
import {
  failureAdvice,
  passingTrouble,
  reachedTheBuilder,
} from "../../../../provider/lifecycle/messages/failure-advice";
import type { Call } from "../../../../provider/lifecycle/call/call";
import { toolWords } from "../../../../provider/terraform/words";
import { cliWords } from "../../../../provider/cli/words";
import type { ToolWords } from "../../../../provider/kit/words";
import { realSequencesOf } from "../../../contract/recording";

const told = (dto: Partial<SnapshotDto>, words: ToolWords = toolWords()): string =>
  failureAdvice({ context: { words } } as Call, dto as SnapshotDto);
const pull = (imageName: string, errorReason: string) => ({ imageName, errorReason });
const build = (dockerfileContent: string, errorReason: string) =>
  ({ imageName: "", errorReason, buildInfo: { dockerfileContent } }) as Partial<SnapshotDto>;

/** Recorded reasons that say everything by themselves: the step, the syntax error. */
const SELF_EXPLAINING =
  /^(?:unprocessable entity: )?(?:executor failed running|The command '.*' returned a non-zero code|failed to solve with frontend dockerfile\.v0: failed to create LLB definition: dockerfile parse error line 2: unknown instruction: RUNN)/;

describe.each(["v0", "v2"] as const)("every reason that a real runner of generation %s gave", (generation) => {
  const failed = realSequencesOf(generation)
    .map(({ name, responses }) => [name, responses![0]!.body as SnapshotDto] as const)
    .filter(([, dto]) => dto.errorReason);

  test("is here", () => {
    expect(readdirSync(`${__dirname}/../../../contract/recordings`)).toContain(
      `sequences-real-runner-${generation}.json`,
    );
    expect(failed.length).toBeGreaterThan(generation === "v0" ? 14 : 12);
  });

  test.each(failed)("%s is explained, with the image or the registry where one is to blame", (_name, dto) => {
    const advice = told(dto);
    if (SELF_EXPLAINING.test(dto.errorReason!)) return expect(advice).toBe("");
    expect(advice).not.toBe("");
    if (dto.imageName && !/maximum|507|in progress/.test(dto.errorReason!))
      expect(advice).toMatch(/`(?:127\.0\.0\.1:\d+|docker\.io)`|digest/);
  });
});

const V2 = (image: string, error: string) =>
  `Snapshot ${image} failed to inspect in registry on runner f8c55b76-c6c1-4930-89aa-89705d2164b5. Error: ${error}`;
const UNKNOWN = "Error response from daemon: manifest unknown: manifest unknown";
const NO_IMAGE = "The registry `127.0.0.1:15001` has no image `127.0.0.1:15001/nope:1`. Check its name and its tag.";
const unreachable = (host: string, what: string) =>
  `Daytona's runner could not reach the registry \`${host}\`${what}. Runners pull images themselves, so the registry has to be reachable from where they run; \`localhost\` is the runner itself. If the registry is reachable, run apply again. For an image that only this machine can reach, use \`local_image\`.`;

test.each<[string, Partial<SnapshotDto>, string]>([
  ["a missing image, v0", pull("127.0.0.1:15001/nope:1", `not found: ${UNKNOWN}`), NO_IMAGE],
  ["a missing image, v2", pull("127.0.0.1:15001/nope:1", V2("127.0.0.1:15001/nope:1", UNKNOWN)), NO_IMAGE],
  [
    "a missing image of Docker Hub",
    pull("ubuntu:0", "not found: Error response from daemon: manifest for ubuntu:0 not found: manifest unknown"),
    "The registry `docker.io` has no image `ubuntu:0`. Check its name and its tag.",
  ],
  [
    "a pushed image that is gone",
    pull(`127.0.0.1:6000/daytona/agent-20261127093000123:v2-${"0".repeat(64)}`, `not found: ${UNKNOWN}`),
    "The image that was pushed for this snapshot is no longer in Daytona's registry. Run apply again, which pushes it again.",
  ],
  [
    "a registry that refuses connections, v0",
    pull(
      "127.0.0.1:9/x:1",
      'Error response from daemon: Get "http://127.0.0.1:9/v2/": dial tcp 127.0.0.1:9: connect: connection refused',
    ),
    unreachable("127.0.0.1:9", " of the image `127.0.0.1:9/x:1`"),
  ],
  [
    "no network, v0",
    pull(
      "ubuntu:22.04",
      'Error response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io on 10.255.255.53:53: dial udp 10.255.255.53:53: connect: network is unreachable',
    ),
    unreachable("docker.io", " of the image `ubuntu:22.04`"),
  ],
  [
    "a base image whose registry refuses connections",
    build(
      "FROM 127.0.0.1:9/x:1\nRUN true",
      'unprocessable entity: failed to solve with frontend dockerfile.v0: failed to create LLB definition: failed to do request: Head "http://127.0.0.1:9/v2/x/manifests/1": dial tcp 127.0.0.1:9: connect: connection refused',
    ),
    unreachable("127.0.0.1:9", " of the base image `127.0.0.1:9/x:1`"),
  ],
  [
    "a certificate",
    pull("reg.test/x:1", 'Error response from daemon: Get "https://reg.test/v2/": x509: certificate has expired'),
    "Daytona's runner does not trust the certificate of the registry `reg.test` of the image `reg.test/x:1`.",
  ],
  [
    "a missing base image",
    build(
      "FROM 127.0.0.1:15001/nope:1\nRUN true",
      "failed to solve with frontend dockerfile.v0: failed to create LLB definition: 127.0.0.1:15001/nope:1: not found",
    ),
    "The registry `127.0.0.1:15001` has no image `127.0.0.1:15001/nope:1`. Check the name and the tag in FROM and `COPY --from` of the Dockerfile.",
  ],
  [
    "a missing base image, by a newer builder",
    build(
      "FROM python:3.99",
      "failed to solve: python:3.99: failed to resolve source metadata for docker.io/library/python:3.99: docker.io/library/python:3.99: not found",
    ),
    "The registry `docker.io` has no image `docker.io/library/python:3.99`. Check the name and the tag in FROM and `COPY --from` of the Dockerfile.",
  ],
  [
    "a missing base image, by the older builder",
    build(
      "FROM 127.0.0.1:15001/nope:1\nRUN true",
      "manifest for 127.0.0.1:15001/nope:1 not found: manifest unknown: manifest unknown",
    ),
    "The registry `127.0.0.1:15001` has no image `127.0.0.1:15001/nope:1`. Check the name and the tag in FROM and `COPY --from` of the Dockerfile.",
  ],
  [
    "a frontend that is not there",
    build(
      "# syntax=127.0.0.1:15001/nofront:1\nFROM a:1",
      "unprocessable entity: failed to solve with frontend dockerfile.v0: failed to solve with frontend gateway.v0: 127.0.0.1:15001/nofront:1: not found",
    ),
    "The `# syntax=` line of the Dockerfile names the image `127.0.0.1:15001/nofront:1`, which its registry does not have.",
  ],
  [
    "a path that was not sent",
    build("FROM a:1\nCOPY nothere /x", 'failed to compute cache key: "/nothere" not found: not found'),
    "The files that were sent have no `/nothere`. Check the path in COPY or ADD, what the ignore file excludes, and `context`.",
  ],
  [
    "a path that was not sent, by a newer builder",
    build(
      "FROM a:1\nCOPY nothere /x",
      'failed to solve: failed to compute cache key: failed to calculate checksum of ref a1::b2: "/nothere": not found',
    ),
    "The files that were sent have no `/nothere`. Check the path in COPY or ADD, what the ignore file excludes, and `context`.",
  ],
  [
    "a path that was not sent, by the older builder",
    build(
      "FROM a:1\nCOPY nothere /x",
      "COPY failed: file not found in build context or excluded by .dockerignore: stat nothere: file does not exist",
    ),
    "The files that were sent have no `nothere`. Check the path in COPY or ADD, what the ignore file excludes, and `context`.",
  ],
  [
    "a heredoc",
    build(
      "FROM a:1\nRUN <<EOF\necho one\nEOF",
      "failed to solve with frontend dockerfile.v0: failed to create LLB definition: dockerfile parse error line 3: unknown instruction: ECHO",
    ),
    "The runner's builder does not support heredocs (`<<EOF`) by default. Begin the Dockerfile with the line `# syntax=docker/dockerfile:1`, or write the step without a heredoc.",
  ],
  [
    "a mount for the older builder",
    build(
      "FROM a:1\nRUN --mount=type=cache,target=/c true",
      "the --mount option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn how to build images with BuildKit enabled",
    ),
    "The runner builds with Docker's older builder, which does not support `--mount`. Write the step without it, or build the image elsewhere and let Daytona pull it.",
  ],
  [
    "a build that is too large",
    build("FROM a:1", "Snapshot size (1.08GB) exceeds maximum allowed size of 1GB"),
    "This is a limit of the organization. For an image that Daytona builds, the uncompressed size counts; for one that it pulls, the compressed size. Make the image smaller, or build it elsewhere and let Daytona pull it (`image`, `local_image`).",
  ],
  [
    "a pull that is too large",
    pull("a:1", "Snapshot size (1.08GB) exceeds maximum allowed size of 1GB"),
    "This is a limit of the organization. For an image that Daytona pulls, the compressed size counts. Make the image smaller, or ask Daytona for a larger limit.",
  ],
  [
    "a full registry, for a pull",
    pull("a:1", "received unexpected HTTP status: 507 Insufficient Storage"),
    "The image was pulled, but Daytona's own registry has no room to store it. The source is not the cause. Try again later, or contact the operator of the Daytona server.",
  ],
  [
    "a full registry, for a build",
    build("FROM a:1", "received unexpected HTTP status: 507 Insufficient Storage"),
    "The image was built, but Daytona's own registry has no room to store it. The source is not the cause. Try again later, or contact the operator of the Daytona server.",
  ],
  ["another registry that is full", pull("a:1", V2("docker.io/a:1", "status: 507 Insufficient Storage")), ""],
  [
    "a push that was refused",
    pull("a:1", "failed to push image: unauthorized to access repository: daytona/x, action: push"),
    "The image was pulled, but Daytona's own registry did not accept it. The source is not the cause. Try again later, or contact the operator of the Daytona server.",
  ],
  [
    "a build context that is gone",
    build(
      "FROM a:1",
      "unprocessable entity: failed to get tar from storage with hash 00: failed to read object data: The specified key does not exist.",
    ),
    "The object storage no longer has the build context. Run apply again, which uploads it again.",
  ],
  [
    "a build context that cannot be read",
    build("FROM a:1", "failed to get tar from storage with hash 00: failed to read object data: Access Denied."),
    "The runner could not read the build context from the object storage. The source is not the cause. Try again later, or contact the operator of the Daytona server.",
  ],
  [
    "an unfinished job, for a build",
    build("FROM a:1", "An operation is already in progress for this resource"),
    "A runner has an unfinished job for the same source: for another snapshot, perhaps one of another organization, or a job that was lost when a runner restarted. A lost job ends the next time that runner restarts, or after two hours, when the server gives up on it. Run apply again later. Changing `triggers` also helps: a Dockerfile with another text is another source.",
  ],
  [
    "an unfinished job, for a pull",
    pull("a:1", "An operation is already in progress for this resource"),
    "A runner has an unfinished job for the same source: for another snapshot, perhaps one of another organization, or a job that was lost when a runner restarted. A lost job ends the next time that runner restarts, or after two hours, when the server gives up on it. Run apply again later.",
  ],
  [
    "a build that the server has given up",
    build("FROM a:1", "Job timed out - no update received for 120 minutes"),
    "No runner reported on the build for 120 minutes: the runner was lost, or it takes longer than that. The server has given up on the job, so it does not block another one: run apply again.",
  ],
  [
    "a pull that the server has given up",
    pull("a:1", "Job timed out - no update received for 120 minutes"),
    "No runner reported on the pull for 120 minutes: the runner was lost, or it takes longer than that. The server has given up on the job, so it does not block another one: run apply again.",
  ],
  [
    "a lost job",
    pull("a:1", "Job 4d1ef00b-0000-4000-8000-000000000000 timed out after 30000ms"),
    "No runner responded in time. This is temporary: run apply again.",
  ],
  [
    "an hour without news",
    build("FROM a:1", "Timeout processing snapshot on initial runner"),
    "The server gave up after an hour without an update from the runner, for example because the runner restarted. Run apply again.",
  ],
  [
    "a digest",
    pull("a@sha256:00", "bad request: Error response from daemon: invalid reference format"),
    "This release of the server cannot pull an image by its digest. Run apply again: it then creates the snapshot through a build from the image.",
  ],
  ["another broken reference", pull("a:1", "invalid reference format"), ""],
  ["nothing that is known", pull("a:1", "the disk is on fire"), ""],
  ["no reason", pull("a:1", ""), ""],
])("%s", (_what, dto, advice) => expect(told(dto)).toBe(advice));

test("nothing is said of registries for a command of the build that failed with such words of its own", () => {
  for (const reason of [
    "executor failed running [/bin/sh -c curl https://ghcr.io/v2/x]: dial tcp: connection refused: exit code: 7",
    'failed to solve: process "/bin/sh -c wget https://reg.test/v2/" did not complete successfully: x509: certificate',
    "failed to load cache key: Get https://example.com/x: dial tcp: i/o timeout",
  ])
    expect(told(build("FROM ghcr.io/a/b:1\nADD https://example.com/x /x", reason))).toBe("");
});

test("other tools say it in their words", () => {
  const { advice } = { advice: told(pull("a:1", "Job x timed out after 30000ms"), cliWords) };
  expect(advice).toBe("No runner responded in time. This is temporary: run this command again.");
});

test("what passes by itself, and what never reached the builder", () => {
  const reasons = {
    clash: "An operation is already in progress for this resource",
    lost: "Job 1 timed out after 30000ms",
    full: "received unexpected HTTP status: 507 Insufficient Storage",
    context: "failed to get tar from storage with hash 00: x",
    step: "executor failed running [Job 1 timed out after 30000ms]: exit code: 1",
  };
  const of = (errorReason: string | null) => ({ errorReason }) as SnapshotDto;
  expect(Object.entries(reasons).flatMap(([name, it]) => (passingTrouble(of(it)) === null ? [] : [name]))).toEqual([
    "clash",
    "lost",
  ]);
  expect(Object.entries(reasons).flatMap(([name, it]) => (reachedTheBuilder(of(it)) ? [name] : []))).toEqual(["step"]);
  expect([passingTrouble(of(null)), reachedTheBuilder(of(null))]).toEqual([null, true]);
});
