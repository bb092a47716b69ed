import { agent, ok, setup } from "./setup";

jest.setTimeout(60_000);
const { api, project } = setup();
const state = "daytona_snapshot.agent";
const block = (id: string): string => `import {\n to = daytona_snapshot.agent\n id = "${id}"\n}\n`;

test("import by name and by id: a program that says the same plans nothing, and values that were not written stay", async () => {
  const [id] = api().control.seed(1, () => ({ name: "agent", cpu: 2, entrypoint: ["sh"] }));
  for (const asked of ["agent", id!]) {
    const program = project(agent());
    ok(await program.run(["import", state, asked]));
    expect(program.state()[state]).toMatchObject({
      values: {
        id,
        name: "agent",
        image: "ubuntu:24.04",
        cpu: 2,
        active: true,
        replacement: "swap",
        source_hash: null,
      },
      private: { imported: true },
    });
    expect((await program.plan()).code).toBe(0);
  }
});

test("what the API does not store is taken over by one update without a call; what it does store is a change", async () => {
  const [id] = api().control.seed(1, () => ({ name: "agent" }));
  const program = project(
    block("agent") +
      agent(
        'triggers = { a = "1" }\n replacement = "recreate"\n source_hash = "mine"\n gpu_types = ["H100"]\n timeouts = { create = "5m" }',
      ),
  );
  api().control.clearRequests();
  ok(await program.apply());
  expect(Object.keys(api().control.counts()).filter((kind) => !["read", "list", "total"].includes(kind))).toEqual([]);
  expect(program.state()[state]).toMatchObject({ values: { id, source_hash: "mine" }, private: {} });
  expect((await program.plan()).code).toBe(0);
  program.program(agent("cpu = 2"));
  expect((await program.plan()).changes).toEqual([`update ${state}`]);
});

test.each([
  ["an image", () => void api().control.seed(1, () => ({ name: "agent" }))],
  [
    "a build, with characters that HCL would read as its own",
    async () => {
      const builder = project(agent("", 'dockerfile_content = "FROM ubuntu:24.04\\nRUN echo $${HOME} %%{ x }\\n"'));
      ok(await builder.apply());
    },
  ],
  ["an inactive one", () => api().control.seed(1, () => ({ name: "agent", state: "inactive" }))],
])("-generate-config-out writes a valid program for %s", async (_what, make) => {
  await make();
  const program = project(block("agent"));
  ok(await program.plan("-generate-config-out=generated.tf"), 2);
  // Terraform 1.11 writes null, 1.15 leaves it out.
  expect(program.read("generated.tf")).not.toMatch(/source_hash\s*=(?!\s*null)/);
  expect(program.read("generated.tf")).toMatch(/^ {2}name +=/m);
  ok(await program.apply());
  expect(api().control.snapshots()).toHaveLength(1);
  expect((await program.plan()).code).toBe(0);
});

test("what cannot be imported, and why", async () => {
  const general = api().control.addGeneral("somebody/else:1");
  const program = project(agent());
  const attempt = async (id: string): Promise<string> => {
    const result = await program.run(["import", "-no-color", state, id]);
    expect(result.code).toBe(1);
    return result.stderr.replace(/\s+/g, " ");
  };
  expect(await attempt("nothing")).toContain('Importing snapshot "nothing": no such snapshot');
  expect(await attempt(general)).toContain("it belongs to another organization");
});

test("a snapshot of another provider moves in with its id; the refresh fills the rest, and nothing is rebuilt", async () => {
  const [id] = api().control.seed(1, () => ({ name: "agent" }));
  const theirs = "registry.terraform.io/536tech/daytona";
  const program = project(
    `moved {\n from = daytona_snapshot.old\n to = daytona_snapshot.agent\n}\n${agent('triggers = { a = "1" }')}`,
    { aliases: [theirs, "registry.opentofu.org/536tech/daytona"] },
  );
  program.write(
    "terraform.tfstate",
    JSON.stringify({
      version: 4,
      terraform_version: "1.11.4",
      serial: 1,
      lineage: "3f1d7d5c-0000-4000-8000-000000000000",
      outputs: {},
      resources: [
        {
          mode: "managed",
          type: "daytona_snapshot",
          name: "old",
          provider: `provider["${theirs}"]`,
          instances: [
            {
              schema_version: 0,
              attributes: {
                id,
                name: "agent",
                image_name: "ubuntu:24.04",
                cpu: 1,
                general: false,
                size: "0.75",
                build_info: null,
                updated_at: "2026-01-01T00:00:00Z",
              },
              sensitive_attributes: [],
            },
          ],
        },
      ],
    }),
  );
  ok(await program.apply());
  expect(Object.keys(program.state())).toEqual([state]);
  expect(program.state()[state]?.values).toMatchObject({ id, image: "ubuntu:24.04", size: 0.75, triggers: { a: "1" } });
  expect(api().control.counts().create).toBeUndefined();
  expect((await program.plan()).code).toBe(0);
});

test("a state that another release wrote is read: unknown attributes are dropped, missing ones filled in", async () => {
  const program = project(agent());
  ok(await program.apply());
  const file = JSON.parse(program.read("terraform.tfstate")) as {
    serial: number;
    resources: { instances: { attributes: Record<string, unknown> }[] }[];
  };
  const attributes = file.resources[0]!.instances[0]!.attributes;
  delete attributes["sandbox_class"];
  delete attributes["adopt_existing"];
  attributes["context_dir"] = "./app";
  program.write("terraform.tfstate", JSON.stringify({ ...file, serial: file.serial + 1 }));
  const plan = await program.plan();
  expect(plan.errors).toEqual([]);
  ok(await program.apply());
  expect(api().control.counts().create).toBe(1);
  expect((await program.plan()).code).toBe(0);
});
