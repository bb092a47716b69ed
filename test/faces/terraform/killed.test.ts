import { buildExecutable, noneLeft, processesOf } from "../support/executable";
import type { Project } from "../support/terraform";
import { agent, ok, setup } from "./setup";

jest.setTimeout(240_000);
const { api, project } = setup({ pullSeconds: 0.05 });
const state = "daytona_snapshot.agent";

let executable: ReturnType<typeof buildExecutable>;
beforeAll(() => {
  executable = buildExecutable();
});
afterAll(() => executable.remove());

const changed = agent("", 'image = "ubuntu:25.04"');

/** A project with `agent` made, and its program changed so that the next apply swaps. */
async function beforeSwap(): Promise<Project> {
  const program = project(agent());
  ok(await program.apply());
  program.program(changed);
  api().control.clearRequests();
  return program;
}

const mutating = ["create", "delete"];

/** Kills with -9 as soon as the API has carried out request number `n` of the apply, before its answer has arrived. */
async function killedAfter(program: Project, n: number, whom: "terraform" | "provider"): Promise<boolean> {
  const fault = api().control.fault({ action: "hang-after", skip: n });
  let reached = false;
  await program.run(["apply", "-json", "-auto-approve"], {
    executable: executable.dir,
    during: async (terraform) => {
      const ended = new Promise<boolean>((resolve) => terraform.on("close", () => resolve(false)));
      reached = await Promise.race([
        api()
          .control.faultReached(fault)
          .then(() => true),
        ended,
      ]);
      if (!reached) return;
      if (whom === "terraform") terraform.kill("SIGKILL");
      else for (const pid of processesOf(executable.dir)) process.kill(pid, "SIGKILL");
    },
  });
  api().control.clearFaults();
  expect([n, await noneLeft(executable.dir, 5000)]).toEqual([n, true]);
  return reached;
}

test("kill -9 at every call of a swap: the next apply ends it, nothing is lost, nothing is left over", async () => {
  const stuck: string[] = [];
  let n = 0;
  for (; ; n++) {
    const program = await beforeSwap();
    if (!(await killedAfter(program, n, "terraform"))) break;
    // A kill between two calls that change nothing is the same as the one before.
    const asked = api().control.requests();
    const here = `after call ${n + 1}, ${asked.at(-1)?.method} ${asked.at(-1)?.path.replace(/[0-9a-f-]{36}/, "ID")}`;
    expect([
      here,
      api()
        .control.snapshots()
        .filter(({ state: now }) => now !== "removing").length > 0,
    ]).toEqual([here, true]);
    const plan = await program.plan();
    expect([here, plan.errors]).toEqual([here, []]);
    const applied = await program.apply();
    if (applied.code !== 0) {
      // The one point that cannot be recognised: the swap was complete, but the state was not saved.
      const lastChange = asked.filter(({ kind }) => mutating.includes(kind)).at(-1);
      stuck.push(`${lastChange?.method} of the ${asked.filter(({ kind }) => kind === "delete").length}.`);
      const { id } = api().control.snapshot("agent")!;
      expect(plan.warnings.map((warning) => warning.detail).join()).toContain(`terraform import ADDRESS ${id}`);
      expect([here, applied.errors[0]?.detail]).toEqual([
        here,
        expect.stringContaining(`terraform import ADDRESS ${id}`),
      ]);
      ok(await program.run(["import", state, id]));
    }
    expect([here, (await program.plan()).changes]).toEqual([here, []]);
    expect([
      here,
      api()
        .control.snapshots()
        .map(({ name, imageName, state: now }) => [name, imageName, now]),
    ]).toEqual([here, [["agent", "ubuntu:25.04", "active"]]]);
    expect(program.state()[state]?.values["id"]).toBe(api().control.snapshots()[0]!.id);
    ok(await program.destroy());
    expect([here, api().control.snapshots()]).toEqual([here, []]);
    program.remove();
    api().control.reset();
  }
  expect(n).toBeGreaterThan(8);
  // Only once the successor, the second of the two, has been deleted.
  expect([...new Set(stuck)]).toEqual(["DELETE of the 2."]);
});

test("kill -9 of the provider at every call of a swap that changes something", async () => {
  const first = await beforeSwap();
  ok(await first.apply());
  const points = api()
    .control.requests()
    .map(({ kind }, i) => (mutating.includes(kind) ? i : -1))
    .filter((i) => i >= 0);
  expect(points.length).toBe(4);
  for (const n of points) {
    api().control.reset();
    const program = await beforeSwap();
    expect(await killedAfter(program, n, "provider")).toBe(true);
    // The killed apply saved what Terraform knew: the old object, not tainted.
    expect(program.state()[state]?.tainted).toBe(false);
    const applied = await program.apply();
    if (applied.code !== 0) ok(await program.run(["import", state, api().control.snapshot("agent")!.id]));
    expect([
      n,
      api()
        .control.snapshots()
        .map(({ name, imageName }) => [name, imageName]),
    ]).toEqual([n, [["agent", "ubuntu:25.04"]]]);
    ok(await program.destroy());
    expect([n, api().control.snapshots()]).toEqual([n, []]);
    program.remove();
  }
});

test("killed in a create: the next apply says how to take over what was made", async () => {
  const program = project(agent());
  expect(await killedAfter(program, 0, "terraform")).toBe(true);
  const { id } = api().control.snapshot("agent")!;
  const applied = await program.apply();
  expect(applied.errors[0]?.detail).toContain(`terraform import ADDRESS ${id}`);
  program.program(agent("adopt_existing = true"));
  ok(await program.apply());
  expect(program.state()[state]?.values["id"]).toBe(id);
});
