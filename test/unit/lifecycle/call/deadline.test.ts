import { Deadline } from "../../../../provider/lifecycle/call/deadline";
import { Interrupted } from "../../../../provider/lifecycle/call/errors";
import { FakeClock } from "../fake";

/** A request that changes something, interrupted at once, whose answer comes after `ms`. */
async function interruptedAnswer(ms: number): Promise<{ answer: unknown; gaveUp: boolean; after: number }> {
  const clock = new FakeClock();
  const interrupt = new AbortController();
  const deadline = new Deadline(clock, 60_000, interrupt.signal);
  let gaveUp = false;
  const started = clock.now();
  const work = deadline.change(async (enough) => {
    enough.addEventListener("abort", () => (gaveUp = true));
    interrupt.abort();
    await clock.sleep(ms);
    return "the answer";
  });
  const answer = await clock.run(work).catch((error: unknown) => error);
  return { answer, gaveUp, after: clock.now() - started };
}

test("an interrupted request may still answer within a second", async () => {
  expect(await interruptedAnswer(950)).toEqual({ answer: "the answer", gaveUp: false, after: 950 });
});

test("after that second the call ends, well within the two that the user waits, and nothing queued is sent later", async () => {
  const late = await interruptedAnswer(1050);
  expect(late.answer).toBeInstanceOf(Interrupted);
  expect(late).toMatchObject({ gaveUp: true, after: 1000 });
});
