import type { ImageResolution, ImageResolver } from "../../../../provider/lifecycle/resolve/contract";
import { planFor } from "../../../../provider/lifecycle/plan-for";
import { snapshotDefinition } from "../../../../provider/resources/snapshot/definition";
import { recordAfter, type SnapshotRecord, toCreateBody, type Written } from "../../../../provider/resources/snapshot";
import { UNKNOWN } from "../../../../provider/kit/unknown";
import { toolWords } from "../../../../provider/terraform/words";
import { created, plan, written } from "../../resources/snapshot/model";

/** Which plans ask a registry. */

const digest = `sha256:${"a".repeat(64)}`;
function registry(answer: ImageResolution = { kind: "resolved", digest, platforms: null }) {
  const asked: string[] = [];
  const images: ImageResolver = { resolve: (image) => (asked.push(image), Promise.resolve(answer)) };
  return { asked, images };
}
const program = (some: Partial<Written> = {}): Written => written({ name: "agent", image: "team/app:1", ...some });
const planned = (prior: SnapshotRecord | null, some: Partial<Written>, images: ImageResolver | null) =>
  planFor(snapshotDefinition, {
    prior,
    marks: {},
    written: program(some),
    providerRegion: () => null,
    face: "terraform",
    words: toolWords(),
    sources: { prepare: () => Promise.resolve(null) },
    images,
  });

function record(some: Partial<Written> = {}, more: Partial<SnapshotRecord> = {}): SnapshotRecord {
  const made = plan(null, program(some)).planned;
  return { ...recordAfter(made, created(toCreateBody(made))), ...more };
}

test.each<[string, SnapshotRecord | null, Partial<Written>, boolean]>([
  ["a create", null, {}, true],
  ["a create of a digest", null, { image: `team/app:1@${digest}` }, false],
  ["a create of an image that is unknown", null, { image: UNKNOWN }, false],
  ["a create of a Dockerfile", null, { image: null, dockerfileContent: "FROM a:1" }, false],
  ["no change, without a digest in the state", record(), {}, false],
  ["no change, with one", record({}, { imageDigest: digest }), {}, true],
  ["no change, with track_tag", record({ trackTag: true }), { trackTag: true }, true],
  ["a change of the state alone", record(), { adoptExisting: true }, false],
  ["a swap", record(), { cpu: 3 }, true],
  ["a replacement", record({ replacement: "recreate" }), { replacement: "recreate", cpu: 3 }, true],
  ["a failed snapshot", record({}, { state: "error" }), {}, true],
  ["an activation", record({}, { state: "inactive", active: false }), {}, true],
  ["a deactivation", record(), { active: false }, false],
])("%s", async (_, prior, some, asks) => {
  const { asked, images } = registry();
  await planned(prior, some, images);
  expect(asked).toEqual(asks ? ["team/app:1"] : []);
  // Off: nobody is asked, and nothing is known.
  expect((await planned(prior, some, null)).plan).not.toBeNull();
});

test("no plan fails because of a registry", async () => {
  const { images } = registry({ kind: "unasked", reason: "ghcr.io did not respond within 5 seconds" });
  const { plan: found, wrong } = await planned(null, { pinDigest: true }, images);
  expect(wrong).toBeNull();
  expect(found?.planned.imageDigest).toBe(UNKNOWN);
  expect((await planned(null, {}, images)).plan).toMatchObject({ warnings: [], planned: { imageDigest: null } });
});
