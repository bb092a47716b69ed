import fc from "fast-check";
import { createLifecycle } from "../../../../provider/lifecycle/lifecycle";
import type { SnapshotRecord } from "../../../../provider/resources/snapshot";
import { FakeApi, FakeClock } from "../fake";
import { context, plan, recordOf } from "../support";

const SETTLING = ["pending", "pulling"];

/** An API that notes every request which may harm another snapshot of the same source. */
function watched() {
  const clock = new FakeClock();
  const api = new FakeApi(clock);
  api.script = [
    [700, "pulling"],
    [2000, "active"],
  ];
  const harm: string[] = [];
  const look = (what: string, source: string | null | undefined, id?: string): void => {
    const settling = [...api.snapshots.values()].filter(
      (dto) => dto.id !== id && dto.imageName === source && SETTLING.includes(dto.state),
    );
    if (settling.length > 0) harm.push(`${what} while ${settling.map((dto) => `${dto.name} is ${dto.state}`).join()}`);
  };
  const { create, activate, deactivate } = api;
  Object.assign(api, {
    create: (body: Parameters<typeof create>[0]) => (look(`create ${body.name}`, body.imageName), create(body)),
    activate: (id: string) => (look("activate", api.find(id).imageName, id), activate(id)),
    deactivate: (id: string) => (look("deactivate", api.find(id).imageName, id), deactivate(id)),
    // Gone only after a while.
    delete: (id: string) =>
      api.called("delete", () => {
        const dto = api.find(id);
        look(`delete ${dto.name}`, dto.imageName, id);
        if (dto.state === "removing") return;
        api.set(id, { state: "removing" });
        void clock.sleep(800).then(() => api.snapshots.delete(id));
      }),
  });
  return { clock, api, harm, lifecycle: createLifecycle({ api: api.asApi(), clock }) };
}

type Step = { pause: number; image: string; active: boolean; was: "left" | "failed" | "idle" };

/** What a tool does with one resource, apply after apply: whatever the plan asks for. */
async function applies(
  { clock, api, lifecycle }: ReturnType<typeof watched>,
  name: string,
  steps: Step[],
): Promise<string[]> {
  let record: SnapshotRecord | null = null;
  const actions: string[] = [];
  for (const { pause, image, active, was } of steps) {
    await clock.sleep(pause);
    if (record && was !== "left")
      api.set(record.id, { state: was === "failed" ? "error" : "inactive", updatedAt: "2020-01-01T00:00:00Z" });
    const read = record && (await lifecycle.read(record, {}, context()));
    const { action, planned } = plan(read?.record ?? null, read?.marks ?? {}, { name, image, active });
    actions.push(action);
    if (action === "none") continue;
    record = recordOf(
      await (read?.record
        ? lifecycle.update(read.record, read.marks, planned, context())
        : lifecycle.create(planned, context())),
    );
  }
  if (record && steps.length % 2 === 0) await lifecycle.delete(record, {}, context());
  return actions;
}

test("whatever is applied together: one source settles once at a time, and nothing of it is deleted or deactivated meanwhile", async () => {
  const step = fc.record({
    pause: fc.integer({ min: 0, max: 3000 }),
    image: fc.constantFrom("ubuntu:24.04", "debian:12"),
    active: fc.boolean(),
    was: fc.constantFrom("left" as const, "failed" as const, "idle" as const),
  });
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 2, maxLength: 5 }),
      async (resources) => {
        const world = watched();
        const actions = await world.clock.run(
          Promise.all(resources.map((steps, i) => applies(world, `agent-${i}`, steps))),
        );
        actions.flat().forEach((action) => seen.add(action));
        expect(world.harm).toEqual([]);
      },
    ),
    { numRuns: 40 },
  );
  expect([...seen]).toEqual(expect.arrayContaining(["create", "swap", "rebuild", "activate", "deactivate"]));
}, 60_000);
