import { getEventListeners } from "node:events";
import { Call, type Shared } from "../../../../provider/lifecycle/call/call";
import { Deadline } from "../../../../provider/lifecycle/call/deadline";
import { DeadlinePassed } from "../../../../provider/lifecycle/call/errors";
import { Owners } from "../../../../provider/lifecycle/call/owners";
import { Pushes } from "../../../../provider/lifecycle/pushes/pushes";
import { run } from "../../../../provider/lifecycle/requests/run-call";
import { recordOnTheWay } from "../../../../provider/lifecycle/call/settling-record";
import { SourceLocks } from "../../../../provider/lifecycle/call/source-locks";
import { systemClock } from "../../../../provider/lifecycle/call/system-clock";
import { FakeApi, FakeClock } from "../fake";
import { context, plan, told } from "../support";

afterEach(() => jest.useRealTimers());

function ground(organizationId: string | null = null) {
  const clock = new FakeClock();
  const api = new FakeApi(clock);
  const shared: Shared = {
    api: api.asApi(),
    clock,
    locks: new SourceLocks(),
    sources: null as never,
    organizationId,
    named: null,
    owners: new Owners(clock),
    images: () => null,
    pushes: new Pushes(),
  };
  const heard = told();
  return {
    clock,
    api,
    shared,
    heard,
    call: (options = {}) =>
      new Call(shared, context(options, heard), "doing", "update", 60_000, { record: null, marks: {} }),
  };
}

test("a call that waits for a source says so, until it has it", async () => {
  const { clock, call, heard } = ground();
  const [first, second] = [call(), call()];
  let free = (): void => undefined;
  const held = first.locked("settle", "a", () => new Promise<void>((resolve) => (free = resolve)));
  const seen: (string | null)[] = [];
  const waiting = second.locked("settle", "a", () => Promise.resolve(void seen.push(second.waitingFor)));
  await new Promise((resolve) => setImmediate(resolve));
  expect([first.waitingFor, second.waitingFor, heard.progress]).toEqual([
    null,
    "another snapshot with the same source to finish",
    ["waiting for another snapshot with the same source to finish"],
  ]);
  free();
  await clock.run(Promise.all([held, waiting]));
  expect(seen).toEqual([null]);
});

test("a call holds one lock at a time, and the time ends the wait for one", async () => {
  const { clock, call } = ground();
  const one = call();
  await expect(one.locked("settle", "a", () => one.locked("settle", "b", () => Promise.resolve()))).rejects.toThrow(
    "a call holds one lock at a time",
  );
  // The failure has given the lock back.
  expect(await one.locked("settle", "a", () => Promise.resolve("got it"))).toBe("got it");
  const held = one.locked("remove", "a", () => clock.sleep(90_000));
  await expect(clock.run(call().locked("settle", "a", () => Promise.resolve()))).rejects.toBeInstanceOf(DeadlinePassed);
  await clock.run(held);
});

test("a configured organization is known without a request, whatever an answer said", () => {
  const { api, call } = ground("configured");
  api.organizationId = "answered";
  expect(call().organizationId).toBe("configured");
  expect(Object.assign(ground(), {}).call().organizationId).toBe("org");
});

test("a deadline is over at zero, and leaves nothing at the interrupt's signal", async () => {
  const clock = new FakeClock();
  const { signal } = new AbortController();
  const deadline = new Deadline(clock, 1000, signal);
  expect([deadline.remaining(), getEventListeners(signal, "abort").length]).toEqual([1000, 1]);
  await expect(clock.run(deadline.sleep(2000))).rejects.toBeInstanceOf(DeadlinePassed);
  clock.time += 5000;
  expect(deadline.remaining()).toBe(0);
  expect(() => deadline.check()).toThrow("deadline passed");
  deadline.dispose();
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
});

