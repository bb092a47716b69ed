import { Owners } from "../../../../provider/lifecycle/call/owners";
import { FakeClock } from "../fake";

const [X, name] = ["id-1", "agent"];
const create = (owner?: string) => ({ owner, verb: "create" as const });
const update = (owner?: string) => ({ owner, verb: "update" as const });
const remove = (owner?: string) => ({ owner, verb: "delete" as const });
let clock: FakeClock;
let owners: Owners;
beforeEach(() => (owners = new Owners((clock = new FakeClock()))));

test("a snapshot is claimed once: for adoption or for removal", () => {
  const claim = owners.remove(X, remove("a"));
  expect(claim).not.toBeNull();
  expect(owners.adopt(name, X, create("b"))).toBe(false);
  claim!.release();
  expect(owners.adopt(name, X, create("b"))).toBe(true);
  expect(owners.remove(X, remove("a"))).toBeNull();
  expect(owners.adopt(name, X, create("c"))).toBe(false);
});

test("claims for removal are counted, and each is released once", () => {
  const [first, second] = [owners.remove(X, remove("a")), owners.remove(X, remove("a"))];
  first!.release();
  first!.release();
  expect(owners.leaving(X)).toBe(true);
  second!.release();
  expect(owners.leaving(X)).toBe(false);
});

test("a doubtful claim leaves a snapshot that nobody adopts", () => {
  owners.remove(X, remove("a"))!.release(true);
  expect(owners.leaving(X)).toBe(false);
  expect(owners.adopt(name, X, create("b"))).toBe(false);
});

test("who adopted may change it, and its own older state may not delete it", () => {
  const adopter = create("a");
  owners.adopt(name, X, adopter);
  expect(owners.madeUnder(name)).toEqual({ id: X, adopted: true, owner: "a" });
  expect(owners.remove(X, adopter)).not.toBeNull();
  expect(owners.remove(X, update("a"))).not.toBeNull();
  expect(owners.remove(X, update())).not.toBeNull();
  expect(owners.remove(X, update("b"))).toBeNull();
  expect(owners.remove(X, remove("a"))).toBeNull();
  expect(owners.remove(X, remove())).toBeNull();
});

test("what a create made may be deleted, and is not adopted", () => {
  owners.created(name, X, "a");
  expect(owners.adopt(name, X, create("b"))).toBe(false);
  expect(owners.remove(X, remove("a"))).not.toBeNull();
  owners.forget(name);
  expect(owners.madeUnder(name)).toBeUndefined();
  expect(owners.madeUnder(null)).toBeUndefined();
});

test("forgetting an adoption frees the snapshot", () => {
  owners.adopt(name, X, create("a"));
  owners.forget(name);
  expect(owners.remove(X, remove("b"))).not.toBeNull();
});

test("keepers: each other resource counts, the same one does not, and letting go is forgotten", () => {
  owners.keep(X, "a");
  expect([owners.keptByOther(X, "a"), owners.keptByOther(X, "b"), owners.keptByOther(X, undefined)]).toEqual([
    false,
    true,
    true,
  ]);
  expect(owners.adopt(name, X, create("b"))).toBe(false);
  expect(owners.adopt(name, X, create("a"))).toBe(true);
  owners.letGo(X, "b");
  expect(owners.keptByOther(X, "b")).toBe(true);
  owners.letGo(X, "a");
  expect(owners.keptByOther(X, "b")).toBe(false);
});

test("deletes in progress, and the time since the last one", async () => {
  expect([owners.withoutDeletes, owners.departing(X)]).toEqual([Infinity, false]);
  const end = owners.depart(X);
  expect([owners.withoutDeletes, owners.departing(X), owners.leaving(X)]).toEqual([0, true, false]);
  await clock.run(clock.sleep(500));
  expect(owners.withoutDeletes).toBe(0);
  end();
  end();
  await clock.run(clock.sleep(300));
  expect([owners.withoutDeletes, owners.departing(X)]).toEqual([300, false]);
});

test("only news about keepers ends the quiet", async () => {
  await clock.run(clock.sleep(400));
  expect(owners.quietFor).toBe(400);
  owners.keep(X, "a");
  expect(owners.quietFor).toBe(0);
  await clock.run(clock.sleep(100));
  owners.keep(X, "a");
  expect(owners.quietFor).toBe(100);
});

test("a wait ends with a change, with its time, or with the signal", async () => {
  const stop = new AbortController();
  const never = new AbortController().signal;
  const took = async (wait: Promise<void>, meanwhile: () => void): Promise<number> => {
    const before = clock.now();
    let after = 0;
    await clock.run(Promise.all([wait.then(() => (after = clock.now())), clock.sleep(100).then(meanwhile)]));
    return after - before;
  };
  expect(await took(owners.change(1000, never), () => owners.keep(X, "a"))).toBe(100);
  expect(await took(owners.change(1000, never), () => undefined)).toBe(1000);
  expect(await took(owners.change(1000, stop.signal), () => stop.abort())).toBe(100);
  expect(await took(owners.change(1000, stop.signal), () => undefined)).toBe(0);
});

test("independent calls remember nothing", () => {
  const free = new Owners(clock, true);
  free.keep(X, "a");
  free.created(name, X, "a");
  const end = free.depart(X);
  expect(free.remove(X, remove("b"))).not.toBeNull();
  expect([
    free.adopt(name, X, create("b")),
    free.leaving(X),
    free.departing(X),
    free.madeUnder(name),
    free.remembers,
  ]).toEqual([true, false, false, undefined, false]);
  end();
});
