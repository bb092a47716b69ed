import { planFor, type PlanForRequest } from "../../../provider/lifecycle/plan-for";
import { nothingWritten, type SnapshotRecord, type Written } from "../../../provider/resources/snapshot";
import { snapshotDefinition } from "../../../provider/resources/snapshot/definition";
import { UNKNOWN } from "../../../provider/kit/unknown";
import { NOTHING } from "../resources/snapshot/nothing";
import { SourceError } from "../../../provider/source/prepare";
import type { SourceReader } from "../../../provider/source/source-reader";
import { toolWords as pulumiWords } from "../../../provider/pulumi/shared/words";
import { toolWords } from "../../../provider/terraform/words";

const hash = `v2:${"a".repeat(64)}`;
const notice = { attribute: ["dockerfile"], summary: "Dockerfile not readable", detail: "There is none." };

function request(
  written: Partial<Written>,
  text: string | Error = "FROM a:1",
): { request: PlanForRequest; asked: string[] } {
  const asked: string[] = [];
  const sources: SourceReader = {
    prepare: (inputs) => {
      asked.push("source");
      if (text instanceof Error) return Promise.reject(text);
      return Promise.resolve(
        inputs.dockerfile === null
          ? null
          : {
              source: { text, hash, contextHashes: [] },
              archives: [],
              image: null,
              warnings: [{ summary: "A file is missing", detail: "" }],
            },
      );
    },
  };
  return {
    asked,
    request: {
      prior: null,
      marks: {},
      written: { ...nothingWritten(), name: "agent", ...written },
      providerRegion: () => (asked.push("region"), "us"),
      face: "terraform",
      words: toolWords(),
      sources,
    },
  };
}

test("a program is validated, read and planned, with what its source warns of", async () => {
  const { request: asked, asked: order } = request({ dockerfile: "Dockerfile" });
  const { plan, wrong } = await planFor(snapshotDefinition, asked);
  expect(wrong).toBeNull();
  expect(plan).toMatchObject({
    action: "create",
    planned: { sourceHash: hash, region: "us", prepared: { text: "FROM a:1" } },
    warnings: [{ summary: "A file is missing" }],
  });
  expect(order).toEqual(["source", "region"]);
});

test("nothing is read for a program that is wrong, unless it was validated before", async () => {
  const { request: asked, asked: order } = request({ image: "ubuntu:24.04", cpu: 0 });
  expect(await planFor(snapshotDefinition, asked)).toEqual({
    plan: null,
    build: null,
    wrong: { what: "program", notices: [expect.objectContaining({ attribute: ["cpu"] })] },
  });
  expect(order).toEqual([]);
  expect((await planFor(snapshotDefinition, { ...asked, validated: true })).plan).toMatchObject({
    planned: { cpu: 0 },
  });
});

test.each([
  ["triggers", `FROM a:1\n# daytona-iac triggers ${"0".repeat(64)}\n`, "# daytona-iac triggers …"],
  ["an image with a digest", "FROM a:1\n# daytona-iac image\n", "# daytona-iac image"],
])("a file whose last line is reserved for %s is refused", async (what, text, line) => {
  const refused = await planFor(snapshotDefinition, request({ dockerfile: "Dockerfile" }, text).request);
  expect(refused.wrong).toEqual({
    what: "request",
    notices: [
      {
        attribute: ["dockerfile"],
        summary: "Invalid Dockerfile",
        detail: `The Dockerfile ends in the comment line that is reserved for ${what} (${line}). Remove that line.`,
      },
    ],
  });
});

test("a source that cannot be read, and a request that is too large, are told apart", async () => {
  expect(
    await planFor(snapshotDefinition, request({ dockerfile: "Dockerfile" }, new SourceError(notice)).request),
  ).toEqual({ plan: null, build: null, wrong: { what: "source", notices: [notice] } });
  const large = await planFor(
    snapshotDefinition,
    request({ dockerfile: "Dockerfile" }, `FROM a:1\n${"#".repeat(110_000)}`).request,
  );
  expect(large).toMatchObject({
    plan: null,
    wrong: { what: "request", notices: [{ summary: "Dockerfile too large" }] },
  });
});

test("what cannot be read is planned as a change where the face wants that", async () => {
  const { plan: first } = await planFor(snapshotDefinition, request({ dockerfile: "Dockerfile" }).request);
  const prior = {
    ...first!.planned,
    id: "id",
    state: "active",
    active: true,
    regionIds: null,
    entrypoint: null,
  } as unknown as PlanForRequest["prior"];
  const { request: asked } = request({ dockerfile: "Dockerfile" }, new SourceError(notice));
  expect(await planFor(snapshotDefinition, { ...asked, prior, unread: true })).toMatchObject({
    plan: { action: "swap", changed: expect.arrayContaining(["sourceHash"]) },
    wrong: { what: "source" },
  });
});

test("any other failure of the reader is passed on: an interrupt is no source error", async () => {
  await expect(
    planFor(snapshotDefinition, request({ dockerfile: "Dockerfile" }, new Error("aborted")).request),
  ).rejects.toThrow("aborted");
});

describe("a replacement whose image is not known yet", () => {
  const prior: SnapshotRecord = {
    ...NOTHING,
    id: "00000000-0000-4000-8000-000000000001",
    name: "agent",
    image: "ubuntu:24.04",
    state: "active",
    active: true,
    replacement: "recreate",
    pinDigest: true,
  };
  const planned = async (written: Partial<Written>, more: Partial<PlanForRequest> = {}) => {
    const { request: asked } = request({ image: UNKNOWN, replacement: "recreate", pinDigest: true, ...written });
    const { plan } = await planFor(snapshotDefinition, { ...asked, prior, validated: true, ...more });
    return plan!;
  };

  test("warns, where its digest is needed: the delete comes before a registry can be asked", async () => {
    const { action, warnings } = await planned({});
    expect(action).toBe("replace");
    expect(warnings).toContainEqual({
      summary: 'The new image of snapshot "agent" is not known yet',
      detail:
        "pin_digest needs its digest, and the replacement deletes the current snapshot before a registry can be asked for it, unless create_before_destroy is set. If no registry returns the digest at that point, apply fails, and no snapshot is left. To be safe, first create the resource that image comes from (`terraform apply -target=ADDRESS`).",
      attribute: ["image"],
    });
  });

  test.each<[string, Partial<Written>, Partial<PlanForRequest>]>([
    ["no digest is needed", { pinDigest: false }, {}],
    ["the image is known", { image: "debian:12" }, {}],
    ["it is swapped", { replacement: "swap" }, {}],
    ["Pulumi plans again when it is known", {}, { face: "pulumi", words: pulumiWords("agent", "native") }],
    ["there is nothing yet", {}, { prior: null }],
  ])("does not where %s", async (_what, written, more) => {
    expect((await planned(written, more)).warnings.map(({ summary }) => summary).join()).not.toContain(
      "The new image of",
    );
  });
});
