import { startLocalApi } from "../../../provider/local";
import { agent, idle, ok, quick, setup } from "./setup";

jest.setTimeout(90_000);
const { api, project } = setup();

const state = "daytona_snapshot.agent";

test("create, nothing to plan, destroy, and nothing is left", async () => {
  const program = project(agent("cpu = 2"));
  expect(ok(await program.apply()).changes).toEqual([`create ${state}`]);
  expect(program.state()[state]).toMatchObject({
    values: { name: "agent", state: "active", cpu: 2, memory: 1, region: "us", active: true },
    tainted: false,
  });
  const before = program.read("terraform.tfstate");
  expect((await program.plan()).code).toBe(0);
  ok(await program.apply("-refresh-only"));
  expect(program.read("terraform.tfstate")).toBe(before);
  ok(await program.destroy());
  expect(api().control.snapshots()).toEqual([]);
});

/** What somebody did, what the plan then shows, and how the API is told that it was mended. */
const drifts: [what: string, happen: () => void, action: string, attribute: string, id: "kept" | "new"][] = [
  ["inactive", () => idle(api(), "agent"), "update", "active", "kept"],
  ["error", () => api().control.setState("agent", "error", "the runner died"), "update", "error_reason", "new"],
  [
    "build_failed",
    () => api().control.setState("agent", "build_failed", "exit code 1"),
    "update",
    "error_reason",
    "new",
  ],
  ["gone", () => api().control.remove("agent"), "create", "id", "new"],
  ["other resources", () => api().control.update("agent", { cpu: 3 }), "update", "cpu", "new"],
  ["a state that nobody knows", () => api().control.setState("agent", "hibernating"), "none", "", "kept"],
];

test("every drift is shown, mended by one apply, and the next plan is empty", async () => {
  const program = project(agent("cpu = 2"));
  ok(await program.apply());
  for (const [what, happen, action, attribute, kept] of drifts) {
    const before = api().control.snapshot("agent")!.id;
    happen();
    const plan = await program.plan("-out=plan");
    expect([what, plan.changes]).toEqual([what, action === "none" ? [] : [`${action} ${state}`]]);
    if (what === "gone")
      expect(plan.warnings.map((warning) => warning.summary)).toEqual(['Snapshot "agent" no longer exists']);
    const shown = JSON.parse((await program.run(["show", "-json", "plan"])).stdout) as {
      resource_changes: { change: { before: Record<string, unknown> | null; after: Record<string, unknown> } }[];
    };
    const change = shown.resource_changes[0]!.change;
    if (change.before !== null && attribute !== "")
      expect([what, change.before[attribute]]).not.toEqual([what, change.after[attribute]]);
    if (action === "none") continue;
    ok(await program.run(["apply", "plan"]));
    const after = api().control.snapshot("agent")!;
    expect([what, after.state, after.cpu, after.id === before]).toEqual([what, "active", 2, kept === "kept"]);
    expect(program.state()[state]?.values).toMatchObject({
      id: after.id,
      state: "active",
      active: true,
      error_reason: null,
    });
    expect([what, (await program.plan()).changes]).toEqual([what, []]);
  }
});

test("removing: the apply waits until it is gone, and makes it again", async () => {
  // One whose cron never comes: it stays `removing` until the test says so.
  const slow = await startLocalApi({ ...quick, cronSeconds: 1e6 });
  try {
    const program = project(agent(), { env: { DAYTONA_API_URL: slow.apiUrl, DAYTONA_API_KEY: slow.apiKey } });
    ok(await program.apply());
    const before = slow.control.snapshot("agent")!.id;
    slow.control.setState("agent", "removing");
    expect((await program.plan("-out=plan")).changes).toEqual([`update ${state}`]);
    setTimeout(() => slow.control.remove(before), 1000);
    ok(await program.run(["apply", "plan"]));
    expect(slow.control.snapshot("agent")).toMatchObject({ state: "active" });
    expect(program.state()[state]?.values["id"]).not.toBe(before);
    expect((await program.plan()).code).toBe(0);
  } finally {
    await slow.close();
  }
});

test("a snapshot that is still settling is waited for", async () => {
  const program = project(agent());
  ok(await program.apply());
  api().control.setState("agent", "snapshotting");
  const plan = await program.plan();
  expect(plan.changes).toEqual([`update ${state}`]);
  setTimeout(() => api().control.setState("agent", "active"), 1500);
  ok(await program.apply());
  expect(program.state()[state]?.values["state"]).toBe("active");
});

test("active = false: deactivated, kept so, and put back when somebody woke it", async () => {
  const program = project(agent("active = false"));
  ok(await program.apply());
  expect(api().control.snapshot("agent")?.state).toBe("inactive");
  expect((await program.plan()).code).toBe(0);
  api().control.setState("agent", "active");
  expect(ok(await program.apply()).changes).toEqual([`update ${state}`]);
  expect(api().control.snapshot("agent")?.state).toBe("inactive");
});

test("somebody made another snapshot of the name: the plan says so, with the import line", async () => {
  const program = project(agent());
  ok(await program.apply());
  const id = api().control.recreate("agent");
  const plan = await program.plan();
  expect(plan.changes).toEqual([`create ${state}`]);
  expect(plan.warnings.map((warning) => warning.detail).join()).toContain(
    `\n  terraform state rm ADDRESS\n  terraform import ADDRESS ${id}`,
  );
});

test("everything that changes by itself leaves an untouched fleet without a change", async () => {
  const program = project(
    `resource "daytona_snapshot" "many" {\n for_each = toset(["a", "b", "c"])\n name = each.key\n image = "ubuntu:24.04"\n}`,
  );
  ok(await program.apply());
  // Not how many were asked for: a pull that nobody waits for can make the server refuse the next one of its image, which is then made again.
  expect(
    api()
      .control.snapshots()
      .map(({ name, state: now }) => [name, now])
      .sort(),
  ).toEqual([
    ["a", "active"],
    ["b", "active"],
    ["c", "active"],
  ]);
  for (const name of ["a", "b", "c"])
    api().control.update(name, {
      lastUsedAt: Date.now() + 1000,
      updatedAt: Date.now() + 1000,
      entrypoint: ["sh"],
      errorReason: "old",
    });
  const plan = await program.plan();
  expect(plan.code).toBe(0);
  expect(plan.messages.filter((message) => message["type"] === "resource_drift")).toEqual([]);
});

test("an activation that ends in error is made again in the same apply, although the plan knew the id", async () => {
  const program = project(agent());
  ok(await program.apply());
  const before = program.state()[state]?.values["id"];
  // Two weeks without use: its image is no longer on the runner.
  api().control.deactivateIdle(0);
  api().control.update("agent", { updatedAt: Date.now() - 3_600_000 });
  api().control.source({ image: "ubuntu:24.04", outcome: "fail" });
  const plan = await program.plan();
  expect(plan.stdout).not.toMatch(/\bid\s+=.*known after apply/);
  // The image is back once the failed snapshot has been deleted.
  const watch = setInterval(() => api().control.counts().delete && api().control.clearSources(), 5);
  try {
    ok(await program.apply());
  } finally {
    clearInterval(watch);
  }
  const after = program.state()[state]?.values;
  expect(after).toMatchObject({ state: "active", active: true, id: api().control.snapshot("agent")?.id });
  expect(after?.["id"]).not.toBe(before);
  expect((await program.plan()).code).toBe(0);
});
