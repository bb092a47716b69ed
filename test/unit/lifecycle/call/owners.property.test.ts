import fc from "fast-check";
import { createLifecycle } from "../../../../provider/lifecycle/lifecycle";
import { FakeApi, FakeClock } from "../fake";
import { context, plan, recordOf } from "../support";

const program = { name: "agent", image: "ubuntu:24.04" };

/** An API whose requests take a while on their way there and back, each its own. */
function slow(delays: () => number) {
  const clock = new FakeClock();
  const api = new FakeApi(clock);
  api.script = [[300, "active"]];
  const { create, get, delete: remove } = api;
  const delayed =
    <A extends unknown[], T>(request: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      await clock.sleep(delays());
      try {
        return await request(...args);
      } finally {
        await clock.sleep(delays());
      }
    };
  Object.assign(api, {
    create: delayed(create),
    get: delayed(get),
    delete: delayed(async (id: string) => {
      if (api.snapshots.get(id)?.state === "removing") return;
      api.find(id);
      api.set(id, { state: "removing" });
      void clock.sleep(delays()).then(() => api.snapshots.delete(id));
      await remove("").catch(() => undefined);
    }),
  });
  return { clock, api };
}

const delays = fc.infiniteStream(fc.integer({ min: 0, max: 400 }));
const at = fc.integer({ min: 0, max: 1500 });

test("whatever the order of a delete and creates of its name: what a state manages exists in the end", async () => {
  const ends = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      delays,
      at,
      fc.array(fc.record({ at, adopt: fc.boolean() }), { minLength: 1, maxLength: 2 }),
      fc.boolean(),
      async (stream, deleteAt, creates, owners) => {
        const numbers = stream[Symbol.iterator]();
        const { clock, api } = slow(() => numbers.next().value as number);
        const before = createLifecycle({ api: api.asApi(), clock });
        const older = recordOf(await clock.run(before.create(plan(null, {}, program).planned, context())));
        const lifecycle = createLifecycle({ api: api.asApi(), clock });
        const of = (owner: string) => context(owners ? { owner } : {});
        const deleted = async () => (await clock.sleep(deleteAt), lifecycle.delete(older, {}, of("old")));
        const made = creates.map(
          async ({ at: when, adopt }, i) => (
            await clock.sleep(when),
            lifecycle.create(plan(null, {}, { ...program, adoptExisting: adopt }).planned, of(`new-${i}`))
          ),
        );
        const [gone, ...created] = await clock.run(Promise.all([deleted(), ...made]));

        expect(gone).toMatchObject({ record: null });
        const managed = created.flatMap(({ record }) => (record ? [record.id] : []));
        // Exactly one of the creates has the snapshot, and it is there.
        expect(managed).toHaveLength(1);
        expect([...api.snapshots.values()].map(({ id, state }) => ({ id, state }))).toEqual([
          { id: managed[0], state: "active" },
        ]);
        expect(created.filter(({ error }) => error)).toHaveLength(creates.length - 1);
        ends.add(
          managed[0] === older.id
            ? `adopted, ${gone!.warnings.length === 1 ? "told" : "not told"}`
            : `made, ${gone!.warnings.length} warnings`,
        );
      },
    ),
    { numRuns: 150 },
  );
  // Both ends happen, and a delete that ends without a request says so.
  expect([...ends].sort()).toEqual(["adopted, told", "made, 0 warnings"]);
}, 120_000);
