import { cliWords } from "../../../../provider/cli/words";
import { libraryWords } from "../../../../provider/library/words";
import { toolWords as pulumiWords } from "../../../../provider/pulumi/shared/words";
import type { SnapshotInputs } from "../../../../provider/resources/snapshot";
import type { ToolWords } from "../../../../provider/kit/words";
import { toolWords } from "../../../../provider/terraform/words";
import { bench, type Bench, context, plan, recordOf } from "../support";

let b: Bench;
beforeAll(async () => void (b = await bench()));
afterEach(() => b.local.control.reset());
afterAll(() => b.close());

/** The lines of the message for a snapshot that failed for this reason. */
async function toldFor(
  inputs: Partial<SnapshotInputs>,
  reason: string,
  words: ToolWords = toolWords(),
): Promise<string[]> {
  b.local.control.source({ name: "agent", outcome: "fail", reason });
  const { error } = await b.lifecycle.create(plan(null, {}, { name: "agent", ...inputs }).planned, context({ words }));
  return (error?.detail ?? "no error").split("\n");
}

const KEPT =
  "The failed snapshot is kept. Fix the cause and run apply again, which deletes and recreates the failed snapshot.";
const DAEMON =
  "Error response from daemon: errors:\ndenied: requested access to the resource is denied\nunauthorized: unauthorized to access repository: other/private, action: pull";
const advice = (host: string, what = "image"): string =>
  `The registry ${host} did not let Daytona pull the ${what}. If the image is private, create a \`daytona_registry\` for ${host} and add it to the snapshot's \`depends_on\`, or correct the existing one; \`daytona-iac doctor\` lists them. Many registries respond the same way if there is no such image, so check its name as well.`;

test("the whole message, for the reasons that both kinds of runner gave", async () => {
  expect(await toldFor({ image: "127.0.0.1:13006/other/private:1" }, `unauthorized: ${DAEMON}`)).toEqual([
    ...`Reason: unauthorized: ${DAEMON}.`.split("\n"),
    advice("`127.0.0.1:13006`"),
    KEPT,
  ]);
  b.local.control.reset();
  const v2 = `Snapshot 127.0.0.1:13006/other/private:1 failed to inspect in registry on runner f8c55b76-c6c1-4930-89aa-89705d2164b5. Error: ${DAEMON}`;
  expect(await toldFor({ image: "127.0.0.1:13006/other/private:1" }, v2)).toEqual([
    ...`Reason: ${v2}.`.split("\n"),
    advice("`127.0.0.1:13006`"),
    KEPT,
  ]);
});

test.each([
  [
    "example/fail-mwri2icx:1",
    "failed to pull image: Error response from daemon: pull access denied for example/fail-mwri2icx:1, repository does not exist or may require 'docker login'",
    "`docker.io`",
  ],
  ["private:1", "unauthorized: authentication required", "`docker.io`"],
  ["index.docker.io/team/private:1", "denied: requested access to the resource is denied", "`docker.io`"],
  [
    "ghcr.io/team/private:1",
    'Error response from daemon: Head "https://ghcr.io/v2/team/private/manifests/1": denied',
    "`ghcr.io`",
  ],
  [
    "ghcr.io/team/private:1",
    "unexpected status from HEAD request to https://ghcr.io/v2/team/private/manifests/1: 403 Forbidden",
    "`ghcr.io`",
  ],
  [
    "registry.example.com:5000/private:1",
    "Error response from daemon: received unexpected HTTP status: 401",
    "`registry.example.com:5000`",
  ],
  [
    "1.dkr.ecr.us-east-1.amazonaws.com/private:1",
    "Error response from daemon: no basic auth credentials",
    "`1.dkr.ecr.us-east-1.amazonaws.com`",
  ],
  [
    "us-docker.pkg.dev/team/images/private:1",
    'denied: Permission "artifactregistry.repositories.downloadArtifacts" denied on resource',
    "`us-docker.pkg.dev`",
  ],
])("a pull of %s that ends in %j names the registry", async (image, reason, host) => {
  expect(await toldFor({ image }, reason)).toContain(advice(host));
});

const BUILD =
  "failed to solve with frontend dockerfile.v0: failed to create LLB definition: failed to authorize: rpc error: code = Unknown desc = failed to fetch anonymous token: unexpected status from GET request to http://127.0.0.1:13006/service/token?scope=repository%3Aother%2Fprivate%3Apull&service=harbor-registry: 401 Unauthorized";

test.each([
  ["FROM 127.0.0.1:13006/other/private:1\nRUN true", `unprocessable entity: ${BUILD}`, "`127.0.0.1:13006`"],
  ["FROM 127.0.0.1:13006/other/private:1\nRUN true", BUILD, "`127.0.0.1:13006`"],
  // Which of several it was stands in the address that was asked.
  ["FROM ubuntu:24.04 AS a\nFROM 127.0.0.1:13006/other/private:1\nCOPY --from=a /x /x", BUILD, "`127.0.0.1:13006`"],
  [
    "ARG TAG=1\nFROM ghcr.io/team/base:${TAG} AS a\nFROM quay.io/team/base:1\nCOPY --from=a /x /x",
    "failed to solve: ghcr.io/team/base:1: failed to resolve source metadata for ghcr.io/team/base:1: failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://ghcr.io/token: 401 Unauthorized",
    "`ghcr.io`",
  ],
  [
    "FROM python:3.99\nCOPY --from=ghcr.io/team/tools:1 /x /x",
    "failed to solve: failed to resolve source metadata for docker.io/library/python:3.99: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
    "`docker.io`",
  ],
  [
    "FROM python:3.99\nRUN --mount=from=ghcr.io/team/tools:1,target=/t true",
    'Error response from daemon: Head "https://ghcr.io/v2/team/tools/manifests/1": unauthorized',
    "`ghcr.io`",
  ],
  // Nothing tells which: both are named, and a stage is none.
  [
    "FROM scratch AS none\nFROM quay.io/team/a:1 AS a\nFROM a\nCOPY --from=ghcr.io/team/b:1 /x /x\nCOPY --from=none /y /y\nCOPY --from=0 /z /z",
    "unprocessable entity: unauthorized: authentication required",
    "`quay.io` or `ghcr.io`",
  ],
])("a build of %j whose base image is refused names the registry", async (dockerfileContent, reason, host) => {
  expect(await toldFor({ dockerfileContent }, reason)).toContain(advice(host, "base image"));
});

