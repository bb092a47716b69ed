import { processIo } from "../../../provider/cli/process-io";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
let before: Map<string, unknown[]>;
beforeEach(() => (before = new Map(SIGNALS.map((name) => [name, process.listeners(name)]))));
afterEach(() => {
  for (const name of SIGNALS)
    for (const listener of process.listeners(name))
      if (!before.get(name)!.includes(listener)) process.removeListener(name, listener);
  jest.restoreAllMocks();
});

test.each(SIGNALS)(
  "%s aborts the command, which then says what exists; a second one ends the process at once",
  (name) => {
    const exit = jest.spyOn(process, "exit").mockImplementation((() => undefined) as never);
    const { signal } = processIo();
    expect(signal!.aborted).toBe(false);
    process.emit(name, name);
    expect(signal!.aborted).toBe(true);
    expect(signal!.reason).toEqual(new Error("interrupted"));
    expect(exit).not.toHaveBeenCalled();
    process.emit(name, name);
    expect(exit).toHaveBeenCalledWith(1);
  },
);

test("signals are left alone until a command asks for the one of this process, which is one and the same", () => {
  const io = processIo();
  expect(SIGNALS.map((name) => process.listenerCount(name))).toEqual(SIGNALS.map((name) => before.get(name)!.length));
  expect(io.signal).toBe(io.signal);
  expect(SIGNALS.map((name) => process.listenerCount(name))).toEqual(
    SIGNALS.map((name) => before.get(name)!.length + 1),
  );
});

test("results go to stdout, everything else to stderr", () => {
  const written: [string, unknown][] = [];
  jest
    .spyOn(process.stdout, "write")
    .mockImplementation(((text: unknown) => (written.push(["out", text]), true)) as never);
  jest
    .spyOn(process.stderr, "write")
    .mockImplementation(((text: unknown) => (written.push(["err", text]), true)) as never);
  const io = processIo();
  io.out("result");
  io.err("progress");
  jest.restoreAllMocks();
  expect(written).toEqual([
    ["out", "result"],
    ["err", "progress"],
  ]);
});

test("nobody is waited for where stdout takes everything at once", async () => {
  await expect(processIo().drained!()).resolves.toBeUndefined();
});

test("where input or messages are no terminal there is nobody to ask", () => {
  const terminal = (stdin: boolean, stderr: boolean): unknown => {
    const was = [process.stdin.isTTY, process.stderr.isTTY] as const;
    Object.assign(process.stdin, { isTTY: stdin });
    Object.assign(process.stderr, { isTTY: stderr });
    try {
      return processIo().ask;
    } finally {
      Object.assign(process.stdin, { isTTY: was[0] });
      Object.assign(process.stderr, { isTTY: was[1] });
    }
  };
  expect([terminal(true, false), terminal(false, true), terminal(false, false)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(terminal(true, true)).toBeInstanceOf(Function);
});
