import { join } from "node:path";
import published from "../../../schema.json";
import { install } from "./dynamic/package";
import { NodeStack } from "./dynamic/setup";
import { PATIENCE, describeWithPulumi, fixture, installPlugin, ok } from "./setup";

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
    expect(JSON.parse(ok(await s.run(["stack", "output", "--json"])).stdout)).toEqual({ name: expect.stringMatching(/^built-[0-9a-f]{7}$/) as string, found: "active", got: 2, regions: expect.arrayContaining(["us"]) as string[] });
    const state = await s.exported();
    expect(state).not.toContain(api().apiKey);
    expect(state).toContain(published.pluginDownloadURL);
    expect((await s.state())["built"]?.inputs).toMatchObject({ dockerfileContent: "FROM ubuntu:24.04\nRUN echo hello\n" });
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
    expect(api().control.requests().filter((request) => request.method !== "GET")).toEqual([]);
    const after = await s.state();
    expect(after["agent"]).toMatchObject({ type: "daytona:index:Snapshot", id: before["agent"]?.id, outputs: { snapshotId: before["agent"]?.outputs?.["snapshotId"] } });
    ok(await s.up("--expect-no-changes"));
    ok(await s.destroy());
    expect(api().control.snapshots()).toEqual([]);
  });
});
