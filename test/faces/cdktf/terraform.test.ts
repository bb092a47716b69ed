import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type LocalApi, startLocalApi } from "../../../provider/local";
import { escapeDockerfile } from "../../../provider/cdktf/source";
import { attach } from "../support/attach";
import { Project, type Result, terraformBinary } from "../support/terraform";
import { Projects, run, runNode } from "./project";

const projects = new Projects();
let api: LocalApi;
let env: Record<string, string>;

beforeAll(async () => {
  expect(await projects.install()).toEqual({ code: 0, output: "" });
  api = await startLocalApi({ pullSeconds: 0.2, buildSeconds: 0.2, activationCooldownSeconds: 0 });
  env = { DAYTONA_API_URL: api.apiUrl, DAYTONA_API_KEY: api.apiKey };
}, 120_000);
afterAll(async () => {
  projects.remove();
  await api?.close();
});
afterEach(() => api.control.reset());

const succeeded = (result: Result) =>
  expect({ code: result.code, errors: result.errors, stderr: result.stderr }).toEqual({
    code: 0,
    errors: [],
    stderr: "",
  });

/** Runs a synthesized program's `main.js` and makes its stack the one program of `project`. */
async function synthesize(project: Project, main: string): Promise<void> {
  expect(await run(process.execPath, [main], project.dir)).toEqual({ code: 0, output: "" });
  copyFileSync(join(project.dir, "cdktf.out/stacks/quickstart/cdk.tf.json"), join(project.dir, "cdk.tf.json"));
  project.write("versions.tf", ""); // the stack says by itself what it requires
  succeeded(await project.run(["init"]));
}

describe.each(["cdktf", "cdktn"])("examples/%s with real Terraform", (framework) => {
  let folder: string;
  beforeAll(async () => {
    folder = projects.copy(framework);
    expect(await runNode("typescript/bin/tsc", [], folder)).toEqual({ code: 0, output: "" });
  }, 120_000);

  test("is applied, plans nothing then, shows and mends drift, and is destroyed", async () => {
    const project = new Project({ env });
    try {
      await synthesize(project, join(folder, "compiled/main.js"));
      succeeded(await project.apply());
      expect(api.control.snapshot("agent")).toMatchObject({
        name: "agent",
        imageName: "ubuntu:24.04",
        cpu: 2,
        state: "active",
      });
      expect(JSON.parse((await project.run(["output", "-json"])).stdout)).toMatchObject({
        snapshot: { value: "agent" },
      });
      expect(await project.plan()).toMatchObject({ code: 0, changes: [] });

      // Long enough ago: the API wants ten minutes of rest before it activates again.
      api.control.update("agent", { state: "inactive", updatedAt: Date.now() - 11 * 60_000 });
      expect(await project.plan()).toMatchObject({ code: 2, changes: ["update daytona_snapshot.agent"] });
      succeeded(await project.apply());
      expect(api.control.snapshot("agent")).toMatchObject({ state: "active" });
      expect(await project.plan()).toMatchObject({ code: 0, changes: [] });

      succeeded(await project.destroy());
      expect(api.control.snapshot("agent")).toBeNull();
    } finally {
      project.remove();
    }
  }, 120_000);

  test("has unit tests that ask Terraform, too", async () => {
    const attached = await attach(env);
    try {
      const variables = {
        ...env,
        TF_REATTACH_PROVIDERS: attached.variable,
        CHECKPOINT_DISABLE: "1",
        TF_CLI_CONFIG_FILE: "",
        TERRAFORM_BINARY_NAME: terraformBinary() ?? "",
      };
      const { code, output } = await runNode("jest/bin/jest.js", ["--rootDir", folder], folder, variables);
      expect(output).toContain("4 passed");
      expect(code).toBe(0);
    } finally {
      await attached.close();
    }
  }, 120_000);
});

test("a Dockerfile reaches the API as it was written, and Terraform reads escaped text back", async () => {
  const dockerfile = 'FROM ubuntu:24.04\nARG X=1\nRUN echo ${X} $${X} %{if} %%{X} "$X" $ % \\\n  && true\n';
  const project = new Project({ env });
  try {
    const folder = projects.copy("cdktf");
    const source = [
      `const { App, TerraformStack } = require("cdktf");`,
      `const { DaytonaProvider, Snapshot } = require("daytona-iac/cdktf");`,
      `const stack = new TerraformStack(new App(), "quickstart");`,
      `new DaytonaProvider(stack, "daytona");`,
      `const image = { dockerfile: ${JSON.stringify(dockerfile)}, contextList: [] };`,
      `new Snapshot(stack, "built", { name: "built", image });`,
      `stack.node.root.synth();`,
    ];
    const main = join(folder, "dockerfile.js");
    writeFileSync(main, source.join("\n"));
    await synthesize(project, main);
    expect(readFileSync(join(project.dir, "cdk.tf.json"), "utf8")).toContain(
      JSON.stringify(escapeDockerfile(dockerfile, () => false)),
    );
    succeeded(await project.apply());
    expect(api.control.snapshot("built")?.buildInfo?.dockerfileContent).toBe(dockerfile);
    expect(await project.plan()).toMatchObject({ code: 0, changes: [] });
  } finally {
    project.remove();
  }
}, 120_000);

test("every short text of the characters that templates are made of is read by Terraform as it was written", async () => {
  let texts = [""];
  for (let length = 1; length <= 5; length++)
    texts = [
      ...texts,
      ...texts
        .filter((text) => text.length === length - 1)
        .flatMap((text) => ["$", "%", "{"].map((next) => text + next)),
    ];
  const project = new Project({ env });
  try {
    project.write("versions.tf", "");
    project.write(
      "main.tf.json",
      JSON.stringify({ output: { texts: { value: texts.map((text) => escapeDockerfile(text, () => false)) } } }),
    );
    succeeded(await project.run(["init"]));
    succeeded(await project.apply());
    expect(JSON.parse((await project.run(["output", "-json", "texts"])).stdout)).toEqual(texts);
  } finally {
    project.remove();
  }
}, 120_000);
