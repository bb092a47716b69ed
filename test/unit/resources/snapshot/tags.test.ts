import type { SnapshotDto } from "../../../../provider/api/types";
import type { ImageResolution } from "../../../../provider/kit/image-resolution";
import { UNKNOWN } from "../../../../provider/kit/unknown";
import {
  differences,
  fromImport,
  observe,
  planSnapshot,
  recordAfter,
  sourceKey,
  sourceKeyOf,
  toCreateBody,
} from "../../../../provider/resources/snapshot";
import type { Marks, Planned, SnapshotPlan, SnapshotRecord, Written } from "../../../../provider/resources/snapshot";
import { toolWords } from "../../../../provider/terraform/words";
import { validateWritten } from "../../../../provider/resources/snapshot";
import { created, written } from "./model";

/** What a plan makes of a tag, by what the registry says of it. */

const A = `sha256:${"a".repeat(64)}`;
const B = `sha256:${"b".repeat(64)}`;
const now = (digest: string, platforms: string[] | null = null): ImageResolution => ({
  kind: "resolved",
  digest,
  platforms,
});
const REFUSED: ImageResolution = { kind: "refused", reason: "ghcr.io wants other credentials" };
const MISSING: ImageResolution = { kind: "missing", reason: "ghcr.io has no team/app:1" };
const IMAGE = "team/app:1";

const program = (some: Partial<Written> = {}): Written => written({ name: "agent", image: IMAGE, ...some });
function planOf(prior: SnapshotRecord | null, some: Partial<Written> = {}, marks: Marks = {}): SnapshotPlan {
  return planSnapshot({ prior, marks, written: program(some), providerRegion: null, words: toolWords() });
}

/** What is there after a program was applied. */
function made(some: Partial<Written> = {}, more: Partial<SnapshotRecord> = {}) {
  const { planned } = planOf(null, some);
  const dto: SnapshotDto = created(toCreateBody(planned as Planned));
  return { dto, record: { ...recordAfter(planned, dto), ...more } };
}
const texts = ({ warnings }: SnapshotPlan) => warnings.map(({ summary, detail }) => `${summary}: ${detail}`);
const bodyOf = (plan: SnapshotPlan) => toCreateBody({ ...plan.planned, name: "agent" } as Planned);
const pinnedText = (digest: string) => `FROM ${IMAGE}@${digest}\n# daytona-iac image\n`;

describe("a create", () => {
  it("plans the digest that the tag names, and pulls the tag", () => {
    const plan = planOf(null, { resolution: now(A) });
    expect(plan).toMatchObject({ action: "create", planned: { image: IMAGE, imageDigest: A }, warnings: [] });
    expect(bodyOf(plan)).toMatchObject({ imageName: IMAGE });
  });

  it.each([{ pinDigest: true }, { trackTag: true }])("is made from the digest with %j", (how) => {
    const plan = planOf(null, { ...how, resolution: now(A) });
    expect(plan).toMatchObject({ planned: { image: IMAGE, imageDigest: A }, warnings: [] });
    expect(bodyOf(plan)).toEqual({ name: "agent", buildInfo: { dockerfileContent: pinnedText(A) } });
    expect(bodyOf({ ...plan, planned: { ...plan.planned, entrypoint: ["sh"] } }).buildInfo?.dockerfileContent).toBe(
      `FROM ${IMAGE}@${A}\nENTRYPOINT ["sh"]\n# daytona-iac image\n`,
    );
  });

  it("has the digest of a literal one without an answer", () => {
    expect(planOf(null, { image: `${IMAGE}@${B}` })).toMatchObject({ planned: { imageDigest: B }, warnings: [] });
  });

  it.each([undefined, REFUSED, MISSING])("has none where the registry says %j", (resolution) => {
    expect(planOf(null, { resolution })).toMatchObject({ planned: { imageDigest: null }, warnings: [] });
    expect(planOf(null, { resolution, trackTag: true })).toMatchObject({ planned: { imageDigest: null } });
  });

  it.each([
    [undefined, "No registry was asked, because resolve_tags is false."],
    [REFUSED, "ghcr.io wants other credentials."],
    [MISSING, "ghcr.io has no team/app:1."],
  ])("with pin_digest asks again at apply where the registry says %j", (resolution, why) => {
    const plan = planOf(null, { resolution, pinDigest: true });
    expect(plan.planned.imageDigest).toBe(UNKNOWN);
    expect(texts(plan)).toEqual([
      `The digest of ${IMAGE} is not known yet: ${why} pin_digest needs the digest, so the apply asks for it again, and stops before it changes anything if there is no answer then.`,
    ]);
  });

  it("does not know the digest of an image that is unknown, and has none of another source", () => {
    expect(planOf(null, { image: UNKNOWN }).planned.imageDigest).toBe(UNKNOWN);
    expect(planOf(null, { image: null, dockerfileContent: "FROM a:1" }).planned.imageDigest).toBeNull();
  });

  it("warns of an image that no runner can start", () => {
    expect(texts(planOf(null, { resolution: now(A, ["linux/arm64", "linux/s390x"]) }))).toEqual([
      `${IMAGE} is not for linux/amd64: Daytona's runners are linux/amd64, but the image is for linux/arm64, linux/s390x only. No sandbox could be created from it. Use an image for linux/amd64, or build one with \`--platform linux/amd64\`.`,
    ]);
    for (const platforms of [["linux/arm64", "linux/amd64"], ["linux/amd64/v2"], null, []])
      expect(planOf(null, { resolution: now(A, platforms) }).warnings).toEqual([]);
  });
});

