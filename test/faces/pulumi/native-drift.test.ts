import { PATIENCE, agent, describeWithPulumi, ok, setup } from "./setup";

jest.setTimeout(PATIENCE);

describeWithPulumi("the native provider under the real engine: drift", ["yaml"], () => {
  const { api, stack } = setup();
  const made = () =>
    api().control.snapshot("agent") as NonNullable<ReturnType<ReturnType<typeof api>["control"]["snapshot"]>>;
  /** Long enough ago to be activated again at once. */
  const rested = () => api().control.update("agent", { updatedAt: Date.now() - 11 * 60_000 });

  test("an untouched snapshot has not drifted, whatever changes by itself", async () => {
    const s = (await stack()).yaml(agent());
    ok(await s.up());
    api().control.update("agent", {
      lastUsedAt: Date.now(),
      updatedAt: Date.now(),
      size: 0.5,
      initialRunnerId: "another",
    });
    ok(await s.drift());
    ok(await s.run(["preview", "--refresh", "--expect-no-changes"]));
  });

  test("gone: shown as deleted, made again", async () => {
    const s = (await stack()).yaml(agent());
    ok(await s.up());
    api().control.remove("agent");
    expect((await s.drift()).code).not.toBe(0);
    ok(await s.up("--refresh"));
    expect(made()).toMatchObject({ state: "active" });
    ok(await s.drift());
  });

  test("made again by someone else between refresh and up: nothing is touched, and the way to take it over works as it is told", async () => {
    const s = (await stack()).yaml(agent());
    ok(await s.up());
    const id = api().control.recreate("agent");
    s.yaml(agent({ active: false }));
    const failed = await s.up();
    expect(failed.code).not.toBe(0);
    expect(failed.text).toContain(
      'updating snapshot "agent": deleted since the last refresh; run `pulumi refresh`, then `pulumi up`',
    );
    expect(failed.text).toContain(
      `To manage it, import it: pulumi refresh, then pulumi import daytona:index:Snapshot agent ${id}`,
    );
    expect(made()).toMatchObject({ id, state: "active" });
    s.yaml(agent());
    expect(ok(await s.refresh()).text).toContain(
      `To manage it, import it: pulumi import daytona:index:Snapshot agent ${id}`,
    );
    ok(await s.run(["import", "daytona:index:Snapshot", "agent", id, "--yes", "--protect=false"]));
    ok(await s.up("--expect-no-changes"));
    expect(made()).toMatchObject({ id, state: "active" });
  });

  test("inactive while it shall be active: active is false, then activated", async () => {
    const s = (await stack()).yaml(agent());
    ok(await s.up());
    const { id } = made();
    api().control.setState("agent", "inactive");
    rested();
    const drift = await s.drift();
    expect(drift.code).not.toBe(0);
    expect(drift.text).toMatch(/~ active\s*: true => false/);
    ok(await s.up("--refresh"));
    expect(made()).toMatchObject({ id, state: "active" });
    ok(await s.drift());
  });

  test("active while it shall be inactive: deactivated", async () => {
    const s = (await stack()).yaml(agent({ active: false }));
    ok(await s.up());
    api().control.setState("agent", "active");
    expect((await s.drift()).text).toMatch(/~ active\s*: false => true/);
    ok(await s.up("--refresh"));
    expect(made().state).toBe("inactive");
  });

  test("ignoreChanges holds drift", async () => {
    const s = (await stack()).yaml(agent({}, { ignoreChanges: ["active"] }));
    ok(await s.up());
    api().control.setState("agent", "inactive");
    ok(await s.refresh());
    ok(await s.up("--expect-no-changes"));
    expect(made().state).toBe("inactive");
  });

  test("error: state and reason are shown, the next up makes it again in place", async () => {
    const s = (await stack()).yaml(agent());
    ok(await s.up());
    const { id } = made();
    api().control.setState("agent", "error", "the runner lost it");
    expect((await s.drift()).code).not.toBe(0);
    const { text } = ok(await s.refresh());
    expect(text).toContain("Refreshed resource is in an unhealthy state");
    expect(text).toContain('snapshot "agent" has failed (state `error`): the runner lost it\n');
    expect(text).toContain("The next `pulumi up` deletes and recreates it.");
    const unhealthy = (await s.state())["agent"];
    expect(unhealthy).toMatchObject({
      id: "agent",
      inputs: { image: "ubuntu:24.04" },
      outputs: { state: "error", errorReason: "the runner lost it" },
    });
    expect(unhealthy?.initErrors).toHaveLength(1);
    const preview = ok(await s.preview());
    expect(preview.text).toMatch(/~ daytona:index:Snapshot: \(update\)/);
    ok(await s.up());
    expect(made()).toMatchObject({ state: "active" });
    expect(made().id).not.toBe(id);
    expect((await s.state())["agent"]?.outputs).not.toHaveProperty("errorReason");
    expect((await s.state())["agent"]?.initErrors).toBeUndefined();
    ok(await s.up("--expect-no-changes"));
  });

  test("removing: kept in the state, waited for and made again", async () => {
    const s = (await stack()).yaml(agent());
    ok(await s.up());
    const { id } = made();
    // The local API would finish a removal within the refresh.
    const answer = (state: string) =>
      api().control.fault({
        method: "GET",
        path: id,
        action: "answer",
        status: 200,
        body: { ...made(), state },
        times: -1,
      });
    answer("removing");
    ok(await s.refresh());
    expect((await s.state())["agent"]?.outputs).toMatchObject({ state: "removing", __marks: ["removing"] });
    setTimeout(() => {
      api().control.clearFaults();
      api().control.remove(id);
    }, 2500);
    ok(await s.up());
    expect(made()).toMatchObject({ state: "active" });
    expect(made().id).not.toBe(id);
    expect((await s.state())["agent"]?.outputs).not.toHaveProperty("__marks");
  });

  test("still pulling: the next up waits on", async () => {
    const s = (await stack()).yaml(agent());
    ok(await s.up());
    api().control.fault({
      method: "GET",
      path: "/snapshots/",
      action: "answer",
      status: 200,
      body: { ...made(), state: "pulling" },
      times: -1,
    });
    ok(await s.refresh());
    expect((await s.state())["agent"]?.outputs).toMatchObject({ state: "pulling" });
    setTimeout(() => api().control.clearFaults(), 2500);
    ok(await s.up());
    expect((await s.state())["agent"]?.outputs).toMatchObject({ state: "active" });
  });

  test("a resource that differs is swapped back", async () => {
    const s = (await stack()).yaml(agent({ cpu: 1 }));
    ok(await s.up());
    api().control.update("agent", { cpu: 4 });
    expect((await s.drift()).text).toMatch(/~ cpu\s*: 1 => 4/);
    ok(await s.up("--refresh"));
    expect(made().cpu).toBe(1);
  });

  test("another organization's credentials are an error, never gone", async () => {
    const s = (await stack()).yaml(agent());
    ok(await s.up());
    const wrong = await s.run(["refresh", "--yes", "--skip-preview"], { env: { DAYTONA_API_KEY: api().otherApiKey } });
    expect(wrong.code).not.toBe(0);
    expect(wrong.text).toMatch(/organization/);
    expect((await s.state())["agent"]?.id).toBe("agent");
  });
});
