import { abortable, abortReason, systemClock } from "../../../provider/api/clock";

const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;

test("a sleep that is ended early leaves no timer: it would keep the process alive", async () => {
  const stop = new AbortController();
  const before = timers();
  const sleeping = systemClock.sleep(3_600_000, stop.signal);
  expect(timers()).toBe(before + 1);
  stop.abort(new Error("stopped"));
  await expect(sleeping).rejects.toThrow("stopped");
  expect(timers()).toBe(before);
});

test("what is waited for ends with the reason of the signal, also if that was there before, and what fails later bothers nobody", async () => {
  const late: ((error: Error) => void)[] = [];
  const work = (): Promise<never> => new Promise((_, reject) => late.push(reject));
  const stop = new AbortController();
  const waiting = abortable(work(), stop.signal);
  stop.abort(new Error("stopped"));
  await expect(waiting).rejects.toThrow("stopped");
  await expect(abortable(work(), stop.signal)).rejects.toThrow("stopped");
  for (const fail of late) fail(new Error("late"));
  await new Promise((resolve) => setImmediate(resolve));
  expect(await abortable(Promise.resolve(1), new AbortController().signal)).toBe(1);
  expect(await abortable(Promise.resolve(1), undefined)).toBe(1);
});

test("a signal without a reason gives the platform's own", () => {
  expect(abortReason({ reason: undefined } as AbortSignal)).toMatchObject({ name: "AbortError" });
});
