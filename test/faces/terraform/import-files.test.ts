import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { buildExecutable } from "../support/executable";
import { createByPythonSdk, python, withoutPython } from "../support/python-sdk";
import type { Project } from "../support/terraform";
import { ok, setup } from "./setup";

/** An import of a build with files: the server's hashes say whether the files here are those that it was built from. */
jest.setTimeout(180_000);
const { api, project } = setup();
const address = "daytona_snapshot.agent";
const dockerfile = "FROM alpine:3.20\nCOPY src /app\nCOPY run.sh /\n";
const block = 'import {\n  to = daytona_snapshot.agent\n  id = "agent"\n}\n';

let provider: ReturnType<typeof buildExecutable>;
beforeAll(() => {
  provider = buildExecutable();
});
afterAll(() => provider.remove());

/** Another checkout of the same files. */
function checkout(body = "", program = 'dockerfile = "app/Dockerfile"'): Project {
  const it = project(`resource "daytona_snapshot" "agent" {\n  name = "agent"\n  ${program}\n  ${body}\n}\n`, {
    executable: provider.dir,
  });
  mkdirSync(join(it.dir, "app/src"), { recursive: true });
  it.write("app/Dockerfile", dockerfile);
  it.write("app/src/main.py", "print(1)\n");
  it.write("app/src/more.py", "print(1)\n");
  it.write("app/run.sh", "#!/bin/sh\n");
  return it;
}

const id = (): string => api().control.snapshot("agent")!.id;
const summaries = (found: { warnings: { summary: string }[] }): string[] =>
  found.warnings.map(({ summary }) => summary);
const COMPARED = "2 sets of 3 files on this machine (COPY src: 2 files, COPY run.sh: 1 file)";

test("the same files in another checkout: nothing is built, and the log says what was compared", async () => {
  ok(await checkout().apply());
  const before = id();
  const other = checkout();
  ok(await other.run(["import", address, "agent"]));
  expect(other.state()[address]?.private).toMatchObject({
    imported: true,
    builtWith: [expect.any(String), expect.any(String)],
  });
  const plan = await other.plan("-out=plan");
  expect([plan.changes, plan.warnings]).toEqual([[`update ${address}`], []]);
  const logged = await other.run(["plan", "-no-color"], { env: { TF_LOG_PROVIDER: "debug" } });
  expect(logged.stderr).toContain(
    `the files are those that the snapshot was built from: compared ${COMPARED} with 2 sets of the snapshot`,
  );
  ok(await other.apply());
  expect(id()).toBe(before);
  expect(Object.keys(other.state()[address]?.private ?? {})).not.toContain("builtWith");
  expect((await other.plan()).code).toBe(0);
});

test("other files are a change, in the plan of an import block as after terraform import", async () => {
  ok(await checkout().apply());
  const before = id();
  const other = checkout();
  other.write("app/run.sh", "#!/bin/bash\n");
  other.program(block + other.read("main.tf"));
  for (const imported of [false, true]) {
    if (imported) ok(await other.run(["import", address, "agent"]));
    const plan = await other.plan();
    expect(plan.changes).toEqual([`update ${address}`]);
    expect(summaries(plan)).toEqual([
      'The files are not those that snapshot "agent" was built from',
      'A swap replaces snapshot "agent"',
    ]);
    expect(plan.warnings[0]?.detail).toContain(
      `compared ${COMPARED} with 2 sets of the snapshot; different: COPY run.sh.`,
    );
    expect(plan.warnings[0]?.detail).toContain("Or set source_hash to your own value");
  }
  other.program(other.read("main.tf").replace("name = ", 'replacement = "recreate"\n  name = '));
  const recreated = await other.plan();
  expect(recreated.changes).toEqual([`replace ${address}`]);
  expect(summaries(recreated)).toContain('The files are not those that snapshot "agent" was built from');
  // To keep it all the same.
  other.program(other.read("main.tf").replace("name = ", 'source_hash = "mine"\n  name = '));
  expect((await other.plan()).changes).toEqual([`update ${address}`]);
  other.program(other.read("main.tf").replace('replacement = "recreate"', "").replace('source_hash = "mine"', ""));
  ok(await other.apply());
  expect(id()).not.toBe(before);
  expect((await other.plan()).code).toBe(0);
});

