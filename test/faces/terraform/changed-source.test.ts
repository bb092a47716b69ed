import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildExecutable } from "../support/executable";
import type { Project, Result } from "../support/terraform";
import { ok, setup } from "./setup";

jest.setTimeout(240_000);
const { api, project } = setup();

let provider: ReturnType<typeof buildExecutable>;
beforeAll(() => {
  provider = buildExecutable();
});
afterAll(() => provider.remove());

function build(before = "", body = ""): Project {
  const program = project(
    `${before}resource "daytona_snapshot" "agent" {\n  name = "agent"\n  dockerfile = "app/Dockerfile"\n  ${body}\n}\n`,
    { executable: provider.dir },
  );
  mkdirSync(join(program.dir, "app/src"), { recursive: true });
  program.write("app/Dockerfile", "FROM alpine:3.20\nCOPY src /app\nCOPY run.sh /\n");
  program.write("app/src/main.py", "print(1)\n");
  program.write("app/src/old.py", "print(0)\n");
  program.write("app/run.sh", "#!/bin/sh\n");
  return program;
}

function named(applied: Result, lines: string[]): void {
  expect(applied.code).toBe(1);
  expect(applied.errors.map((error) => error.summary)).toEqual([
    'The source of snapshot "agent" has changed since the plan',
  ]);
  const detail = applied.errors[0]!.detail;
  expect(detail).toContain(`Changed since then:\n${lines.map((line) => `  ${line}`).join("\n")}\n`);
  expect(detail).toMatch(
    /The plan has the source hash v2:[0-9a-f]{64}; now it is v2:[0-9a-f]{64}\. Nothing was built\. Plan and apply again\./,
  );
  expect(applied.stdout).not.toContain("bug");
  expect(applied.errors[0]?.snippet?.code).toContain("dockerfile = ");
}

test("files that change between a saved plan and its apply are named", async () => {
  const program = build();
  ok(await program.run(["plan", "-out=saved"]));
  program.write("app/src/main.py", "print(2)\n");
  program.write("app/src/new.py", "print(3)\n");
  rmSync(join(program.dir, "app/src/old.py"));
  chmodSync(join(program.dir, "app/run.sh"), 0o755);
  named(await program.run(["apply", "-json", "saved"]), [
    "run.sh (executable bit changed)",
    "src/main.py (changed)",
    "src/new.py (added)",
    "src/old.py (removed)",
  ]);
  expect(api().control.snapshots()).toEqual([]);
  ok(await program.apply());
  expect((await program.plan()).code).toBe(0);
});

test("files that an apply writes itself, before the snapshot is made and before it is changed", async () => {
  const write = (text: string): string =>
    `resource "terraform_data" "writer" {\n  input = "${text}"\n  provisioner "local-exec" {\n    command = "echo '${text}' >> app/Dockerfile"\n  }\n  triggers_replace = ["${text}"]\n}\n`;
  const program = build(write("# one"), "depends_on = [terraform_data.writer]");
  named(await program.apply(), ["app/Dockerfile (changed)"]);
  expect(api().control.snapshots()).toEqual([]);
  ok(await program.apply());
  const { id } = api().control.snapshot("agent")!;
  program.program(program.read("main.tf").replaceAll("# one", "# two"));
  program.write("app/src/main.py", "print(2)\n");
  named(await program.apply(), ["app/Dockerfile (changed)"]);
  expect(api().control.snapshot("agent")!.id).toBe(id);
  ok(await program.apply());
  expect((await program.plan()).code).toBe(0);
});

test("a new plan, an apply after an edit, and a saved plan after another plan are no change since the plan", async () => {
  const program = build();
  ok(await program.run(["plan", "-out=first"]));
  program.write("app/src/main.py", "print(2)\n");
  expect((await program.plan()).code).toBe(2);
  ok(await program.run(["plan", "-out=second"]));
  program.write("app/src/main.py", "print(1)\n");
  ok(await program.run(["apply", "-json", "first"]));
  program.write("app/src/main.py", "print(3)\n");
  ok(await program.apply("-refresh=false"));
  expect((await program.plan()).code).toBe(0);
  program.write("app/src/main.py", "print(4)\n");
  ok(await program.destroy());
});

test.each([
  ["a swap", "", 'A swap replaces snapshot "agent"'],
  ["a replacement", 'replacement = "recreate"', 'The source of snapshot "agent" has changed'],
])("the plan of %s names the files that have changed since the apply", async (_, body, summary) => {
  const program = build("", body);
  const cache = join(program.dir, "cache");
  const here = { env: { XDG_CACHE_HOME: cache } };
  const warned = (planned: Result) => planned.warnings.find((warning) => warning.summary === summary)?.detail;
  ok(await program.run(["apply", "-json", "-auto-approve"], here));
  program.write("app/src/main.py", "print(2)\n");
  program.write("app/src/new.py", "print(3)\n");
  rmSync(join(program.dir, "app/src/old.py"));
  const text = "In its source: 1 file changed (src/main.py), 1 added (src/new.py), 1 removed (src/old.py).";
  expect(warned(await program.run(["plan", "-json"], here))).toContain(text);
  // Another machine has never read the source that was applied: the state tells it.
  const elsewhere = { env: { XDG_CACHE_HOME: `${cache}-2` } };
  expect(warned(await program.run(["plan", "-json"], elsewhere))).toContain(text);
  const state = JSON.parse(program.read("terraform.tfstate")) as { resources: { instances: { private: string }[] }[] };
  const stored = JSON.parse(Buffer.from(state.resources[0]!.instances[0]!.private, "base64").toString()) as object;
  const hash = program.read("terraform.tfstate").match(/v2:[0-9a-f]{64}/)![0];
  expect(Object.keys((stored as { sources: object }).sources)).toEqual([hash]);
  // A state that does not, as of an earlier release, and a machine that does not either.
  const { sources: __, ...older } = stored as { sources: object };
  state.resources[0]!.instances[0]!.private = Buffer.from(JSON.stringify(older)).toString("base64");
  program.write("terraform.tfstate", JSON.stringify(state));
  const nowhere = { env: { XDG_CACHE_HOME: `${cache}-3` } };
  expect(warned(await program.run(["plan", "-json"], nowhere))).toContain(
    "Which of its files have changed is unknown on this machine.",
  );
});
