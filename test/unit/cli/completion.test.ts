import { commands } from "../../../provider/cli/commands";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { candidates, completion } from "../../../provider/cli/completion";
import { type LocalApi, startLocalApi } from "../../../provider/local";

let api: LocalApi;
let home: string;
beforeAll(async () => void (api = await startLocalApi()));
afterAll(() => api.close());
beforeEach(() => void (home = mkdtempSync(join(tmpdir(), "completion-"))));
afterEach(() => {
  api.control.reset();
  rmSync(home, { recursive: true });
});

const io = (more: Record<string, string> = {}) => ({ out: () => undefined, err: () => undefined, env: { HOME: home, XDG_CACHE_HOME: home, DAYTONA_API_URL: api.apiUrl, DAYTONA_API_KEY: api.apiKey, ...more } });

test.each<[string[], string[]]>([
  [["sn"], ["snapshot"]], [["snapshot", "de"], ["delete", "deactivate"]], [["snapshot", "create", "--build"], ["--build-arg"]], [["snapshot", "list", "--format", ""], ["table", "json", "yaml"]],
  [["snapshot", "create", "agent", "--image", ""], []], [["completion", "z"], ["zsh"]], [["snapshot", "crate", ""], []], [["local", "--p"], ["--port", "--pull-seconds"]],
])("%j", async (words, expected) => expect(await candidates(words, io(), commands)).toEqual(expected));

test("names of snapshots, from a cache that lasts a few seconds and holds no key; without an API there are none", async () => {
  api.control.insert({ name: "agent" });
  expect(await candidates(["snapshot", "delete", "ag"], io(), commands)).toEqual(["agent"]);
  api.control.clearRequests();
  expect(await candidates(["snapshot", "rm", ""], io(), commands)).toEqual(["agent"]);
  expect(api.control.requests()).toEqual([]);
  expect(readdirSync(join(home, "daytona-iac/names")).join()).not.toContain(api.apiKey);
  expect(await candidates(["snapshot", "get", ""], io({ DAYTONA_API_URL: "http://127.0.0.1:1/api" }), commands)).toEqual([]);
  expect(await candidates(["snapshot", "get", ""], io({ DAYTONA_API_KEY: "" }), commands)).toEqual([]);
});

test.each(["bash", "zsh", "fish"])("the script for %s is one that the shell reads, where it is here", async (shell) => {
  let text = "";
  expect(await completion([shell], { ...io(), out: (more) => void (text += more) }, commands)).toBe(0);
  expect(text).toContain("daytona-iac completion --words");
  const { error, status, stderr } = spawnSync(shell, ["-n"], { input: text, encoding: "utf8" });
  if (!error) expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(await completion(["tcsh"], io(), commands)).toBe(64);
});
