import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os, { tmpdir } from "node:os";
import { join } from "node:path";
import { makeOwnFolder, removeLeftOver } from "../../../provider/kit/own-folder";

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "own-folder-"));
  // Jest's environment is not the one that Node looks into.
  jest.spyOn(os, "tmpdir").mockReturnValue(place);
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(place, { recursive: true });
});

/** A folder of this process, as another one would have written it. */
function folderOf(change: Record<string, unknown> | string): string {
  const folder = makeOwnFolder("x-");
  const file = join(folder, ".owner.json");
  const owner = JSON.parse(readFileSync(file, "utf8")) as object;
  writeFileSync(file, typeof change === "string" ? change : JSON.stringify({ ...owner, ...change }));
  writeFileSync(join(folder, "content"), "x");
  return folder;
}
/** The ID of a process that has ended. */
const ended = (): number => spawnSync(process.execPath, ["-e", ""]).pid;

test("a folder of a process that is gone is removed, one that runs keeps its own", () => {
  const [left, own] = [folderOf({ pid: ended() }), folderOf({})];
  const other = folderOf({ pid: ended() });
  removeLeftOver("y-");
  expect([left, own, other].map(existsSync)).toEqual([true, true, true]);
  removeLeftOver("x-");
  expect([left, own, other].map(existsSync)).toEqual([false, true, false]);
});

test("a later process with the same ID is another one", () => {
  const folder = folderOf({ pid: process.pid, started: "1" });
  removeLeftOver("x-");
  // Only Linux tells when a process started; elsewhere it counts as the same.
  expect(existsSync(folder)).toBe(process.platform !== "linux");
});

test.each<[string, Record<string, unknown> | string]>([
  ["another machine", { host: "elsewhere" }],
  ["before the machine started again", { boot: "other" }],
  ["another container", { namespace: "pid:[1]" }],
  ["no process", { pid: null }],
  ["no ID of one", { pid: -1 }],
  ["half a file", '{"pid": 1'],
  ["nothing", "null"],
])("what cannot be told stays: %s", (_name, change) => {
  const folder = folderOf(typeof change === "string" ? change : { pid: ended(), ...change });
  removeLeftOver("x-");
  expect(existsSync(folder)).toBe(true);
});

test("no folder, no owner, or a link to a folder of somebody: stays", () => {
  writeFileSync(join(place, "x-file"), "");
  mkdirSync(join(place, "x-empty"));
  const elsewhere = folderOf({ pid: ended() });
  symlinkSync(elsewhere, join(place, "x-link"));
  removeLeftOver("x-l");
  expect(existsSync(join(elsewhere, "content"))).toBe(true);
  removeLeftOver("x-");
  expect(["x-file", "x-empty", "x-link"].map((name) => existsSync(join(place, name)))).toEqual([true, true, false]);
  expect(existsSync(elsewhere)).toBe(false);
});

test("what `local --tls` leaves when it is killed, the next start removes", async () => {
  const hook = join(place, "swc.cjs");
  writeFileSync(
    hook,
    `const { transformFileSync } = require(${JSON.stringify(require.resolve("@swc/core"))});
const options = { jsc: { target: "es2022", parser: { syntax: "typescript" } }, module: { type: "commonjs" } };
require.extensions[".ts"] = (module, file) => module._compile(transformFileSync(file, { ...options, swcrc: false }).code, file);
`,
  );
  const start = async () => {
    const child = spawn(process.execPath, ["-r", hook, "provider/cli/main.ts", "local", "--tls", "--format", "json"], {
      env: { ...process.env, TMPDIR: place },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await new Promise<Buffer>((resolve) => child.stdout.once("data", resolve))).toString().split("\n");
    const ended_ = new Promise((resolve) => child.once("exit", resolve));
    const { env } = JSON.parse(line!) as { env: { SSL_CERT_FILE: string } };
    return {
      file: env.SSL_CERT_FILE,
      end: (signal: NodeJS.Signals) => {
        child.kill(signal);
        return ended_;
      },
    };
  };
  const killed = await start();
  await killed.end("SIGKILL");
  expect(existsSync(killed.file)).toBe(true);
  const first = await start();
  expect([killed.file, first.file].map(existsSync)).toEqual([false, true]);
  const beside = await start();
  expect([first.file, beside.file].map(existsSync)).toEqual([true, true]);
  await Promise.all([first.end("SIGTERM"), beside.end("SIGTERM")]);
  expect([first.file, beside.file].map(existsSync)).toEqual([false, false]);
}, 120_000);
