import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PulumiRun } from "../../../provider/process/parent-command";
import { SeenSources } from "../../../provider/pulumi/shared/seen-sources";
import type { PreparedBuild } from "../../../provider/source/prepare";
import { written } from "../resources/snapshot/model";

let home: string;
beforeEach(() => void (home = mkdtempSync(join(tmpdir(), "seen-"))));
afterEach(() => rmSync(home, { recursive: true }));

const hash = (digit: string): string => `v2:${digit.repeat(64)}`;
const program = written({ name: "agent", dockerfile: "app/Dockerfile" });
const build = (digit: string): PreparedBuild => ({
  source: { text: "FROM a:1\n", hash: hash(digit), contextHashes: [] },
  archives: [
    {
      hash: "h",
      size: 1,
      files: [{ path: "a.txt", sha256: digit, executable: false, size: 1 }],
      from: "COPY .",
      open: () => {
        throw new Error("not to be read");
      },
    },
  ],
  image: null,
  warnings: [],
});
const seen = (run: PulumiRun | null, pid: number) => new SeenSources({ XDG_CACHE_HOME: home }, () => run, pid);
const run = (name: string, planFile: string | null = null): PulumiRun => ({ run: name, planFile });
const told = (since: string): string =>
  `doing: the source has changed since ${since}\nChanged since then:\n  a.txt (changed)\n\nThe files are used as they are now.`;

test("an update names what has changed since the preview of the same run, once", () => {
  expect(seen(run("1"), 1).look(program, build("1"), "doing")).toBeNull();
  const update = seen(run("1"), 2);
  expect(update.look(program, build("2"), "doing")).toBe(told("the preview"));
  expect(update.look(program, build("2"), "doing")).toBeNull();
  expect(update.look(program, build("3"), "doing")).toBe(told("this run first read it"));
});

test("another run, another process of nobody, and another source have nothing to tell", () => {
  seen(run("1"), 1).look(program, build("1"), "doing");
  expect(seen(run("2"), 2).look(program, build("2"), "doing")).toBeNull();
  expect(seen(null, 3).look(program, build("3"), "doing")).toBeNull();
  expect(seen(run("2"), 4).look({ ...program, target: "x" }, build("3"), "doing")).toBeNull();
  expect(seen(run("2"), 4).look({ ...program, sourceHash: "mine" }, build("3"), "doing")).toBeNull();
});

test("without a run, changes in the same process are told", () => {
  const alone = seen(null, 1);
  alone.look(program, build("1"), "doing");
  expect(alone.look(program, build("2"), "doing")).toBe(told("this run first read it"));
});

test("a saved plan with the source of the preview refuses another one, every time", () => {
  const plan = join(home, "plan.json");
  seen(run("1"), 1).look(program, build("1"), "doing");
  writeFileSync(plan, JSON.stringify({ sourceHash: hash("1") }));
  const update = seen(run("2", plan), 2);
  const message = `doing: the source has changed since the preview\nChanged since then:\n  a.txt (changed)\n\nThe plan in ${plan} has the source hash ${hash("1")}; now it is ${hash("2")}. Nothing was built. Save the plan again. If something in this program writes the files, let it write them before the preview.`;
  for (let time = 0; time < 2; time += 1) expect(() => update.look(program, build("2"), "doing")).toThrow(message);
  expect(seen(run("3", plan), 3).look(program, build("1"), "doing")).toBeNull();
});

test.each([
  ["of other sources", JSON.stringify({ sourceHash: hash("9") })],
  ["that has both", JSON.stringify([hash("1"), hash("2")])],
  ["that is not there", null],
])("a saved plan %s refuses nothing; the files are named", (_what, text) => {
  const plan = join(home, "plan.json");
  seen(run("1"), 1).look(program, build("1"), "doing");
  if (text !== null) writeFileSync(plan, text);
  expect(seen(run("2", plan), 2).look(program, build("2"), "doing")).toBe(told("the preview"));
});
