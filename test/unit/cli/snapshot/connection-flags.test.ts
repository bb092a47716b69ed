import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandLine } from "./run";

const { api, run } = commandLine();
const folder = mkdtempSync(join(tmpdir(), "daytona-key-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("--api-url and --api-key-file win over the environment; the key is in no text", async () => {
  api().control.insert({ name: "a" });
  writeFileSync(join(folder, "key"), `${api().apiKey}\n`);
  const env = { DAYTONA_API_URL: "http://127.0.0.1:1/api", DAYTONA_API_KEY: "dtn_other" };
  const flags = ["--api-url", api().apiUrl, "--api-key-file", join(folder, "key")];
  const { code, out } = await run(["get", "a", ...flags, "-o", "json"], { env });
  expect({ code, object: JSON.parse(out) as unknown }).toMatchObject({ code: 0, object: { name: "a" } });
  expect((await run(["get", "a", ...flags, "-v"], { env })).code).toBe(0);
});

test.each([
  ["no file", ["--api-key-file", join(folder, "none")], "cannot be read"],
  ["two credentials", ["--api-key-file", "x", "--profile", "y"], "--api-key-file cannot be combined with --profile"],
  ["a state that there is none of", ["--state", "actve"], "--state actve is not a state of a snapshot"],
])("%s", async (_name, flags, message) => {
  const { code, err } = await run(["list", ...flags]);
  expect({ code, err }).toEqual({ code: 64, err: expect.stringContaining(message) as string });
});

test("--source-sandbox-id shows what was made from that sandbox", async () => {
  api().control.insert({ name: "a", extra: { sourceSandboxId: "box" } });
  api().control.insert({ name: "b" });
  const { out } = await run(["list", "--source-sandbox-id", "box", "-o", "json"]);
  expect((JSON.parse(out) as { name: string }[]).map(({ name }) => name)).toEqual(["a"]);
});
