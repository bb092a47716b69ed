import { buildExecutable } from "../support/executable";
import type { Project, ProjectOptions, Result } from "../support/terraform";
import { ok, setup } from "./setup";

const { api, project } = setup({ pullSeconds: 0.3 });

const block = (label: string, name = "agent", body = ""): string =>
  `resource "daytona_snapshot" "${label}" {\n  name  = "${name}"\n  image = "ubuntu:24.04"\n  ${body}\n}\n`;
const adopting = "adopt_existing = true";
const KEPT = 'Snapshot "agent" is kept: another resource of this configuration manages it';
const WILL_BE_KEPT = 'Snapshot "agent" will be kept: another resource of this configuration manages it';
const SHARED = 'Two resources manage snapshot "agent"';

const names = (): string[] =>
  api()
    .control.snapshots()
    .map(({ name }) => name)
    .sort();
const idOf = (name = "agent"): string | undefined => api().control.snapshot(name)?.id;
const deletes = (): number => api().control.counts().delete ?? 0;
const summaries = ({ warnings, errors }: Result): string[] =>
  [...new Set([...errors, ...warnings].map(({ summary }) => summary))]
    .filter((summary) => !/targeting|incomplete/i.test(summary))
    .sort();

/** The same without the warning that two share a snapshot: an apply that ends it may read one of them before it has planned to remove the other. */
const ending = (result: Result): string[] => summaries(ok(result)).filter((summary) => summary !== SHARED);

/** Two addresses with one snapshot, as `-target` can make them. */
async function shared(more: Partial<ProjectOptions> = {}): Promise<Project> {
  const program = project(block("a"), more);
  ok(await program.apply());
  program.program(block("a") + block("b", "agent", adopting));
  ok(await program.apply("-target=daytona_snapshot.b"));
  expect(Object.values(program.state()).map(({ values }) => values["id"])).toEqual([idOf(), idOf()]);
  return program;
}

test("a copied block is refused in the plan, whatever it asks for, and `moved` or another name is what helps", async () => {
  const program = project(block("a"));
  ok(await program.apply());
  for (const body of [adopting, ""]) {
    const refused = ok(await program.program(block("a") + block("b", "agent", body)).plan(), 1);
    expect(refused.errors).toHaveLength(1);
    expect(refused.errors[0]).toMatchObject({
      summary: 'Two resources have the name "agent"',
      detail: `Another resource of this configuration manages snapshot "agent" (${idOf()}). Two resources cannot share a name, and \`adopt_existing\` does not adopt what another resource manages. Give the new resource another name, or remove it. If it is the old one under a new address, add a \`moved\` block.`,
    });
  }
  expect(
    ok(
      await program
        .program(block("b") + "moved {\n  from = daytona_snapshot.a\n  to   = daytona_snapshot.b\n}\n")
        .plan(),
      2,
    ).changes,
  ).toEqual(["move daytona_snapshot.b"]);
}, 120_000);

test("a copy that adopts while Terraform reads the original is refused as well, with saved plans and -refresh=false", async () => {
  const program = project(block("a"));
  ok(await program.apply());
  program.program(block("a") + block("b", "agent", adopting));
  for (const option of ["-refresh=false", "-out=saved"])
    expect(summaries(ok(await program.plan(option), 1))).toEqual(['Two resources have the name "agent"']);
}, 120_000);

