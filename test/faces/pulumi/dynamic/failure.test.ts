import { readFileSync, readdirSync, readlinkSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PATIENCE, ok } from "../setup";
import { describeDynamic, setup } from "./setup";

jest.setTimeout(PATIENCE);

/** Processes that work in this folder: a killed engine leaves its plugins behind. */
function processesIn(folder: string): number[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`) === folder;
      } catch {
        return false;
      }
    })
    .map(Number);
}

const until = async (what: () => boolean): Promise<void> => {
  for (const end = Date.now() + 60_000; !what();) {
    if (Date.now() > end) throw new Error("it did not happen within 60 s");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

describeDynamic("the dynamic provider under the real engine: failures", () => {
  const { api, stack } = setup();

  test("a build that fails keeps the resource; the next up rebuilds it; a failed change leaves the old one", async () => {
    const s = (await stack()).snapshots({
      agent: { name: "agent", dockerfileContent: "FROM ubuntu:24.04\nRUN BROKEN" },
    });
    api().control.source({ dockerfile: "BROKEN", outcome: "fail", reason: "no such package" });
    const failed = ok(await s.up(), 1);
    expect(failed.text).toContain('creating snapshot "agent": the build failed (state `error`)');
    expect(failed.text).toContain("Reason: no such package.");
    expect((await s.state())["agent"]).toMatchObject({
      id: "agent",
      outputs: { state: "error", snapshotId: api().control.snapshot("agent")?.id },
      initErrors: [expect.stringContaining("the build failed")],
    });

    s.snapshots({ agent: { name: "agent", dockerfileContent: "FROM ubuntu:24.04\nRUN true" } });
    ok(await s.up());
    expect(api().control.snapshot("agent")?.state).toBe("active");
    const good = api().control.snapshot("agent")?.id;

    s.snapshots({ agent: { name: "agent", dockerfileContent: "FROM ubuntu:24.04\nRUN BROKEN" } });
    expect(ok(await s.up(), 1).text).toContain("The old snapshot is unchanged and still usable.");
    expect(api().control.snapshots()).toMatchObject([{ id: good, state: "active" }]);
    s.snapshots({ agent: { name: "agent", dockerfileContent: "FROM ubuntu:24.04\nRUN true" } });
    ok(await s.up("--expect-no-changes"));
  });

  test("Ctrl-C waits for the call under way; the next up accepts the stack", async () => {
    const s = (await stack()).snapshots({ agent: { name: "agent", image: "ubuntu:24.04" } });
    api().control.source({ image: "ubuntu:24.04", seconds: 4 });
    const stopped = await s.run(["up", "--yes", "--skip-preview"], {
      during: async (child) => {
        await until(() => api().control.snapshot("agent") !== null);
        child.kill("SIGINT");
      },
    });
    expect(stopped.code).not.toBe(0);
    expect(api().control.snapshot("agent")?.state).toBe("active");
    ok(await s.up());
    expect((await s.state())["agent"]?.outputs).toMatchObject({ snapshotId: api().control.snapshot("agent")?.id });
    ok(await s.up("--expect-no-changes"));
  });

  test("killed outright, the next up says that the name is taken and how to adopt it", async () => {
    const s = (await stack()).snapshots({ agent: { name: "agent", image: "ubuntu:24.04" } });
    api().control.source({ image: "ubuntu:24.04", seconds: 1 });
    await s.run(["up", "--yes", "--skip-preview"], {
      during: async (child) => {
        await until(() => api().control.snapshot("agent") !== null);
        child.kill("SIGKILL");
      },
    });
    for (const pid of processesIn(s.program)) process.kill(pid, "SIGKILL");
    await until(() => api().control.snapshot("agent")?.state === "active");
    await s.run(["cancel", "--yes"]);
    const taken = ok(await s.up(), 1);
    expect(taken.text).toContain('creating snapshot "agent": the name "agent" is already taken');
    expect(taken.text).toContain("`adoptExisting: true`");
    s.snapshots({ agent: { name: "agent", image: "ubuntu:24.04", adoptExisting: true } });
    ok(await s.up());
    expect(api().control.snapshots()).toHaveLength(1);
  });

  test("a stack made by this release is refreshed and destroyed by a changed implementation", async () => {
    const s = (await stack()).snapshots({ agent: { name: "agent", image: "ubuntu:24.04" } });
    const dist = s.own();
    ok(await s.up());
    const before = await s.exported();
    renameSync(join(dist, "pulumi/dynamic/provider.js"), join(dist, "pulumi/dynamic/moved.js"));
    const moved = readFileSync(join(dist, "pulumi/dynamic/moved.js"), "utf8");
    writeFileSync(join(dist, "pulumi/dynamic/moved.js"), `/* another release */ ${moved}`);
    writeFileSync(
      join(dist, "pulumi/dynamic/provider.js"),
      `const { DynamicProvider: Base } = require("./moved");\nexports.DynamicProvider = class Other extends Base {};`,
    );
    ok(await s.drift());
    ok(await s.up("--expect-no-changes"));
    expect(/"__provider": ".*"/.exec(await s.exported())?.[0]).toBe(/"__provider": ".*"/.exec(before)?.[0]);
    // The engine may not ask the program for anything here.
    s.write("index.js", "throw new Error('not run');");
    ok(await s.refresh());
    ok(await s.destroy());
    expect(api().control.snapshots()).toEqual([]);
  });
});
