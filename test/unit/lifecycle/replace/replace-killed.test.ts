import type { ReplaceOutcome } from "../../../../provider/lifecycle/contract";
import { mortal } from "../swap/killed";
import { bench, type Bench, context, plan } from "../support";

const before = { name: "agent", image: "ubuntu:24.04" };
const after = { name: "agent", image: "debian:12" };
const other = { name: "agent", image: "alpine:3.20" };
let b: Bench;
beforeEach(async () => (b = await bench()));
afterEach(() => b.close());

const replace = (inputs: object, lifecycle = b.another()): Promise<ReplaceOutcome> =>
  lifecycle.replace(plan(null, {}, inputs).planned, context());

/** A replace whose process dies at its call `at`; answers its calls. */
async function killed(inputs: object, at: number, when: "before" | "after"): Promise<string[]> {
  let calls: string[] = [];
  const doomed = b.another((api) => {
    const process = mortal(api, at, when);
    calls = process.calls;
    return process.api;
  });
  await replace(inputs, doomed);
  return calls;
}

/** Whether some snapshot that works has what the name had or was to get: the name itself, or the successor that the next run goes on with. */
const something = (): boolean => Object.values(b.names()).some((state) => state === "active");

describe.each(["before", "after"] as const)("killed %s a call is executed", (when) => {
  test.each([
    ["the same again", after],
    ["the old one again", before],
    ["yet another", other],
  ])(
    "then %s, wherever it was: nothing lost, nothing left over, one snapshot of the name",
    async (_name, next) => {
      let longest = 0;
      for (let at = 0; ; at += 1) {
        b.local.control.reset();
        await replace(before);
        const calls = await killed(after, at, when);
        longest = Math.max(longest, calls.length);
        expect({ at, calls, something: something() }).toMatchObject({ something: true });
        const outcome = await replace(next);
        expect({ at, calls, error: outcome.error }).toEqual({ at, calls, error: undefined });
        expect({ at, calls, names: b.names() }).toEqual({ at, calls, names: { agent: "active" } });
        expect({ at, calls, image: b.local.control.snapshot("agent")?.imageName }).toMatchObject({ image: next.image });
        expect(outcome.record).toMatchObject({ id: b.local.control.snapshot("agent")?.id, image: next.image });
        if (calls.length <= at) break;
      }
      expect(longest).toBeGreaterThan(8);
    },
    240_000,
  );

  test("killed twice, the second time while it goes on", async () => {
    for (const first of [6, 9])
      for (let second = 0; second < 14; second += 2) {
        b.local.control.reset();
        await replace(before);
        await killed(after, first, when);
        const calls = await killed(other, second, when);
        const at = { first, second, calls };
        expect({ ...at, something: something() }).toMatchObject({ something: true });
        expect({ ...at, did: (await replace(other)).error }).toEqual({ ...at, did: undefined });
        expect({ ...at, names: b.names() }).toEqual({ ...at, names: { agent: "active" } });
        expect(b.local.control.snapshot("agent")?.imageName).toBe("alpine:3.20");
        if (calls.length <= second) break;
      }
  }, 240_000);
});

test("a create that dies anywhere", async () => {
  for (let at = 0; ; at += 1) {
    b.local.control.reset();
    const calls = await killed(after, at, "after");
    expect((await replace(after)).error).toBeUndefined();
    expect(b.names()).toEqual({ agent: "active" });
    if (calls.length <= at) break;
  }
}, 60_000);
