import { PATIENCE, agent, describeWithPulumi, ok, setup } from "./setup";

jest.setTimeout(PATIENCE);

describeWithPulumi("the native provider under the real engine: what changes", ["yaml"], () => {
  const { api, stack } = setup();
  const writes = () =>
    api()
      .control.requests()
      .filter((request) => request.method !== "GET")
      .map((request) => `${request.method} ${request.path.replace(/[0-9a-f-]{36}/, "<id>")}`);

  test("preview asks for nothing that changes anything; up creates; up again changes nothing; destroy", async () => {
    const s = (await stack()).yaml(agent({ cpu: 2 }), { outputs: { id: "${agent.snapshotId}" } });
    const preview = ok(await s.preview());
    expect(preview.text).toMatch(/\+ daytona:index:Snapshot: \(create\)/);
    expect(writes()).toEqual([]);

    ok(await s.up());
    const { agent: made } = await s.state();
    expect(made).toMatchObject({
      id: "agent",
      outputs: {
        name: "agent",
        cpu: 2,
        state: "active",
        active: true,
        snapshotId: api().control.snapshot("agent")?.id,
      },
    });
    expect(made?.outputs).not.toHaveProperty("__marks");

    api().control.clearRequests();
    ok(await s.up("--expect-no-changes"));
    ok(await s.drift());
    expect(writes()).toEqual([]);
    ok(await s.destroy());
    expect(api().control.snapshots()).toEqual([]);
  });

  test("a sandbox is taken, stays as it was taken, and is taken again when triggers change", async () => {
    api().control.sandbox({ name: "box", cpu: 2 });
    const program = (more = {}) => agent({ image: undefined, sourceSandbox: "box", ...more });
    const s = (await stack()).yaml(program());
    ok(await s.up());
    expect((await s.state())["agent"]?.outputs).toMatchObject({ sourceSandbox: "box", cpu: 2, state: "active" });
    api().control.writeInSandbox("box");
    ok(await s.up("--expect-no-changes"));
    ok(await s.drift());
    s.yaml(program({ triggers: { week: "2" } }));
    expect(ok(await s.preview()).text).toContain("it is created from the sandbox in sourceSandbox twice");
    ok(await s.up());
    ok(await s.up("--expect-no-changes"));
    expect(api().control.snapshots()).toHaveLength(1);
    expect(api().control.counts()["create-from-sandbox"]).toBe(3);
    ok(await s.destroy());
    expect(api().control.snapshots()).toEqual([]);
  });

  test("another source is swapped in place: the preview warns, the id of the resource stays", async () => {
    const s = (await stack()).yaml(agent());
    ok(await s.up());
    const before = api().control.snapshot("agent")?.id as string;
    s.yaml(agent({ image: "debian:12.5" }));
    const preview = ok(await s.preview());
    expect(preview.text).toMatch(/~ daytona:index:Snapshot: \(update\)/);
    expect(preview.text).toMatch(/~ image\s*: "ubuntu:24.04" => "debian:12.5"/);
    expect(preview.text).toContain(`A swap replaces snapshot "agent"`);
    expect(preview.text).toContain(`snapshot "agent" (${before}) is deleted`);
    expect(preview.text).not.toContain("prevent_destroy");
    ok(await s.up());
    const now = api().control.snapshot("agent");
    expect(now).toMatchObject({ imageName: "debian:12.5", state: "active" });
    expect(now?.id).not.toBe(before);
    expect((await s.state())["agent"]).toMatchObject({
      id: "agent",
      outputs: { snapshotId: now?.id, image: "debian:12.5" },
    });
    expect(api().control.snapshots()).toHaveLength(1);
    ok(await s.up("--expect-no-changes"));
  });

  test("replacement: recreate deletes before it creates", async () => {
    const s = (await stack()).yaml(agent({ replacement: "recreate" }));
    ok(await s.up());
    s.yaml(agent({ replacement: "recreate", memory: 2 }));
    expect(ok(await s.preview()).text).toMatch(/daytona:index:Snapshot: \(replace\)/);
    api().control.clearRequests();
    ok(await s.up());
    expect(writes()).toEqual(["DELETE /api/snapshots/<id>", "POST /api/snapshots"]);
    expect(api().control.snapshot("agent")).toMatchObject({ mem: 2 });
  });

  test("another name is created before the old one is deleted", async () => {
    const s = (await stack()).yaml(agent());
    ok(await s.up());
    s.yaml(agent({ name: "agent-2" }));
    expect(ok(await s.preview()).text).toMatch(
      /\+-\s?daytona:index:Snapshot: \(replace\)[\s\S]*~ name\s*: "agent" => "agent-2"/,
    );
    api().control.clearRequests();
    ok(await s.up());
    expect(writes()).toEqual(["POST /api/snapshots", "DELETE /api/snapshots/<id>"]);
    expect((await s.state())["agent"]?.id).toBe("agent-2");
  });

  test("active is switched off and on; what only the state holds makes no call", async () => {
    const s = (await stack()).yaml(agent());
    ok(await s.up());
    const { id } = api().control.snapshot("agent") as { id: string };
    s.yaml(agent({ active: false }));
    expect(ok(await s.preview()).text).toMatch(/~ active\s*: true => false/);
    ok(await s.up());
    expect(api().control.snapshot("agent")).toMatchObject({ id, state: "inactive" });
    ok(await s.drift());
    s.yaml(agent({ active: true }));
    // One that was deactivated just now would have to rest for ten minutes.
    api().control.update("agent", { updatedAt: Date.now() - 11 * 60_000 });
    ok(await s.up());
    expect(api().control.snapshot("agent")).toMatchObject({ id, state: "active" });

    api().control.clearRequests();
    s.yaml(agent({ timeouts: { create: "45m" }, adoptExisting: true, replacement: "recreate" }));
    expect(ok(await s.preview()).text).toMatch(/~ daytona:index:Snapshot: \(update\)/);
    ok(await s.up());
    expect(writes()).toEqual([]);
    expect((await s.state())["agent"]?.outputs).toMatchObject({ timeouts: { create: "45m" }, replacement: "recreate" });
    ok(await s.up("--expect-no-changes"));
  });

  test("kept resources stay when the program no longer says them; triggers rebuild", async () => {
    const s = (await stack()).yaml(agent({ cpu: 2, triggers: { commit: "a" } }));
    ok(await s.up());
    s.yaml(agent({ triggers: { commit: "a" } }));
    ok(await s.up("--expect-no-changes"));
    expect((await s.state())["agent"]?.outputs).toMatchObject({ cpu: 2 });
    const before = api().control.snapshot("agent")?.id;
    s.yaml(agent({ triggers: { commit: "b" } }));
    ok(await s.up());
    expect(api().control.snapshot("agent")?.id).not.toBe(before);
    expect(api().control.snapshot("agent")).toMatchObject({ cpu: 2 });
  });

  test("without a name: the automatic one stays over changes, and the engine's configuration is honoured", async () => {
    const s = (await stack()).yaml({ "my agent": { type: "daytona:Snapshot", properties: { image: "ubuntu:24.04" } } });
    ok(await s.up());
    const { id } = (await s.state())["my agent"] as { id: string };
    expect(id).toMatch(/^my-agent-[0-9a-f]{7}$/);
    s.yaml({ "my agent": { type: "daytona:Snapshot", properties: { image: "debian:12.5" } } });
    ok(await s.up());
    expect((await s.state())["my agent"]?.id).toBe(id);

    s.yaml(
      { box: { type: "daytona:Snapshot", properties: { image: "ubuntu:24.04" } } },
      { config: { "pulumi:autonaming": { value: { mode: "verbatim" } } } },
    );
    ok(await s.up());
    expect((await s.state())["box"]?.id).toBe("box");
    s.yaml(
      { box2: { type: "daytona:Snapshot", properties: { image: "ubuntu:24.04" } } },
      { config: { "pulumi:autonaming": { value: { mode: "disabled" } } } },
    );
    const refused = ok(await s.preview(), 1);
    expect(refused.text).toContain("automatic names are disabled for this stack");
  });

  test("every refusal names its property path", async () => {
    const s = (await stack()).yaml(
      agent({ image: "ubuntu", name: "a b", cpu: 0, entrypoint: ["sleep", " "], timeouts: { create: "soon" } }),
    );
    const { text } = ok(await s.preview(), 1);
    for (const line of [
      /property image value .*|image: Invalid image: "ubuntu" has no tag/,
      /entrypoint\[1\]/,
      /timeouts\.create/,
      /"a b" is not accepted by the API/,
      /cpu must be a whole number of cores, at least 1 \(got 0\)/,
    ])
      expect(text).toMatch(line);
  });
});