describe("two resources that share a snapshot", () => {
  /** A provider in a process of its own, which can see what Terraform was asked for. */
  let executable: ReturnType<typeof buildExecutable>;
  beforeAll(() => {
    executable = buildExecutable();
  }, 120_000);
  afterAll(() => executable.remove());

  test("are a warning; removing one keeps the snapshot and says so, and the other one can be destroyed in the end", async () => {
    const program = await shared({ executable: executable.dir });
    const warned = ok(await program.plan(), 0);
    expect(warned.warnings.find(({ summary }) => summary === SHARED)?.detail).toBe(
      `Another resource of this configuration manages snapshot ${idOf()} as well. Only one resource can manage a snapshot. Remove one of the two blocks: its destroy keeps the snapshot. Or remove one of the two from the state, which deletes nothing:\n\n  terraform state rm ADDRESS\n\nUntil then, do not destroy one of them with \`-target\`: the provider may not see the other one.`,
    );
    const planned = ok(await program.program(block("a")).plan(), 2);
    expect(planned.changes).toEqual(["delete daytona_snapshot.b"]);
    expect(planned.warnings.map(({ summary, detail }) => `${summary}\n${detail}`)).toContain(
      `${WILL_BE_KEPT}\nSnapshot ${idOf()} is not deleted. The resource to destroy is removed from the state only.`,
    );
    expect(ending(await program.apply())).toEqual([KEPT, WILL_BE_KEPT]);
    expect([names(), deletes()]).toEqual([["agent"], 0]);
    expect(summaries(ok(await program.plan(), 0))).toEqual([]);
    expect(summaries(ok(await program.destroy()))).toEqual([]);
    expect(names()).toEqual([]);
  }, 180_000);

  test("a warning that both know of ends with one of them", async () => {
    const program = await shared({ executable: executable.dir });
    ok(await program.apply());
    expect(ending(await program.program(block("a")).apply())).toEqual([KEPT, WILL_BE_KEPT]);
    expect(summaries(ok(await program.plan(), 0))).toEqual([]);
    ok(await program.destroy());
    expect(names()).toEqual([]);
  }, 180_000);

  test.each([
    ["a", ["-refresh=false"]],
    ["b", ["-refresh=false"]],
    ["a", []],
    ["b", []],
  ])(
    "removing block %s with a saved plan %j keeps the snapshot",
    async (removed, options) => {
      const program = await shared();
      ok(
        await program
          .program(removed === "a" ? block("b", "agent", adopting) : block("a"))
          .plan("-out=saved", ...options),
        2,
      );
      expect(summaries(ok(await program.run(["apply", "-json", "saved"])))).toEqual([KEPT]);
      expect([names(), deletes()]).toEqual([["agent"], 0]);
      expect(Object.keys(program.state())).toEqual([`daytona_snapshot.${removed === "a" ? "b" : "a"}`]);
    },
    180_000,
  );

  test.each(["a", "b"])(
    "destroying %s with -target keeps the snapshot once an apply has seen both",
    async (target) => {
      const program = await shared();
      ok(await program.apply());
      for (const { private: stored } of Object.values(program.state())) expect(stored["others"]).toHaveLength(1);
      expect(summaries(ok(await program.destroy(`-target=daytona_snapshot.${target}`)))).toEqual([KEPT, WILL_BE_KEPT]);
      expect([names(), deletes()]).toEqual([["agent"], 0]);
    },
    180_000,
  );

  test("are both destroyed together: the snapshot is deleted", async () => {
    const program = await shared();
    ok(await program.apply());
    ok(await program.destroy());
    expect([names(), program.state()]).toEqual([[], {}]);
  }, 180_000);

  test("a change or a replacement of one of them is refused, and deletes nothing", async () => {
    const program = await shared();
    ok(await program.apply());
    const text = block("a") + block("b", "agent", adopting);
    const changed = ok(await program.program(text.replace("ubuntu:24.04", "debian:12")).apply(), 1);
    expect(changed.errors.map(({ summary }) => summary)).toContain(`${SHARED}, and this plan replaces one of them`);
    expect(changed.errors[0]?.detail).toBe(
      `Another resource of this configuration manages snapshot ${idOf()} as well, and would lose it. Only one resource can manage a snapshot. To continue, remove one of the two from the state, which deletes nothing:\n\n  terraform state rm ADDRESS`,
    );
    for (const address of ["a", "b"]) {
      const replaced = ok(await program.program(text).apply(`-replace=daytona_snapshot.${address}`), 1);
      expect(replaced.errors.map(({ summary }) => summary)[0]).toMatch(
        /^Two resources (manage snapshot "agent", and this plan replaces (one of them|the other one)|have the name "agent")$/,
      );
    }
    expect([names(), deletes()]).toEqual([["agent"], 0]);
  }, 240_000);

  test("a state that was saved between the adoption and the destroy has both: the next apply keeps the snapshot", async () => {
    const program = project(block("a", "agent", adopting));
    ok(await program.apply());
    program.program(block("b", "agent", adopting));
    ok(await program.apply("-target=daytona_snapshot.b"));
    expect(Object.keys(program.state())).toEqual(["daytona_snapshot.a", "daytona_snapshot.b"]);
    // Whether the one that stays is planned before the destroy of the other is known is up to the tool's order.
    expect(ending(await program.apply())).toEqual([KEPT, WILL_BE_KEPT]);
    expect([names(), deletes(), Object.keys(program.state())]).toEqual([["agent"], 0, ["daytona_snapshot.b"]]);
  }, 180_000);
});

