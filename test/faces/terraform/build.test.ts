import { chmodSync, mkdirSync, rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { buildExecutable } from "../support/executable";
import type { Project } from "../support/terraform";
import { ok, setup } from "./setup";

jest.setTimeout(120_000);
const { api, project } = setup();

let provider: ReturnType<typeof buildExecutable>;
beforeAll(() => {
  provider = buildExecutable();
});
afterAll(() => provider.remove());

/** A program with a Dockerfile and a build context. The provider runs in Terraform's working directory, as a user's does. */
function build(body = ""): Project {
  const program = project(
    `resource "daytona_snapshot" "agent" {\n  name = "agent"\n  dockerfile = "app/Dockerfile"\n  ${body}\n}\n`,
    { executable: provider.dir },
  );
  mkdirSync(join(program.dir, "app/src"), { recursive: true });
  program.write("app/Dockerfile", "ARG VERSION=1\nFROM alpine:3.20\nARG VERSION\nCOPY src /app\nCOPY run.sh /\n");
  program.write("app/src/main.py", "print(1)\n");
  program.write("app/run.sh", "#!/bin/sh\n");
  program.write("app/.dockerignore", "src/*.log\n");
  return program;
}

const sent = () => api().control.snapshot("agent")?.buildInfo;

test("a build gets the files that its Dockerfile names; the next plan is empty", async () => {
  const program = build('build_args = { VERSION = "2" }');
  ok(await program.apply());
  expect(program.state()["daytona_snapshot.agent"]?.values["source_hash"]).toMatch(/^v2:[0-9a-f]{64}$/);
  expect(sent()?.dockerfileContent).toBe(
    "ARG VERSION=2\nFROM alpine:3.20\nARG VERSION\nCOPY src /app\nCOPY run.sh /\n",
  );
  expect(sent()?.contextHashes).toHaveLength(2);
  const { organizationId } = api().control.snapshot("agent")!;
  expect(api().control.storageKeys().sort()).toEqual(
    (sent()?.contextHashes ?? []).map((hash) => `${organizationId}/${hash}/context.tar`).sort(),
  );
  expect((await program.plan()).code).toBe(0);
});

test("an executable bit is exactly one change, a time stamp and an ignored file are none; destroy needs no files", async () => {
  const program = build();
  ok(await program.apply());
  const id = api().control.snapshot("agent")!.id;
  utimesSync(join(program.dir, "app/run.sh"), 1, 1);
  program.write("app/src/a.log", "ignored");
  expect((await program.plan()).code).toBe(0);
  chmodSync(join(program.dir, "app/run.sh"), 0o755);
  const plan = await program.plan();
  expect(plan.changes).toEqual(["update daytona_snapshot.agent"]);
  expect(plan.warnings[0]?.detail).toContain("Changing source_hash creates a new snapshot.");
  ok(await program.apply());
  expect(api().control.snapshot("agent")!.id).not.toBe(id);
  expect((await program.plan()).code).toBe(0);

  rmSync(join(program.dir, "app"), { recursive: true });
  const without = await program.plan();
  expect([without.code, without.changes]).toEqual([2, ["update daytona_snapshot.agent"]]);
  expect(without.warnings[0]).toMatchObject({ summary: "Dockerfile not readable" });
  expect(without.warnings[0]?.detail).toMatch(
    /^The Dockerfile "app\/Dockerfile" \(.*\) does not exist\. Restore the file, or correct dockerfile\. Until that is corrected, the source counts as changed, and an apply fails before it changes anything\.$/,
  );
  ok(await program.destroy());
  expect(api().control.snapshots()).toEqual([]);
});

test("a Dockerfile that cannot be built is refused at plan, with its line", async () => {
  const program = build();
  program.write("app/Dockerfile", "FROM alpine:3.20\nCOPY nothing.txt /\n");
  const plan = await program.plan();
  expect(plan.code).toBe(1);
  expect(plan.errors[0]?.summary).toBe("Build context not usable");
  expect(plan.errors[0]?.detail).toContain("nothing.txt");
  expect(plan.errors[0]?.snippet?.code).toContain("dockerfile = ");
});

test("a path that changes with the same source is no change, and its next change is read where the program says", async () => {
  const program = build();
  ok(await program.apply());
  program.write("app/Dockerfile.other", "ARG VERSION=1\nFROM alpine:3.20\nARG VERSION\nCOPY src /app\nCOPY run.sh /\n");
  program.program(program.read("main.tf").replace('"app/Dockerfile"', '"app/Dockerfile.other"'));
  expect((await program.plan()).code).toBe(0);
  rmSync(join(program.dir, "app/Dockerfile"));
  program.program(program.read("main.tf").replace("name = ", "cpu = 2\n  name = "));
  ok(await program.apply());
  expect(program.state()["daytona_snapshot.agent"]?.values).toMatchObject({ cpu: 2, dockerfile: "app/Dockerfile" });
  expect((await program.plan()).code).toBe(0);
  program.write("app/src/main.py", "print(2)\n");
  ok(await program.apply());
  expect(program.state()["daytona_snapshot.agent"]?.values["dockerfile"]).toBe("app/Dockerfile.other");
  expect((await program.plan()).code).toBe(0);
});

test("an import is taken over without a rebuild, and its files are watched from then on", async () => {
  const program = build();
  ok(await program.apply());
  const id = api().control.snapshot("agent")!.id;
  ok(await program.run(["state", "rm", "daytona_snapshot.agent"]));
  ok(await program.run(["import", "daytona_snapshot.agent", "agent"]));
  ok(await program.apply());
  expect(api().control.snapshot("agent")!.id).toBe(id);
  expect((await program.plan()).code).toBe(0);
  program.write("app/src/main.py", "print(2)\n");
  expect((await program.plan()).changes).toEqual(["update daytona_snapshot.agent"]);
});
