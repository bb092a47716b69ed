import { PATIENCE, agent, describeWithPulumi, ok, setup } from "./setup";

jest.setTimeout(PATIENCE);

describeWithPulumi("the native provider under the real engine: pulumi state taint", ["yaml"], () => {
  const { api, stack } = setup();
  const writes = () =>
    api()
      .control.requests()
      .filter((request) => request.method !== "GET")
      .map((request) => `${request.method} ${request.path.replace(/[0-9a-f-]{36}/, "<id>")}`);

  async function tainted(properties: Record<string, unknown> = {}) {
    const s = (await stack()).yaml(agent(properties));
    ok(await s.up());
    const { id } = api().control.snapshot("agent") as { id: string };
    const urn = (await s.state())["agent"]?.urn as string;
    ok(await s.run(["state", "taint", urn, "--yes"]));
    api().control.clearRequests();
    return { s, id, urn };
  }

  test("with a fixed name: refused before anything is touched, with what to do; untaint ends it", async () => {
    const { s, id, urn } = await tainted();
    expect(ok(await s.preview()).text).toMatch(/daytona:index:Snapshot: \(replace\)/);
    expect(writes()).toEqual([]);
    const forced = await s.up();
    expect(forced.code).not.toBe(0);
    expect(forced.text).toContain(`the name "agent" is already taken`);
    expect(forced.text).toContain("change `triggers` to rebuild without downtime, or set `deleteBeforeReplace`");
    expect(api().control.snapshots()).toMatchObject([{ id, state: "active" }]);
    ok(await s.run(["state", "untaint", urn, "--yes"]));
    ok(await s.up("--expect-no-changes"));
  });

  test("with deleteBeforeReplace: deleted, then made anew", async () => {
    const { s, id } = await tainted();
    s.yaml(agent({}, { deleteBeforeReplace: true }));
    ok(await s.up());
    expect(writes()).toEqual(["DELETE /api/snapshots/<id>", "POST /api/snapshots"]);
    const now = api().control.snapshot("agent");
    expect(now).toMatchObject({ state: "active" });
    expect(now?.id).not.toBe(id);
    expect((await s.state())["agent"]).toMatchObject({ id: "agent", outputs: { snapshotId: now?.id } });
    ok(await s.up("--expect-no-changes"));
  });

  test("with adoptExisting: its own snapshot is adopted, and not deleted on behalf of the older state", async () => {
    const { s, id } = await tainted({ adoptExisting: true });
    const adopted = ok(await s.up());
    expect(adopted.text).toContain(`deleting snapshot "agent": not deleted`);
    expect(writes()).toEqual(["POST /api/snapshots"]);
    expect(api().control.snapshots()).toMatchObject([{ id, state: "active" }]);
    expect(Object.keys(await s.state())).toEqual(["agent"]);
    ok(await s.up("--expect-no-changes"));
  });

  test("with an automatic name: the new one has another name, and is there before the old one goes", async () => {
    const s = (await stack()).yaml({ box: { type: "daytona:Snapshot", properties: { image: "ubuntu:24.04" } } });
    ok(await s.up());
    const { id, urn } = (await s.state())["box"] as { id: string; urn: string };
    ok(await s.run(["state", "taint", urn, "--yes"]));
    api().control.clearRequests();
    ok(await s.up());
    expect(writes()).toEqual(["POST /api/snapshots", "DELETE /api/snapshots/<id>"]);
    const now = (await s.state())["box"]?.id;
    expect(now).toMatch(/^box-[0-9a-f]{7}$/);
    expect(now).not.toBe(id);
    expect(api().control.snapshots()).toMatchObject([{ name: now, state: "active" }]);
  });
});