test("an image with a digest is built, and spoken of as what it is", async () => {
  const image = `127.0.0.1:13006/other/private:1@sha256:${"3".repeat(64)}`;
  b.local.control.source({ name: "agent", outcome: "fail", reason: `unprocessable entity: ${BUILD}` });
  const { error } = await b.lifecycle.create(plan(null, {}, { name: "agent", image }).planned, context());
  expect(error?.detail.split("\n")).toContain(advice("`127.0.0.1:13006`"));
  expect(error?.attribute).toEqual(["image"]);
  expect(error?.summary).toBe('creating snapshot "agent": the build failed (state `error`)');
});

test("a Dockerfile that cannot be read leaves the name of the registry open", async () => {
  expect(await toldFor({ dockerfileContent: "FROM $BASE\nRUN true" }, BUILD)).toContain(
    "The registry of the base image did not let Daytona pull it. If the image is private, create a `daytona_registry` for that registry and add it to the snapshot's `depends_on`, or correct the existing one; `daytona-iac doctor` lists them. Many registries respond the same way if there is no such image, so check its name as well.",
  );
});

test.each<[string, Partial<SnapshotInputs>, string]>([
  [
    "an image that is not there",
    { image: "ubuntu:0" },
    "not found: Error response from daemon: manifest unknown: manifest unknown",
  ],
  ["a full registry", { image: "ubuntu:24.04" }, "received unexpected HTTP status: 507 Insufficient Storage"],
  ["a file of the runner", { image: "ubuntu:24.04" }, "open /var/lib/docker/tmp/x: permission denied"],
  [
    "a push to Daytona's own registry",
    { image: "ubuntu:24.04" },
    "failed to push image: unauthorized to access repository: daytona/x, action: push",
  ],
  [
    "an image that was pushed there",
    { image: "127.0.0.1:6000/daytona/agent-20261127093000123:v2-" + "0".repeat(64) },
    "unauthorized: authentication required",
  ],
  [
    "a RUN",
    { dockerfileContent: "FROM ubuntu:24.04\nRUN x" },
    'failed to solve: process "/bin/sh -c curl https://ghcr.io/v2/team/x/manifests/1 # 403 Forbidden, denied" did not complete successfully: exit code: 1',
  ],
  [
    "a RUN of the old builder",
    { dockerfileContent: "FROM ubuntu:24.04\nRUN x" },
    "unprocessable entity: denied: The command '/bin/sh -c x' returned a non-zero code: 1",
  ],
  [
    "an ADD from the network",
    { dockerfileContent: "FROM ubuntu:24.04\nADD https://example.com/x /x" },
    "failed to solve: failed to load cache key: invalid response status 403",
  ],
  [
    "the storage of build contexts",
    { dockerfileContent: "FROM ubuntu:24.04\nRUN x" },
    "unprocessable entity: failed to get tar from storage with hash 00: failed to read object data: Access Denied.",
  ],
])("nothing is said of registries for %s", async (_what, inputs, reason) => {
  const told = await toldFor(inputs, reason);
  expect(told[0]).toBe(`Reason: ${reason.replace(/\.$/, "")}.`);
  expect(told.at(-1)).toBe(KEPT);
  expect(told.join("\n")).not.toContain("did not let Daytona pull");
});

test.each<[string, ToolWords, string]>([
  [
    "Pulumi",
    pulumiWords("agent", "native"),
    "create a `Registry` for `ghcr.io` and add it to the snapshot's `dependsOn`, or correct the existing one",
  ],
  [
    "the command line",
    cliWords,
    "create a registry for `ghcr.io` with `daytona-iac registry create`, or correct the existing one",
  ],
  [
    "the library",
    libraryWords,
    "create a registry for `ghcr.io` with `daytona-iac registry create`, or correct the existing one",
  ],
])("%s says it in its own words", async (_face, words, clause) => {
  const told = await toldFor({ image: "ghcr.io/team/private:1" }, "denied: denied", words);
  expect(told[1]).toBe(
    `The registry \`ghcr.io\` did not let Daytona pull the image. If the image is private, ${clause}; \`daytona-iac doctor\` lists them. Many registries respond the same way if there is no such image, so check its name as well.`,
  );
});

test("a swap says it of its successor", async () => {
  const record = recordOf(
    await b.lifecycle.create(plan(null, {}, { name: "agent", image: "ubuntu:24.04" }).planned, context()),
  );
  b.local.control.source({ image: "ghcr.io/team/private:1", outcome: "fail", reason: "denied: denied" });
  const outcome = await b.lifecycle.update(
    record,
    {},
    plan(record, {}, { name: "agent", image: "ghcr.io/team/private:1" }).planned,
    context(),
  );
  expect(outcome.error?.detail.split("\n")).toEqual([
    "Reason: denied: denied.",
    advice("`ghcr.io`"),
    "The old snapshot is unchanged and still usable.",
    "Fix the cause and run apply again.",
  ]);
});
