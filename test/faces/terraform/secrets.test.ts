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
  api().control.fault({ kind: "create", action: "answer", status: 500, body: { message: `echo of ${secret}` }, times: -1 });
  program.program(agent("cpu = 2\n timeouts = { update = \"2s\" }", build));
  await run(["apply", "-auto-approve"], 1);
  api().control.clearFaults();
  // As an argument instead of from the environment.
  program.program(`variable "key" {\n sensitive = true\n}\nprovider "daytona" {\n api_key = var.key\n}\n${agent("", build)}data "daytona_snapshots" "all" {}\n`);
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
  const shown = [...outputs, trace, program.everything()].flatMap((text) => text.split("\n")).filter((line) => line.includes(secret));
  expect(shown.map((line) => line.slice(0, 300))).toEqual([]);
});
