import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Projects, run, runNode } from "./project";

const projects = new Projects();
beforeAll(async () => expect(await projects.install()).toEqual({ code: 0, output: "" }), 120_000);
afterAll(() => projects.remove());

describe.each(["cdktf", "cdktn"])("examples/%s", (framework) => {
  let folder: string;
  beforeAll(() => void (folder = projects.copy(framework)));

  test("compiles and synthesizes", async () => {
    expect(await runNode("typescript/bin/tsc", [], folder)).toEqual({ code: 0, output: "" });
    expect(await run(process.execPath, ["compiled/main.js"], folder)).toEqual({ code: 0, output: "" });
    const document = JSON.parse(readFileSync(join(folder, "cdktf.out/stacks/quickstart/cdk.tf.json"), "utf8"));
    expect(document.resource.daytona_snapshot).toMatchObject({
      agent: { name: "agent", image: "ubuntu:24.04", cpu: 2 },
    });
    expect(document.output).toEqual({ snapshot: { value: "${daytona_snapshot.agent.name}" } });
    expect(document.terraform.required_providers).toEqual({
      daytona: { source: "registry.terraform.io/daytona-iac/daytona", version: "~> 0.1" },
    });
  }, 120_000);

  test("has a unit test that passes, and fails for another snapshot", async () => {
    const { DAYTONA_API_KEY: _, ...env } = process.env;
    const unitTest = () => runNode("jest/bin/jest.js", ["--rootDir", folder], folder, { ...env, DAYTONA_API_KEY: "" });
    const passed = await unitTest();
    expect(passed.output).toContain("2 skipped, 2 passed");
    expect(passed.code).toBe(0);

    const stack = join(folder, "stack.ts");
    const text = readFileSync(stack, "utf8");
    writeFileSync(stack, text.replace("cpu: 2", "cpu: 4"));
    try {
      const failed = await unitTest();
      expect(failed.output).toContain("the agents' snapshot is ubuntu with two cores");
      expect(failed.code).toBe(1);
    } finally {
      writeFileSync(stack, text);
    }
  }, 120_000);

  test("can be written as an ES module, with types for a program of TypeScript's strictest options", async () => {
    const program = [
      `import { App, TerraformStack } from "${framework}";`,
      `import { DaytonaProvider, Snapshot, type SnapshotConfig } from "daytona-iac/${framework}";`,
      `const stack = new TerraformStack(new App(), "esm");`,
      `const config: SnapshotConfig = { name: "esm", image: "ubuntu:24.04" };`,
      `new DaytonaProvider(stack, "daytona");`,
      `console.log(new Snapshot(stack, "agent", config).terraformResourceType);`,
      ``,
    ].join("\n");
    writeFileSync(join(folder, "program.mts"), program);
    const options =
      "--module node16 --target es2022 --strict --exactOptionalPropertyTypes --noImplicitOverride --noUncheckedIndexedAccess --types node";
    expect(await runNode("typescript/bin/tsc", ["program.mts", ...options.split(" ")], folder)).toEqual({
      code: 0,
      output: "",
    });
    expect(await run(process.execPath, ["program.mjs"], folder)).toEqual({ code: 0, output: "daytona_snapshot\n" });
  }, 120_000);
});
