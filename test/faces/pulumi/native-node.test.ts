import { join } from "node:path";
import published from "../../../schema.json";
import { install } from "./dynamic/package";
import { NodeStack } from "./dynamic/setup";
import { type Result, PATIENCE, describeWithPulumi, fixture, installPlugin, ok } from "./setup";

jest.setTimeout(PATIENCE);

describeWithPulumi("the class over the native provider, in Node.js", ["nodejs"], () => {
  const { api, stack } = fixture(
    (folder) => {
      install(folder);
      installPlugin(folder);
    },
    (folder, env, name) => new NodeStack(folder, env, join(folder, "node_modules"), name),
  );

  async function program(text: string): Promise<NodeStack> {
    const s = await stack();
    s.write("index.js", text);
    return s;
  }

  test("an Image object, an explicit provider, a function, get; the plugin's source is the published one", async () => {
    const s = await program(`
      const pulumi = require("@pulumi/pulumi");
      const { Snapshot, Provider, getSnapshot, getRegions } = require("daytona-iac/pulumi/native");
      const provider = new Provider("daytona", { apiKey: ${JSON.stringify(api().apiKey)}, apiUrl: ${JSON.stringify(api().apiUrl)}, maxConcurrency: 4 });
      const built = new Snapshot("built", { image: { dockerfile: "FROM ubuntu:24.04\\nRUN echo hello\\n", contextList: [] }, cpu: 2 }, { provider });
      exports.name = built.name;
      exports.found = getSnapshot({ name: built.name }, { provider }).state;
      exports.got = Snapshot.get("again", built.name, { provider }).cpu;
      exports.regions = getRegions({ provider }).ids;
    `);
    ok(await s.up());
    expect(JSON.parse(ok(await s.run(["stack", "output", "--json"])).stdout)).toEqual({
      name: expect.stringMatching(/^built-[0-9a-f]{7}$/) as string,
      found: "active",
      got: 2,
      regions: expect.arrayContaining(["us"]) as string[],
    });
    const state = await s.exported();
    expect(state).not.toContain(api().apiKey);
    expect(state).toContain(published.pluginDownloadURL);
    expect((await s.state())["built"]?.inputs).toMatchObject({
      dockerfileContent: "FROM ubuntu:24.04\nRUN echo hello\n",
    });
    ok(await s.up("--expect-no-changes"));
  });

  test("a stack of the dynamic provider moves here without a change", async () => {
    const uses = (entry: string) => `
      const { Snapshot } = require(${JSON.stringify(entry)});
      new Snapshot("agent", { image: "ubuntu:24.04", cpu: 2, triggers: { commit: "a" } });
      new Snapshot("named", { name: "named", image: "debian:12.5", active: false });
    `;
    const s = await program(uses("daytona-iac/pulumi"));
    ok(await s.up());
    const before = await s.state();
    api().control.clearRequests();
    s.write("index.js", uses("daytona-iac/pulumi/native"));
    expect(ok(await s.preview()).text).not.toMatch(/to (create|update|replace|delete)/);
    ok(await s.up());
    expect(
      api()
        .control.requests()
        .filter((request) => request.method !== "GET"),
    ).toEqual([]);
    const after = await s.state();
    expect(after["agent"]).toMatchObject({
      type: "daytona:index:Snapshot",
      id: before["agent"]?.id,
      outputs: { snapshotId: before["agent"]?.outputs?.["snapshotId"] },
    });
    ok(await s.up("--expect-no-changes"));
    ok(await s.destroy());
    expect(api().control.snapshots()).toEqual([]);
  });

  test("a stack with secret inputs moves without a change, and none of them is ever in plaintext", async () => {
    const uses = (entry: string, more = "") => `
      const pulumi = require("@pulumi/pulumi");
      const { Snapshot } = require(${JSON.stringify(entry)});
      new Snapshot("built", { name: "built", dockerfileContent: pulumi.secret("FROM ubuntu:24.04\\nRUN use planted-text\\n"), triggers: { token: pulumi.secret("planted-trigger"), open: "x" }, cpu: pulumi.secret(2)${more} });
      new Snapshot("pulled", { image: pulumi.secret("registry.test/planted-image:1"), entrypoint: ["run", pulumi.secret("planted-entry")]${more} }, { additionalSecretOutputs: ["size"] });
    `;
    const s = await program(uses("daytona-iac/pulumi"));
    const texts: string[] = [];
    const step = async (run: Promise<Result>): Promise<void> => {
      texts.push(ok(await run).text, await s.exported());
      expect(texts.join("\n")).not.toContain("planted");
    };
    const hidden = async (): Promise<string[]> =>
      Object.values(await s.state()).map(({ outputs = {} }) =>
        Object.keys(outputs)
          .filter((key) => JSON.stringify(outputs[key]).includes("ciphertext"))
          .sort()
          .join(),
      );
    await step(s.up());
    const before = await hidden();
    expect(before.sort()).toEqual([
      "cpu,dockerfileContent,entrypoint,ref,sourceHash,triggers",
      "entrypoint,image,imageName,ref,size,sourceHash",
    ]);
    api().control.clearRequests();
    s.write("index.js", uses("daytona-iac/pulumi/native"));
    await step(s.preview("--expect-no-changes"));
    await step(s.up("--expect-no-changes"));
    await step(s.refresh("--expect-no-changes"));
    expect((await hidden()).sort()).toEqual(before);
    expect(
      api()
        .control.requests()
        .filter((request) => request.method !== "GET"),
    ).toEqual([]);
    // The native provider's own outputs, made from those of the dynamic one.
    s.write("index.js", uses("daytona-iac/pulumi/native", ", memory: 2"));
    await step(s.up());
    expect((await hidden()).sort()).toEqual(before);
    expect(JSON.stringify((await s.state())["built"]?.outputs)).not.toContain("__secrets");
    await step(s.destroy());
  });

  test("a connection that a preview does not know: what needs none is shown, what needs one says which value is missing", async () => {
    const uses = (trigger: string, image: string) => `
      const { Snapshot, Provider } = require("daytona-iac/pulumi/native");
      const first = new Snapshot("first", { name: "first", image: "ubuntu:24.04", triggers: { t: ${JSON.stringify(trigger)} } });
      const provider = new Provider("daytona", { apiKey: first.snapshotId.apply(() => ${JSON.stringify(api().apiKey)}), apiUrl: first.snapshotId.apply(() => ${JSON.stringify(api().apiUrl)}), region: first.snapshotId.apply(() => "us") });
      new Snapshot("box", { name: "box", image: ${JSON.stringify(image)} }, { provider });
    `;
    const s = await program(uses("a", "ubuntu:24.04"));
    expect(ok(await s.preview()).text).toContain("4 to create");
    expect(api().control.snapshots()).toEqual([]);
    ok(await s.up());
    const { id } = api().control.snapshot("box") as { id: string };

    s.write("index.js", uses("b", "debian:12.5"));
    const preview = ok(await s.preview());
    expect(preview.text).toMatch(/image\s*: "ubuntu:24.04" => "debian:12.5"/);
    expect(api().control.snapshot("box")?.id).toBe(id);
    ok(await s.up());
    expect(api().control.snapshot("box")).toMatchObject({ state: "active", imageName: "debian:12.5" });
    expect(await s.exported()).not.toContain(api().apiKey);
    ok(await s.up("--expect-no-changes"));
  });
});
