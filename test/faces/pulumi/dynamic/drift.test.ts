import { ok } from "../setup";
import { describeDynamic, setup } from "./setup";

jest.setTimeout(180_000);

describeDynamic("the dynamic provider under the real engine: drift", () => {
  const { api, stack } = setup();
  /** Exit status of `refresh --preview-only --expect-no-changes` where something has drifted. */
  const DRIFTED = 7;

  test("each kind is shown by a refresh, repaired by the next up, and then gone", async () => {
    const names = ["idle", "broken", "gone", "leaving", "woken", "pulling", "calm"];
    const s = (await stack()).snapshots(Object.fromEntries(names.map((name) => [name, { name, image: `ubuntu:${20 + names.indexOf(name)}.04`, ...(name === "woken" ? { active: false } : {}) }])));
    ok(await s.up());
    const { control } = api();
    const ids = Object.fromEntries(names.map((name) => [name, control.snapshot(name)?.id]));
    // What changes by itself is no drift.
    for (const name of names) control.update(name, { lastUsedAt: Date.now(), updatedAt: Date.now() - 11 * 60_000, initialRunnerId: "another" });
    ok(await s.drift());

    control.setState("idle", "inactive");
    control.setState("broken", "error", "the runner lost it");
    control.remove("gone");
    control.setState("woken", "active");
    control.setState("pulling", "pulling");
    const lost = control.fault({ method: "DELETE", action: "answer", status: 200, body: {}, times: 0 });
    control.releaseFault(lost);
    control.setState("leaving", "removing");
    for (const name of ["idle", "woken"]) control.update(name, { updatedAt: Date.now() - 11 * 60_000 });
    const drift = ok(await s.drift(), DRIFTED);
    expect(drift.text).toMatch(/~ active\s*: true => false/);
    expect(drift.text).toMatch(/~ state\s*: "active" => "inactive"/);
    expect(drift.text).toMatch(/~ state\s*: "active" => "error"/);
    expect(drift.text).toMatch(/errorReason\s*: "the runner lost it"/);
    expect(drift.text).toMatch(/~ active\s*: false => true/);
    expect(drift.text).toMatch(/~ state\s*: "active" => "pulling"/);
    expect(drift.text).not.toMatch(/\bcalm\b.*\((?:update|delete)\)/);

    ok(await s.refresh());
    expect(Object.keys(await s.state()).sort()).not.toContain("gone");
    control.setState("pulling", "active");
    control.remove("leaving");
    ok(await s.up());
    const now = control.snapshots();
    expect(Object.fromEntries(now.map(({ name, state }) => [name, state]))).toEqual({ idle: "active", broken: "active", gone: "active", leaving: "active", woken: "inactive", pulling: "active", calm: "active" });
    const kept = now.filter(({ name, id }) => ids[name] === id).map(({ name }) => name);
    expect(kept.sort()).toEqual(["calm", "idle", "pulling", "woken"]);
    ok(await s.drift());
    ok(await s.up("--expect-no-changes"));
    ok(await s.destroy());
    expect(control.snapshots()).toEqual([]);
  });
});