describe("a tag that has moved", () => {
  it("is a note that names both digests and what to do", () => {
    const { record } = made({ resolution: now(A) });
    const plan = planOf(record, { resolution: now(B) });
    expect(plan).toMatchObject({ action: "none", changed: [], planned: { imageDigest: A } });
    expect(texts(plan)).toEqual([
      `The tag of snapshot "agent" has moved: ${IMAGE} was ${A} when the snapshot was created, and is ${B} now. The snapshot keeps its content. To replace it whenever the tag moves, set track_tag to true. To replace it once, set pin_digest to true and change triggers.`,
    ]);
    expect(planOf(record, { resolution: now(A) })).toMatchObject({ action: "none", warnings: [] });
  });

  it("of a pinned snapshot is a note as well", () => {
    const how = { pinDigest: true };
    const { record } = made({ ...how, resolution: now(A) });
    const plan = planOf(record, { ...how, resolution: now(B) });
    expect(plan).toMatchObject({ action: "none", planned: { imageDigest: A } });
    expect(texts(plan)).toEqual([expect.stringContaining("To replace it once, change triggers.")]);
  });

  it("with track_tag is a swap to the new digest", () => {
    for (const pinDigest of [true, false]) {
      const { record } = made({ pinDigest, trackTag: true, resolution: now(A) });
      expect(planOf(record, { pinDigest, trackTag: true, resolution: now(A) })).toMatchObject({
        action: "none",
        warnings: [],
      });
      const plan = planOf(record, { pinDigest, trackTag: true, resolution: now(B) });
      expect(plan).toMatchObject({
        action: "swap",
        changed: ["imageDigest"],
        planned: { imageDigest: B, image: IMAGE },
      });
      expect(plan.planned.id).toBe(UNKNOWN);
      expect(bodyOf(plan).buildInfo?.dockerfileContent).toBe(pinnedText(B));
      expect(texts(plan)).toEqual([
        expect.stringContaining(
          `A swap replaces snapshot "agent": The tag ${IMAGE} has moved from ${A} to ${B}, which creates a new snapshot.`,
        ),
      ]);
    }
  });

  it("with track_tag and another change names both", () => {
    const { record } = made({ trackTag: true, resolution: now(A) });
    const plan = planOf(record, { trackTag: true, cpu: 3, resolution: now(B) });
    expect(texts(plan)[0]).toContain(`has moved from ${A} to ${B}, which with changing cpu creates`);
  });

  it("with track_tag and recreate is a replacement by the digest", () => {
    const how = { trackTag: true, replacement: "recreate" as const };
    const { record } = made({ ...how, resolution: now(A) });
    const plan = planOf(record, { ...how, resolution: now(B) });
    expect(plan).toMatchObject({ action: "replace", replaceBy: ["imageDigest"], planned: { imageDigest: B } });
    expect(bodyOf(plan).buildInfo?.dockerfileContent).toBe(pinnedText(B));
  });

  it("is followed by a snapshot that was pulled by its tag, once it is to track", () => {
    const { record } = made({ resolution: now(A) });
    expect(planOf(record, { trackTag: true, resolution: now(A) })).toMatchObject({
      action: "state-only",
      changed: ["trackTag"],
    });
    expect(planOf(record, { trackTag: true, resolution: now(B) })).toMatchObject({
      action: "swap",
      changed: ["imageDigest", "trackTag"],
    });
  });

  it("is not seen where no registry is to be asked", () => {
    const { record } = made({ trackTag: true, resolution: now(A) });
    expect(planOf(record, { trackTag: true })).toMatchObject({
      action: "none",
      planned: { imageDigest: A },
      warnings: [],
    });
  });

  it.each([REFUSED, MISSING])(
    "is not seen where the registry says %j, and the plan says that it is unknown",
    (resolution) => {
      const { record } = made({ trackTag: true, resolution: now(A) });
      const plan = planOf(record, { trackTag: true, resolution });
      expect(plan).toMatchObject({ action: "none", planned: { imageDigest: A } });
      expect(texts(plan)).toEqual([
        `It is unknown whether the tag of snapshot "agent" has moved: ${(resolution as { reason: string }).reason}. track_tag is true, but ${IMAGE} cannot be followed without an answer. The snapshot keeps its content.`,
      ]);
      // Nothing was promised without it.
      expect(planOf(record, { pinDigest: true, resolution }).warnings).toEqual([]);
    },
  );
});

