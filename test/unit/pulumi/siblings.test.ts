import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Keepers, Siblings } from "../../../provider/pulumi/shared";

const ENGINE = "127.0.0.1:4711";
let parent: string;
beforeEach(() => {
  parent = join(mkdtempSync(join(tmpdir(), "daytona-iac-siblings-")), "private");
});
afterEach(() => rmSync(join(parent, ".."), { recursive: true, force: true }));

/** Of a process that lives: the one of the tests, and its parent. */
const one = () => new Siblings(ENGINE, parent);
const other = () => new Siblings(ENGINE, parent, process.ppid);

test("what one process keeps, the others of the same engine know, until it lets go or ends", () => {
  const [a, b] = [one(), other()];
  a.tell("id-1", true);
  expect([b.keep("id-1"), b.keep("id-2"), a.keep("id-1")]).toEqual([true, false, false]);
  expect(new Siblings("127.0.0.1:4712", parent, process.ppid).keep("id-1")).toBe(false);
  a.tell("id-1", true);
  a.tell("id-1", false);
  expect(b.keep("id-1")).toBe(true);
  a.tell("id-1", false);
  expect(b.keep("id-1")).toBe(false);
  a.tell("id-1", true);
  a.close();
  expect(b.keep("id-1")).toBe(false);
});

test("what a killed process left counts for nothing, and is removed", () => {
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  const dead = new Siblings(ENGINE, parent, pid);
  dead.tell("id-1", true);
  expect(readdirSync(join(parent, readdirSync(parent)[0] as string))).toEqual([String(pid)]);
  expect(one().keep("id-1")).toBe(false);
  one().tell("id-2", true);
  expect(readdirSync(join(parent, readdirSync(parent)[0] as string))).toEqual([String(process.pid)]);
});

const posix = process.platform === "win32" ? test.skip : test;
posix("the folder is private; one that others can write to, or a link, is not used", () => {
  const a = one();
  a.tell("id-1", true);
  expect(statSync(parent).mode & 0o777).toBe(0o700);
  a.close();
  chmodSync(parent, 0o777);
  one().tell("id-1", true);
  expect(other().keep("id-1")).toBe(false);
  rmSync(parent, { recursive: true });
  const elsewhere = join(parent, "../elsewhere");
  mkdirSync(elsewhere);
  symlinkSync(elsewhere, parent);
  one().tell("id-1", true);
  expect(readdirSync(elsewhere)).toEqual([]);
});

test("without a folder, each process knows of itself", () => {
  mkdirSync(join(parent, ".."), { recursive: true });
  writeFileSync(parent, "a file");
  const a = one();
  a.tell("id-1", true);
  expect([a.keep("id-1"), other().keep("id-1")]).toEqual([false, false]);
  a.close();
  expect(existsSync(parent)).toBe(true);
});

test("a delete in one process is told to keep what another process keeps", async () => {
  const kept: string[] = [];
  const claims = { keeps: (id: string) => void kept.push(`+${id}`), letsGo: (id: string) => void kept.push(`-${id}`) };
  const [here, there] = [new Keepers(() => claims), new Keepers(() => null)];
  here.join(one());
  there.join(other());
  await here.deleting("id-1", "old", () => Promise.resolve());
  expect(kept).toEqual([]);
  there.checked("new", false);
  there.compared("new", "id-1", false);
  await here.deleting("id-1", "old", () => Promise.resolve());
  expect(kept).toEqual(["+id-1", "-id-1"]);
  there.checked("new", true);
  await here.deleting("id-1", "old", () => Promise.resolve());
  expect(kept).toHaveLength(2);
  there.reset();
  here.reset();
});
