import { planFor, type PlanForRequest } from "../../../provider/lifecycle/plan-for";
import { nothingWritten, type Written } from "../../../provider/resources/snapshot";
import { snapshotDefinition } from "../../../provider/resources/snapshot/definition";
import { SourceError } from "../../../provider/source/prepare";
import type { SourceReader } from "../../../provider/source/source-reader";
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
