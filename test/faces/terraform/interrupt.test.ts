import { startLocalApi } from "../../../provider/local";
import { agent, ok, quick, setup } from "./setup";

jest.setTimeout(60_000);
const { api, project } = setup();
const state = "daytona_snapshot.agent";

/** Resolves once the API has had a request of this kind. */
async function asked(kind: "create", times = 1): Promise<void> {
  while ((api().control.counts()[kind] ?? 0) < times) await new Promise((resolve) => setTimeout(resolve, 20));
}

test("Ctrl-C in the wait of a create: at once, not tainted, and the next apply waits on", async () => {
  api().control.source({ image: "ubuntu:24.04", outcome: "hang" });
  const program = project(agent());
  let began = 0;
  const result = await program.run(["apply", "-json", "-auto-approve"], {
    during: async (terraform) => {
      await asked("create");
      await new Promise((resolve) => setTimeout(resolve, 500));
      began = Date.now();
      terraform.kill("SIGINT");
    },
  });
  // The promise is 2 s; twice that for a busy machine.
  expect(Date.now() - began).toBeLessThan(4000);
  expect(result.code).toBe(1);
  const { id } = api().control.snapshot("agent")!;
  expect(result.warnings[0]).toMatchObject({ summary: 'Creating snapshot "agent": interrupted' });
  expect(result.warnings[0]?.detail).toContain(id);
  expect(program.state()[state]).toMatchObject({ tainted: false, values: { id } });
  setTimeout(() => api().control.finishHung(), 1500);
  expect(ok(await program.apply()).changes).toEqual([`update ${state}`]);
  expect(program.state()[state]).toMatchObject({ tainted: false, values: { id, state: "active" } });
  expect(api().control.counts().create).toBe(1);
  expect((await program.plan()).code).toBe(0);
});

test("Ctrl-C while the answer to the POST is under way: the answer is awaited, so the id is kept", async () => {
  const program = project(agent());
  const fault = api().control.fault({ kind: "create", action: "delay", delayMs: 1000 });
  const result = await program.run(["apply", "-json", "-auto-approve"], {
    during: async (terraform) => {
      await api().control.faultReached(fault);
      terraform.kill("SIGINT");
    },
  });
  expect(result.code).toBe(1);
  expect(program.state()[state]).toMatchObject({ tainted: false, values: { id: api().control.snapshot("agent")!.id } });
  ok(await program.apply());
  expect((await program.plan()).code).toBe(0);
});

test("Ctrl-C in a swap keeps what is there, and the next apply ends it", async () => {
  const program = project(agent());
  ok(await program.apply());
  const before = api().control.snapshot("agent")!.id;
  api().control.source({ image: "ubuntu:25.04", outcome: "hang" });
  program.program(agent("", 'image = "ubuntu:25.04"'));
  const result = await program.run(["apply", "-json", "-auto-approve"], {
    during: async (terraform) => {
      await asked("create", 2);
      await new Promise((resolve) => setTimeout(resolve, 300));
      terraform.kill("SIGINT");
    },
  });
  expect(result.errors.map((error) => error.summary)).toContain('Replacing snapshot "agent": interrupted');
  expect(program.state()[state]).toMatchObject({ tainted: false, values: { id: before, image: "ubuntu:24.04" } });
  api().control.clearSources();
  api().control.finishHung();
  ok(await program.apply());
  expect(
    api()
      .control.snapshots()
      .map(({ name, imageName }) => [name, imageName]),
  ).toEqual([["agent", "ubuntu:25.04"]]);
  expect((await program.plan()).code).toBe(0);
});

test("Ctrl-C while a delete waits: the snapshot stays in the state, and the next destroy ends it", async () => {
  // One whose cron never comes: it stays `removing` until the test says so.
  const slow = await startLocalApi({ ...quick, cronSeconds: 1e6 });
  try {
    const program = project(agent(), { env: { DAYTONA_API_URL: slow.apiUrl, DAYTONA_API_KEY: slow.apiKey } });
    ok(await program.apply());
    const result = await program.run(["destroy", "-json", "-auto-approve"], {
      during: async (terraform) => {
        while (slow.control.snapshot("agent")?.state !== "removing")
          await new Promise((resolve) => setTimeout(resolve, 20));
        await new Promise((resolve) => setTimeout(resolve, 300));
        terraform.kill("SIGINT");
      },
    });
    expect(result.errors.map((error) => error.summary)).toContain('Deleting snapshot "agent": interrupted');
    expect(Object.keys(program.state())).toEqual([state]);
    setTimeout(() => slow.control.remove("agent"), 1000);
    ok(await program.destroy());
    expect(slow.control.snapshots()).toEqual([]);
  } finally {
    await slow.close();
  }
});

test("a destroy after an unfinished swap takes the successor with it", async () => {
  const program = project(agent());
  ok(await program.apply());
  api().control.source({ image: "ubuntu:25.04", outcome: "hang" });
  program.program(agent("", 'image = "ubuntu:25.04"'));
  await program.run(["apply", "-json", "-auto-approve"], {
    during: async (terraform) => {
      await asked("create", 2);
      await new Promise((resolve) => setTimeout(resolve, 300));
      terraform.kill("SIGINT");
    },
  });
  expect(api().control.snapshots()).toHaveLength(2);
  api().control.finishHung();
  ok(await program.destroy());
  expect(api().control.snapshots()).toEqual([]);
});
