import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { runImport } from "../../../../provider/cli/import/command";
import { IMPORTED, oddFleet } from "../../../unit/cli/import/fleet";
import { buildExecutable } from "../../support/executable";
import { Project } from "../../support/terraform";
import { ok, setup } from "../setup";

jest.setTimeout(180_000);

const { api } = setup({ cronSeconds: 60, pullSeconds: 60 });
const root = resolve(__dirname, "../../../..");
const here = process.cwd();
const exec = promisify(execFile);
let provider: ReturnType<typeof buildExecutable>;
let project: Project;
beforeAll(() => void (provider = buildExecutable()));
beforeEach(
  () =>
    void (project = new Project({
      executable: provider.dir,
      env: { DAYTONA_API_URL: api().apiUrl, DAYTONA_API_KEY: api().apiKey },
    })),
);
afterEach(() => {
  process.chdir(here);
  project.remove();
});
afterAll(() => provider.remove());

async function imported(...args: string[]): Promise<void> {
  let err = "";
  const code = await runImport(args, {
    out: () => undefined,
    err: (text) => void (err += text),
    env: { DAYTONA_API_URL: api().apiUrl, DAYTONA_API_KEY: api().apiKey, HOME: "/nonexistent" },
  });
  if (code !== 0) throw new Error(err);
}

/** Plans and applies: only imports, without a call that writes. */
async function importsOnly(of: Project): Promise<void> {
  const plan = ok(await of.run(["plan", "-out=p", "-no-color"]));
  expect(plan.stdout).toContain(`Plan: ${IMPORTED} to import, 0 to add, 0 to change, 0 to destroy.`);
  api().control.clearRequests();
  ok(await of.apply());
  expect(
    api()
      .control.requests()
      .filter(({ method }) => method !== "GET"),
  ).toEqual([]);
  expect((await of.plan()).code).toBe(0);
}

test("HCL of an odd fleet is formatted, imports all of it, and then plans nothing", async () => {
  oddFleet(api());
  await imported("--all", "--to", "terraform", "--output", join(project.dir, "imported.tf"), "-q");
  expect(ok(await project.run(["fmt", "-check", "-diff", "imported.tf"])).stdout).toBe("");
  await importsOnly(project);
});

test("a CDKTF stack of an odd fleet imports all of it, and then plans nothing", async () => {
  oddFleet(api());
  const dir = mkdtempSync(join(tmpdir(), "daytona-iac-cdktf-"));
  try {
    mkdirSync(join(dir, "node_modules"));
    for (const name of ["cdktf", "constructs", "@types"])
      symlinkSync(join(root, "node_modules", name), join(dir, "node_modules", name), "junction");
    symlinkSync(root, join(dir, "node_modules/daytona-iac"), "junction");
    await imported("--all", "--to", "cdktf", "--output", join(dir, "imported.ts"), "-q");
    writeFileSync(
      join(dir, "main.ts"),
      'import { App } from "cdktf";\nimport { ImportedSnapshots } from "./imported";\nconst app = new App();\nnew ImportedSnapshots(app, "imported");\napp.synth();\n',
    );
    writeFileSync(
      join(dir, "tsconfig.json"),
      JSON.stringify({
        compilerOptions: {
          target: "ES2022",
          module: "commonjs",
          strict: true,
          skipLibCheck: true,
          outDir: "out",
          types: ["node"],
        },
        include: ["*.ts"],
      }),
    );
    await exec(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", dir], { cwd: dir });
    await exec(process.execPath, ["out/main.js"], { cwd: dir });
    const { stdout } = await exec("cat", ["cdktf.out/stacks/imported/cdk.tf.json"], { cwd: dir, maxBuffer: 1e8 });
    // The backend and the provider's source are those of the test's own folder: OpenTofu takes CDKTF's full address for another provider.
    project.write("main.tf.json", JSON.stringify({ ...(JSON.parse(stdout) as object), terraform: undefined }));
    await importsOnly(project);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
