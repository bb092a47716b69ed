import { BuildLog, TAIL_LINES } from "../../../../provider/lifecycle/wait/build-log";
import { FakeApi, FakeClock } from "../fake";
import { context, told } from "../support";

type Follow = (id: string, onLine: (line: string) => void, options: { signal: AbortSignal }) => Promise<void>;

function logOf(follow: Follow) {
  const clock = new FakeClock();
  const api = new FakeApi(clock);
  const heard = told();
  Object.assign(api, { buildLog: follow });
  return { clock, heard, log: new BuildLog(api.asApi(), clock, context({}, heard).log, "id") };
}

test("streams every line, and keeps the last thirty", async () => {
  const { clock, heard, log } = logOf(async (_id, onLine) => {
    for (let i = 1; i <= 40; i += 1) onLine(`line ${i}`);
  });
  log.start();
  log.start();
  const tail = await clock.run(log.tail(1000));
  expect(heard.lines).toHaveLength(40);
  expect(tail).toHaveLength(TAIL_LINES);
  expect([tail[0], tail[29]]).toEqual(["line 11", "line 40"]);
});

test("a stream that does not end is left after the grace, and heard no more", async () => {
  let say: (line: string) => void = () => undefined;
  const { clock, heard, log } = logOf((_id, onLine, { signal }) => {
    say = onLine;
    onLine("first");
    return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
  });
  expect(await clock.run(log.tail(1000))).toEqual(["first"]);
  say("late");
  expect(heard.lines).toEqual(["first"]);
});

test("after a success the last lines are waited for, and a log that never began is not", async () => {
  let end: () => void = () => undefined;
  const { clock, heard, log } = logOf(
    (_id, onLine) => new Promise((resolve) => (end = () => (onLine("last"), resolve()))),
  );
  await clock.run(log.rest(1000));
  expect(clock.now()).toBe(new FakeClock().now());
  log.start();
  void clock.sleep(200).then(() => end());
  await clock.run(log.rest(1000));
  expect(heard.lines).toEqual(["last"]);
});

test("one that heard nothing is asked once more, and an error decides nothing", async () => {
  let asked = 0;
  const { clock, heard, log } = logOf(async (_id, onLine) => {
    asked += 1;
    if (asked === 1) throw new Error("no runner yet");
    onLine("there it is");
  });
  log.start();
  expect(await clock.run(log.tail(1000))).toEqual(["there it is"]);
  expect(asked).toBe(2);
  expect(heard.debug).toEqual(["build log of id: no runner yet"]);
});

test("an error shows the beginning of a line without end, and the log all of it", async () => {
  const { clock, heard, log } = logOf(async (_id, onLine) => onLine("x".repeat(65_536)));
  log.start();
  expect(await clock.run(log.tail(1000))).toEqual([`${"x".repeat(2000)}…`]);
  expect(heard.lines[0]).toHaveLength(65_536);
});

describe("a log that a runner never ends, of a text that was built before", () => {
  const first = ["#1 [internal] load build definition from Dockerfile", "one", "ERROR: executor failed running [one]"];
  const second = [first[0]!, "two", "ERROR: executor failed running [two]"];
  const follow =
    (later: string[], ms: number): Follow =>
    async (_id, onLine, { signal }) => {
      for (const line of first) onLine(line);
      await clock!.sleep(ms, signal);
      for (const line of later) onLine(line);
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    };
  let clock: FakeClock | undefined;
  function start(later: string[], ms: number) {
    clock = new FakeClock();
    const api = new FakeApi(clock);
    const heard = told();
    Object.assign(api, { buildLog: follow(later, ms) });
    const log = new BuildLog(api.asApi(), clock, context({}, heard).log, "id", false);
    log.start();
    return { heard, log, clock };
  }

  test("shows the present build as it is written, and only that", async () => {
    const { heard, log, clock } = start(second.slice(0, 2), 5000);
    await clock.run(clock.sleep(4000));
    expect(heard.lines).toEqual([]);
    await clock.run(clock.sleep(2000));
    expect(heard.lines).toEqual(second.slice(0, 2));
    log.close();
  });

  test("tells the end of the present build, after the grace", async () => {
    const { heard, log, clock } = start(second, 100);
    const begun = clock.now();
    expect(await clock.run(log.tail(1500))).toEqual(second);
    expect(clock.now() - begun).toBe(1500);
    expect(heard.lines).toEqual(second);
  });

  test("a build that succeeds shows what was held back", async () => {
    const { heard, log, clock } = start([first[0]!, "built"], 100);
    await clock.run(log.rest(300));
    expect(heard.lines).toEqual([first[0], "built"]);
    log.close();
  });
});
