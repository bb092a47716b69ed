import type { Result } from "../support/terraform";
import { agent, ok, setup } from "./setup";

jest.setTimeout(120_000);
const { api, project } = setup();
const state = "daytona_snapshot.agent";
const source = 'source_sandbox = "box"';

/** All messages. */
const said = ({ errors, warnings }: Pick<Result, "errors" | "warnings">): string =>
  [...errors, ...warnings].map(({ summary, detail }) => `${summary}\n${detail}`).join("\n");

beforeEach(() => void api().control.sandbox({ name: "box", cpu: 2, mem: 4, disk: 6 }));

test("a sandbox: created, no change after it, refreshed, taken again, imported and destroyed; the sandbox is not needed in between", async () => {
  const program = project(agent("", source));
  ok(await program.apply());
  const { values } = program.state()[state]!;
  expect(values).toMatchObject({
    source_sandbox: "box",
    include_memory: null,
    source_hash: null,
    image: null,
    image_name: "",
    cpu: 2,
    memory: 4,
    disk: 6,
    state: "active",
  });
  const { id } = api().control.snapshot("agent")!;
  // The sandbox goes on: what happens in it, and that it is gone, changes nothing.
  api().control.writeInSandbox("box");
  api().control.removeSandbox("box");
  expect((await program.plan()).code).toBe(0);
  ok(await program.apply("-refresh-only"));
  expect(program.state()[state]?.values).toEqual(values);

  const again = agent('triggers = { week = "2" }', source);
  program.program(again);
  const planned = ok(await program.plan(), 2);
  expect(said(planned)).toContain(
    'There is no sandbox "box"\nThe snapshot is created from it. Unless you create it first, apply fails. The current snapshot "agent" stays. Set source_sandbox to an existing sandbox.',
  );
  const gone = await program.apply();
  expect(gone.code).toBe(1);
  expect(said(gone)).toContain('there is no sandbox "box"');
  expect(said(gone)).toContain("The old snapshot is unchanged and still usable.");
  expect(
    api()
      .control.snapshots()
      .map((dto) => dto.id),
  ).toEqual([id]);

  const box = api().control.sandbox({ name: "box", cpu: 1 });
  const replaced = ok(await program.apply());
  expect(replaced.changes).toEqual([`update ${state}`]);
  expect(said(replaced)).toContain("it is created from the sandbox in source_sandbox twice");
  expect(program.state()[state]?.values).toMatchObject({ cpu: 1, source_sandbox: "box", triggers: { week: "2" } });
  expect((await program.plan()).code).toBe(0);

  const other = project(agent("", source));
  ok(await other.run(["import", state, "agent"]));
  expect(other.state()[state]?.values).toMatchObject({ source_sandbox: box });
  ok(await other.apply());
  expect(api().control.snapshot("agent")?.id).toBe(program.state()[state]?.values["id"]);
  expect((await other.plan()).code).toBe(0);

  ok(await program.run(["destroy", "-auto-approve"]));
  expect(api().control.snapshots()).toEqual([]);
});

test("from an image to a sandbox and back, and recreate", async () => {
  const program = project(agent("cpu = 1", 'image = "ubuntu:24.04"'));
  ok(await program.apply());
  program.program(agent("", source));
  ok(await program.apply());
  expect(program.state()[state]?.values).toMatchObject({ image: null, cpu: 2, source_hash: null });
  program.program(agent('replacement = "recreate"\ntriggers = { a = "b" }', source));
  ok(await program.apply());
  expect((await program.plan()).code).toBe(0);
  program.program(agent("", 'image = "ubuntu:24.04"'));
  ok(await program.apply());
  expect(program.state()[state]?.values).toMatchObject({ image: "ubuntu:24.04", source_sandbox: null, cpu: 2 });
  expect((await program.plan()).code).toBe(0);
});

test.each([
  ["cpu = 2", "Sandbox with cpu"],
  ['region = "us"', "Sandbox with region"],
  ['entrypoint = ["sh"]', "Sandbox with entrypoint"],
  ['source_hash = "abc"', "Sandbox with source_hash"],
  ['image = "ubuntu:24.04"', "More than one source"],
  ['context_dir = "."', "Context_dir without a Dockerfile"],
  ["pin_digest = true", "Pin_digest without an image"],
])("%s cannot be set beside a sandbox", async (line, summary) => {
  const result = await project(agent(line, source)).plan();
  expect(result.code).toBe(1);
  expect(said(result)).toContain(summary);
});

test("include_memory is for a sandbox only, and a container has none", async () => {
  const wrong = await project(agent("include_memory = true", 'image = "ubuntu:24.04"')).plan();
  expect(said(wrong)).toContain("No sandbox for include_memory");
  const refused = await project(agent("include_memory = true", source)).apply();
  expect(said(refused)).toContain("only the memory of VMs can be included");
  expect(api().control.counts()["create-from-sandbox"]).toBeUndefined();
});
