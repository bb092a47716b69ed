import { PATIENCE, ok } from "../setup";
import { SHIM } from "../../../../provider/pulumi/dynamic/shim";
import { describeDynamic, setup } from "./setup";

jest.setTimeout(PATIENCE);

describeDynamic("the dynamic provider under the real engine: what changes", () => {
  const { api, stack } = setup();
  const writes = () =>
    api()
      .control.requests()
      .filter((request) => request.method !== "GET")
      .map((request) => `${request.method} ${request.path.replace(/[0-9a-f-]{36}/, "<id>")}`);
  const TYPE = "pulumi-nodejs:dynamic/daytona:Snapshot";

  test("preview asks for nothing that changes anything; up creates under the name that it showed; up again changes nothing; destroy", async () => {
    const s = (await stack()).snapshots({ agent: { image: "ubuntu:24.04", cpu: 2 } });
    const preview = ok(await s.preview());
    expect(preview.text).toContain(`+ ${TYPE}: (create)`);
    const [, name = ""] = /\bname\s*: "(agent-[0-9a-f]{7})"/.exec(preview.text) ?? [];
    expect(name).not.toBe("");
    expect(writes()).toEqual([]);

    ok(await s.up());
    const { agent } = await s.state();
    expect(agent).toMatchObject({
      type: TYPE,
      id: name,
      outputs: { name, cpu: 2, state: "active", snapshotId: api().control.snapshot(name)?.id },
    });
    // What really lies in the state: the shim and nothing of the class.
    expect([agent?.inputs?.["__provider"], agent?.outputs?.["__provider"]]).toEqual([SHIM, SHIM]);
    expect(Object.keys(agent?.inputs ?? {}).sort()).toEqual([
      "__provider",
      "active",
      "adoptExisting",
      "cpu",
      "image",
      "name",
      "pinDigest",
      "replacement",
      "trackTag",
    ]);
    expect(Object.keys(agent?.outputs ?? {}).filter((key) => key.startsWith("__"))).toEqual(["__provider"]);

    api().control.clearRequests();
    ok(await s.up("--expect-no-changes"));
    ok(await s.drift());
    expect(writes()).toEqual([]);
    ok(await s.destroy());
    expect(api().control.snapshots()).toEqual([]);
  });

  test("a swap, in place: the preview warns; a recreate deletes first; another name is created first; an alias keeps the automatic name", async () => {
    const s = (await stack()).snapshots({ agent: { image: "ubuntu:24.04" } });
    ok(await s.up());
    const name = (await s.state())["agent"]?.id as string;
    const before = api().control.snapshot(name)?.id;

    s.snapshots({ agent: { image: "debian:12.5" } });
    const preview = ok(await s.preview());
    expect(preview.text).toContain(`~ ${TYPE}: (update)`);
    expect(preview.text).toContain(`A swap replaces snapshot "${name}"`);
    ok(await s.up());
    expect(api().control.snapshots()).toMatchObject([{ name, imageName: "debian:12.5", state: "active" }]);
    expect(api().control.snapshot(name)?.id).not.toBe(before);
    expect((await s.state())["agent"]).toMatchObject({
      id: name,
      outputs: { snapshotId: api().control.snapshot(name)?.id },
    });
    ok(await s.up("--expect-no-changes"));

    s.snapshots({ agent: { image: "debian:12.5", memory: 2, replacement: "recreate" } });
    expect(ok(await s.preview()).text).toContain(`${TYPE}: (replace)`);
    api().control.clearRequests();
    ok(await s.up());
    expect(writes()).toEqual(["DELETE /api/snapshots/<id>", "POST /api/snapshots"]);

    s.snapshots({
      bot: { image: "debian:12.5", memory: 2, replacement: "recreate", options: { aliases: [{ name: "agent" }] } },
    });
    ok(await s.up("--expect-no-changes"));

    s.snapshots({
      bot: {
        name: "bot",
        image: "debian:12.5",
        memory: 2,
        replacement: "recreate",
        options: { aliases: [{ name: "agent" }] },
      },
    });
    api().control.clearRequests();
    ok(await s.up());
    expect(writes()).toEqual(["POST /api/snapshots", "DELETE /api/snapshots/<id>"]);
    expect(api().control.snapshots()).toMatchObject([{ name: "bot" }]);
  });

  test("active is switched off and on; what only the state holds makes no call", async () => {
    const s = (await stack()).snapshots({ agent: { name: "agent", image: "ubuntu:24.04" } });
    ok(await s.up());
    s.snapshots({ agent: { name: "agent", image: "ubuntu:24.04", active: false } });
    ok(await s.up());
    expect(api().control.snapshot("agent")?.state).toBe("inactive");
    ok(await s.up("--expect-no-changes"));
    // Not earlier than ten minutes after the deactivation.
    api().control.update("agent", { updatedAt: Date.now() - 11 * 60_000 });
    s.snapshots({ agent: { name: "agent", image: "ubuntu:24.04" } });
    ok(await s.up());
    expect(api().control.snapshot("agent")?.state).toBe("active");

    s.snapshots({
      agent: {
        name: "agent",
        image: "ubuntu:24.04",
        adoptExisting: true,
        options: { customTimeouts: { delete: "3m" } },
      },
    });
    api().control.clearRequests();
    ok(await s.up());
    expect(writes()).toEqual([]);
    expect((await s.state())["agent"]?.outputs).toMatchObject({ adoptExisting: true, timeouts: { delete: "3m" } });
  });

  test("what is wrong is told at the preview, with its property", async () => {
    const s = (await stack()).snapshots({ agent: { image: "ubuntu:latest", timeouts: { create: "soon" } } });
    const preview = ok(await s.preview(), 1);
    expect(preview.text).toMatch(/property image value \{ubuntu:latest\} has a problem: .*latest/);
    expect(preview.text).toMatch(/property timeouts\.create value .* has a problem: .*\\?"soon\\?" is not a duration/);
  });

  test("adopts what is the same, refers to what it does not manage, and says how, where a name is taken", async () => {
    const uuid = api().control.insert({ name: "agent" });
    const s = (await stack()).snapshots({ agent: { name: "agent", image: "ubuntu:24.04" } });
    const taken = ok(await s.up(), 1);
    expect(taken.text).toContain('creating snapshot "agent": the name "agent" is already taken');
    expect(taken.text).toContain(uuid);
    expect(taken.text).toContain("`adoptExisting: true`");
    expect(taken.text).toContain("To refer to it without managing it, use `Snapshot.get`.");
    expect(taken.text).not.toMatch(/terraform|pulumi import/);

    s.snapshots({ agent: { name: "agent", image: "ubuntu:24.04", adoptExisting: true } });
    ok(await s.up());
    expect((await s.state())["agent"]?.outputs).toMatchObject({ snapshotId: uuid });
    ok(await s.up("--expect-no-changes"));

    const other = (await stack({ name: "other" })).snapshots({ base: { get: "agent" } });
    ok(await other.up());
    expect((await other.state())["base"]).toMatchObject({ id: "agent", external: true, outputs: { snapshotId: uuid } });
    ok(await other.drift());
    ok(await other.destroy());
    expect(api().control.snapshots()).toHaveLength(1);
    other.snapshots({ base: { get: uuid } });
    expect(ok(await other.preview(), 1).text).toContain(
      'that is the UUID of snapshot "agent". Pulumi identifies snapshots by name: use "agent".',
    );
  });

  test("two stacks that want one name: the second is told who has it", async () => {
    ok(await (await stack({ name: "one" })).snapshots({ agent: { name: "agent", image: "ubuntu:24.04" } }).up());
    const second = (await stack({ name: "two" })).snapshots({ agent: { name: "agent", image: "debian:12.5" } });
    const refused = ok(await second.up(), 1);
    expect(refused.text).toMatch(
      /the name "agent" is already taken[\s\S]*It differs from the requested snapshot:\n\s+image/,
    );
    expect(await second.state()).toEqual({});
  });
});