test("what was interrupted before it began asks for nothing", async () => {
  const { shared, clock } = ground();
  let begun = 0;
  const outcome = await clock.run(
    run(
      shared,
      context({ signal: AbortSignal.abort() }),
      { doing: "doing", verb: "create", limitMs: 1000, record: null, marks: {} },
      async (call) => {
        await call.deadline.change(() => Promise.resolve(void (begun += 1)));
      },
    ),
  );
  expect([outcome.interrupted, begun]).toEqual([true, 0]);
});

test("a read that ignores the signal is abandoned, and its own error is told before the time is over", async () => {
  const clock = new FakeClock();
  const deadline = new Deadline(clock, 1000, new AbortController().signal);
  await expect(deadline.read(() => Promise.reject(new Error("its own")))).rejects.toThrow("its own");
  await expect(clock.run(deadline.read(() => new Promise(() => undefined)))).rejects.toBeInstanceOf(DeadlinePassed);
  await expect(deadline.read(() => Promise.reject(new Error("never asked")))).rejects.toBeInstanceOf(DeadlinePassed);
});

test("an interrupt keeps the warnings before it, and says itself last", async () => {
  const { clock, shared } = ground();
  const stop = new AbortController();
  const outcome = await clock.run(
    run(
      shared,
      context({ signal: stop.signal }),
      { doing: "doing", verb: "create", limitMs: 1000, record: null, marks: {} },
      async (call) => {
        call.warnings.push({ summary: "first", detail: "" });
        stop.abort();
        await call.deadline.sleep(1);
      },
    ),
  );
  expect(getEventListeners(stop.signal, "abort")).toHaveLength(0);
  expect([outcome.interrupted, outcome.error, outcome.warnings.map(({ summary }) => summary)]).toEqual([
    true,
    undefined,
    ["first", "doing: interrupted"],
  ]);
});

test("an error that nobody expected has a code, its stack is in the debug log, and the record stays", async () => {
  const { clock, shared, heard } = ground();
  const outcome = await clock.run(
    run(
      shared,
      context({}, heard),
      { doing: "doing", verb: "update", limitMs: 1000, record: null, marks: { imported: true } },
      () => Promise.reject(new Error("odd")),
    ),
  );
  expect([outcome.failure?.code, outcome.error?.summary, outcome.marks]).toEqual([
    "unexpected",
    "doing: odd",
    { imported: true },
  ]);
  expect(heard.debug[0]).toMatch(/^Error: odd\n +at /);
});

test("a snapshot that is not ready has its ID and state; only one that has failed has a reason", () => {
  const { api } = ground();
  const dto = { ...api.insert({ name: "agent", imageName: "a:1" }), errorReason: "of an earlier try" };
  const { planned } = plan(null, {}, { name: "agent", image: "a:1" });
  const at = (state: string) => {
    const { id, state: word, errorReason, active } = recordOnTheWay(planned, { ...dto, state });
    return [id === dto.id, word, errorReason, active];
  };
  expect([at("pulling"), at("active"), at("inactive"), at("error")]).toEqual([
    [true, "pulling", null, true],
    [true, "active", null, true],
    [true, "inactive", null, false],
    [true, "error", "of an earlier try", true],
  ]);
});

test("a sleep may be longer than a timer of Node, and ends at an interrupt", async () => {
  jest.useFakeTimers();
  const LONGEST = 2 ** 31 - 1;
  let ended = 0;
  void systemClock.sleep(LONGEST + 1000).then(() => (ended += 1));
  await jest.advanceTimersByTimeAsync(LONGEST + 999);
  expect(ended).toBe(0);
  await jest.advanceTimersByTimeAsync(1);
  expect(ended).toBe(1);
  const stop = new AbortController();
  void systemClock.sleep(LONGEST * 3, stop.signal).then(() => (ended += 1));
  stop.abort();
  await jest.advanceTimersByTimeAsync(0);
  expect([ended, jest.getTimerCount(), getEventListeners(stop.signal, "abort").length]).toEqual([2, 0, 0]);
});
