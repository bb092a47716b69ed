import { type Registry, startRegistry } from "../../../unit/lifecycle/publish/image/real";
import { putImage } from "../../../unit/lifecycle/resolve/images";
import { PATIENCE, describeWithTools, ok } from "../setup";
import { setup } from "./setup";

jest.setTimeout(PATIENCE);

describeWithTools(
  "the dynamic provider under the real engine: a tag of a real registry that moves",
  ["pulumi", "pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs", "docker-registry", "skopeo"],
  () => {
    const { api, stack } = setup();
    let registry: Registry;
    beforeAll(async () => void (registry = await startRegistry()));
    afterAll(() => registry.stop());

    test("is noted, is a change with trackTag, and is not asked for where resolveTags is off", async () => {
      const image = `${registry.host}/team/app:1`;
      const program = (more: Record<string, unknown> = {}) => ({ agent: { name: "agent", image, ...more } });
      const a = putImage(image, "a");
      const s = (await stack({ env: { DAYTONA_RESOLVE_TAGS: "" } })).snapshots(program({ pinDigest: true }));
      ok(await s.up());
      expect((await s.state())["agent"]?.outputs).toMatchObject({ image, imageDigest: a });
      expect(api().control.contentOf("agent")).toBe(a);

      api().control.moveTag(image);
      const b = putImage(image, "b");
      const noted = ok(await s.preview("--expect-no-changes")).text;
      expect(noted).toContain('The tag of snapshot "agent" has moved');
      expect(noted).toContain(b);
      ok(await s.drift());

      s.snapshots(program({ trackTag: true }));
      expect(ok(await s.preview()).text).toContain(`The tag ${image} has moved from ${a} to ${b}`);
      ok(await s.run(["up", "--yes"]));
      expect((await s.state())["agent"]?.outputs).toMatchObject({ image, imageDigest: b });
      expect(api().control.contentOf("agent")).toBe(b);
      ok(await s.up("--expect-no-changes"));

      api().control.moveTag(image);
      putImage(image, "c");
      ok(await s.run(["config", "set", "daytona:resolveTags", "false"]));
      ok(await s.preview("--expect-no-changes"));
      ok(await s.destroy());
    });
  },
);
