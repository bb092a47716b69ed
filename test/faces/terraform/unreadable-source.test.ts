import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildExecutable } from "../support/executable";
import type { Project, Result } from "../support/terraform";
import { ok, setup } from "./setup";

jest.setTimeout(240_000);
const { api, project } = setup();
const address = "daytona_snapshot.agent";

let provider: ReturnType<typeof buildExecutable>;
beforeAll(() => {
  provider = buildExecutable();
});
afterAll(() => provider.remove());

/** A snapshot built from files, with a program that can be changed. */
async function built(
  body = "",
  source = 'dockerfile = "app/Dockerfile"',
): Promise<{ program: Project; id: string; write(body: string): void }> {
  const text = (more: string): string =>
    `resource "daytona_snapshot" "agent" {\n  name = "agent"\n  ${source}\n  ${more}\n}\n`;
  const program = project(text(body), { executable: provider.dir });
  mkdirSync(join(program.dir, "app/src"), { recursive: true });
  program.write("app/Dockerfile", "FROM alpine:3.20\nCOPY src /app\n");
  program.write("app/src/main.py", "print(1)\n");
  ok(await program.apply());
  return { program, id: api().control.snapshot("agent")!.id, write: (more) => void program.program(text(more)) };
}

const breakages: [string, (program: Project) => void, string][] = [
  ["a missing Dockerfile", (program) => rmSync(join(program.dir, "app/Dockerfile")), "Dockerfile not readable"],
  [
    "a syntax error",
    (program) => program.write("app/Dockerfile", "FROM alpine:3.20\nCOPPY src /app\n"),
    "Invalid Dockerfile",
  ],
  [
    "a missing file of COPY",
    (program) => rmSync(join(program.dir, "app/src"), { recursive: true }),
    "Build context not usable",
  ],
  ["a missing folder", (program) => rmSync(join(program.dir, "app"), { recursive: true }), "Dockerfile not readable"],
];

/** The plan shows it, the apply fails, and nothing was touched. */
async function failsClosed(program: Project, id: string, summary: string): Promise<Result> {
  const plan = await program.plan();
  expect([plan.code, plan.changes]).toEqual([2, [`update ${address}`]]);
  expect(plan.warnings[0]).toMatchObject({ summary, severity: "warning" });
  const applied = await program.apply();
  expect(applied.code).toBe(1);
  expect(applied.errors.map((error) => error.summary)).toEqual([
    `Updating snapshot "agent": ${summary.startsWith("Dockerfile") ? summary : summary.charAt(0).toLowerCase() + summary.slice(1)}`,
  ]);
  expect(applied.stdout).not.toContain("bug");
  expect(
    api()
      .control.snapshots()
      .map((snapshot) => snapshot.id),
  ).toEqual([id]);
  expect(program.state()[address]).toMatchObject({ tainted: false, values: { id } });
  expect(JSON.stringify(program.state()[address]?.private)).not.toContain("unread");
  return plan;
}

test.each(breakages)(
  "%s: a change of the plan, an error of the apply, and no obstacle to a destroy",
  async (_what, breakIt, summary) => {
    const { program, id } = await built();
    breakIt(program);
    const plan = await failsClosed(program, id, summary);
    const [change] = plan.messages.filter((message) => message["type"] === "planned_change");
    expect(change).toBeDefined();
    const refreshed = ok(await program.run(["plan", "-json", "-refresh-only"]));
    expect(refreshed.messages.filter((message) => message["type"] === "resource_drift")).toEqual([]);
    ok(await program.run(["plan", "-json", "-destroy"]));
    ok(await program.destroy());
    expect(api().control.snapshots()).toEqual([]);
  },
);

test("only the hash is unknown, so that nothing which refers to the snapshot is replaced", async () => {
  const { program } = await built("cpu = 1");
  rmSync(join(program.dir, "app"), { recursive: true });
  ok(await program.run(["plan", "-out=saved"]));
  const shown = JSON.parse(ok(await program.run(["show", "-json", "saved"])).stdout) as {
    resource_changes: { change: { after_unknown: object; actions: string[] } }[];
  };
  expect(shown.resource_changes[0]?.change).toMatchObject({
    actions: ["update"],
    after_unknown: { source_hash: true },
  });
  expect(
    Object.keys(shown.resource_changes[0]?.change.after_unknown ?? {}).filter(
      (name) => (shown.resource_changes[0]?.change.after_unknown as Record<string, unknown>)[name] === true,
    ),
  ).toEqual(["source_hash"]);
});

