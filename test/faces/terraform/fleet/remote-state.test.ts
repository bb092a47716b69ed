import { CreateBucketCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DriftReport } from "../../../../provider/fleet/report/report";
import { drift } from "../../../unit/cli/drift/run";
import { versitygw } from "../../../unit/lifecycle/publish/versitygw";
import { buildExecutable } from "../../support/executable";
import { Project, terraformBinary } from "../../support/terraform";
import { ok, setup } from "../setup";

jest.setTimeout(240_000);

const { api } = setup({ pullSeconds: 2 });
let provider: ReturnType<typeof buildExecutable>;
const projects: Project[] = [];
beforeAll(() => void (provider = buildExecutable()));
afterEach(() => {
  for (const project of projects.splice(0)) project.remove();
});
afterAll(() => provider.remove());

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Two checkouts of one program with one remote state. The provider is an override, so `init` only sets up the backend. */
async function twoCheckouts(backend: string, env: Record<string, string>): Promise<[Project, Project]> {
  const pair = [0, 1].map(() => {
    const project = new Project({
      executable: provider.dir,
      env: { DAYTONA_API_URL: api().apiUrl, DAYTONA_API_KEY: api().apiKey, ...env },
    });
    projects.push(project);
    project.write("backend.tf", `terraform {\n  ${backend}\n}\n`);
    project.program(program("agent", "tools"));
    return project;
  }) as [Project, Project];
  for (const project of pair) {
    // Terraform asks a registry for the provider even though it is overridden: the backend alone is initialized.
    const versions = project.read("versions.tf");
    project.write("versions.tf", "");
    project.write("main.tf", "");
    ok(await project.run(["init", "-input=false", "-no-color"]));
    project.write("versions.tf", versions);
    project.program(program("agent", "tools"));
  }
  return pair;
}

const program = (...names: string[]): string =>
  names
    .map(
      (name) => `resource "daytona_snapshot" "${name}" {\n  name  = "${name}"\n  image = "ubuntu:24.04-${name}"\n}\n`,
    )
    .join("");

/** Two applies at once, and a drift check beside them. */
async function shared(backend: string, env: Record<string, string>): Promise<void> {
  const [one, two] = await twoCheckouts(backend, env);
  let checked: { code: number; report: DriftReport; ms: number } | undefined;
  let underWay = true;
  // The first apply waits for the check, however slow that is.
  api().control.source({ image: "ubuntu:24.04-tools", outcome: "hang" });
  const first = one.apply().finally(() => void (underWay = false));
  while (api().control.snapshots().length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  const second = two.apply("-lock-timeout=120s");
  // The check reads the state beside the apply. It takes no lock.
  const begun = Date.now();
  const here = process.cwd();
  process.chdir(two.dir);
  try {
    const { code, out } = await drift(api(), ["--format", "json", "--binary", terraformBinary()!], { env: two.env });
    checked = { code, report: JSON.parse(out) as DriftReport, ms: Date.now() - begun };
  } finally {
    process.chdir(here);
  }
  const during = underWay;
  api().control.clearSources();
  api().control.finishHung();
  ok(await first);
  ok(await second);
  expect(during).toBe(true);
  expect(checked.code).toBe(3);
  expect(checked.report.sources[0]!.notes.join()).toContain("An apply may be in progress");
  // Nothing is lost, nothing is made twice.
  expect(
    api()
      .control.snapshots()
      .map(({ name }) => name)
      .sort(),
  ).toEqual(["agent", "tools"]);
  expect(api().control.counts().create).toBe(2);
  for (const project of [one, two]) expect((await project.plan()).code).toBe(0);
  ok(await two.destroy());
  expect(ok(await one.run(["state", "list"])).stdout).toBe("");
}

const postgres = existsSync("/usr/lib/postgresql")
  ? join("/usr/lib/postgresql", readdirSync("/usr/lib/postgresql").sort().at(-1)!, "bin")
  : null;
(postgres ? test : test.skip)(
  `the pg backend on a real PostgreSQL: two applies at once, one waits${postgres ? "" : " (no PostgreSQL here)"}`,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "daytona-iac-pg-"));
    const data = join(folder, "data");
    // PostgreSQL does not run as root.
    const root = process.getuid?.() === 0;
    const user = root
      ? {
          uid: Number(execFileSync("id", ["-u", "postgres"], { encoding: "utf8" })),
          gid: Number(execFileSync("id", ["-g", "postgres"], { encoding: "utf8" })),
        }
      : {};
    mkdirSync(data);
    if ("uid" in user) for (const path of [folder, data]) chownSync(path, user.uid!, user.gid!);
    const port = await freePort();
    let server: ChildProcess | undefined;
    try {
      execFileSync(join(postgres!, "initdb"), ["-D", data, "-U", "terraform", "-A", "trust"], {
        ...user,
        stdio: "pipe",
        cwd: folder,
      });
      server = spawn(
        join(postgres!, "postgres"),
        ["-D", data, "-p", String(port), "-k", folder, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"],
        { ...user, stdio: "ignore", cwd: folder },
      );
      const url = `postgres://terraform@127.0.0.1:${port}/postgres?sslmode=disable`;
      while (spawnSync(join(postgres!, "pg_isready"), ["-h", "127.0.0.1", "-p", String(port)]).status !== 0)
        await new Promise((resolve) => setTimeout(resolve, 100));
      await shared('backend "pg" {}', { PG_CONN_STR: url });
    } finally {
      server?.kill("SIGINT");
      await new Promise((resolve) => (server ? server.once("exit", resolve) : resolve(null)));
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

/** `use_lockfile` is of Terraform 1.10 and OpenTofu 1.10. */
(versitygw ? test : test.skip)(
  `the s3 backend with a lock file on a real S3 server: two applies at once, one waits${versitygw ? "" : " (DAYTONA_IAC_VERSITYGW is not set)"}`,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "daytona-iac-s3-"));
    for (const name of ["data", "meta"]) mkdirSync(join(folder, name));
    const port = await freePort();
    const credentials = { accessKeyId: "terraform", secretAccessKey: "planted-secret" };
    const server = spawn(
      versitygw!,
      [
        "--port",
        `127.0.0.1:${port}`,
        "--quiet",
        "--access",
        credentials.accessKeyId,
        "--secret",
        credentials.secretAccessKey,
        "posix",
        "--sidecar",
        join(folder, "meta"),
        join(folder, "data"),
      ],
      { stdio: "ignore" },
    );
    const client = new S3Client({
      endpoint: `http://127.0.0.1:${port}`,
      region: "us-east-1",
      forcePathStyle: true,
      credentials,
      maxAttempts: 20,
    });
    try {
      await client.send(new CreateBucketCommand({ Bucket: "states" }));
      await shared(
        `backend "s3" {\n    bucket = "states"\n    key = "snapshots.tfstate"\n    region = "us-east-1"\n    use_lockfile = true\n    use_path_style = true\n    skip_credentials_validation = true\n    skip_requesting_account_id = true\n    skip_metadata_api_check = true\n    skip_region_validation = true\n    endpoints = { s3 = "http://127.0.0.1:${port}" }\n  }`,
        { AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey },
      );
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: "states" }));
      expect(Contents.map(({ Key }) => Key)).toEqual(["snapshots.tfstate"]);
    } finally {
      client.destroy();
      server.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
