import { writeFileSync } from "node:fs";
import { parse } from "yaml";
import { FORMATS } from "../../../provider/cli/drift/flags";
import { candidates } from "../../../provider/cli/completion";
import { commands } from "../../../provider/cli/commands";
import { doctor } from "../../../provider/cli/doctor/command";
import { runPrune } from "../../../provider/cli/prune/command";
import { expectSafe, HOSTILE, READS } from "../kit/text/hostile";
import { drift } from "./drift/run";
import { commandLine } from "./snapshot/run";
import { world } from "./world";

const it = world();
const { api, run } = commandLine();
const NAME = `a\u001b[2J\u009b31m\u202eb`;
const indented = READS.replace(/\n/g, "\n  ");

test("list and get: a name and a reason do not steer the terminal", async () => {
  api().control.insert({
    name: NAME,
    state: "error",
    errorReason: HOSTILE,
    imageName: `img\u001b]0;x\u0007`,
    entrypoint: ["a\u001b[31mb"],
  });
  const list = await run(["list"], { outColumns: 120 });
  expectSafe(list.out, true);
  expect(list.out).toContain("a\ufffdb");
  const got = await run(["get", NAME]);
  expectSafe(got.out);
  expect(got.out).toMatch(new RegExp(`^Error +${READS}$`, "m"));
});

test("JSON and YAML keep the value and escape it", async () => {
  api().control.insert({ name: NAME, state: "error", errorReason: HOSTILE });
  const [json, yaml] = [await run(["list", "--format", "json"]), await run(["list", "--format", "yaml"])];
  expectSafe(json.out + yaml.out);
  const found = JSON.parse(json.out) as { name: string; errorReason: string }[];
  expect(found.find(({ name }) => name === NAME)).toMatchObject({ errorReason: HOSTILE });
  expect(parse(yaml.out)).toEqual(found);
});

test("an error, its JSON, and progress", async () => {
  api().control.source({ image: "evil:1", outcome: "fail", reason: HOSTILE });
  const failed = await run(["create", "x", "--image", "evil:1"]);
  expect(failed.code).toBe(1);
  expectSafe(failed.err);
  expect(failed.err).toContain(`Reason: ${indented}`);
  await run(["delete", "x"]);
  const json = await run(["create", "y", "--image", "evil:1", "--format", "json"]);
  expectSafe(json.err);
  expect((JSON.parse(json.err.trim().split("\n").at(-1)!) as { error: { detail: string } }).error.detail).toContain(
    `Reason: ${READS}`,
  );
});

test("questions and messages that name a snapshot", async () => {
  api().control.insert({ name: NAME });
  const asked = await run(["delete", "--all"]);
  expectSafe(asked.err);
  expect(asked.err).toContain("  a\ufffdb (active)\n");
  const missing = await run(["get", `x\u001b[2Jy`]);
  expectSafe(missing.err);
  const done = await run(["delete", NAME]);
  expectSafe(done.out + done.err);
  expect(done.out).toBe('Snapshot "a\ufffdb" was deleted.\n');
});

test("a build's log", async () => {
  writeFileSync("Dockerfile", "FROM debian:12\nRUN plain\ttext\n");
  api().control.source({ name: "built", outcome: "fail", reason: HOSTILE });
  const failed = await run(["create", "built", "--dockerfile", "Dockerfile"]);
  expectSafe(failed.err);
  expect(failed.err).toContain("RUN plain\ttext\n");
  const { out } = await run(["logs", "built"]);
  expectSafe(out);
  expect(out).toContain("RUN plain\ttext\n");
});

test("prune", async () => {
  it.api.control.insert({
    name: NAME,
    state: "error",
    errorReason: HOSTILE,
    createdAt: Date.now() - 86_400_000 * 100,
    lastUsedAt: Date.now() - 86_400_000 * 50,
  });
  for (const format of ["table", "json"]) {
    let said = "";
    const io = {
      out: (text: string) => void (said += text),
      err: (text: string) => void (said += text),
      env: { DAYTONA_API_URL: it.api.apiUrl, DAYTONA_API_KEY: it.api.apiKey },
    };
    await runPrune(["--format", format], io);
    expectSafe(said);
    expect(said).toMatch(/a(\ufffd|\\u001b\[2J\\u009b31m\\u202e)b/);
  }
});

test("every format of a drift report", async () => {
  const id = it.api.control.insert({ name: "agent", state: "error", errorReason: HOSTILE });
  const state = {
    version: 4,
    terraform_version: "1.11.4",
    serial: 1,
    lineage: "x",
    outputs: {},
    resources: [
      {
        mode: "managed",
        type: "daytona_snapshot",
        name: "agent",
        provider: 'provider["registry.terraform.io/daytona-iac/daytona"]',
        instances: [{ schema_version: 0, attributes: { id, name: "agent", image: "a:1", state: "active" } }],
      },
    ],
  };
  writeFileSync("s.tfstate", JSON.stringify(state));
  for (const format of FORMATS) {
    const { code, out, err } = await drift(it.api, ["--state", "s.tfstate", "--format", format]);
    expect({ format, code }).toEqual({ format, code: 2 });
    expectSafe(out + err);
    expect(out).toContain("out of");
  }
});

test("a completion offers no name that the shell would run", async () => {
  const env = { DAYTONA_API_URL: it.api.apiUrl, DAYTONA_API_KEY: it.api.apiKey, HOME: process.cwd() };
  for (const name of ["good/name:1.0-a", "bad;reboot", "$(reboot)", "a\nb", NAME]) it.api.control.insert({ name });
  expect(
    await candidates(["snapshot", "get", ""], { out: () => undefined, err: () => undefined, env }, commands),
  ).toEqual(["good/name:1.0-a"]);
});

test("doctor", async () => {
  let out = "";
  await doctor([], {
    out: (text) => void (out += text),
    err: () => undefined,
    env: { DAYTONA_API_URL: `http://127.0.0.1:1/\u009b31m`, DAYTONA_API_KEY: "k12345678", PATH: "" },
  });
  expectSafe(out);
});
