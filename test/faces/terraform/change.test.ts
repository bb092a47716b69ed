import { agent, ok, setup } from "./setup";

jest.setTimeout(90_000);
const { api, project } = setup();
const state = "daytona_snapshot.agent";

test("a change of the source is a swap: in place, with a warning that names what will be deleted", async () => {
  const program = project(agent());
  ok(await program.apply());
  const before = api().control.snapshot("agent")!.id;
  program.program(agent("cpu = 2\n lifecycle {\n prevent_destroy = true\n}", 'image = "ubuntu:25.04"'));
  const plan = await program.plan();
  expect(plan.changes).toEqual([`update ${state}`]);
  expect(plan.warnings).toHaveLength(1);
  expect(plan.warnings[0]).toMatchObject({
    summary: 'A swap replaces snapshot "agent"',
    snippet: { code: expect.stringContaining("image = ") },
  });
  expect(plan.warnings[0]?.detail).toContain(before);
  expect(plan.warnings[0]?.detail).toContain("`prevent_destroy` does not prevent this");
  ok(await program.apply());
  expect(
    api()
      .control.snapshots()
      .map(({ name, cpu, imageName }) => ({ name, cpu, imageName })),
  ).toEqual([{ name: "agent", cpu: 2, imageName: "ubuntu:25.04" }]);
  expect(program.state()[state]?.values["id"]).toBe(api().control.snapshot("agent")!.id);
  expect((await program.plan()).code).toBe(0);
});

test.each([
  ["triggers", 'triggers = { week = "2" }'],
  ["gpu_types", 'gpu_types = ["H100"]'],
  ["a given source_hash", 'source_hash = "sha256:abc"'],
  ["entrypoint", 'entrypoint = ["sleep", "1d"]'],
])("%s makes a new snapshot", async (_what, body) => {
  const program = project(agent());
  ok(await program.apply());
  const before = api().control.snapshot("agent")!.id;
  program.program(agent(body));
  expect(ok(await program.apply()).changes).toEqual([`update ${state}`]);
  expect(api().control.snapshot("agent")!.id).not.toBe(before);
  expect((await program.plan()).code).toBe(0);
});

test("replacement = recreate: Terraform deletes, then creates; prevent_destroy sees it", async () => {
  const program = project(agent('replacement = "recreate"'));
  ok(await program.apply());
  program.program(agent('replacement = "recreate"\n cpu = 2\n lifecycle {\n prevent_destroy = true\n}'));
  expect((await program.plan()).errors[0]?.summary).toMatch(/instance cannot be destroyed/i);
  program.program(agent('replacement = "recreate"\n cpu = 2'));
  const applied = ok(await program.apply());
  expect(applied.changes).toEqual([`replace ${state}`]);
  expect(applied.warnings).toEqual([]);
  expect(api().control.snapshot("agent")).toMatchObject({ cpu: 2, state: "active" });
  expect((await program.plan()).code).toBe(0);
});

test("a new name is a replacement; what only the state knows needs no call", async () => {
  const program = project(agent());
  ok(await program.apply());
  api().control.clearRequests();
  program.program(
    agent('replacement = "recreate"\n adopt_existing = true\n timeouts = { create = "45m", delete = "5m" }'),
  );
  expect(ok(await program.apply()).changes).toEqual([`update ${state}`]);
  expect(Object.keys(api().control.counts()).filter((kind) => !["read", "list", "total"].includes(kind))).toEqual([]);
  expect(program.state()[state]?.values["timeouts"]).toEqual({ create: "45m", update: null, delete: "5m" });
  expect((await program.plan()).code).toBe(0);
  program.program(agent().replace('name = "agent"', 'name = "other"'));
  expect(ok(await program.apply()).changes).toEqual([`replace ${state}`]);
  expect(
    api()
      .control.snapshots()
      .map(({ name }) => name),
  ).toEqual(["other"]);
});

test("values taken out of a program stay as they are", async () => {
  const program = project(agent('cpu = 2\n memory = 2\n disk = 5\n region = "us"\n sandbox_class = "container"'));
  ok(await program.apply());
  program.program(agent());
  expect((await program.plan()).code).toBe(0);
});

test("a Dockerfile: built, its line ends are no change, its text is", async () => {
  const program = project(agent("", 'dockerfile_content = "FROM ubuntu:24.04\\nRUN true\\n"'));
  ok(await program.apply());
  const { id } = api().control.snapshot("agent")!;
  expect((await program.plan()).code).toBe(0);
  program.program(agent("", 'dockerfile_content = "FROM ubuntu:24.04\\r\\nRUN true\\r\\n"'));
  ok(await program.apply());
  expect(api().control.snapshot("agent")!.id).toBe(id);
  expect((await program.plan()).code).toBe(0);
  program.program(agent('triggers = { a = "1" }', 'dockerfile_content = "FROM ubuntu:24.04\\nRUN false\\n"'));
  ok(await program.apply());
  expect(api().control.snapshot("agent")!.buildInfo?.dockerfileContent).toMatch(
    /^FROM ubuntu:24.04\nRUN false\n# daytona-iac triggers [0-9a-f]{64}\n$/,
  );
  expect(program.state()[state]?.values["dockerfile_content"]).toBe("FROM ubuntu:24.04\nRUN false\n");
  expect((await program.plan()).code).toBe(0);
});

