import { PATIENCE, ok } from "../setup";
import { describeDynamic, setup } from "./setup";

jest.setTimeout(PATIENCE);

describeDynamic("the dynamic provider under the real engine: replacements that it is not asked about", () => {
  const { api, stack } = setup();
  const writes = () =>
    api()
      .control.requests()
      .filter((request) => request.method !== "GET")
      .map((request) => `${request.method} ${request.path.replace(/[0-9a-f-]{36}/, "<id>")}`);
  const agent = { name: "agent", image: "ubuntu:24.04" };

  async function made(snapshot: Record<string, unknown> = agent) {
    const s = (await stack()).snapshots({ agent: snapshot });
    ok(await s.up());
    const { urn, id: name } = (await s.state())["agent"] as { urn: string; id: string };
    return { s, urn, name, id: api().control.snapshot(name)?.id };
  }

  test("--target-replace: refused before anything is touched, with what to do", async () => {
    const { s, urn, id } = await made();
    const forced = ok(await s.up("--target-replace", urn), 1);
    expect(forced.text).toContain('creating snapshot "agent": the name "agent" is already taken');
    expect(forced.text).toContain("change `triggers` to rebuild without downtime, or set `deleteBeforeReplace`");
    expect(forced.text).toContain("To adopt it, set `adoptExisting: true`.");
    expect(forced.text).not.toMatch(/import/);
    expect(api().control.snapshots()).toMatchObject([{ id, state: "active" }]);
    ok(await s.up("--expect-no-changes"));
  });

  test("state taint: refused likewise; with deleteBeforeReplace deleted, then made anew", async () => {
    const { s, urn, id } = await made();
    ok(await s.run(["state", "taint", urn, "--yes"]));
    expect(ok(await s.up(), 1).text).toContain(
      "change `triggers` to rebuild without downtime, or set `deleteBeforeReplace`",
    );
    expect(api().control.snapshots()).toMatchObject([{ id, state: "active" }]);
    s.snapshots({ agent: { ...agent, options: { deleteBeforeReplace: true } } });
    api().control.clearRequests();
    ok(await s.up());
    expect(writes()).toEqual(["DELETE /api/snapshots/<id>", "POST /api/snapshots"]);
    expect((await s.state())["agent"]?.outputs).toMatchObject({ snapshotId: api().control.snapshot("agent")?.id });
    ok(await s.up("--expect-no-changes"));
  });

  test("replacementTrigger: refused likewise; with deleteBeforeReplace deleted, then made anew", async () => {
    const { s, id } = await made({ ...agent, options: { replacementTrigger: "first" } });
    ok(await s.up("--expect-no-changes"));
    s.snapshots({ agent: { ...agent, options: { replacementTrigger: "second" } } });
    expect(ok(await s.up(), 1).text).toContain(
      "change `triggers` to rebuild without downtime, or set `deleteBeforeReplace`",
    );
    expect(api().control.snapshots()).toMatchObject([{ id, state: "active" }]);
    s.snapshots({ agent: { ...agent, options: { replacementTrigger: "second", deleteBeforeReplace: true } } });
    api().control.clearRequests();
    ok(await s.up());
    expect(writes()).toEqual(["DELETE /api/snapshots/<id>", "POST /api/snapshots"]);
    ok(await s.up("--expect-no-changes"));
  });

  test("renamed without an alias: told of it, nothing touched; what it adopts is not deleted on behalf of the old one", async () => {
    const { s, id } = await made();
    s.snapshots({ renamed: agent });
    expect(ok(await s.up(), 1).text).toContain(
      "If you renamed the resource in the program, list its old name in `aliases`",
    );
    expect(Object.keys(await s.state())).toEqual(["agent"]);
    s.snapshots({ renamed: { ...agent, adoptExisting: true } });
    const adopted = ok(await s.up());
    expect(adopted.text).toContain('deleting snapshot "agent": not deleted');
    expect(adopted.text).toContain(`(${id}), which this run has just adopted.`);
    expect(api().control.snapshots()).toMatchObject([{ id, state: "active" }]);
    expect(Object.keys(await s.state())).toEqual(["renamed"]);
    ok(await s.up("--expect-no-changes"));
  });

  test("renamed with an automatic name: made under another one before the old one goes", async () => {
    const { s, name } = await made({ image: "ubuntu:24.04" });
    api().control.clearRequests();
    s.snapshots({ other: { image: "ubuntu:24.04" } });
    ok(await s.up());
    expect(writes()).toEqual(["POST /api/snapshots", "DELETE /api/snapshots/<id>"]);
    expect((await s.state())["other"]?.id).not.toBe(name);
  });
});
