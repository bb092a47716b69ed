import { agent, ok, setup } from "./setup";
import { testSince, toolVersion } from "./versions";

jest.setTimeout(60_000);
const { api, project } = setup();
const destroyFalse = testSince({ terraform: 16, tofu: 12 });

destroyFalse("destroy = false keeps a snapshot, but no swap does: its warning says so", async () => {
  const keep = "lifecycle {\n destroy = false\n}";
  const program = project(agent(keep));
  ok(await program.apply());
  const id = program.state()["daytona_snapshot.agent"]?.values["id"];
  program.program(agent(keep, 'image = "ubuntu:25.04"'));
  const plan = await program.plan();
  expect(plan.changes).toEqual(["update daytona_snapshot.agent"]);
  expect(plan.warnings[0]?.detail).toContain("`lifecycle { destroy = false }` does not keep the old snapshot");
  ok(await program.apply());
  expect(program.state()["daytona_snapshot.agent"]?.values["id"]).not.toBe(id);
  expect(
    api()
      .control.snapshots()
      .map((snapshot) => snapshot.id),
  ).not.toContain(id);
  // Terraform 1.16.0-rc2 forgets it in a destroy, and destroys what has left the program; OpenTofu 1.12 forgets that as well.
  ok(await (toolVersion()?.tofu ? program.program("").apply() : program.destroy()));
  expect(api().control.snapshots()).toHaveLength(1);
});
