import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { blocksOf } from "./page";
import { Machine, Reader } from "./reader";

// The reader itself, with commands of the shell alone.
const machine = new Machine();
let reader: Reader;
beforeAll(() => {
  mkdirSync(join(machine.dir, "bin"));
  machine.registry = { url: "http://127.0.0.1:1/", fetched: [], close() {} };
  machine.openedShell();
  machine.script("serve", 'shift; SERVED=yes "$@"; echo closed');
});
afterAll(() => rmSync(machine.dir, { recursive: true, force: true }));
beforeEach(() => void (reader = new Reader(machine)));
afterEach(() => reader.leave());

const sh = (text: string): string => `\n\`\`\`sh\n${text}\n\`\`\`\n`;
const prints = (text: string): string => `\nPrints:\n\n\`\`\`text\n${text}\n\`\`\`\n`;
const file = (name: string, text: string): string => `\n\`${name}\`:\n\n\`\`\`hcl\n${text}\n\`\`\`\n`;
const follow = (...page: string[]): Promise<string[]> => reader.follow(blocksOf(page.join("")));

test("variables and the folder stay from block to block, as in one terminal", async () => {
  const told = await follow(file("a/b.tf", "c"), sh("export X=1 && cd a"), sh('echo "$X" && cat b.tf'), prints("1\nc"));
  expect(told).toEqual(["", "1\nc\n"]);
});

test("HOME and the folder are empty", async () => {
  expect(await follow(sh('find "$HOME" . -mindepth 1'))).toEqual([""]);
});

test("a command that fails ends the page, with what was printed", async () => {
  await expect(follow(sh("echo before\nfalse\necho after"), sh("touch later"))).rejects.toThrow(
    /exited with status 1:\nbefore\n$/,
  );
  expect(existsSync(join(reader.folder, "later"))).toBe(false);
  await expect(follow(sh("false | true"))).rejects.toThrow("exited with status 1");
});

test("a block that does not end is stopped with what it has started, and what it printed is shown", async () => {
  await reader.leave();
  reader = new Reader(machine, null, 1_000);
  await expect(follow(sh('(sleep 300; touch "$HOME/later") & echo before; echo $! > pid; wait'))).rejects.toThrow(
    /exited with status 1:\nbefore\n\nstopped after 1 s\n$/,
  );
  const pid = readFileSync(join(reader.folder, "pid"), "utf8").trim();
  // Nothing, or a zombie that init has not collected yet.
  await expect(follow(sh(`ps -o stat= -p ${pid} | grep -v ^Z`))).rejects.toThrow("exited with status 1");
  await expect(follow(sh("sleep 300 -- $SHELL"))).rejects.toThrow("exited with status 1");
  await expect(follow(sh("sleep 300; : -- $SHELL"))).rejects.toThrow("has opened no shell after 1 s");
});

test("what is not printed is an error", async () => {
  await expect(follow(sh("echo one"), prints("two"))).rejects.toThrow('"two" is not printed:\none\n');
});

test("a file is written once, unless the page says that it is changed", async () => {
  await expect(follow(file("a.tf", "1"), file("a.tf", "2"))).rejects.toThrow("a.tf is there already");
  await expect(follow(file("b.tf`, now", "1").replace("now`:", "now:"))).rejects.toThrow("b.tf is there for the first");
  expect(await follow(file("a.tf`, now", "2").replace("now`:", "now:"), sh("cat a.tf"))).toEqual(["2\n"]);
});

test("what follows a shell that a page opens is typed in it, and leaving ends the shell", async () => {
  await follow(sh('touch here\nserve -- $SHELL   # "exit" ends it'), sh('echo "$SERVED" && ls'), prints("yes\nhere"));
  expect(reader.variable("SERVED")).toBe("yes");
  await reader.leave();
});

test("the key of an account is not taken: the one of the opened shell stays", async () => {
  await follow(sh("export DAYTONA_API_KEY=local"), sh("export DAYTONA_API_KEY=dtn_…"), sh('echo "$DAYTONA_API_KEY"'));
  expect(reader.told).toBe("local\n");
});

test("a block that is marked is not run", async () => {
  expect(await follow("\nNeeds a cluster:\n", sh("touch here"), sh("ls"))).toEqual([""]);
});
