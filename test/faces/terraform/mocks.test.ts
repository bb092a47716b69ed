import { mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { ok, setup } from "./setup";
import { testSince } from "./versions";

jest.setTimeout(120_000);
const { api, project } = setup();
const guide = readFileSync(resolve(__dirname, "../../../docs/guides/terraform-test.md"), "utf8");
const [root, mocks, tests] = [...guide.matchAll(/^```(?:terraform|hcl)\n(.*?)^```/gms)].map((found) => found[1]!);
const test7 = testSince({ terraform: 7, tofu: null });

test7("the guide's module passes its test with mocks, which send no request", async () => {
  const program = project(root);
  program.write("versions.tf", "");
  mkdirSync(join(program.dir, "tests/mocks"), { recursive: true });
  program.write("tests/mocks/daytona.tfmock.hcl", mocks!);
  program.write("tests/module.tftest.hcl", tests!);
  api().control.clearRequests();
  expect(ok(await program.run(["test", "-no-color"])).stdout).toContain("Success! 2 passed, 0 failed.");
  expect(api().control.requests()).toEqual([]);
  // Without the mocks' values, Terraform makes up what the guide says.
  program.write("tests/mocks/daytona.tfmock.hcl", "");
  const { code, stdout, stderr } = await program.run(["test", "-no-color"]);
  expect([code, `${stdout}${stderr}`]).toEqual([1, expect.stringContaining("the snapshot is not active")]);
});