test("a file that is back before the apply makes it an apply of nothing", async () => {
  const { program, id } = await built();
  cpSync(join(program.dir, "app"), join(program.dir, "kept"), { recursive: true });
  rmSync(join(program.dir, "app"), { recursive: true });
  ok(await program.run(["plan", "-out=saved"]));
  cpSync(join(program.dir, "kept"), join(program.dir, "app"), { recursive: true });
  ok(await program.run(["apply", "-json", "saved"]));
  expect(api().control.snapshot("agent")!.id).toBe(id);
  expect((await program.plan()).code).toBe(0);
});

test("with recreate, and with another name, nothing is deleted for a source that cannot be read", async () => {
  const { program, id, write } = await built('replacement = "recreate"');
  rmSync(join(program.dir, "app"), { recursive: true });
  await failsClosed(program, id, "Dockerfile not readable");
  write('replacement = "recreate"\n  cpu = 3');
  await failsClosed(program, id, "Dockerfile not readable");
  program.program(program.read("main.tf").replace('name = "agent"', 'name = "other"'));
  const renamed = await program.apply();
  expect(renamed.errors.map((error) => error.summary)).toEqual(['Updating snapshot "agent": Dockerfile not readable']);
  expect(
    api()
      .control.snapshots()
      .map((snapshot) => snapshot.id),
  ).toEqual([id]);
  ok(await program.destroy());
});

test("with a given source_hash, the same hash is no change, another one and a replacement fail before anything is deleted", async () => {
  const { program, id, write } = await built('source_hash = "build-1"');
  rmSync(join(program.dir, "app"), { recursive: true });
  const same = await program.plan();
  expect(same.code).toBe(0);
  expect(same.warnings[0]?.detail).toMatch(
    /The source hash says that the source has not changed, so nothing is built now\.$/,
  );
  write('source_hash = "build-2"');
  const other = await program.apply();
  expect(other.errors.map((error) => error.summary)).toEqual(['Updating snapshot "agent": Dockerfile not readable']);
  write('source_hash = "build-1"\n  replacement = "recreate"\n  cpu = 4');
  const recreated = await program.apply();
  expect(recreated.errors.map((error) => error.summary)).toEqual([
    'Replacing snapshot "agent": its source cannot be read',
  ]);
  expect(
    api()
      .control.snapshots()
      .map((snapshot) => snapshot.id),
  ).toEqual([id]);
  ok(await program.destroy());
});

test("a tainted snapshot: not replaced, but destroyed without the files", async () => {
  const { program, id } = await built();
  ok(await program.run(["taint", address]));
  rmSync(join(program.dir, "app"), { recursive: true });
  const plan = await program.plan();
  expect([plan.code, plan.changes]).toEqual([2, [`replace ${address}`]]);
  const applied = await program.apply();
  expect(applied.errors.map((error) => error.summary)).toEqual([
    'Replacing snapshot "agent": its source cannot be read',
  ]);
  expect(
    api()
      .control.snapshots()
      .map((snapshot) => snapshot.id),
  ).toEqual([id]);
  ok(await program.destroy());
  expect(api().control.snapshots()).toEqual([]);
});

test("a state without a hash, and a path that is not known yet", async () => {
  const { program, id } = await built();
  ok(await program.run(["state", "rm", address]));
  ok(await program.run(["import", address, "agent"]));
  rmSync(join(program.dir, "app"), { recursive: true });
  await failsClosed(program, id, "Dockerfile not readable");
  program.program(
    'resource "terraform_data" "path" {\n  input = "gone/Dockerfile"\n}\nresource "daytona_snapshot" "agent" {\n  name = "agent"\n  dockerfile = terraform_data.path.output\n}\n',
  );
  const unknown = await program.plan();
  expect(unknown.changes).toContain(`update ${address}`);
  expect((await program.apply()).code).toBe(1);
  expect(
    api()
      .control.snapshots()
      .map((snapshot) => snapshot.id),
  ).toEqual([id]);
  ok(await program.destroy());
});

test("removing the block needs no files; a new snapshot is refused at plan, with the way to destroy the rest", async () => {
  const { program } = await built();
  rmSync(join(program.dir, "app"), { recursive: true });
  program.write(
    "other.tf",
    'resource "daytona_snapshot" "new" {\n  name = "new"\n  dockerfile = "app/Dockerfile"\n}\n',
  );
  const plan = await program.plan();
  expect(plan.errors.map(({ summary }) => summary)).toEqual(["Dockerfile not readable"]);
  expect(plan.errors[0]?.detail).toMatch(
    /\n\nTo destroy other resources without the files:\n {2}terraform destroy -refresh=false$/,
  );
  ok(await program.destroy("-refresh=false"));
  expect(api().control.snapshots()).toEqual([]);
  rmSync(join(program.dir, "other.tf"));
  program.program("");
  ok(await program.apply());
});