describe("a digest that is not in the state", () => {
  it("is no change, and taken over by the next one", () => {
    const { record } = made();
    expect(record.imageDigest).toBeNull();
    expect(planOf(record, { resolution: now(A) })).toMatchObject({
      action: "none",
      planned: { imageDigest: null },
      warnings: [],
    });
    const timeouts = { create: "5m", update: null, delete: null };
    expect(planOf(record, { timeouts, resolution: now(A) })).toMatchObject({
      action: "state-only",
      planned: { imageDigest: A },
    });
  });

  it("leaves track_tag nothing to compare with, which a note says", () => {
    const { record } = made({ trackTag: true });
    expect(texts(planOf(record, { trackTag: true, resolution: now(A) }))).toEqual([
      expect.stringContaining('Snapshot "agent" cannot follow team/app:1 yet'),
    ]);
  });
});

describe("pin_digest", () => {
  it("replaces a snapshot that was pulled by its tag", () => {
    const { record } = made({ resolution: now(A) });
    const plan = planOf(record, { pinDigest: true, resolution: now(A) });
    expect(plan).toMatchObject({ action: "swap", changed: ["pinDigest"], planned: { imageDigest: A } });
    expect(bodyOf(plan).buildInfo?.dockerfileContent).toBe(pinnedText(A));
    expect(planOf(record, { pinDigest: UNKNOWN, resolution: now(A) })).toMatchObject({ action: "swap" });
  });

  it("that is taken back, or set where the digest is used already, is for the state alone", () => {
    const pinned = made({ pinDigest: true, resolution: now(A) }).record;
    expect(planOf(pinned, { resolution: now(A) })).toMatchObject({ action: "state-only", changed: ["pinDigest"] });
    const tracked = made({ trackTag: true, resolution: now(A) }).record;
    expect(planOf(tracked, { pinDigest: true, resolution: now(A) })).toMatchObject({
      action: "state-only",
      changed: ["pinDigest", "trackTag"],
    });
  });

  it("keeps the content in a change of something else, and takes that of the tag in one of triggers", () => {
    const { record } = made({ pinDigest: true, resolution: now(A) });
    const other = planOf(record, { pinDigest: true, cpu: 3, resolution: now(B) });
    expect(other).toMatchObject({ action: "swap", planned: { imageDigest: A } });
    expect(texts(other)[1]).toContain("has moved");
    const again = planOf(record, { pinDigest: true, triggers: { a: "1" }, resolution: now(B) });
    expect(again).toMatchObject({ action: "swap", planned: { imageDigest: B } });
    expect(again.warnings).toHaveLength(1);
    expect(bodyOf(again).buildInfo?.dockerfileContent).toContain(`FROM ${IMAGE}@${B}\n`);
    const failed = planOf({ ...record, state: "error" }, { pinDigest: true, resolution: now(B) });
    expect(failed).toMatchObject({ action: "rebuild", planned: { imageDigest: A } });
  });

  it("keeps the digest that it has where the registry cannot be asked, and says so", () => {
    const { record } = made({ pinDigest: true, resolution: now(A) });
    const plan = planOf(record, { pinDigest: true, triggers: { a: "1" }, resolution: REFUSED });
    expect(plan).toMatchObject({ action: "swap", planned: { imageDigest: A } });
    expect(texts(plan)[1]).toBe(
      `The digest of ${IMAGE} is unknown: the new snapshot keeps the digest of the current one: ghcr.io wants other credentials. The new snapshot is created from ${A}, the digest of ${IMAGE} when the current one was created.`,
    );
    const other = planOf(record, { pinDigest: true, image: "team/app:2", resolution: REFUSED });
    expect(other.planned.imageDigest).toBe(UNKNOWN);
  });

  it.each([
    [{ dockerfileContent: "FROM a:1" }, "dockerfile_content", true],
    [{ dockerfile: "Dockerfile" }, "dockerfile", true],
    [{ localImage: "agent:1" }, "local_image", false],
  ])("has no meaning with %j", (source, name, base) => {
    const of = (how: Partial<Written>) => validateWritten(program({ image: null, ...source, ...how }), "terraform");
    expect(of({ pinDigest: true, trackTag: true })).toEqual(
      ["pinDigest", "trackTag"].map((attribute) => ({
        attribute: [attribute],
        summary: expect.stringMatching(/^(pin_digest|track_tag) without an image$/),
        detail: expect.stringMatching(
          new RegExp(
            `the source is ${name}\\. Remove \\w+\\.${base ? " To pin a base image, write its digest in FROM\\." : ""}$`,
          ),
        ),
      })),
    );
    expect(of({ pinDigest: false, trackTag: false })).toEqual([]);
  });
});

