import { inLanes, MemoryBudget } from "../../../../provider/lifecycle/pushes/limits";
import { Pushes, repositoryIn } from "../../../../provider/lifecycle/pushes/pushes";
import { hostKey } from "../../../../provider/lifecycle/pushes/host-key";
import { parseRegistryUrl } from "../../../../provider/lifecycle/image-registry/address";

const quiet = new AbortController().signal;
const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

describe("the memory of pushes", () => {
  test("is granted in order, and never more than there is", async () => {
    const budget = new MemoryBudget(10);
    const granted: number[] = [];
    const take = (bytes: number) => budget.take(bytes, quiet).then((free) => (granted.push(bytes), free));
    const first = await take(6);
    const second = take(7);
    // It would fit, but the one before it would never have its turn.
    const third = take(2);
    await tick();
    expect(granted).toEqual([6]);
    first();
    first();
    const free = await second;
    expect(granted).toEqual([6, 7, 2]);
    free();
    (await third)();
    expect(await take(10)).toBeInstanceOf(Function);
  });

  test("more than all of it counts as all of it", async () => {
    const budget = new MemoryBudget(10);
    const free = await budget.take(100, quiet);
    const next = budget.take(1, quiet).then(() => "granted");
    expect(await Promise.race([next, tick().then(() => "waiting")])).toBe("waiting");
    free();
    expect(await next).toBe("granted");
  });

  test("who no longer waits holds nobody up", async () => {
    const budget = new MemoryBudget(10);
    const ending = new AbortController();
    await budget.take(6, quiet);
    const large = budget.take(8, ending.signal);
    const small = budget.take(2, quiet);
    ending.abort(new Error("interrupted"));
    await expect(large).rejects.toThrow("interrupted");
    expect(await small).toBeInstanceOf(Function);
    await expect(budget.take(1, ending.signal)).rejects.toThrow("interrupted");
  });
});

describe("lanes", () => {
  test("keep the order of the results, and run so many at a time", async () => {
    let [running, most] = [0, 0];
    const results = await inLanes(3, [5, 1, 4, 2, 3], quiet, async (item, index) => {
      most = Math.max(most, (running += 1));
      await new Promise((resolve) => setTimeout(resolve, item));
      running -= 1;
      return `${index}:${item}`;
    });
    expect(results).toEqual(["0:5", "1:1", "2:4", "3:2", "4:3"]);
    expect(most).toBe(3);
    expect(await inLanes(3, [], quiet, () => Promise.resolve(1))).toEqual([]);
  });

  test("end with the first failure, after what runs has been told and has ended", async () => {
    const begun: number[] = [];
    const ended: number[] = [];
    const work = inLanes(2, [1, 2, 3, 4], quiet, async (item, _, signal) => {
      begun.push(item);
      if (item === 1) {
        await tick();
        throw new Error("the first");
      }
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      ended.push(item);
      throw new Error("a consequence");
    });
    await expect(work).rejects.toThrow("the first");
    expect({ begun, ended }).toEqual({ begun: [1, 2], ended: [2] });
  });

  test("an interrupt reaches each of them with its reason", async () => {
    const stop = new AbortController();
    const work = inLanes(
      2,
      [1, 2, 3],
      stop.signal,
      (_item, _index, signal) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason as Error));
        }),
    );
    stop.abort(new Error("interrupted"));
    await expect(work).rejects.toThrow("interrupted");
  });
});

describe("what was pushed", () => {
  test("one does at a time what has one key; who waits is not held by an interrupt or a failure of another", async () => {
    const pushes = new Pushes();
    let fail = (_error: Error): void => undefined;
    const first = pushes.alone("key", quiet, () => new Promise<void>((_, reject) => (fail = reject)));
    const order: string[] = [];
    const second = pushes.alone("key", quiet, () => Promise.resolve(order.push("second")));
    const ending = new AbortController();
    const third = pushes.alone("key", ending.signal, () => Promise.resolve(order.push("third")));
    const other = pushes.alone("other", quiet, () => Promise.resolve(order.push("other")));
    expect([pushes.isRunning("key"), pushes.isRunning("none")]).toEqual([true, false]);
    await other;
    ending.abort(new Error("interrupted"));
    await expect(third).rejects.toThrow("interrupted");
    expect(order).toEqual(["other"]);
    fail(new Error("failed"));
    await expect(first).rejects.toThrow("failed");
    await second;
    expect(order).toEqual(["other", "second"]);
    await tick();
    expect(pushes.isRunning("key")).toBe(false);
  });

  test("a name is used again only after a release, and once", () => {
    const pushes = new Pushes();
    const image = { name: "r.test/p/a:1", repository: "p/a", digest: null };
    pushes.hasImage("key", image);
    expect([pushes.image("key"), pushes.takeUnused("key")]).toEqual([image, null]);
    pushes.release(image.name);
    expect([pushes.takeUnused("other"), pushes.takeUnused("key"), pushes.takeUnused("key")]).toEqual([
      null,
      image,
      null,
    ]);
  });

  test("no two pushes have the same time", () => {
    const pushes = new Pushes();
    expect([pushes.time(5), pushes.time(5), pushes.time(3), pushes.time(10)]).toEqual([5, 6, 7, 10]);
  });

  test("blobs are known by registry, however it is written", () => {
    const pushes = new Pushes();
    expect([pushes.knows("r.test"), pushes.repositoryOf("r.test", "sha256:1")]).toEqual([false, null]);
    pushes.hasBlob("R.test:443", "sha256:1", "p/a");
    expect([pushes.knows("r.test"), pushes.repositoryOf("r.test", "sha256:1")]).toEqual([true, "p/a"]);
    expect([pushes.knows("r.test:5000"), pushes.repositoryOf("r.test", "sha256:2")]).toEqual([false, null]);
  });
});

test.each([
  ["r.test", "r.test/p/a-1:v2-0", "p/a-1"],
  ["R.test:443", "r.test/p/a:1", "p/a"],
  ["r.test:5000", "r.test:5000/p/a@sha256:00", "p/a"],
  ["r.test:5000", "r.test:5000/p/a:1@sha256:00", "p/a"],
  ["r.test:5000", "r.test/p/a:1", null],
  ["r.test", "ubuntu:24.04", null],
  ["r.test", "", null],
])("in %s, %s is %s", (host, name, repository) => expect(repositoryIn(host, name)).toBe(repository));

test.each([
  ["Host:443", "host"],
  ["host:80", "host:80"],
  ["[::1]:5000", "[::1]:5000"],
  ["not a host", "not a host"],
])("%s is compared as %s", (host, key) => expect(hostKey(host)).toBe(key));

test.each([
  ["r.test", "r.test", false],
  ["HTTP://R.test:80/", "R.test:80", true],
  ["https://r.test", "r.test", false],
])("the address %s", (url, host, plain) => expect(parseRegistryUrl(url)).toEqual({ host, plain }));
