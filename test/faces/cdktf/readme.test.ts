import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Projects, root, run, runNode } from "./project";

const projects = new Projects();
beforeAll(async () => expect(await projects.install()).toEqual({ code: 0, output: "" }), 120_000);
afterAll(() => projects.remove());

const readme = readFileSync(join(root, "README.md"), "utf8");
const program = [...readme.matchAll(/^```ts\n(.*?)^```/gms)]
  .map((found) => found[1] as string)
  .find((text) => text.includes('"daytona-iac/cdktf"')) as string;

test("the README names the folder that its program writes to", () => {
  expect(program).toContain('new TerraformStack(app, "snapshots")');
  expect(readme.match(/cdktf\.out\/stacks\/\w+/g)).toEqual(Array(4).fill("cdktf.out/stacks/snapshots"));
});

describe.each(["cdktf", "cdktn"])("the README's program for %s", (framework) => {
  test.each([
    ["a CommonJS module", "cts", "cjs"],
    ["an ES module", "mts", "mjs"],
  ])(
    "as %s",
    async (_what, source, compiled) => {
      const folder = join(projects.folder, `readme-${framework}-${source}`);
      mkdirSync(folder);
      writeFileSync(
        join(folder, `main.${source}`),
        program.replace('from "cdktf"', `from "${framework}"`).replace("daytona-iac/cdktf", `daytona-iac/${framework}`),
      );
      const options = "--module node16 --target es2022 --strict --skipLibCheck --types node";
      expect(await runNode("typescript/bin/tsc", [`main.${source}`, ...options.split(" ")], folder)).toEqual({
        code: 0,
        output: "",
      });
      expect(await run(process.execPath, [`main.${compiled}`], folder)).toEqual({ code: 0, output: "" });
      const document = JSON.parse(readFileSync(join(folder, "cdktf.out/stacks/snapshots/cdk.tf.json"), "utf8"));
      expect(document.resource.daytona_snapshot).toMatchObject({
        typed: { name: "typed", image: "ubuntu:24.04", cpu: 2 },
      });
    },
    120_000,
  );
});
