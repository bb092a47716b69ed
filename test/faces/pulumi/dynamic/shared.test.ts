import { readdirSync, readFileSync } from "node:fs";
import { PATIENCE, ok } from "../setup";
import { describeDynamic, setup } from "./setup";

jest.setTimeout(PATIENCE);

describeDynamic("the dynamic provider under the real engine: snapshots that two resources came to share", () => {
  const { api, stack } = setup();
  const names = Array.from({ length: 20 }, (_, index) => `agent-${index}`);
  const fleet = (prefix: string, more: Record<string, unknown> = {}) =>
    Object.fromEntries(names.map((name) => [`${prefix}-${name}`, { name, image: "ubuntu:24.04", ...more }]));
  const ids = () =>
    Object.fromEntries(
      api()
        .control.snapshots()
        .map(({ name, id }) => [name, id]),
    );

  test("20 are renamed with adoptExisting, another one fails in the same up: the next up leaves 20", async () => {
    const s = (await stack()).snapshots(fleet("old"));
    ok(await s.up());
    const before = ids();
    expect(Object.keys(before)).toHaveLength(20);
    api().control.source({ image: "broken:1", outcome: "fail", reason: "no such image" });
    s.snapshots({ ...fleet("new", { adoptExisting: true }), broken: { name: "broken", image: "broken:1" } });
    const failed = await s.up();
    expect(failed.code).not.toBe(0);
    expect(failed.text).toContain("no such image");
    s.snapshots(fleet("new", { adoptExisting: true }));
    expect(ok(await s.up()).text).toContain("is kept");
    expect(ids()).toEqual(before);
    expect(Object.keys(await s.state()).sort()).toEqual(names.map((name) => `new-${name}`).sort());
    ok(await s.up("--expect-no-changes"));
    ok(await s.destroy());
    expect(ids()).toEqual({});
  });

  test("up --target of the new one, later a plain up: kept; a copy beside the original is refused in the preview", async () => {
    const agent = { name: "agent", image: "ubuntu:24.04" };
    const s = (await stack()).snapshots({ old: agent });
    ok(await s.up());
    const before = ids();
    const urn = ((await s.state())["old"]?.urn as string).replace(/::old$/, "::new");
    s.snapshots({ old: agent, new: { ...agent, adoptExisting: true } });
    const refused = await s.preview();
    expect(refused.code).not.toBe(0);
    expect(refused.text).toContain('the name "agent" is already taken');
    expect(refused.text).toContain("Two resources cannot share a name");
    s.snapshots({ new: { ...agent, adoptExisting: true } });
    ok(await s.up("--target", urn));
    expect(Object.keys(await s.state()).sort()).toEqual(["new", "old"]);
    ok(await s.up());
    expect(ids()).toEqual(before);
    expect(Object.keys(await s.state())).toEqual(["new"]);
    ok(await s.up("--expect-no-changes"));
  });

  test("replaceOnChanges with a fixed name: deleted, then made anew", async () => {
    const agent = { name: "agent", image: "ubuntu:24.04", options: { replaceOnChanges: ["triggers"] } };
    const s = (await stack()).snapshots({ agent: { ...agent, triggers: { build: "1" } } });
    ok(await s.up());
    const before = ids();
    s.snapshots({ agent: { ...agent, triggers: { build: "2" } } });
    ok(await s.up());
    expect(ids()["agent"]).toBeDefined();
    expect(ids()).not.toEqual(before);
    ok(await s.up("--expect-no-changes"));
  });

  const linux = process.platform === "linux" ? test : test.skip;
  linux(
    "the engine is killed in a swap: the provider's processes end as well, and the next up finishes the swap",
    async () => {
      const s = (await stack()).snapshots({ agent: { name: "agent", image: "ubuntu:24.04" } });
      ok(await s.up());
      const { control } = api();
      const old = control.snapshot("agent")?.id;
      control.source({ image: "debian:12.5", seconds: 15 });
      s.snapshots({ agent: { name: "agent", image: "debian:12.5" } });
      const mine = () => processesIn(s.program);
      await s.run(["up", "--yes", "--skip-preview"], {
        during: async (child) => {
          while (!control.snapshots().some(({ name }) => name.startsWith("agent--next-")))
            await new Promise((resolve) => setTimeout(resolve, 50));
          expect(mine().length).toBeGreaterThan(0);
          child.kill("SIGKILL");
        },
      });
      for (let i = 0; i < 400 && mine().length > 0; i++) await new Promise((resolve) => setTimeout(resolve, 100));
      expect(mine()).toEqual([]);
      expect(control.snapshot("agent")?.id).toBe(old);
      control.source({ image: "debian:12.5", seconds: 0.1 });
      ok(await s.run(["cancel", "--yes"]));
      const next = ok(await s.up());
      expect(next.text).not.toMatch(/already taken|somebody else|another snapshot/i);
      expect(control.snapshots()).toMatchObject([{ name: "agent", imageName: "debian:12.5", state: "active" }]);
      expect((await s.state())["agent"]?.outputs).toMatchObject({ snapshotId: control.snapshot("agent")?.id });
      ok(await s.up("--expect-no-changes"));
    },
  );
});

/** Command lines of the dynamic provider's processes that work in a folder. */
function processesIn(folder: string): string[] {
  const found: string[] = [];
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, "utf8").replace(/\0/g, " ");
      if (
        line.includes("dynamic-provider") &&
        readFileSync(`/proc/${pid}/environ`, "utf8").includes(`HOME=${folder.replace(/\/program$/, "")}\0`)
      )
        found.push(line);
    } catch {
      // It has ended.
    }
  }
  return found;
}
