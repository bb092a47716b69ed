import type { SnapshotApi } from "../../../../provider/api";
import { createLifecycle } from "../../../../provider/lifecycle/lifecycle";
import type { SnapshotRecord } from "../../../../provider/resources/snapshot";
import { FakeApi, FakeClock } from "../fake";
import { mortal } from "./killed";
import { context, plan, recordOf, text } from "../support";

const program = (image: string) => ({ name: "agent", image });
const [first, second, third] = [program("ubuntu:24.04"), program("debian:12"), program("alpine:3.20")];

/** An organization in time that does not pass, with one snapshot in the state. */
async function start() {
  const clock = new FakeClock();
  const api = new FakeApi(clock);
  const process = (wrap: (api: SnapshotApi) => SnapshotApi = (same) => same) =>
    createLifecycle({ api: wrap(api.asApi()), clock });
  const state = recordOf(await clock.run(process().create(plan(null, {}, first).planned, context())));
  return { clock, api, process, state, names: () => api.names() };
}
type Started = Awaited<ReturnType<typeof start>>;

/** What `apply` does, with the state as it lies there: refresh, plan, update. null: nothing was there to be updated. */
async function apply(
  { clock, process }: Started,
  state: SnapshotRecord,
  inputs: object,
  wrap?: (api: SnapshotApi) => SnapshotApi,
) {
  const lifecycle = process(wrap);
  return clock.run(
    (async () => {
      const read = await lifecycle.read(state, {}, context());
      if (read.record === null || read.error) return { read, outcome: null };
      return {
        read,
        outcome: await lifecycle.update(
          read.record,
          read.marks,
          plan(read.record, read.marks, inputs).planned,
          context(),
        ),
      };
    })(),
  );
}

/** An apply that dies at one of its calls, and whose state is never saved. */
async function killed(started: Started, inputs: object, at: number, when: "before" | "after"): Promise<string[]> {
  let calls: string[] = [];
  await apply(started, started.state, inputs, (api) => {
    const doomed = mortal(api, at, when);
    calls = doomed.calls;
    return doomed.api;
  });
  return calls;
}

/** Kills at call i with one program, then at call j with another; runs `then` for every pair. */
async function everyPair(then: (started: Started, where: object) => Promise<void>): Promise<number> {
  let pairs = 0;
  for (const when of ["before", "after"] as const) {
    for (let i = 0; ; i += 1) {
      let whole = false;
      for (let j = 0; ; j += 1) {
        const started = await start();
        whole = (await killed(started, second, i, when)).length <= i;
        if (whole) break;
        // The end of a whole swap whose state was not saved: known, and another test's.
        const calls = await killed(started, third, j, when);
        if (calls.length <= j) break;
        pairs += 1;
        await then(started, { when, i, j, calls: calls.slice(0, j + 1).join(" "), there: started.names() });
      }
      if (whole) break;
    }
  }
  return pairs;
}

test("killed twice, with another program in between: an apply finds everything again, and leaves nothing over", async () => {
  const pairs = await everyPair(async (started, where) => {
    const { read, outcome } = await apply(started, started.state, third);
    if (outcome === null) {
      // The one point that the model names: the successor is gone, and the state was not saved.
      expect({ ...where, names: started.names() }).toEqual({ ...where, names: ["agent"] });
      expect(text(read.warnings[0])).toContain("it may be the result of a swap");
      return;
    }
    expect({ ...where, error: text(outcome.error), names: started.names() }).toEqual({
      ...where,
      error: "",
      names: ["agent"],
    });
    expect(outcome.record).toMatchObject({ name: "agent", image: third.image, state: "active" });
  });
  expect(pairs).toBeGreaterThan(150);
}, 60_000);

test("destroyed instead: nothing is left untold", async () => {
  await everyPair(async (started, where) => {
    const { api, clock, process, state, names } = started;
    const lifecycle = process();
    const read = await clock.run(lifecycle.read(state, {}, context()));
    const outcome = read.record === null ? read : await clock.run(lifecycle.delete(read.record, read.marks, context()));
    expect({ ...where, outcome }).toMatchObject({ outcome: { record: null } });
    // What cannot be told from somebody else's is named: the one point, and a last step that only the other program explains.
    const left = names();
    expect({ ...where, left, told: outcome.warnings.map(text).join().includes("terraform import") }).toEqual({
      ...where,
      left: left.length > 0 ? ["agent"] : [],
      told: left.length > 0,
    });
    if (left.length > 0 && read.record !== null)
      expect(api.snapshots.values().next().value?.imageName).toBe(third.image);
  });
}, 60_000);

test("a name that is free after a kill is made at once with another program: one pull, and the successor stays until then", async () => {
  const started = await start();
  for (let at = 0; started.names().includes("agent"); at += 1) {
    Object.assign(started, await start());
    await killed(started, second, at, "after");
  }
  const lone = started.names()[0];
  started.api.calls.length = 0;
  const stays: boolean[] = [];
  const { outcome } = await apply(started, started.state, third, (same) =>
    Object.assign(Object.create(same) as SnapshotApi, {
      delete: (id: string) => (
        stays.push(started.api.snapshots.get(id)?.name === lone && started.names().includes("agent")),
        same.delete(id)
      ),
    }),
  );
  expect(recordOf(outcome!)).toMatchObject({ image: third.image, state: "active" });
  expect(started.api.calls.filter((call) => call.method === "create")).toHaveLength(1);
  expect(stays).toEqual([true]);
});
