import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PATIENCE, agent, describeWithPulumi, ok, setup } from "./setup";

jest.setTimeout(PATIENCE);

describeWithPulumi("the native provider under the real engine: import, get and functions", ["yaml"], () => {
  const { api, stack } = setup();
  const writes = () =>
    api()
      .control.requests()
      .filter((request) => request.method !== "GET")
      .map((request) => `${request.method} ${request.path}`);

  test.each(["name", "UUID"])("pulumi import by %s; a program that says the same plans nothing", async (by) => {
    const id = api().control.insert({ name: "golden", imageName: "ubuntu:24.04", cpu: 2, mem: 4, disk: 10 });
    const s = await stack();
    const done = ok(
      await s.run([
        "import",
        "daytona:index:Snapshot",
        "agent",
        by === "name" ? "golden" : id,
        "--yes",
        "--protect=false",
      ]),
    );
    expect(done.text).toContain("image: ubuntu:24.04");
    expect((await s.state())["agent"]).toMatchObject({
      id: "golden",
      outputs: { snapshotId: id, image: "ubuntu:24.04", __marks: ["imported"] },
    });
    s.yaml(agent({ name: "golden" }));
    ok(await s.up("--expect-no-changes"));
    // What the API does not store is taken over without a call.
    s.yaml(agent({ name: "golden", triggers: { commit: "a" }, timeouts: { create: "45m" } }));
    ok(await s.up());
    expect(writes()).toEqual([]);
    expect((await s.state())["agent"]?.outputs).not.toHaveProperty("__marks");
    ok(await s.up("--expect-no-changes"));
  });

  test("the import option", async () => {
    const id = api().control.insert({ name: "golden", imageName: "ubuntu:24.04", cpu: 2, mem: 4, disk: 10 });
    const s = (await stack()).yaml(agent({ name: "golden" }, { import: id }));
    ok(await s.up());
    expect((await s.state())["agent"]).toMatchObject({ id: "golden", outputs: { snapshotId: id } });
    s.yaml(agent({ name: "golden" }));
    ok(await s.up("--expect-no-changes"));
    expect(writes()).toEqual([]);
  });

  test("what is not there, and what is not ours", async () => {
    const s = await stack();
    const missing = await s.run(["import", "daytona:index:Snapshot", "agent", "nothing", "--yes"]);
    expect(missing.code).not.toBe(0);
    expect(missing.text).toContain(`importing snapshot "nothing": no such snapshot`);
    api().control.addGeneral("everybodys");
    const general = await s.run(["import", "daytona:index:Snapshot", "agent", "everybodys", "--yes"]);
    expect(general.text).toContain("it belongs to another organization");
  });

  test("get refers to a snapshot without managing it", async () => {
    const uuid = api().control.insert({ name: "golden", imageName: "ubuntu:24.04", cpu: 2, mem: 4, disk: 10 });
    const s = (await stack()).yaml(
      { golden: { type: "daytona:Snapshot", get: { id: "golden" } } },
      { outputs: { cpu: "${golden.cpu}", state: "${golden.state}" } },
    );
    ok(await s.up());
    expect(JSON.parse(ok(await s.run(["stack", "output", "--json"])).stdout)).toEqual({ cpu: 2, state: "active" });
    expect((await s.state())["golden"]).toMatchObject({
      id: "golden",
      external: true,
      outputs: { snapshotId: uuid, __external: true },
    });
    expect((await s.state())["golden"]?.outputs).not.toHaveProperty("__marks");
    ok(await s.up("--expect-no-changes"));
    // Somebody made it again: the name is what counts.
    const again = api().control.recreate("golden");
    expect(ok(await s.refresh()).text).not.toContain("no longer exists");
    expect((await s.state())["golden"]?.outputs).toMatchObject({ snapshotId: again });
    const byId = (await stack({ name: "other" })).yaml({ golden: { type: "daytona:Snapshot", get: { id: again } } });
    // Engines since 3.270 do not tell this from an import. The class, and a `get` with a state, refuse a UUID.
    ok(await byId.up());
    expect((await byId.state())["golden"]).toMatchObject({
      id: "golden",
      external: true,
      outputs: { snapshotId: again },
    });
    byId.yaml({ golden: { type: "daytona:Snapshot", get: { id: again, state: { cpu: 2 } } } });
    expect((await byId.preview()).text).toContain(
      `getting snapshot "${again}": that is the UUID of snapshot "golden". Pulumi identifies snapshots by name: use "golden".`,
    );
    ok(await s.destroy());
    expect(api().control.snapshot("golden")).not.toBeNull();
  });

  test("functions", async () => {
    const id = api().control.insert({ name: "golden", imageName: "ubuntu:24.04" });
    api().control.insert({ name: "other", state: "inactive" });
    const call = (name: string, args: unknown, of = "") => ({
      "fn::invoke": { function: `daytona:${name}`, arguments: args, ...(of ? { return: of } : {}) },
    });
    const s = (await stack()).yaml(
      {},
      {
        outputs: {
          byName: call("getSnapshot", { name: "golden" }, "snapshotId"),
          byId: call("getSnapshot", { snapshotId: id }, "name"),
          active: call("getSnapshots", { states: ["active"] }, "names"),
          regions: call("getRegions", {}, "ids"),
        },
      },
    );
    ok(await s.up());
    expect(JSON.parse(ok(await s.run(["stack", "output", "--json"])).stdout)).toEqual({
      byName: id,
      byId: "golden",
      active: ["golden"],
      regions: expect.arrayContaining(["us"]) as string[],
    });
    s.yaml({}, { outputs: { x: call("getSnapshot", { name: "nothing" }, "state") } });
    const missing = await s.up();
    expect(missing.code).not.toBe(0);
    expect(missing.text).toContain(`No snapshot with the name "nothing"`);
  });

  test("adoption takes over what is the same, and refuses what differs, with the way on", async () => {
    const id = api().control.insert({ name: "agent", imageName: "ubuntu:24.04", cpu: 2, mem: 4, disk: 10 });
    const s = (await stack()).yaml(agent());
    const taken = await s.up();
    expect(taken.code).not.toBe(0);
    expect(taken.text).toContain(`the name "agent" is already taken`);
    expect(taken.text).toContain(`pulumi import daytona:index:Snapshot agent ${id}`);
    expect(taken.text).toContain("`adoptExisting: true`");
    expect(taken.text).not.toMatch(/terraform|adopt_existing|apply/i);
    s.yaml(agent({ adoptExisting: true }));
    ok(await s.up());
    expect((await s.state())["agent"]?.outputs).toMatchObject({ snapshotId: id });
  });

  test("the program that import prints is the one that plans nothing", async () => {
    api().control.insert({
      name: "built",
      dockerfileContent: "FROM ubuntu:24.04\nRUN echo hello\n",
      cpu: 1,
      mem: 1,
      disk: 3,
    });
    const s = await stack();
    ok(
      await s.run([
        "import",
        "daytona:index:Snapshot",
        "built",
        "built",
        "--yes",
        "--protect=false",
        "--out",
        "imported.yaml",
      ]),
    );
    const program = readFileSync(join(s.program, "imported.yaml"), "utf8");
    expect(program).toContain("dockerfileContent");
    writeFileSync(
      join(s.program, "Pulumi.yaml"),
      `name: agents\nruntime: yaml\n${program.replace(/\s+protect: true/, "")}`,
    );
    ok(await s.up("--expect-no-changes"));
  });
});
