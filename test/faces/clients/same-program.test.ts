import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startLocalApi } from "../../../provider/local";
import { program } from "./clients";

/** One program written for Daytona's SDK, once with the SDK and once with this package, of which only the import differs. */
const root = join(__dirname, "../../..");
const DAY = 24 * 3600 * 1000;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "daytona-iac-same-"));
  mkdirSync(join(folder, "node_modules/@daytona"), { recursive: true });
  symlinkSync(join(root, "node_modules/@daytona/sdk"), join(folder, "node_modules/@daytona/sdk"), "junction");
  symlinkSync(root, join(folder, "node_modules/daytona-iac"), "junction");
  mkdirSync(join(folder, "app"));
  writeFileSync(join(folder, "app/main.txt"), "hello");
  writeFileSync(join(folder, "Dockerfile"), "FROM debian:12\nRUN echo building\nCOPY app /app\n");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** @returns what it printed, and the names and states that are left */
async function run(from: string): Promise<{ said: string[]; left: string[] }> {
  const text = readFileSync(program("nightly.mjs"), "utf8");
  const file = join(folder, `${from.replace(/\W/g, "-")}.mjs`);
  writeFileSync(file, text.replace('from "@daytona/sdk"', `from "${from}"`));
  const local = await startLocalApi({ pullSeconds: 0.05, buildSeconds: 2, cronSeconds: 0.02, snapshotQuota: 7 });
  const { control } = local;
  try {
    control.source({ dockerfile: "RUN ./broken.sh", outcome: "fail" });
    const body = { message: "no", code: "NO_LONGER", source: "DAYTONA_API" };
    control.fault({ method: "GET", path: "for-good", action: "answer", status: 410, body, times: -1 });
    control.fault({ method: "GET", path: "too-strict", action: "answer", status: 422, body, times: -1 });
    // The order of a list is that of the last use.
    const past = (days: number) => {
      const then = Date.now() - days * DAY;
      return { createdAt: then, updatedAt: then, lastUsedAt: then };
    };
    control.insert({ name: "nightly", state: "active", ...past(1) });
    control.insert({ name: "nightly-old", state: "active", ...past(9) });
    control.insert({ name: "nightly-older", state: "error", ...past(30) });
    control.insert({ name: "other-old", state: "active", ...past(30) });
    control.insert({ name: "idle", state: "inactive", ...past(20) });
    const env = { ...process.env, KEY: local.apiKey, URL: local.apiUrl, DOCKERFILE: join(folder, "Dockerfile") };
    const said = await new Promise<string>((resolve, reject) =>
      execFile(process.execPath, ["--no-warnings", file], { env, timeout: 100_000 }, (error, stdout, stderr) =>
        error === null ? resolve(stdout) : reject(new Error(`${error.message}\n${stdout}\n${stderr}`)),
      ),
    );
    const left = control.snapshots().filter(({ state }) => state !== "removing");
    return { said: said.trimEnd().split("\n"), left: left.map(({ name, state }) => `${name} ${state}`).sort() };
  } finally {
    await local.close();
  }
}

test("the same program does the same with the SDK and with this package", async () => {
  const sdk = await run("@daytona/sdk");
  const ours = await run("daytona-iac");
  expect(ours).toEqual(sdk);
  expect(sdk.said).toEqual([
    "nightly is taken",
    "nightly-2 active 2 2 3 us ubuntu:24.04",
    "nightly-built active 1 context",
    "Creating snapshot nightly-built (pending) | Created snapshot nightly-built (active) | true",
    "idle true",
    "idle active",
    "get missing 404 true string",
    "delete missing 404 true string",
    "create taken 409 true string",
    "latest wrong 400 true true string",
    "name wrong 400 true true string",
    "cpu wrong 400 true true string",
    "gpu wrong 400 true true string",
    "build other undefined true string",
    "broken error",
    "gone gone NO_LONGER true string",
    "strict unprocessable true true string",
    "key credentials 401 true string",
    "quota wrong 400 true true string",
    "page 1 of 5 has 2 of 9",
    "page 2 of 5 has 2 of 9",
    "page 3 of 5 has 2 of 9",
    "page 4 of 5 has 2 of 9",
    "page 5 of 5 has 1 of 9",
    "deleted more-0",
    "deleted nightly-old",
    "deleted nightly-older",
  ]);
}, 240_000);
