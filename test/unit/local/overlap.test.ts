import { io } from "socket.io-client";
import type { LocalApi, LocalApiOptions } from "../../../provider/local";
import { call, closeAll, start } from "./harness";

afterEach(closeAll);

const BUSY = "An operation is already in progress for this resource";
const MARK_MS = 10_000;

/** An API with the real server's times, which pass by hand, standing at a mark. */
async function held(options: LocalApiOptions = {}): Promise<LocalApi> {
  const local = await start({
    pullSeconds: 2,
    buildSeconds: 3,
    inspectSeconds: 0.1,
    cronSeconds: MARK_MS / 1000,
    ...options,
  });
  // Writing a new build would wait for time to pass.
  local.control.settings({ insertMs: 0 });
  local.control.holdTime();
  await local.control.passTime(MARK_MS - ((await local.control.passTime(0)) % MARK_MS));
  return local;
}

const create = async (local: LocalApi, body: object): Promise<string> =>
  (await call(local, "POST", "/snapshots", body)).body.id;
const shown = (local: LocalApi, id: string) => {
  const { state, errorReason } = local.control.snapshot(id)!;
  return errorReason ? `${state}: ${errorReason}` : state;
};
const pull = { imageName: "u:1" };
const build = { buildInfo: { dockerfileContent: "FROM u:1" } };

test("v2: a pull that is not needed is asked for all the same, and stands in the way of the next", async () => {
  const local = await held();
  await create(local, { name: "a", ...pull });
  await local.control.passTime(2200);
  const second = await create(local, { name: "b", ...pull });
  await local.control.passTime(200);
  const third = await create(local, { name: "c", ...pull });
  await local.control.passTime(200);
  expect([shown(local, second), shown(local, third)]).toEqual(["active", `error: ${BUSY}`]);
  await local.control.passTime(2000);
  const fourth = await create(local, { name: "d", ...pull });
  await local.control.passTime(200);
  expect(shown(local, fourth)).toBe("active");
});

test("v2: of two builds of one text that wait for a mark, the second waits for another", async () => {
  const local = await held();
  const first = await create(local, { name: "a", ...build });
  await local.control.passTime(3100);
  expect(shown(local, first)).toBe("active");
  const others = [await create(local, { name: "b", ...build })];
  await local.control.passTime(3100);
  others.push(await create(local, { name: "c", ...build }));
  await local.control.passTime(3100);
  expect(others.map((id) => shown(local, id))).toEqual(["building", "building"]);
  await local.control.passTime(1000);
  expect(others.map((id) => shown(local, id)).sort()).toEqual(["active", "building"]);
  await local.control.passTime(MARK_MS);
  expect(others.map((id) => shown(local, id))).toEqual(["active", "active"]);
});

test("v2: the removal of a built image is told once where sandboxes could find it, else twice", async () => {
  const local = await held();
  const removed: string[] = [];
  const socket = io(new URL(local.apiUrl).origin, {
    path: "/api/socket.io/",
    transports: ["websocket"],
    auth: { token: local.apiKey },
  });
  socket.on("snapshot.removed", ({ name }: { name: string }) => removed.push(name));
  await new Promise<void>((resolve) => socket.on("connect", resolve));
  for (const [name, wait] of [
    ["early", 3100],
    ["late", 6000],
  ] as const) {
    const id = await create(local, { name, buildInfo: { dockerfileContent: `FROM ${name}` } });
    await local.control.passTime(wait);
    expect(shown(local, id)).toBe("active");
    await call(local, "DELETE", `/snapshots/${id}`);
    await local.control.passTime(MARK_MS - wait);
    expect(local.control.snapshot(id)).toBeNull();
  }
  for (const deadline = Date.now() + 10_000; removed.length < 3 && Date.now() < deadline;)
    await new Promise((resolve) => setTimeout(resolve, 5));
  socket.close();
  expect(removed).toEqual(["early", "early", "late"]);
});

test.each([
  ["v0", "active: old"],
  ["v2", "active"],
] as const)("%s: only the end of a job clears an old reason", async (generation, pulled) => {
  const local = await held({ generation });
  const first = await create(local, { name: "a", ...pull, errorReason: "old" });
  await local.control.passTime(MARK_MS);
  await local.control.passTime(200);
  const ready = await create(local, { name: "b", ...pull, errorReason: "old" });
  await local.control.passTime(200);
  expect([shown(local, first), shown(local, ready)]).toEqual([pulled, "active: old"]);
});

test("v0: a DELETE during the last look at a snapshot is lost", async () => {
  const local = await held({ generation: "v0" });
  const id = await create(local, { name: "a", ...pull });
  await local.control.passTime(MARK_MS + 50);
  expect(shown(local, id)).toBe("pulling");
  await call(local, "DELETE", `/snapshots/${id}`);
  expect(shown(local, id)).toBe("removing");
  await local.control.passTime(100);
  expect(shown(local, id)).toBe("active");
});

test("v2: a registry that does not answer is given up after 30 s", async () => {
  const local = await held();
  local.control.source({ image: "u:1", inspectSeconds: 40 });
  const id = await create(local, { name: "a", ...pull });
  await local.control.passTime(29_000);
  expect(shown(local, id)).toBe("pending");
  await local.control.passTime(2000);
  expect(shown(local, id)).toMatch(/^error: Job [0-9a-f-]{36} timed out after 30000ms$/);
  const next = await create(local, { name: "b", ...pull });
  await local.control.passTime(100);
  expect(shown(local, next)).toBe(`error: ${BUSY}`);
});

test("what was not used for two weeks turns inactive by itself, within ten minutes", async () => {
  const local = await held();
  const id = local.control.insert({ name: "a", createdAt: 1, lastUsedAt: Date.now() });
  local.control.advanceClock(15 * 86_400_000);
  const used = local.control.insert({ name: "b", createdAt: 1, imageName: "u:2", ref: "r2" });
  expect(shown(local, id)).toBe("active");
  await local.control.passTime(600_000);
  expect([shown(local, id), shown(local, used)]).toEqual(["inactive", "active"]);
});
