import { chmodSync, cpSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { buildExecutable } from "../support/executable";
import { Projects, run, runNode } from "../cdktf/project";
import type { Project } from "../support/terraform";
import { ok, setup } from "./setup";

jest.setTimeout(180_000);
const { api, project } = setup();
const example = resolve(__dirname, "../../../examples/dockerfile-context");
const projects = new Projects();

let provider: ReturnType<typeof buildExecutable>;
beforeAll(async () => {
  provider = buildExecutable();
  expect(await projects.install()).toEqual({ code: 0, output: "" });
});
afterAll(() => {
  provider.remove();
  projects.remove();
});

/** A copy of the example, with Terraform run in one of its folders. */
function copy(folder: string): Project & { at(...args: string[]): ReturnType<Project["run"]> } {
  const made = project(undefined, { executable: provider.dir });
  cpSync(example, made.dir, { recursive: true });
  return Object.assign(made, { at: (...args: string[]) => made.run([`-chdir=${folder}`, ...args]) });
}

test("examples/dockerfile-context/terraform: what its README says about changes", async () => {
  const it = copy("terraform");
  ok(await it.at("apply", "-json", "-auto-approve"));
  expect(api().control.snapshot("agent")).toMatchObject({
    state: "active",
    buildInfo: { dockerfileContent: expect.stringContaining("ARG PYTHON=3.13\n"), contextHashes: expect.any(Array) },
  });
  utimesSync(join(it.dir, "app/src/main.py"), 1, 1);
  writeFileSync(join(it.dir, "app/src/debug.log"), "x");
  expect((await it.at("plan", "-json", "-detailed-exitcode")).code).toBe(0);
  chmodSync(join(it.dir, "app/bin/start.sh"), 0o644);
  expect((await it.at("plan", "-json", "-detailed-exitcode")).changes).toEqual(["update daytona_snapshot.agent"]);
});

test("examples/dockerfile-context/cdktf: the same files and the same hash", async () => {
  const it = copy("cdktf/cdktf.out/stacks/dockerfile-context");
  projects.copy("dockerfile-context");
  const program = join(projects.folder, "dockerfile-context/cdktf");
  expect(
    await runNode(
      "typescript/bin/tsc",
      [
        "--module",
        "node16",
        "--moduleResolution",
        "node16",
        "--target",
        "es2022",
        "--skipLibCheck",
        "--outDir",
        "compiled",
        "main.ts",
      ],
      program,
    ),
  ).toEqual({ code: 0, output: "" });
  expect(await run(process.execPath, [join(program, "compiled/main.js")], join(it.dir, "cdktf"))).toEqual({
    code: 0,
    output: "",
  });
  // `terraform init` would look for the provider in a registry; without it, only the default backend works.
  const stack = join(it.dir, "cdktf/cdktf.out/stacks/dockerfile-context/cdk.tf.json");
  const written = JSON.parse(readFileSync(stack, "utf8")) as { terraform: { backend?: object } };
  delete written.terraform.backend;
  // OpenTofu takes the host of Terraform's registry for another provider than the one that the test overrides.
  writeFileSync(
    stack,
    JSON.stringify(written).replace("registry.terraform.io/daytona-iac/daytona", "daytona-iac/daytona"),
  );
  ok(await it.at("apply", "-json", "-auto-approve"));
  const byCdktf = api().control.snapshot("agent")?.buildInfo?.contextHashes;
  api().control.reset();
  const hcl = copy("terraform");
  ok(await hcl.at("apply", "-json", "-auto-approve"));
  expect(api().control.snapshot("agent")?.buildInfo?.contextHashes).toEqual(byCdktf);
  expect(byCdktf).toHaveLength(3);

  // What HCL has built is imported into the stack: the hashes tell that the files are the same, and when they are not.
  const address = "daytona_snapshot.agent";
  ok(await it.at("state", "rm", address));
  ok(await it.at("import", address, "agent"));
  const same = ok(await it.at("plan", "-json"));
  expect([same.changes, same.warnings]).toEqual([[`update ${address}`], []]);
  writeFileSync(join(it.dir, "app/src/main.py"), "print()\n");
  const other = ok(await it.at("plan", "-json"));
  expect(other.changes).toEqual([`update ${address}`]);
  expect(other.warnings[0]).toMatchObject({
    summary: 'The files are not those that snapshot "agent" was built from',
    detail: expect.stringMatching(
      /compared 3 sets of 3 files on this machine \(COPY .*\) with 3 sets of the snapshot; different: COPY src\./,
    ) as string,
  });
});
