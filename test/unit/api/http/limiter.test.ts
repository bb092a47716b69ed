import { Limiter } from "../../../../provider/api/http/limiter";

test("a slot that is given back twice is one slot", async () => {
  const limiter = new Limiter(1);
  const release = await limiter.acquire();
  release();
  release();
  await limiter.acquire();
  let second = false;
  void limiter.acquire().then(() => (second = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(second).toBe(false);
});

test("who leaves the queue leaves the others in their order", async () => {
  const limiter = new Limiter(1);
  const release = await limiter.acquire();
  const stop = new AbortController();
  const order: string[] = [];
  const enter = (name: string, signal?: AbortSignal): Promise<void> =>
    limiter.acquire(signal).then((leave) => (order.push(name), leave()));
  const first = enter("first");
  const gone = enter("gone", stop.signal);
  const last = enter("last");
  stop.abort(new Error("stopped"));
  await expect(gone).rejects.toThrow("stopped");
  release();
  await Promise.all([first, last]);
  expect(order).toEqual(["first", "last"]);
});
