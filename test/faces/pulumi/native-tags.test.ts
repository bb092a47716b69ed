import { type Registry, startRegistry } from "../../unit/lifecycle/publish/image/real";
import { putImage } from "../../unit/lifecycle/resolve/images";
import { PATIENCE, agent, describeWithTools, ok, setup } from "./setup";

jest.setTimeout(PATIENCE);

describeWithTools(
  "the native provider under the real engine: a tag of a real registry that moves",
  ["pulumi", "pulumi-language-yaml", "docker-registry", "skopeo"],
  () => {
    const { api, stack } = setup();
    let registry: Registry;
    beforeAll(async () => void (registry = await startRegistry()));
    afterAll(() => registry.stop());

    test("is noted, is a change with trackTag, and is not asked for where resolveTags is off", async () => {
      const image = `${registry.host}/team/app:1`;
      const move = (content: string): string => {
        api().control.moveTag(image);
        return putImage(image, content);
      };
      const a = putImage(image, "a");
      const s = (await stack({ env: { DAYTONA_RESOLVE_TAGS: "true" } })).yaml(agent({ image, pinDigest: true }), {
        outputs: { digest: "${agent.imageDigest}" },
      });
      expect(ok(await s.preview()).text).toContain(a);
      ok(await s.up());
      expect((await s.state())["agent"]?.outputs).toMatchObject({ image, imageDigest: a });
      expect(api().control.contentOf("agent")).toBe(a);
      ok(await s.up("--expect-no-changes"));
      ok(await s.drift());

      const b = move("b");
      const noted = ok(await s.preview("--expect-no-changes")).text;
      expect(noted).toContain('The tag of snapshot "agent" has moved');
      expect(noted).toContain(b);
      ok(await s.refresh());
      expect((await s.state())["agent"]?.outputs).toMatchObject({ imageDigest: a });

      s.yaml(agent({ image, pinDigest: true, trackTag: true }));
      const shown = ok(await s.preview()).text;
      // The engine shows the present value of an output that changes, never the next one. The warning has both.
      expect(shown).toMatch(new RegExp(`[-~] imageDigest\\s*: "${a}"`));
      expect(shown).toContain(`The tag ${image} has moved from ${a} to ${b}`);
      ok(await s.run(["up", "--yes"]));
      expect((await s.state())["agent"]?.outputs).toMatchObject({ image, imageDigest: b });
      expect(api().control.contentOf("agent")).toBe(b);
      expect(api().control.snapshots()).toHaveLength(1);
      ok(await s.up("--expect-no-changes"));

      move("c");
      ok(await s.run(["config", "set", "daytona:resolveTags", "false"]));
      expect(ok(await s.preview("--expect-no-changes")).text).not.toContain("has moved");
      s.yaml({
        ...agent({ image, pinDigest: true, trackTag: true }, { provider: "${daytona}" }),
        daytona: { type: "pulumi:providers:daytona", properties: { resolveTags: true } },
      });
      expect(ok(await s.preview()).text).toContain("has moved from");
      ok(await s.destroy());
    });
  },
);
