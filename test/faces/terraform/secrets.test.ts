import { stripVTControlCharacters } from "node:util";
import { buildExecutable } from "../support/executable";
import { agent, ok, setup } from "./setup";

jest.setTimeout(120_000);
const secret = "dtn_planted_0123456789abcdef0123456789abcdef";
const { api, project } = setup({ apiKey: secret, buildSeconds: 0.5 });

let executable: ReturnType<typeof buildExecutable>;
beforeAll(() => {
  executable = buildExecutable();
});
afterAll(() => executable.remove());

test("the API key is in no state, plan, output or log, whatever happens; the build log is at INFO", async () => {
  const build = 'dockerfile_content = "FROM ubuntu:24.04\\nRUN true\\n"';
  const program = project(agent("", build), { executable: executable.dir });
  const log = { env: { TF_LOG: "TRACE", TF_LOG_PATH: `${program.dir}/trace.log` } };
  const outputs: string[] = [];
  const run = async (args: string[], code: number): Promise<void> => {
    const result = ok(await program.run(args, log), code);
    outputs.push(result.stdout, result.stderr);
  };
  await run(["plan", "-out=plan"], 0);
  await run(["show", "-json", "plan"], 0);
  await run(["apply", "plan"], 0);
  api().control.fault({
    kind: "create",
    action: "answer",
    status: 500,
    body: { message: `echo of ${secret}` },
    times: -1,
  });
  program.program(agent('cpu = 2\n timeouts = { update = "2s" }', build));
  await run(["apply", "-auto-approve"], 1);
  api().control.clearFaults();
  // As an argument instead of from the environment.
  program.program(
    `variable "key" {\n sensitive = true\n}\nprovider "daytona" {\n api_key = var.key\n}\n${agent("", build)}data "daytona_snapshots" "all" {}\n`,
  );
  log.env = { ...log.env, ...{ TF_VAR_key: secret } };
  // Terraform itself keeps the values of variables in a plan file: none is written here.
  await run(["apply", "-auto-approve"], 0);
  await run(["destroy", "-auto-approve"], 0);
  const trace = program.read("trace.log");
  // Terraform's own lines are many; only the provider's are shown when this fails.
  const ours = trace.split("\n").filter((line) => line.includes("@module=daytona"));
  expect(ours).toContainEqual(expect.stringContaining("POST /snapshots: 200"));
  expect(ours).toContainEqual(expect.stringMatching(/\[INFO\].*RUN true.*source=build/));
  // A plan is a zip of what is in the state and the configuration.
  const shown = [...outputs, trace, program.everything()]
    .flatMap((text) => text.split("\n"))
    .filter((line) => line.includes(secret));
  expect(shown.map((line) => line.slice(0, 300))).toEqual([]);
});

test("the temporary credentials of the object storage are in no state, output or log, even if an upload fails", async () => {
  const program = project('resource "daytona_snapshot" "agent" {\n  name = "agent"\n  dockerfile = "Dockerfile"\n}\n', {
    executable: executable.dir,
  });
  program.write("Dockerfile", "FROM alpine:3.20\nCOPY a.txt /\n");
  program.write("a.txt", "one");
  const log = { env: { TF_LOG: "TRACE", TF_LOG_PATH: `${program.dir}/trace.log` } };
  const first = ok(await program.run(["apply", "-auto-approve"], log));
  program.write("a.txt", "two");
  api().control.fault({ path: "context.tar", action: "answer", status: 403, body: { message: "denied" }, times: -1 });
  const failed = await program.run(["apply", "-auto-approve"], log);
  api().control.clearFaults();
  expect(failed.code).toBe(1);
  expect(failed.stderr).toContain('Replacing snapshot "agent": the object storage denied the upload');
  expect(failed.stderr).toMatch(/The old snapshot is unchanged and still/);
  expect(
    api()
      .control.snapshots()
      .map(({ name, state }) => [name, state]),
  ).toEqual([["agent", "active"]]);
  const texts = [
    first.stdout,
    first.stderr,
    failed.stdout,
    failed.stderr,
    program.read("trace.log"),
    program.read("terraform.tfstate"),
  ].join("\n");
  expect(texts).toContain("POST /snapshots: 200");
  // The local API's access keys, secrets and session tokens have 16, 40 and 48 hex digits.
  expect(texts).not.toMatch(/local-[0-9a-f]{16}\b|\b[0-9a-f]{40}\b|\b[0-9a-f]{48}\b/);
});

test.each([
  ["a sensitive", "sensitive = true"],
  ["any", ""],
])(
  "%s build argument that the build echoes is in no log and no message, when it works and when it fails",
  async (_, mark) => {
    const argument = "planted-build-argument-42";
    const program = project(
      `variable "token" {\n  ${mark}\n}\nresource "daytona_snapshot" "agent" {\n  name = "agent"\n  dockerfile_content = "FROM ubuntu:24.04\\nARG TOKEN\\nRUN echo $TOKEN\\n"\n  build_args = { TOKEN = var.token }\n}\n`,
      { executable: executable.dir },
    );
    const log = { env: { TF_LOG: "TRACE", TF_LOG_PATH: `${program.dir}/trace.log`, TF_VAR_token: argument } };
    api().control.source({
      dockerfile: argument,
      outcome: "fail",
      reason: `process "echo ${argument}" did not complete`,
    });
    const failed = ok(await program.run(["apply", "-auto-approve"], log), 1);
    api().control.clearSources();
    const planned = ok(await program.run(["plan"], log));
    const applied = ok(await program.run(["apply", "-auto-approve"], log));
    const destroyed = ok(await program.run(["destroy", "-auto-approve"], log));
    const ours = program
      .read("trace.log")
      .split("\n")
      .filter((line) => line.includes("daytona"));
    expect(ours.some((line) => line.includes("[secret]") && line.includes("source=build"))).toBe(true);
    const printed = [failed, planned, applied, destroyed].flatMap(({ stdout, stderr }) => [stdout, stderr]);
    if (mark === "") {
      // A plan can be reviewed: Terraform prints the value there, and nothing else does.
      const shown = /^ *[-+~ ]* *"TOKEN" = "planted-build-argument-42"( -> null)?$/gm;
      const plain = printed.map(stripVTControlCharacters);
      expect(plain[0]).toMatch(shown);
      for (const text of plain) expect(text.replace(shown, "")).not.toContain(argument);
    } else {
      for (const text of printed) expect(text).not.toContain(argument);
    }
    expect(ours.filter((line) => line.includes("@module=daytona") && line.includes(argument))).toEqual([]);
  },
);