describe("a tag that is not pinned", () => {
  const keeps = `but a runner does not pull a tag that it already has, even if the tag has moved in the registry since. ${IMAGE} was ${A} when the snapshot was created, and is ${B} now. To use the current content of the tag, set pin_digest or track_tag to true: the snapshot is then created from the digest.`;

  it.each<[string, Partial<Written>, Partial<SnapshotRecord>, string]>([
    ["triggers", { triggers: { a: "1" } }, {}, "Changing triggers creates a new snapshot"],
    ["another size", { cpu: 3 }, {}, "A new snapshot is created"],
    ["recreate", { cpu: 3, replacement: "recreate" }, {}, "A new snapshot is created"],
    ["a failure", {}, { state: "error" }, "A new snapshot is created"],
    ["an activation", {}, { state: "inactive", active: false }, "The activation pulls the image again"],
  ])("may keep the old content after it has moved, with %s", (_, change, state, does) => {
    const { record } = made({ resolution: now(A) }, state);
    const of = (resolution: ImageResolution | undefined) =>
      texts(planOf(record, { ...change, resolution })).filter((text) => text.includes("may keep the old content"));
    expect(of(now(B))).toEqual([`Snapshot "agent" may keep the old content of ${IMAGE}: ${does}, ${keeps}`]);
    expect(of(now(A))).toEqual([]);
    const unasked = of(REFUSED);
    expect(unasked).toHaveLength(change.triggers ? 1 : 0);
    for (const text of unasked) expect(text).toContain("since. ghcr.io wants other credentials. To use");
  });
});

