import { PATIENCE, ok } from "../setup";
import { describeDynamic, setup } from "./setup";

jest.setTimeout(PATIENCE);

describeDynamic("the dynamic provider under the real engine: drift", () => {
  const { api, stack } = setup();
  /** Exit status of `refresh --preview-only --expect-no-changes` where something has drifted. */
  const DRIFTED = 7;

  test("each kind is shown by a refresh, repaired by the next up, and then gone", async () => {
    const names = ["idle", "broken", "gone", "woken", "bigger", "calm"];
    const s = (await stack()).snapshots(
      Object.fromEntries(
        names.map((name) => [
          name,
          {
            name,
            image: `ubuntu:${20 + names.indexOf(name)}.04`,
            ...(name === "woken" ? { active: false } : {}),
            ...(name === "bigger" ? { cpu: 1 } : {}),
          },
        ]),
      ),
    );
    ok(await s.up());
    const { control } = api();
    const ids = Object.fromEntries(names.map((name) => [name, control.snapshot(name)?.id]));
    // What changes by itself is no drift.
    for (const name of names)
      control.update(name, { lastUsedAt: Date.now(), updatedAt: Date.now() - 11 * 60_000, size: 0.5 });
    ok(await s.drift());

    control.setState("idle", "inactive");
    control.setState("broken", "error", "the runner lost it");
    control.remove("gone");
    control.setState("woken", "active");
    control.update("bigger", { cpu: 4 });
    for (const name of ["idle", "woken"]) control.update(name, { updatedAt: Date.now() - 11 * 60_000 });
    const drift = ok(await s.drift(), DRIFTED);
    expect(drift.text).toMatch(/~ active\s*: true => false/);
    expect(drift.text).toMatch(/~ state\s*: "active" => "inactive"/);
    expect(drift.text).toMatch(/~ state\s*: "active" => "error"/);
    expect(drift.text).toMatch(/errorReason\s*: "the runner lost it"/);
    expect(drift.text).toMatch(/~ active\s*: false => true/);
    expect(drift.text).toMatch(/~ cpu\s*: 1 => 4/);
    expect(drift.text).not.toMatch(/\bcalm\b.*\((?:update|delete)\)/);

    ok(await s.refresh());
    expect(Object.keys(await s.state()).sort()).not.toContain("gone");
    ok(await s.up());
    const now = control.snapshots();
    expect(Object.fromEntries(now.map(({ name, state }) => [name, state]))).toEqual({
      idle: "active",
      broken: "active",
      gone: "active",
      woken: "inactive",
      bigger: "active",
      calm: "active",
    });
    const kept = now.filter(({ name, id }) => ids[name] === id).map(({ name }) => name);
    expect(kept.sort()).toEqual(["calm", "idle", "woken"]);
    ok(await s.drift());
    ok(await s.up("--expect-no-changes"));
    ok(await s.destroy());
    expect(control.snapshots()).toEqual([]);
  });

  test("removing is kept, waited for and made again; still pulling is waited for", async () => {
    const s = (await stack()).snapshots({ agent: { name: "agent", image: "ubuntu:24.04" } });
    ok(await s.up());
    const { control } = api();
    const made = () => control.snapshot("agent") as NonNullable<ReturnType<typeof control.snapshot>>;
    const { id } = made();
    const answer = (state: string) =>
      control.fault({
        method: "GET",
        path: "/snapshots/",
        action: "answer",
        status: 200,
        body: { ...made(), state },
        times: -1,
      });
    // The local API would finish a removal within the refresh.
    answer("removing");
    ok(await s.refresh());
    expect((await s.state())["agent"]?.outputs).toMatchObject({ state: "removing", __marks: ["removing"] });
    control.clearFaults();
    control.remove(id);
    ok(await s.up());
    expect(made().id).not.toBe(id);
    expect((await s.state())["agent"]?.outputs).not.toHaveProperty("__marks");

    answer("pulling");
    ok(await s.refresh());
    expect((await s.state())["agent"]?.outputs).toMatchObject({ state: "pulling" });
    control.clearFaults();
    ok(await s.up());
    expect((await s.state())["agent"]?.outputs).toMatchObject({ state: "active" });
    ok(await s.up("--expect-no-changes"));
  });

  test("another organization's credentials are an error, never gone", async () => {
    const s = (await stack()).snapshots({ agent: { name: "agent", image: "ubuntu:24.04" } });
    ok(await s.up());
    const wrong = ok(
      await s.run(["refresh", "--yes", "--skip-preview"], { env: { DAYTONA_API_KEY: api().otherApiKey } }),
      1,
    );
    expect(wrong.text).toMatch(/reading snapshot "agent": .*organization/);
    expect((await s.state())["agent"]?.id).toBe("agent");
  });
});