test("adoption of other files is refused with the same words, and of the same files it is not", async () => {
  ok(await checkout().apply());
  const before = id();
  const other = checkout("adopt_existing = true");
  other.write("app/run.sh", "#!/bin/bash\n");
  const refused = await other.apply();
  expect(refused.errors[0]?.detail).toContain(
    `context: the files of the build context differ from those that the snapshot was built from: compared ${COMPARED} with 2 sets of the snapshot; different: COPY run.sh`,
  );
  other.write("app/run.sh", "#!/bin/sh\n");
  ok(await other.apply());
  expect(id()).toBe(before);
});

test("what another client has built is kept, and the plan says that nothing is known of its files", async () => {
  const hashes = ["0".repeat(32), "1".repeat(32)];
  const [before] = api().control.seed(1, () => ({
    name: "agent",
    dockerfileContent: dockerfile,
    contextHashes: hashes,
  }));
  const program = checkout();
  ok(await program.run(["import", address, "agent"]));
  const plan = await program.plan();
  expect(plan.changes).toEqual([`update ${address}`]);
  expect(summaries(plan)).toEqual(['It is unknown whether the files are those that snapshot "agent" was built from']);
  expect(plan.warnings[0]?.detail).toContain(
    `an SDK or the command line of Daytona built it with 2 sets, whose hashes cannot be compared with those of ${COMPARED}. The next apply keeps the snapshot and records the hash of the files on this machine`,
  );
  ok(await program.apply());
  expect([id(), (await program.plan()).code]).toEqual([before, 0]);
  program.write("app/run.sh", "#!/bin/bash\n");
  expect(summaries(await program.plan())).toEqual(['A swap replaces snapshot "agent"']);
});

(python ? test : test.skip)(
  `a snapshot of the SDK for Python is kept, and adoption refuses it${withoutPython}`,
  async () => {
    const program = checkout();
    const made = await createByPythonSdk(api(), "agent", join(program.dir, "app/Dockerfile"));
    expect(made).toEqual({ code: 0, output: expect.stringContaining("ACTIVE") });
    const before = id();
    // An MD5 for each path that COPY names.
    const md5 = expect.stringMatching(/^[0-9a-f]{32}$/);
    expect(api().control.snapshot("agent")?.buildInfo?.contextHashes).toEqual([md5, md5]);
    const text = `an SDK or the command line of Daytona built it with 2 sets, whose hashes cannot be compared with those of ${COMPARED}`;
    program.program(program.read("main.tf").replace("name = ", "adopt_existing = true\n  name = "));
    expect((await program.apply()).errors[0]?.detail).toContain(
      `context: whether the files are those that the snapshot was built from is unknown: ${text}`,
    );
    ok(await program.run(["import", address, "agent"]));
    const plan = await program.plan();
    expect(plan.changes).toEqual([`update ${address}`]);
    expect(plan.warnings[0]?.detail).toContain(text);
    ok(await program.apply());
    expect([id(), (await program.plan()).code]).toEqual([before, 0]);
    program.write("app/src/main.py", "print(2)\n");
    ok(await program.apply());
    expect(id()).not.toBe(before);
  },
);

test("a program without a place for the files changes nothing, and is told where they belong", async () => {
  ok(await checkout().apply());
  const before = id();
  const program = checkout("", `dockerfile_content = ${JSON.stringify(dockerfile)}`);
  program.program(block + program.read("main.tf"));
  const plan = await program.plan();
  expect(summaries(plan)).toEqual(['The files that snapshot "agent" was built from are not configured']);
  expect(plan.warnings[0]?.detail).toContain("it was built with 2 sets of files");
  ok(await program.apply());
  const next = await program.plan();
  expect([id(), next.code, summaries(next)]).toEqual([before, 0, summaries(plan)]);
  program.program(program.read("main.tf").replace("name = ", 'context_dir = "app"\n  name = '));
  const named = await program.plan();
  expect([named.changes, named.warnings]).toEqual([[`update ${address}`], []]);
});
