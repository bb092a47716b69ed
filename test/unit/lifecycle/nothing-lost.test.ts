import { AmbiguousAnswerError, BadRequestError, ConflictError, UnreachableError } from "../../../provider/api";
import { createLifecycle } from "../../../provider/lifecycle/lifecycle";
import { buildText, sourceKey, sourceKeyOf, successorName } from "../../../provider/resources/snapshot";
import { FakeApi, FakeClock } from "./fake";
import { context, plan, recordOf, text } from "./support";

const program = { name: "agent", image: "ubuntu:24.04" };

function start() {
  const clock = new FakeClock();
  const api = new FakeApi(clock);
  return { clock, api, lifecycle: createLifecycle({ api: api.asApi(), clock }) };
}

test("somebody else's snapshot that stays after all is not deleted for its name", async () => {
  const { clock, api, lifecycle } = start();
  const theirs = api.insert({ name: "agent", imageName: "debian:12" });
  api.set(theirs.id, { state: "removing" });
  void clock.sleep(3000).then(() => api.set(theirs.id, { state: "active" }));
  Object.assign(api, {
    create: () =>
      api.called("create", () => {
        throw new ConflictError("taken", { status: 409, request: "POST /snapshots" });
      }),
  });
  const outcome = await clock.run(lifecycle.create(plan(null, {}, program).planned, context()));
  expect(outcome.error?.summary).toBe('creating snapshot "agent": the name "agent" is already taken');
  expect(api.calls.filter((call) => call.method === "delete")).toEqual([]);
  expect(api.snapshots.get(theirs.id)?.state).toBe("active");
});

describe("a lost answer", () => {
  /** The request arrives `late` ms after its answer was lost; `look` is each read before that. */
  function lost(late: number, look: () => void) {
    const started = start();
    const { api, clock } = started;
    let arrived = false;
    Object.assign(api, {
      create: (body: { name: string; imageName: string }) =>
        api.called("create", () => {
          void clock
            .sleep(late)
            .then(() => api.insert(body))
            .then(() => (arrived = true));
          throw new AmbiguousAnswerError("the answer was lost", { status: 0, request: "POST /snapshots" });
        }),
      get: (id: string) => api.called("get", () => (arrived ? undefined : look(), api.find(id))),
    });
    return started;
  }

  test("and an interrupt while the name is read: the id is kept", async () => {
    const stop = new AbortController();
    const { clock, api, lifecycle } = lost(60_000, () => {
      if (!stop.signal.aborted) api.insert({ name: "agent", imageName: "ubuntu:24.04" });
      stop.abort();
    });
    const outcome = await clock.run(
      lifecycle.create(plan(null, {}, program).planned, context({ signal: stop.signal })),
    );
    expect(outcome.interrupted).toBe(true);
    expect(outcome.record).toMatchObject({ id: [...api.snapshots.keys()][0], name: "agent", state: "pending" });
  });

  test("and an interrupt, and nothing to be found: the message names what may exist", async () => {
    const stop = new AbortController();
    const { clock, lifecycle } = lost(60_000, () => stop.abort());
    const outcome = await clock.run(
      lifecycle.create(plan(null, {}, program).planned, context({ signal: stop.signal })),
    );
    expect(outcome).toMatchObject({ interrupted: true, record: null });
    expect(text(outcome.warnings[0])).toContain(
      'The request to create "agent" was sent, but its response was lost, so the snapshot may exist.',
    );
  });

  test("and an API that is away: the message names what may exist", async () => {
    const { clock, lifecycle } = lost(60_000, () => {
      throw new UnreachableError("no connection", { status: 0, request: "GET /snapshots/agent" });
    });
    const outcome = await clock.run(lifecycle.create(plan(null, {}, program).planned, context()));
    expect(outcome.error?.summary).toBe('creating snapshot "agent": cannot reach the API');
    expect(text(outcome.error)).toContain(
      'The request to create "agent" was sent, but its response was lost, so the snapshot may exist.',
    );
  });
});

test("waiting for a place in the quota keeps nobody from deleting what takes it", async () => {
  const { clock, api, lifecycle } = start();
  const other = recordOf(
    await clock.run(lifecycle.create(plan(null, {}, { ...program, name: "other" }).planned, context())),
  );
  const prior = recordOf(await clock.run(lifecycle.create(plan(null, {}, program).planned, context())));
  const create = api.create;
  let refused = 0;
  let deleting: Promise<unknown> = Promise.resolve();
  Object.assign(api, {
    currentKey: () => Promise.resolve(null),
    create: (body: { name: string }) => {
      if (body.name !== "agent" || !api.snapshots.has(other.id)) return create(body);
      if ((refused += 1) === 1) deleting = lifecycle.delete(other, {}, context());
      return api.called("create", () => {
        throw new BadRequestError("full", {
          status: 400,
          reason: "Snapshot quota exceeded. Maximum allowed: 3",
          request: "POST /snapshots",
        });
      });
    },
  });
  const outcome = await clock.run(
    lifecycle.update(prior, {}, plan(prior, {}, { ...program, cpu: 2 }).planned, context()),
  );
  expect(recordOf(outcome)).toMatchObject({ name: "agent", cpu: 2, state: "active" });
  expect(await deleting).toMatchObject({ record: null });
  expect(refused).toBeGreaterThan(0);
});