test("a Dockerfile of just under 100 KiB is built", async () => {
  const program = project(agent("", `dockerfile_content = "FROM ubuntu:24.04\\n# ${"x".repeat(101_000)}\\n"`));
  ok(await program.apply());
  expect(api().control.snapshot("agent")?.buildInfo?.dockerfileContent).toHaveLength(101_000 + 21);
  expect((await program.plan()).code).toBe(0);
});

test("name_prefix with create_before_destroy: the new one is there before the old one goes; a fitting prefix changes nothing", async () => {
  const generated = (prefix: string, image: string): string =>
    `resource "daytona_snapshot" "agent" {\n name_prefix = "${prefix}"\n image = "${image}"\n replacement = "recreate"\n lifecycle {\n create_before_destroy = true\n }\n}\n`;
  const program = project(generated("web-", "ubuntu:24.04"));
  ok(await program.apply());
  const first = program.state()[state]?.values["name"] as string;
  expect(first).toMatch(/^web-[0-9a-z]{26}$/);
  expect((await program.plan()).code).toBe(0);
  ok(await program.apply());
  program.program(generated("web-", "ubuntu:25.04"));
  api().control.clearRequests();
  expect(ok(await program.apply()).changes).toEqual([`replace ${state}`]);
  expect(
    api()
      .control.requests()
      .filter(({ kind }) => kind === "create" || kind === "delete")
      .map(({ kind }) => kind),
  ).toEqual(["create", "delete"]);
  const second = program.state()[state]?.values["name"] as string;
  expect(second > first).toBe(true);
  program.program(generated("we", "ubuntu:25.04"));
  ok(await program.apply());
  expect(program.state()[state]?.values["name"]).toBe(second);
  program.program(generated("api-", "ubuntu:25.04"));
  ok(await program.apply());
  expect(program.state()[state]?.values["name"]).toMatch(/^api-/);
});

test("with a fixed name, create_before_destroy meets its own snapshot: nothing is touched, and the message says what helps", async () => {
  const fixed = (cpu: number): string =>
    agent(`cpu = ${cpu}\n replacement = "recreate"\n lifecycle {\n create_before_destroy = true\n}`);
  const program = project(fixed(1));
  ok(await program.apply());
  const { id } = api().control.snapshot("agent")!;
  program.program(fixed(2));
  const failed = await program.apply();
  expect(failed.errors[0]?.summary).toBe('Creating snapshot "agent": the name "agent" is already taken');
  expect(failed.errors[0]?.detail).toContain("create_before_destroy needs `name_prefix`");
  expect(api().control.snapshot("agent")).toMatchObject({ id, state: "active" });
});

test("unknown at plan: what comes from another resource is planned as unknown, and applied as it turns out", async () => {
  const later = (image: string, extra = ""): string =>
    `resource "terraform_data" "later" {\n input = "${image}"\n ${extra}\n}\n`;
  const body = `resource "daytona_snapshot" "agent" {\n name = "agent"\n image = terraform_data.later.output\n triggers = { a = terraform_data.later.id }\n entrypoint = ["sh", terraform_data.later.output]\n}\n`;
  const program = project(later("ubuntu:24.04") + body);
  ok(await program.apply());
  expect(program.state()[state]?.values).toMatchObject({ image: "ubuntu:24.04", entrypoint: ["sh", "ubuntu:24.04"] });
  expect((await program.plan()).code).toBe(0);
  const before = api().control.snapshot("agent")!.id;
  program.program(later("ubuntu:25.04") + body);
  const plan = await program.plan();
  expect(plan.warnings[0]?.summary).toMatch(/^A swap may replace snapshot "agent"$/);
  ok(await program.apply());
  expect(api().control.snapshot("agent")).toMatchObject({
    imageName: "ubuntu:25.04",
    entrypoint: ["sh", "ubuntu:25.04"],
  });
  expect(api().control.snapshot("agent")!.id).not.toBe(before);
  ok(await program.apply("-replace=daytona_snapshot.agent"));
  expect((await program.plan()).code).toBe(0);
});

test("an unknown name replaces only when it turns out to be another one", async () => {
  const program = project(
    `resource "terraform_data" "n" {\n input = "one"\n}\nresource "daytona_snapshot" "agent" {\n name = terraform_data.n.output\n image = "ubuntu:24.04"\n}\n`,
  );
  ok(await program.apply());
  program.program(program.read("main.tf").replace('"one"', '"two"'));
  expect(ok(await program.apply()).changes).toContain(`replace ${state}`);
  expect(
    api()
      .control.snapshots()
      .map(({ name }) => name),
  ).toEqual(["two"]);
  expect((await program.plan()).code).toBe(0);
});
