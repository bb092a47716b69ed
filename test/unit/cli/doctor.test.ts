import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { doctor } from "../../../provider/cli/doctor";
import { impliedMirror } from "../../../provider/cli/install/mirror";
import { type LocalApi, startLocalApi } from "../../../provider/local";
import { version } from "../../../provider/version.gen";

let api: LocalApi;
let home: string;
beforeAll(async () => void (api = await startLocalApi()));
afterAll(() => api.close());
beforeEach(() => void (home = mkdtempSync(join(tmpdir(), "doctor-"))));
afterEach(() => rmSync(home, { recursive: true }));

async function run(more: Record<string, string> = {}, args: string[] = []) {
  let [out, err] = ["", ""];
  const env = { PATH: home, HOME: home, XDG_CONFIG_HOME: home, DAYTONA_API_URL: api.apiUrl, DAYTONA_API_KEY: api.apiKey, ...more };
  const code = await doctor(args, { out: (text) => void (out += text), err: (text) => void (err += text), env });
  expect(out + err).not.toContain(api.apiKey);
  return { code, err, lines: out.split("\n").map((line) => line.replace(/ {2,}/g, "  ")) };
}

test("everything good: one line each, and 0", async () => {
  mkdirSync(join(impliedMirror(process.platform, { HOME: home }), "registry.terraform.io/daytona-iac/daytona", version), { recursive: true });
  writeFileSync(join(home, "tofu"), "#!/bin/sh\necho OpenTofu v1.12.6\n", { mode: 0o755 });
  const { code, lines } = await run();
  expect(code).toBe(0);
  expect(lines).toEqual(expect.arrayContaining([
    "ok  credentials  from DAYTONA_API_KEY", `ok  API  ${api.apiUrl} (from DAYTONA_API_URL)`, `ok  organization  ${api.organizationId}`, "ok  regions  us", "ok  permission  write:snapshots",
    "ok  tofu  v1.12.6", "-  terraform  not on PATH", `ok  Terraform provider  ${version} in ${home}/.terraform.d/plugins`,
    `-  Pulumi plugin  ${version} is not installed. Run \`daytona-iac install --pulumi\`; the dynamic provider needs none.`,
  ]));
});

test("what is wrong is a problem, with what to do, and 1", async () => {
  expect((await run({ DAYTONA_API_KEY: "" })).lines).toContainEqual("PROBLEM  credentials  no Daytona credentials found: set the environment variable DAYTONA_API_KEY, or log in with the Daytona CLI (`daytona login`)");
  const wrong = await run({ DAYTONA_API_KEY: "dtn_wrong" });
  expect([wrong.code, wrong.lines.join("\n")]).toEqual([1, expect.stringContaining("the API rejected the credentials\n")]);
  const proxy = await run({ DAYTONA_API_URL: "http://daytona.example/api", HTTP_PROXY: "http://127.0.0.1:1" });
  expect(proxy.lines).toContainEqual("PROBLEM  API  http://daytona.example/api (from DAYTONA_API_URL), through the proxy 127.0.0.1:1");
  expect((await run({ DOCKER_HOST: "unix:///nowhere.sock" })).lines).toContainEqual("PROBLEM  engine  unix:///nowhere.sock (DOCKER_HOST) does not exist. Start the engine, or correct DOCKER_HOST.");
});

test("wrong usage", async () => {
  expect(await run({}, ["now"])).toMatchObject({ code: 64, err: expect.stringContaining('too many arguments') as string });
});
