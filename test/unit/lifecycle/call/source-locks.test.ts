import fc from "fast-check";
import { createLifecycle } from "../../../../provider/lifecycle/lifecycle";
import { SourceLocks } from "../../../../provider/lifecycle/call/source-locks";
import { FakeApi, FakeClock } from "../fake";
import { context, plan, recordOf } from "../support";

const never = new AbortController().signal;
const tick = () => new Promise((resolve) => setImmediate(resolve));

test("settling is alone, removing is together, and neither overtakes", async () => {
  const locks = new SourceLocks();
  const order: string[] = [];
  const take = async (kind: "settle" | "remove", name: string) => {
    const release = await locks.take(kind, "image a", never);
    order.push(name);
    return release;
  };
  const first = await take("settle", "s1");
  const waiting = [take("remove", "r1"), take("remove", "r2"), take("settle", "s2"), take("remove", "r3")];
  await tick();
  expect(order).toEqual(["s1"]);
  first();
  const [r1, r2] = await Promise.all([waiting[0]!, waiting[1]!]);
  await tick();
  expect(order).toEqual(["s1", "r1", "r2"]);
  r1!();
  r1!();
  await tick();
  expect(order).toEqual(["s1", "r1", "r2"]);
  r2!();
  (await waiting[2]!)();
  (await waiting[3]!)();
  expect(order).toEqual(["s1", "r1", "r2", "s2", "r3"]);
  expect(locks.size).toBe(0);
});

test("another source does not wait", async () => {
  const locks = new SourceLocks();
  await locks.take("settle", "image a", never);
  expect(typeof (await locks.take("settle", "image b", never))).toBe("function");
});

test("who gives up leaves the line, and those behind go on", async () => {
  const locks = new SourceLocks();
  const release = await locks.take("remove", "a", never);
  const stop = new AbortController();
  const given = locks.take("settle", "a", stop.signal);
  const behind = locks.take("remove", "a", never);
  stop.abort();
  await expect(given).rejects.toThrow("aborted");
  (await behind)();
  release();
  expect(locks.size).toBe(0);
  await expect(locks.take("settle", "a", stop.signal)).rejects.toThrow("aborted");
});

test("tells who has to wait, and only them", async () => {
  const locks = new SourceLocks();
  const waited: string[] = [];
  const release = await locks.take("settle", "a", never, () => waited.push("first"));
  const second = locks.take("settle", "a", never, () => waited.push("second"));
  release();
  (await second)();
  expect(waited).toEqual(["second"]);
});

test("whatever comes and goes: never two that exclude each other, and everybody's turn comes", async () => {
  const step = fc.record({
    kind: fc.constantFrom("settle" as const, "remove" as const),
    key: fc.constantFrom("a", "b"),
    hold: fc.integer({ min: 0, max: 4 }),
    leaves: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const locks = new SourceLocks();
      const held: Record<string, { settle: number; remove: number }> = {
        a: { settle: 0, remove: 0 },
        b: { settle: 0, remove: 0 },
      };
      await Promise.all(
        steps.map(async ({ kind, key, hold, leaves }) => {
          const stop = new AbortController();
          if (leaves) setImmediate(() => stop.abort());
          const release = await locks.take(kind, key, stop.signal).catch(() => null);
          if (!release) return;
          const now = held[key]!;
          now[kind] += 1;
          expect(now.settle <= 1 && (now.settle === 0 || now.remove === 0)).toBe(true);
          for (let i = 0; i < hold; i += 1) await tick();
          now[kind] -= 1;
          release();
        }),
      );
      expect(locks.size).toBe(0);
    }),
    { numRuns: 100 },
  );
});

test("snapshots of one source settle one after the other, those of several together", async () => {
  const clock = new FakeClock();
  const api = new FakeApi(clock);
  const lifecycle = createLifecycle({ api: api.asApi(), clock });
  const most = new Map<string, number>();
  const { create } = api;
  Object.assign(api, {
    create: async (body: Parameters<typeof create>[0]) => {
      const dto = await create(body);
      const settling = [...api.snapshots.values()].filter((each) => each.state === "pending");
      const same = settling.filter((each) => each.imageName === body.imageName);
      for (const [key, now] of [
        ["same", same.length],
        ["all", settling.length],
      ] as const)
        most.set(key, Math.max(most.get(key) ?? 0, now));
      return dto;
    },
  });
  const inputs = ["a", "b", "c"].flatMap((name) => [
    { name, image: "ubuntu:24.04" },
    { name: `${name}2`, image: "debian:12" },
  ]);
  const outcomes = await clock.run(
    Promise.all(inputs.map((each) => lifecycle.create(plan(null, {}, each).planned, context()))),
  );
  expect(outcomes.map((outcome) => recordOf(outcome).state)).toEqual(Array(6).fill("active"));
  expect(Object.fromEntries(most)).toEqual({ same: 1, all: 2 });
});