describe("an import into a second address", () => {
  test("with the command: told of at once and by the next plan; destroying either keeps the snapshot", async () => {
    const program = project(block("a"));
    ok(await program.apply());
    program.program(block("a") + block("b"));
    const imported = ok(await program.run(["import", "-no-color", "daytona_snapshot.b", "agent"]));
    expect((imported.stdout + imported.stderr).replace(/\s+/g, " ")).toContain(
      'Another resource in the state has snapshot "agent"',
    );
    expect(summaries(ok(await program.plan(), 0))).toEqual([SHARED]);
    expect(summaries(ok(await program.program(block("b")).apply()))).toEqual([KEPT, WILL_BE_KEPT]);
    expect([names(), deletes()]).toEqual([["agent"], 0]);
  }, 180_000);

  test("with a block: refused", async () => {
    const program = project(block("a"));
    ok(await program.apply());
    const refused = ok(
      await program
        .program(`${block("a")}${block("b")}import {\n  to = daytona_snapshot.b\n  id = "agent"\n}\n`)
        .plan(),
      1,
    );
    expect(refused.errors).toHaveLength(1);
    expect(refused.errors[0]).toMatchObject({
      summary: 'Two resources would manage snapshot "agent"',
      detail: `The import targets snapshot ${idOf()}, which another resource of this configuration manages. Only one resource can manage a snapshot. Remove the \`import\` block, or the other resource: with a \`removed\` block and \`destroy = false\`, or a \`moved\` block instead of the import.`,
    });
  }, 120_000);

  test("with a block, while `removed` takes the snapshot from its old address: allowed", async () => {
    const program = project(block("a"));
    ok(await program.apply());
    const id = idOf();
    ok(
      await program
        .program(
          `${block("b")}import {\n  to = daytona_snapshot.b\n  id = "agent"\n}\nremoved {\n  from = daytona_snapshot.a\n  lifecycle {\n    destroy = false\n  }\n}\n`,
        )
        .apply(),
    );
    expect(Object.entries(program.state()).map(([address, { values }]) => [address, values["id"]])).toEqual([
      ["daytona_snapshot.b", id],
    ]);
    // It is the only one now.
    ok(await program.destroy());
    expect(names()).toEqual([]);
  }, 120_000);
});

describe("what looks like a second owner and is none is deleted as before", () => {
  test("-replace, taint, a change that replaces, and create_before_destroy", async () => {
    const program = project(block("a"));
    ok(await program.apply());
    const ids = new Set([idOf()]);
    const changed = async (result: Result): Promise<void> => {
      expect(summaries(ok(result))).toEqual([]);
      ids.add(api().control.snapshots()[0]?.id);
    };
    await changed(await program.apply("-replace=daytona_snapshot.a"));
    ok(await program.run(["taint", "daytona_snapshot.a"]));
    await changed(await program.apply());
    await changed(await program.program(block("a", "other")).apply());
    await changed(
      await program.program(block("a", "third", "lifecycle {\n    create_before_destroy = true\n  }")).apply(),
    );
    expect(names()).toEqual(["third"]);
    expect(ids.size).toBe(5);
  }, 240_000);

  test("an address that `state mv` or `moved` has changed, with -target", async () => {
    const program = project(block("a"));
    ok(await program.apply());
    ok(await program.run(["state", "mv", "daytona_snapshot.a", "daytona_snapshot.b"]));
    ok(
      await program
        .program(`${block("c")}moved {\n  from = daytona_snapshot.b\n  to   = daytona_snapshot.c\n}\n`)
        .apply(),
    );
    expect(summaries(ok(await program.destroy("-target=daytona_snapshot.c")))).toEqual([]);
    expect(names()).toEqual([]);
  }, 180_000);

  test("a destroy of more than Terraform works on at once, from a saved plan, leaves nothing and warns of nothing", async () => {
    const program = project(
      `resource "daytona_snapshot" "many" {\n  count = 15\n  name  = "many-\${count.index}"\n  image = "ubuntu:24.\${count.index}"\n}\n`,
    );
    ok(await program.apply());
    ok(await program.run(["plan", "-destroy", "-json", "-refresh=false", "-out=saved"]));
    expect(summaries(ok(await program.run(["apply", "-json", "saved"])))).toEqual([]);
    expect(names()).toEqual([]);
  }, 180_000);
});
