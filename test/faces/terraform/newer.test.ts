import { agent, ok, setup } from "./setup";

/** A server that is newer than this release: a state and a class that nobody here has heard of, and a field that nobody reads. */

jest.setTimeout(120_000);
const { api, project } = setup();
const state = "daytona_snapshot.agent";
const data = `
data "daytona_snapshot" "one" { name = "other" }
data "daytona_snapshots" "all" {}
data "daytona_snapshots" "active" { states = ["active"] }
output "one" { value = [data.daytona_snapshot.one.state, data.daytona_snapshot.one.sandbox_class] }
output "all" { value = data.daytona_snapshots.all.snapshots[*].state }
output "active" { value = data.daytona_snapshots.active.names }
`;

test("a resource is refreshed and not changed, data sources show it, a destroy deletes it", async () => {
  api().control.insert({ name: "other", state: "levitating", sandboxClass: "quantum" });
  const program = project(agent() + data);
  ok(await program.apply());
  api().control.setState("agent", "levitating");
  const listed = {
    items: api()
      .control.snapshots()
      .map((dto) => ({ ...dto, altitude: { meters: 3 } })),
    page: 1,
    totalPages: 1,
  };
  const body = { ...listed, total: listed.items.length };
  api().control.fault({ kind: "list", action: "answer", status: 200, body, times: -1 });
  const refreshed = ok(await program.apply("-refresh-only"));
  expect(refreshed.warnings).toEqual([]);
  // Neither gone nor inactive.
  expect(program.state()[state]?.values).toMatchObject({ name: "agent", state: "levitating", active: true });
  const shown = JSON.parse((await program.run(["show", "-json"])).stdout) as {
    values: { outputs: Record<string, { value: unknown }> };
  };
  const output = (name: string): unknown => shown.values.outputs[name]?.value;
  expect(output("one")).toEqual(["levitating", "quantum"]);
  expect(output("all")).toEqual(["levitating", "levitating"]);
  expect(output("active")).toEqual([]);
  expect((await program.plan()).code).toBe(0);
  expect(
    api()
      .control.requests()
      .filter(({ kind }) => kind === "delete" || kind === "activate"),
  ).toEqual([]);
  api().control.clearFaults();
  ok(await program.destroy());
  expect(
    api()
      .control.snapshots()
      .map(({ name, state: left }) => [name, left]),
  ).toEqual([["other", "levitating"]]);
});
