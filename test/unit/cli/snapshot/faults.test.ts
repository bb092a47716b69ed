import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startLocalApi } from "../../../../provider/local";
import { commandLine, runOn } from "./run";

const { api, run } = commandLine({ pullSeconds: 0.2 });
const here = process.cwd();
afterEach(() => process.chdir(here));

test("two creates of one name at once: one makes it, the other says that the name is taken", async () => {
  const both = await Promise.all([
    run(["create", "agent", "-i", "ubuntu:24.04"]),
    run(["create", "agent", "-i", "debian:12"]),
  ]);
  expect(both.map(({ code }) => code).sort()).toEqual([0, 1]);
  expect(both.find(({ code }) => code === 1)!.err).toMatch(
    /Error: creating snapshot "agent": the name "agent" is already taken\n[\s\S]*Choose another name, delete that snapshot, or change the flags to match it\.\n$/,
  );
  expect(
    api()
      .control.snapshots()
      .map(({ name }) => name),
  ).toEqual(["agent"]);
  const same = await Promise.all(
    ["a", "b"].map(() => run(["create", "twice", "-i", "ubuntu:24.04", "--if-not-exists"])),
  );
  expect(same.map(({ code, out }) => [code, out])).toEqual(
    Array(2).fill([0, `Snapshot "twice" is active.\nID: ${api().control.snapshot("twice")!.id}\n`]),
  );
});

test("429 is waited out", async () => {
  api().control.fault({ kind: "create", action: "answer", status: 429, headers: { "retry-after": "1" } });
  api().control.fault({ kind: "list", times: 2, action: "answer", status: 429, headers: { "retry-after": "0" } });
  expect((await run(["create", "agent", "-i", "ubuntu:24.04"])).code).toBe(0);
  expect((await run(["list"])).code).toBe(0);
});

test("a key without permission: which one is missing", async () => {
  const DAYTONA_API_KEY = api().control.addKey("reader", []);
  api().control.insert({ name: "agent" });
  const env = { DAYTONA_API_KEY };
  expect(await run(["create", "x", "-i", "ubuntu:24.04"], { env })).toMatchObject({
    code: 1,
    err: expect.stringMatching(/Error: creating snapshot "x": permission denied\n[\s\S]*`write:snapshots`/) as string,
  });
  expect(await run(["delete", "agent"], { env })).toMatchObject({
    code: 1,
    err: expect.stringMatching(/permission denied\n[\s\S]*`delete:snapshots`/) as string,
  });
  expect((await run(["list"], { env })).code).toBe(0);
});

test("an API that goes away while the command waits: it says so, and ends at its time limit with what exists", async () => {
  const other = await startLocalApi({ pullSeconds: 60 });
  const ended = runOn(other, ["create", "agent", "-i", "ubuntu:24.04", "--timeout", "4s"]);
  while (other.control.snapshots().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  const { id } = other.control.snapshot("agent")!;
  await other.close();
  const { code, err } = await ended;
  expect(code).toBe(1);
  expect(err).toMatch(
    /Error: creating snapshot "agent": timed out after 4s; last state: `pending`\n {2}The snapshot's ID is .*\n {2}Last error: cannot reach the Daytona API at .*: connection refused\./,
  );
  expect(err).toContain(`ID is ${id}`);
}, 20_000);

test("a Dockerfile that is a folder, a name that is a UUID or not ASCII", async () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "daytona-cli-")));
  process.chdir(folder);
  mkdirSync("Dockerfile");
  expect(await run(["create", "x", "-f", "Dockerfile"])).toMatchObject({
    code: 1,
    err: expect.stringContaining("is a folder. Set --dockerfile to the file in it.") as string,
  });
  rmSync(folder, { recursive: true });
  const uuid = "10ca1da7-0000-4000-8000-00000000abcd";
  expect(await run(["create", uuid, "-i", "ubuntu:24.04"])).toMatchObject({ code: 0 });
  expect((await run(["get", uuid])).out).toContain(`Name           ${uuid}`);
  expect(await run(["create", "größe", "-i", "ubuntu:24.04"])).toMatchObject({
    code: 64,
    err: expect.stringContaining("Invalid snapshot name") as string,
  });
  expect(await run(["get", "größe"])).toMatchObject({
    code: 1,
    err: expect.stringContaining('reading snapshot "größe": no such snapshot') as string,
  });
});
