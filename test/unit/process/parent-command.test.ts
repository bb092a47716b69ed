import { transformSync } from "@swc/core";
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parentCommand, pulumiRun, read, valueOf, withoutProgram } from "../../../provider/process/parent-command";

const of = (line: string, env: Record<string, string> = {}) => read(line.split(" "), env, (path) => `/cwd/${path}`);

test.each<[string, string | null, string | null]>([
  ["apply", "apply", null],
  ["apply saved", "apply", "/cwd/saved"],
  ["-chdir=infra apply -auto-approve saved", "apply", "/cwd/saved"],
  ["apply saved -json", "apply", "/cwd/saved"],
  ["apply -var name=x -parallelism 2 --target a.b", "apply", null],
  ["apply -var=name=x -lock-timeout=5s saved", "apply", "/cwd/saved"],
  ["plan -out saved", "plan", null],
  ["plan", "plan", null],
  ["test -filter x", "test", null],
  ["-version", null, null],
])("%s", (line, command, planFile) => {
  expect(of(line)).toMatchObject({ command, planFile });
});

test.each([
  ["plan", true],
  ["plan -out saved", true],
  ["-chdir=x apply -auto-approve -replace=a.b", true],
  ["destroy", true],
  ["refresh", true],
  ["apply saved", false],
  ["plan -target=a.b", false],
  ["plan --target a.b", false],
  ["destroy -exclude=a.b", false],
  ["plan -target-file=x", false],
  ["import a.b id", false],
  ["test", false],
  ["-version", false],
])("%s goes through the whole state: %s", (line, whole) => {
  expect(of(line).whole).toBe(whole);
});

test.each([
  ["/usr/bin/terraform plan -out terraform", "plan -out terraform"],
  ["terraform -chdir=tofu apply tofu", "-chdir=tofu apply tofu"],
  ["terraform terraform", "terraform"],
  ["tf-1.15 destroy", "destroy"],
  ["/venv/bin/python3 /venv/terraform apply saved", "apply saved"],
  ["python ./tofu plan", "plan"],
  ["terraform", ""],
  ["python", ""],
])("what %s tells its tool: %s", (line, rest) => {
  expect(withoutProgram(line.split(" ")).join(" ")).toBe(rest);
});

test("a part that the environment names is a part", () => {
  expect(of("plan", { TF_CLI_ARGS_plan: "-target=a.b" }).whole).toBe(false);
  expect(of("plan", { TF_CLI_ARGS: "-exclude=a.b" }).whole).toBe(false);
  expect(of("plan", { TF_CLI_ARGS_apply: "-target=a.b" }).whole).toBe(true);
});

test("arguments of the environment count as well", () => {
  expect(of("apply", { TF_CLI_ARGS_apply: "-json  saved" })).toMatchObject({
    command: "apply",
    planFile: "/cwd/saved",
  });
  expect(of("apply", { TF_CLI_ARGS: "-no-color", TF_CLI_ARGS_plan: "x" })).toMatchObject({
    command: "apply",
    planFile: null,
  });
});

test("a process has a run of its own, the same whenever it is asked for, and a command line", () => {
  const one = parentCommand({}, process.pid);
  expect(one).toEqual(parentCommand({}, process.pid));
  expect(one.run).not.toBe(parentCommand({}, process.ppid).run);
  const script = "process.stdout.write(require('fs').readFileSync('/proc/self/stat', 'utf8'))";
  if (process.platform === "linux")
    expect(one.run).not.toBe(
      `${process.pid} ${spawnSync(process.execPath, ["-e", script]).stdout.toString().split(") ").at(-1)!.split(" ")[19]}`,
    );
  expect(parentCommand({}, 2 ** 30)).toEqual({ run: `${2 ** 30} `, command: null, planFile: null, whole: false });
});

test.each<[string, string | null]>([
  ["up --plan saved --yes", "saved"],
  ["up --plan=saved", "saved"],
  ["up --plan=a=b", "a=b"],
  ["up --planned saved", null],
  ["up --plan", null],
  ["up", null],
])("the plan of pulumi %s", (line, plan) => {
  expect(valueOf(line.split(" "), "plan")).toBe(plan);
});

/** A program called `pulumi` that starts this one through a launcher, as its plugins are started. */
const linux = process.platform === "linux" ? describe : describe.skip;
linux("the run of Pulumi", () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "daytona-iac-run-")));
  afterAll(() => rmSync(folder, { recursive: true }));
  const script = join(folder, "plugin.cjs");
  beforeAll(() => {
    copyFileSync("/bin/bash", join(folder, "pulumi"));
    chmodSync(join(folder, "pulumi"), 0o755);
    const { code } = transformSync(
      readFileSync(join(__dirname, "../../../provider/process/parent-command.ts"), "utf8"),
      { swcrc: false, jsc: { target: "es2022", parser: { syntax: "typescript" } }, module: { type: "commonjs" } },
    );
    writeFileSync(
      script,
      `${code}\nconst { run, planFile } = exports.pulumiRun() ?? {};\nconsole.log(JSON.stringify([run?.split(" ")[0], planFile]));`,
    );
  });
  // A second command, so that the shell does not become the program.
  const start = (...args: string[]) =>
    spawnSync(
      join(folder, "pulumi"),
      ["-c", `echo $$; sh -c '${process.execPath} ${script}; true'; true`, "pulumi", ...args],
      { cwd: folder, encoding: "utf8" },
    )
      .stdout.trim()
      .split("\n");

  test("is found above a launcher, with its saved plan", () => {
    const [pid, told] = start("up", "--plan", "saved.json");
    expect(JSON.parse(told!)).toEqual([pid, join(folder, "saved.json")]);
    const [other, without] = start("up");
    expect(JSON.parse(without!)).toEqual([other, null]);
  });

  test("is none for a watch, and without Pulumi", () => {
    expect(start("watch")[1]).toBe("[null,null]");
    expect(pulumiRun(process.pid)).toBeNull();
  });
});
