import { spawn } from "node:child_process";
import { compileAsUsualLater } from "../../../provider/process/jit";
import { watchParent } from "../../../provider/process/parent";
import { printsVersion } from "../../../provider/process/version";
import { version } from "../../../provider/version.gen";

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe("the watch over the parent", () => {
  test("says nothing while it lives, and nothing after the watch has ended", async () => {
    let gone = 0;
    const end = watchParent(() => (gone += 1), process.ppid, 5);
    await wait(60);
    end();
    expect(gone).toBe(0);
    const never = watchParent(() => (gone += 1), process.ppid + 1_000_000, 5);
    never();
    await wait(40);
    expect(gone).toBe(0);
  });

  (process.platform === "win32" ? test.skip : test)("an orphan has another parent: it is told once", async () => {
    let gone = 0;
    // Process 1 lives, and is not the parent.
    watchParent(() => (gone += 1), 1, 5);
    await wait(80);
    expect(gone).toBe(process.ppid === 1 ? 0 : 1);
  });

  test("on Windows the ID of a dead parent stays; that it does not exist counts, another user's does", async () => {
    const real = Object.getOwnPropertyDescriptor(process, "platform")!;
    const child = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60000)"]);
    let gone = 0;
    try {
      Object.defineProperty(process, "platform", { ...real, value: "win32" });
      const end = watchParent(() => (gone += 1), child.pid!, 5);
      await wait(60);
      expect(gone).toBe(0);
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await ended;
      await wait(60);
      expect(gone).toBe(1);
      end();
      const kill = jest.spyOn(process, "kill").mockImplementation(() => {
        throw Object.assign(new Error("not yours"), { code: "EPERM" });
      });
      const other = watchParent(() => (gone += 1), 4, 5);
      await wait(60);
      expect(gone).toBe(1);
      other();
      kill.mockRestore();
    } finally {
      Object.defineProperty(process, "platform", real);
      child.kill("SIGKILL");
    }
  });

  test("does not keep the process alive", async () => {
    const handles = process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
    const end = watchParent(() => undefined, process.ppid, 100_000);
    // An unref'd timer is not among the active resources.
    expect(process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length).toBe(handles);
    end();
  });
});

describe("the compiler of an executable", () => {
  afterEach(() => {
    jest.useRealTimers();
    delete (globalThis as { Bun?: unknown }).Bun;
  });

  test("compiles as usual after 0.7 seconds, not before", () => {
    jest.useFakeTimers();
    const set: number[] = [];
    (globalThis as { Bun?: unknown }).Bun = { unsafe: { setJITPolicy: (scale: number) => void set.push(scale) } };
    compileAsUsualLater();
    jest.advanceTimersByTime(699);
    expect(set).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(set).toEqual([1]);
  });

  test.each([[undefined], [{}], [{ unsafe: {} }]])("a runtime %j without such a policy is left alone", (bun) => {
    jest.useFakeTimers();
    if (bun !== undefined) (globalThis as { Bun?: unknown }).Bun = bun;
    compileAsUsualLater();
    expect(jest.getTimerCount()).toBe(0);
  });
});

test.each([
  [["--version"], true],
  [["-version"], true],
  [["-v"], true],
  [[], false],
  [["--debug"], false],
  [["127.0.0.1:1234"], false],
  [["--version", "x"], false],
  [["x--version"], false],
])("a plugin asked with %j: version %p", (argv, asked) => {
  const said: string[] = [];
  expect(printsVersion("terraform-provider-daytona", argv, (text) => void said.push(text))).toBe(asked);
  expect(said).toEqual(asked ? [`terraform-provider-daytona ${version} (commit unknown)\n`] : []);
});
