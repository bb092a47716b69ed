import { writeFileSync } from "node:fs";
import { putImage } from "../../../unit/lifecycle/resolve/images";
import { withTools } from "../../../unit/lifecycle/publish/image/docker";
import { type Registry, startRegistry } from "../../../unit/lifecycle/publish/image/real";
import { setup } from "../setup";
import { ground, head } from "./drift-project";

jest.setTimeout(240_000);

const { api } = setup();
const here = ground(api);

/** Tags of a real registry that have moved since a real Terraform applied. */
withTools(["docker-registry", "skopeo"], "a tag that has moved since", () => {
  let registry: Registry;
  beforeAll(async () => void (registry = await startRegistry()));
  afterAll(() => registry.stop());

  test("is told from drift and from what is not applied; a tracked one is a change of the plan", async () => {
    const { env, applied, run, tool } = here();
    env["DAYTONA_RESOLVE_TAGS"] = "true";
    const [image, still] = [`${registry.host}/team/app:1`, `${registry.host}/team/still:1`];
    const a = putImage(image, "a");
    putImage(still, "still");
    const block = (name: string, body: string): string =>
      `resource "daytona_snapshot" "${name}" {\n  name = "${name}"\n  ${body}\n}\n`;
    const [loose, pinned, unmoved] = [
      block("loose", `image = "${image}"`),
      block("pinned", `image = "${image}"\n  pin_digest = true`),
      block("unmoved", `image = "${still}"`),
    ];
    await applied(loose + pinned + unmoved + block("tracked", `image = "${image}"\n  track_tag = true`));
    expect(await run()).toMatchObject({
      code: 0,
      report: { verdict: "No drift in 4 snapshots.", counts: { movedTags: 0 } },
    });

    api().control.moveTag(image);
    const b = putImage(image, "b");
    const { code, report } = await run();
    expect(code).toBe(3);
    const told = (found: typeof report) =>
      Object.fromEntries(
        found.snapshots.map(({ name, drifted, notApplied, movedTag, summary }) => [
          name,
          { drifted, notApplied, summary, moved: movedTag && [movedTag.image, movedTag.from, movedTag.to] },
        ]),
      );
    const quiet = { drifted: false, notApplied: false, summary: "" };
    expect(told(report)).toEqual({
      loose: { ...quiet, moved: [image, a, b] },
      pinned: { ...quiet, moved: [image, a, b] },
      unmoved: { ...quiet, moved: null },
      tracked: {
        drifted: false,
        notApplied: true,
        summary: "The tag has moved, so the plan replaces the snapshot, but has not been applied.",
        moved: null,
      },
    });
    expect(report.snapshots[0]!.programChanges).toEqual([{ attribute: "imageDigest", from: a, to: b }]);

    // The state alone, without the program: nothing is pending.
    writeFileSync("state.json", (await tool("state", "pull")).stdout);
    const state = await run("--state", "state.json");
    expect([state.code, state.report.counts.movedTags]).toEqual([0, 3]);
    const off = await run("--state", "state.json", "--no-resolve-tags");
    expect([off.code, off.report.counts.movedTags, off.report.sources[0]!.notes]).toEqual([0, 0, []]);
    // The flag reaches the plan as well: it asks nothing, so it cannot see that the tag has moved.
    expect(await run("--no-resolve-tags")).toMatchObject({
      code: 0,
      report: { counts: { notApplied: 0, movedTags: 0 } },
    });

    // A change by the tag does not bring the new content for sure; one by the digest does.
    writeFileSync(
      "main.tf",
      head +
        block("loose", `image = "${image}"\n  triggers = { week = "2" }`) +
        block("pinned", `image = "${image}"\n  pin_digest = true\n  triggers = { week = "2" }`),
    );
    const changed = await run("--", "-target=daytona_snapshot.loose", "-target=daytona_snapshot.pinned");
    expect(changed.code).toBe(3);
    expect(told(changed.report)).toMatchObject({
      loose: { notApplied: true, moved: [image, a, b] },
      pinned: { notApplied: true, moved: null },
    });
  });
});
