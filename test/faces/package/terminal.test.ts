import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalApi, startLocalApi } from "../../../provider/local";
import { onTerminal } from "../support/terminal";

jest.setTimeout(120_000);
const cli = join(__dirname, "../../../dist/cli/main.js");
const folder = mkdtempSync(join(tmpdir(), "daytona-terminal-"));
let api: LocalApi;
beforeAll(async () => void (api = await startLocalApi()));
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await api.close();
});

const env = (): NodeJS.ProcessEnv => ({ DAYTONA_API_URL: api.apiUrl, DAYTONA_API_KEY: api.apiKey, HOME: folder });

const state = join(folder, "state.json");
writeFileSync(
  state,
  JSON.stringify({
    version: 3,
    deployment: {
      resources: [
        {
          urn: "urn:pulumi:dev::p::daytona:index:Snapshot::a",
          type: "daytona:index:Snapshot",
          custom: true,
          id: "x",
          outputs: { name: "x", snapshotId: "x" },
        },
      ],
    },
  }),
);
const prune = `'${process.execPath}' '${cli}' prune --delete --min-age 0 --min-idle 0 -q`;

test.each<[string, string, string, boolean]>([
  ["no", `cat '${state}' | ${prune} --state -`, 'b"no\\r"', false],
  ["Ctrl-C", `cat '${state}' | ${prune} --state -`, 'b"\\x03"', false],
  ["the end of the input", `cat '${state}' | ${prune} --state -`, 'b"\\x04"', false],
  ["yes", `cat '${state}' | ${prune} --state -`, 'b"yes\\r"', true],
  ["yes to a redirected state", `${prune} --state - < '${state}'`, 'b"yes\\r"', true],
  ["yes where standard input is the terminal", `${prune} --state '${state}'`, 'b"yes\\r"', true],
  ["Ctrl-C where standard input is the terminal", `${prune} --state '${state}'`, 'b"\\x03"', false],
])("prune asks on the terminal: %s", async (_what, command, answer, deleted) => {
  api.control.reset();
  api.control.insert({ name: "unused" });
  const { code, out } = await onTerminal(command, "to continue: ", answer, env());
  expect([code, out]).toEqual([
    deleted ? 0 : 1,
    expect.stringContaining(deleted ? 'Snapshot "unused" was deleted.' : "Nothing was deleted."),
  ]);
  expect(api.control.snapshot("unused") === null).toBe(deleted);
});

test("without a terminal, prune does not ask", async () => {
  api.control.reset();
  api.control.insert({ name: "unused" });
  const child = spawn("setsid", ["--wait", "sh", "-c", `${prune} --state - < '${state}'`], {
    env: { ...process.env, ...env() },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let err = "";
  child.stderr.on("data", (data: Buffer) => void (err += data.toString()));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  expect([code, err]).toEqual([64, expect.stringContaining("deleting without a terminal requires --yes")]);
  expect(api.control.snapshot("unused")).not.toBeNull();
});