test("a snapshot that is there has the key of what made it, triggers included", () => {
  const { planned } = plan(
    null,
    {},
    { name: "agent", dockerfileContent: "FROM a:1\r\nRUN true", triggers: { x: "1" } },
  );
  const { api } = start();
  const dto = api.insert({
    name: "agent",
    buildInfo: { dockerfileContent: buildText("FROM a:1\nRUN true", { x: "1" }) },
  });
  expect(sourceKeyOf(dto)).toBe(sourceKey(planned));
  expect(sourceKeyOf(api.insert({ name: "b", imageName: "a:1" }))).toBe(
    sourceKey(plan(null, {}, { name: "b", image: "a:1" }).planned),
  );
});

test("a delete takes a final one along that was cut off before its entrypoint was known", async () => {
  const { clock, api, lifecycle } = start();
  const prior = recordOf(await clock.run(lifecycle.create(plan(null, {}, program).planned, context())));
  api.snapshots.clear();
  api.script = [];
  const successor = api.insert({ name: successorName("agent", prior.id), imageName: "debian:12" });
  api.set(successor.id, { state: "active", entrypoint: ["bash"] });
  api.set(api.insert({ name: "agent", imageName: "debian:12" }).id, { entrypoint: null });
  expect(await clock.run(lifecycle.delete(prior, {}, context()))).toMatchObject({ record: null });
  expect([...api.snapshots.values()].map((dto) => dto.name)).toEqual([]);
});

test("a final one that someone deletes while it settles is made once more", async () => {
  const { clock, api, lifecycle } = start();
  const prior = recordOf(await clock.run(lifecycle.create(plan(null, {}, program).planned, context())));
  const create = api.create;
  let finals = 0;
  Object.assign(api, {
    currentKey: () => Promise.resolve(null),
    create: async (body: { name: string }) => {
      const dto = await create(body);
      if (body.name === "agent" && (finals += 1) === 1) void clock.sleep(1000).then(() => api.snapshots.delete(dto.id));
      return dto;
    },
  });
  const outcome = await clock.run(
    lifecycle.update(prior, {}, plan(prior, {}, { ...program, cpu: 2 }).planned, context()),
  );
  expect(recordOf(outcome)).toMatchObject({ name: "agent", cpu: 2, state: "active" });
  expect(outcome.marks).toEqual({});
  expect(finals).toBe(2);
});

test("a state of another organization is an error even where its snapshot is general, and so answers", async () => {
  const { clock, api, lifecycle } = start();
  const prior = recordOf(await clock.run(lifecycle.create(plan(null, {}, program).planned, context())));
  api.set(prior.id, { general: true });
  api.organizationId = null;
  Object.assign(api, {
    read: api.get,
    list: () => Promise.resolve({ items: [], total: 0, page: 1, totalPages: 0 }),
    organization: () => Promise.resolve("another"),
  });
  const outcome = await clock.run(lifecycle.read(prior, {}, context()));
  expect(outcome.error?.summary).toBe('reading snapshot "agent": the credentials belong to another organization');
  expect(outcome.record).toEqual(prior);
});

test("what was planned as failed and is well again stays, also where an old try left a successor", async () => {
  const { clock, api, lifecycle } = start();
  const prior = recordOf(await clock.run(lifecycle.create(plan(null, {}, program).planned, context())));
  const failed = { ...prior, state: "error" };
  const { action, planned } = plan(failed, {}, program);
  expect(action).toBe("rebuild");
  api.insert({ name: successorName("agent", prior.id), imageName: "debian:12" });
  api.calls.length = 0;
  const outcome = await clock.run(lifecycle.update(failed, {}, planned, context()));
  expect(recordOf(outcome)).toMatchObject({ id: prior.id, state: "active" });
  expect(api.calls.map((call) => call.method)).toEqual(["get"]);
});

test("a successor of an earlier try that ends in a clash of operations is made again", async () => {
  const { clock, api, lifecycle } = start();
  const prior = recordOf(await clock.run(lifecycle.create(plan(null, {}, program).planned, context())));
  const { planned } = plan(prior, {}, { ...program, image: "debian:12" });
  Object.assign(api, { currentKey: () => Promise.resolve(null) });
  const { script } = api;
  api.script = [];
  const earlier = api.insert({ name: successorName("agent", prior.id), imageName: "debian:12", cpu: 1 });
  void clock
    .sleep(3000)
    .then(() =>
      api.set(earlier.id, { state: "error", errorReason: "An operation is already in progress for this resource" }),
    );
  api.script = script;
  const outcome = await clock.run(lifecycle.update(prior, {}, planned, context()));
  expect(recordOf(outcome)).toMatchObject({ name: "agent", image: "debian:12", state: "active" });
  expect([...api.snapshots.values()].map((dto) => dto.name)).toEqual(["agent"]);
});
