import type { ChildProcess } from "node:child_process";
import { PATIENCE, agent, describeWithPulumi, ok, setup } from "./setup";

jest.setTimeout(PATIENCE);

describeWithPulumi("the native provider under the real engine: failures", ["yaml"], () => {
  const { api, stack } = setup();
  const build = (text = "hello") =>
    agent({ image: undefined, dockerfileContent: `FROM ubuntu:24.04\nRUN echo ${text}\n` });

  test("a build that fails is kept with its reason and its log; the next up makes it again", async () => {
    api().control.source({ dockerfile: "hello", outcome: "fail", times: 1, reason: "exit code 1" });
    const s = (await stack()).yaml(build());
    const failed = await s.up();
    expect(failed.code).not.toBe(0);
    expect(failed.text).toContain(`creating snapshot "agent": the build failed (state \`error\`)`);
    expect(failed.text).toContain("Reason: exit code 1.");
    expect(failed.text).toContain("Last lines of the build log:");
    expect(failed.text).toContain("run `pulumi up` again");
    const kept = (await s.state())["agent"];
    expect(kept).toMatchObject({
      id: "agent",
      outputs: { state: "error", snapshotId: api().control.snapshot("agent")?.id },
    });
    expect(kept?.initErrors).toHaveLength(1);
    ok(await s.up());
    expect(api().control.snapshots()).toMatchObject([{ name: "agent", state: "active" }]);
    expect((await s.state())["agent"]?.initErrors).toBeUndefined();
    ok(await s.up("--expect-no-changes"));
  });

  test("a swap whose successor fails leaves the old snapshot and the old state", async () => {
    const s = (await stack()).yaml(build("one"));
    ok(await s.up());
    const { id } = api().control.snapshot("agent") as { id: string };
    api().control.source({ dockerfile: "two", outcome: "fail" });
    s.yaml(build("two"));
    const failed = await s.up();
    expect(failed.code).not.toBe(0);
    expect(failed.text).toContain(`replacing snapshot "agent": the build failed`);
    expect(api().control.snapshots()).toMatchObject([{ id, state: "active" }]);
    expect((await s.state())["agent"]).toMatchObject({
      outputs: { snapshotId: id, dockerfileContent: "FROM ubuntu:24.04\nRUN echo one\n" },
    });
    s.yaml(build("one"));
    ok(await s.up());
    expect(api().control.snapshot("agent")).toMatchObject({ id, state: "active" });
  });

  test("Ctrl-C in a wait keeps the id; the next up waits on", async () => {
    api().control.source({ dockerfile: "hello", outcome: "hang" });
    const s = (await stack()).yaml(build());
    let asked = 0;
    let ended = 0;
    const stopped = await s.run(["up", "--yes", "--skip-preview"], {
      during: async (child: ChildProcess) => {
        // The provider has seen it as well, which is what it keeps.
        await new Promise<void>((resolve) => {
          let shown = "";
          child.stdout?.on("data", (chunk: Buffer) => {
            shown += chunk.toString();
            if (shown.includes("building, ")) resolve();
          });
        });
        asked = Date.now();
        child.on("exit", () => (ended = Date.now()));
        child.kill("SIGINT");
      },
    });
    expect(stopped.code).not.toBe(0);
    // Two seconds are promised; the engine itself needs time to end as well, on a machine that is busy.
    expect(ended - asked).toBeLessThan(20_000);
    expect(stopped.text).toContain(`creating snapshot "agent": interrupted`);
    const { id } = api().control.snapshot("agent") as { id: string };
    expect((await s.state())["agent"]).toMatchObject({ id: "agent", outputs: { snapshotId: id, state: "building" } });
    api().control.finishHung();
    ok(await s.up());
    expect(api().control.snapshots()).toMatchObject([{ id, state: "active" }]);
    expect((await s.state())["agent"]).toMatchObject({ outputs: { snapshotId: id, state: "active" } });
    ok(await s.up("--expect-no-changes"));
  });

  test("customTimeouts limit a call, and the message says how to go on", async () => {
    api().control.source({ dockerfile: "hello", outcome: "hang" });
    const s = (await stack()).yaml({
      agent: {
        type: "daytona:Snapshot",
        properties: {
          name: "agent",
          dockerfileContent: "FROM ubuntu:24.04\nRUN echo hello\n",
          timeouts: { create: "45m" },
        },
        options: { customTimeouts: { create: "2s" } },
      },
    });
    const late = await s.up();
    expect(late.code).not.toBe(0);
    expect(late.text).toContain("timed out after 2s; last state: `building`");
    expect(late.text).toContain("The next `pulumi up` continues to wait for it.");
    expect(late.text).toContain("The server waits for a runner to finish the build.");
    expect(late.text).toContain("customTimeouts");
    api().control.finishHung();
    ok(await s.up());
    expect(api().control.snapshots()).toHaveLength(1);
  });

  test("nothing was made: nothing is kept", async () => {
    api().control.fault({
      method: "POST",
      path: "/snapshots",
      action: "answer",
      status: 403,
      body: { statusCode: 403, error: "Forbidden", message: "Snapshot quota exceeded" },
    });
    const s = (await stack()).yaml(agent());
    const failed = await s.up();
    expect(failed.code).not.toBe(0);
    expect(failed.text).toContain(`creating snapshot "agent"`);
    expect((await s.state())["agent"]).toBeUndefined();
  });

  test("a forced replacement with a fixed name is refused before anything is touched, and says what to do", async () => {
    const s = (await stack()).yaml(agent());
    ok(await s.up());
    const { id } = api().control.snapshot("agent") as { id: string };
    const urn = (await s.state())["agent"]?.urn as string;
    const forced = await s.up("--target-replace", urn);
    expect(forced.code).not.toBe(0);
    expect(forced.text).toContain("change `triggers` to rebuild without downtime, or set `deleteBeforeReplace`");
    expect(api().control.snapshots()).toMatchObject([{ id, state: "active" }]);
    ok(await s.up("--expect-no-changes"));
  });

  test("a renamed resource that adopts its own snapshot does not delete it afterwards", async () => {
    const s = (await stack()).yaml(agent());
    ok(await s.up());
    const { id } = api().control.snapshot("agent") as { id: string };
    s.yaml({
      renamed: { type: "daytona:Snapshot", properties: { name: "agent", image: "ubuntu:24.04", adoptExisting: true } },
    });
    const renamed = ok(await s.up());
    expect(renamed.text).toContain(`deleting snapshot "agent": not deleted`);
    expect(api().control.snapshots()).toMatchObject([{ id, state: "active" }]);
    expect(Object.keys(await s.state())).toEqual(["renamed"]);
  });

  test("two stacks that want the same name: the second is told who has it", async () => {
    const one = (await stack()).yaml(agent());
    ok(await one.up());
    const two = (await stack({ name: "prod" })).yaml(agent());
    const taken = await two.up();
    expect(taken.code).not.toBe(0);
    expect(taken.text).toContain(`the name "agent" is already taken`);
    expect(taken.text).toContain(api().control.snapshot("agent")?.id);
  });

  test("missing credentials name all three ways, and unknown ones are said by name", async () => {
    const s = (await stack({ env: { DAYTONA_API_KEY: "" } })).yaml(agent());
    const refused = await s.up();
    expect(refused.code).not.toBe(0);
    expect(refused.text).toContain("no Daytona credentials found: set `daytona:apiKey`");
    expect(refused.text).toContain("DAYTONA_API_KEY");
    expect(refused.text).toContain("daytona login");
    const planned = await s.preview();
    expect(planned.code).not.toBe(0);
    expect(planned.text).toContain("no Daytona credentials found: set `daytona:apiKey`");
  });

  test("a provider without a resource that needs it asks for no credentials; empty configuration counts as not set", async () => {
    const config = { apiKey: "", region: "", apiUrl: "" };
    const provider = { blank: { type: "pulumi:providers:daytona", properties: config } };
    const without = (await stack({ env: { DAYTONA_API_KEY: "" } })).yaml(provider);
    ok(await without.up());
    const used = (await stack({ name: "used" })).yaml({
      ...provider,
      agent: { ...(agent()["agent"] as object), options: { provider: "${blank}" } },
    });
    ok(await used.up());
    expect(api().control.snapshots()).toMatchObject([{ name: "agent", state: "active" }]);
  });
});
