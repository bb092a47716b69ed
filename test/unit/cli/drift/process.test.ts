import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { runTool, withCleanup, withTemporaryFolder } from "../../../../provider/cli/drift/tool-process";
import { world } from "../world";
import { drift } from "./run";
import { path, script, terraform } from "./tools";

const here = world();
const options = (signal = new AbortController().signal) => ({ cwd: ".", env: { PATH: process.env["PATH"] }, signal });
const until = async (is: () => boolean): Promise<void> => {
  while (!is()) await new Promise((resolve) => setTimeout(resolve, 10));
};

test("both outputs and the exit code, without an input", async () => {
  expect(await runTool("sh", ["-c", "cat; echo out; echo err >&2; exit 7"], options())).toEqual({
    code: 7,
    out: "out\n",
    err: "err\n",
  });
});

test("an interrupt asks the tool to end, and its reason is told", async () => {
  const stop = new AbortController();
  const ran = runTool(
    script("tool", "trap 'echo asked > asked; exit 0' INT\ntouch ready\nwhile :; do sleep 0.05; done"),
    [],
    options(stop.signal),
  );
  await until(() => existsSync("ready"));
  const before = process.listenerCount("exit");
  stop.abort(new Error("the reason"));
  await expect(ran).rejects.toThrow("the reason");
  expect([readFileSync("asked", "utf8"), process.listenerCount("exit") - before]).toEqual(["asked\n", -1]);
  expect(() => runTool("touch", ["late"], options(stop.signal))).toThrow("the reason");
  expect(existsSync("late")).toBe(false);
});

test("a tool that does not end on an interrupt is killed, with what it started", async () => {
  const stop = new AbortController();
  const ran = runTool(
    script("tool", "trap '' INT\necho $$ > ready\nwhile :; do sleep 0.05; done"),
    [],
    options(stop.signal),
  );
  await until(() => existsSync("ready") && readFileSync("ready", "utf8") !== "");
  stop.abort(new Error("the reason"));
  await expect(ran).rejects.toThrow("the reason");
  expect(() => process.kill(Number(readFileSync("ready", "utf8")), 0)).toThrow("ESRCH");
});

test("a clean-up happens once, however the work ends, and at the end of the process if it has not ended", async () => {
  const before = process.listeners("exit");
  const cleaned: string[] = [];
  const clean = (name: string) => () => void cleaned.push(name);
  expect(await withCleanup(clean("a"), () => Promise.resolve(1))).toBe(1);
  await expect(withCleanup(clean("b"), () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  let end = (): void => undefined;
  const running = withCleanup(clean("c"), () => new Promise<void>((resolve) => (end = resolve)));
  expect(process.listeners("exit").length - before.length).toBe(1);
  end();
  await running;
  expect([cleaned, process.listeners("exit")]).toEqual([["a", "b", "c"], before]);
});

test("a temporary folder is its user's alone, and gone afterwards", async () => {
  let folder = "";
  await expect(
    withTemporaryFolder((given) => {
      folder = given;
      writeFileSync(`${folder}/plan`, "secret");
      expect(statSync(folder).mode & 0o777).toBe(0o700);
      return Promise.reject(new Error("no"));
    }),
  ).rejects.toThrow("no");
  expect(existsSync(folder)).toBe(false);
});

test("an interrupted check ends with the interrupt: it reports no root as broken", async () => {
  terraform();
  writeFileSync("main.tf", "");
  script("terraform", "touch ready\nsleep 60 & wait");
  const stop = new AbortController();
  const ended = drift(here.api, ["-q"], { env: { PATH: path() }, signal: stop.signal });
  await until(() => existsSync("ready"));
  stop.abort();
  const { code, out, err } = await ended;
  expect([code, out, err]).toEqual([1, "", "Error: checking for drift: interrupted\n  Nothing was changed.\n"]);
});
