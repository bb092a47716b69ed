import { PATIENCE, ok } from "../setup";
import { describeDynamic, setup } from "./setup";

jest.setTimeout(PATIENCE);

describeDynamic("the dynamic provider under the real engine: a sandbox", () => {
  const { api, stack } = setup();

  test("it is taken, stays as it was taken, and is taken again when triggers change; destroy", async () => {
    api().control.sandbox({ name: "box", cpu: 2 });
    const s = (await stack()).snapshots({ agent: { name: "agent", sourceSandbox: "box" } });
    ok(await s.up());
    expect((await s.state())["agent"]?.outputs).toMatchObject({ sourceSandbox: "box", cpu: 2, state: "active" });
    const { id } = api().control.snapshot("agent")!;
    api().control.writeInSandbox("box");
    ok(await s.up("--expect-no-changes"));
    s.snapshots({ agent: { name: "agent", sourceSandbox: "box", triggers: { week: "2" } } });
    ok(await s.up());
    expect(api().control.snapshot("agent")?.id).not.toBe(id);
    expect(api().control.counts()["create-from-sandbox"]).toBe(3);
    ok(await s.up("--expect-no-changes"));
    ok(await s.destroy());
    expect(api().control.snapshots()).toEqual([]);
  });
});