describe("what the API says", () => {
  const { dto, record } = made({ pinDigest: true, resolution: now(A) });

  it("of a pinned snapshot is the tag of the program, in refresh, comparison and locks", () => {
    expect(observe(dto, record)).toEqual(record);
    expect(record).toMatchObject({ image: IMAGE, imageDigest: A, imageName: "" });
    const { planned } = planOf(null, { pinDigest: true, resolution: now(A) });
    expect(differences(planned, dto, { exact: true })).toEqual([]);
    expect(sourceKey(record)).toBe(sourceKeyOf(dto));
    expect(sourceKey(planned)).toBe(sourceKeyOf(dto));
    const unpinned = made({ resolution: now(A) });
    expect(sourceKey(unpinned.record)).toBe(sourceKeyOf(unpinned.dto));
  });

  it("is the same for a program without pin_digest, if the digest is", () => {
    expect(differences(planOf(null, { resolution: now(A) }).planned, dto)).toEqual([]);
    expect(differences(planOf(null, { resolution: now(B) }).planned, dto)).toHaveLength(1);
    expect(differences(planOf(null, {}).planned, dto)).toHaveLength(1);
  });

  it("is not the same for a pinned program, if it was pulled by its tag or has another digest", () => {
    const pulled = made({ resolution: now(A) }).dto;
    const of = (digest: string) => planOf(null, { pinDigest: true, resolution: now(digest) }).planned;
    expect(differences(of(A), pulled)).toEqual([`image: requested "${IMAGE}@${A}", found "${IMAGE}"`]);
    expect(differences(of(B), dto)).toHaveLength(1);
    expect(differences(planOf(null, { pinDigest: true }).planned, pulled)).toHaveLength(1);
  });

  it("of another way to make it is seen at refresh", () => {
    const pulled = made({ resolution: now(A) }).dto;
    const seen = observe({ ...pulled, id: record.id }, record);
    expect(seen.imageName).toBe(IMAGE);
    expect(planOf(seen, { pinDigest: true, resolution: now(A) }).action).toBe("swap");
  });

  it.each([`${IMAGE}@${A}`, `team/app@${A}`, `docker.io/team/app:1@${A}`])("of %s is imported for a tag", (image) => {
    const other = made({ image }).dto;
    const { record: imported, marks } = fromImport(other);
    expect(imported).toMatchObject({ image, imageDigest: A });
    for (const how of [{ pinDigest: true }, {}]) {
      const plan = planOf(imported, { ...how, resolution: now(A) }, marks);
      expect(plan).toMatchObject({ action: "state-only", planned: { image: IMAGE, imageDigest: A } });
      const next = { ...imported, ...(plan.planned as SnapshotRecord) };
      expect(observe(other, next)).toEqual(next);
      expect(planOf(next, { ...how, resolution: now(A) })).toMatchObject({ action: "none", warnings: [] });
    }
    expect(planOf(imported, { image: "team/other:1", resolution: now(A) }, marks).action).toBe("swap");
    expect(planOf(imported, { image: "team/app:2", resolution: now(B) }, marks).action).toBe("swap");
    const moved = planOf(imported, { pinDigest: true, resolution: now(B) }, marks);
    expect(moved.action).toBe(image.includes(":1@") ? "state-only" : "swap");
  });

  it("of a pinned tag is the same when the program writes the digest, and the other way round", () => {
    const plan = planOf(record, { image: `${IMAGE}@${A}` });
    expect(plan).toMatchObject({ action: "state-only", planned: { image: `${IMAGE}@${A}` } });
    const next = { ...record, ...(plan.planned as SnapshotRecord) };
    expect(planOf(next, { image: `${IMAGE}@${A}` }).action).toBe("none");
    expect(planOf(next, { pinDigest: true, resolution: now(A) }).action).toBe("state-only");
    const pulled = made({ resolution: now(A) }).record;
    expect(planOf(pulled, { image: `${IMAGE}@${A}` }).action).toBe("swap");
  });

  it("of Docker Hub has many names", () => {
    const hub = made({ image: `docker.io/library/ubuntu:24.04@${A}` }).dto;
    const { record: imported, marks } = fromImport(hub);
    for (const image of ["ubuntu:24.04", "library/ubuntu:24.04", "index.docker.io/library/ubuntu:24.04"])
      expect(planOf(imported, { image, pinDigest: true, resolution: now(A) }, marks).action).toBe("state-only");
    expect(planOf(imported, { image: "localhost:5000/ubuntu:24.04", resolution: now(A) }, marks).action).toBe("swap");
  });

  it("of an older state with a digest in the image changes nothing at refresh", () => {
    const literal = made({ image: `${IMAGE}@${A}` });
    const old = { ...literal.record, imageDigest: null };
    expect(observe(literal.dto, old)).toEqual(old);
    expect(planOf(old, { image: `${IMAGE}@${A}` })).toMatchObject({ action: "none", planned: { imageDigest: null } });
  });
});
