import { getMaxListeners } from "node:events";
import { createClient, type SnapshotApi } from "../../../../provider/api";
import { connect, json, refuse, serve, snapshot, type TestServer } from "../server";

let server: TestServer;
let api: SnapshotApi;
let rows: Record<string, unknown>[];
let between: (page: number) => void;

beforeEach(async () => {
  rows = [];
  between = () => undefined;
  server = await serve((seen, response) => {
    const query = new URL(seen.path, "http://x").searchParams;
    const page = Number(query.get("page"));
    const limit = Number(query.get("limit"));
    json(response, 200, {
      items: rows.slice((page - 1) * limit, page * limit),
      total: rows.length,
      page,
      totalPages: Math.ceil(rows.length / limit),
    });
    between(page);
  });
  api = createClient(connect(server.url), { log: { debug: () => undefined }, random: () => 0 });
});
afterEach(async () => {
  api.close();
  await server.close();
});

test("all pages, in an order that only deletions move; general ones only when asked for", async () => {
  rows = [
    ...Array.from({ length: 450 }, (_, at) => snapshot(`s${at}`)),
    ...Array.from({ length: 300 }, (_, at) => snapshot(`g${at}`, { general: true })),
  ];
  const own = await api.listAll({ name: "name&x" });
  expect(own.map((dto) => dto.id)).toEqual(Array.from({ length: 450 }, (_, at) => `s${at}`));
  expect(server.requests[0]?.path).toBe("/api/snapshots?page=1&limit=200&sort=createdAt&order=asc&name=name%26x");
  expect(await api.listAll({ general: true })).toHaveLength(750);
  rows = [snapshot("s"), ...Array.from({ length: 3000 }, (_, at) => snapshot(`g${at}`, { general: true }))];
  server.requests.length = 0;
  expect(await api.listAll()).toHaveLength(1);
  expect(server.requests).toHaveLength(1);
});

test("one signal for many pages and reads warns of no leak, and ends them all", async () => {
  rows = Array.from({ length: 3400 }, (_, at) => snapshot(`s${at}`));
  const [listing, reading] = [new AbortController().signal, new AbortController().signal];
  await Promise.all([
    api.listAll({}, { signal: listing }),
    ...Array.from({ length: 50 }, (_, at) => api.read(`s${at * 60}`, { signal: reading })),
  ]);
  // Node's warning itself goes to the real process, which a test does not see.
  expect([getMaxListeners(listing), getMaxListeners(reading)]).toEqual([Infinity, Infinity]);

  server.handler = () => undefined;
  const stop = new AbortController();
  const all = Promise.allSettled(Array.from({ length: 50 }, () => api.listAll({}, { signal: stop.signal })));
  stop.abort(new Error("stop"));
  expect((await all).every((one) => one.status === "rejected" && (one.reason as Error).message === "stop")).toBe(true);
});

test("a deletion between two pages loses nothing", async () => {
  rows = Array.from({ length: 450 }, (_, at) => snapshot(`s${at}`));
  let once = true;
  between = (page) => {
    if (page === 1 && once) rows.shift();
    once = false;
  };
  const ids = (await api.listAll()).map((dto) => dto.id);
  expect(ids).toEqual(Array.from({ length: 449 }, (_, at) => `s${at + 1}`));
});

test("reads are not answered from a listing made before, or during, a write", async () => {
  rows = Array.from({ length: 10 }, (_, at) => snapshot(`s${at}`));
  const list = server.handler;
  let finish = (): void => undefined;
  server.handler = (seen, response, request) => {
    if (seen.method === "DELETE") finish = () => response.writeHead(200).end();
    else if (seen.path.includes("?")) void list(seen, response, request);
    else json(response, 200, rows[0]);
  };
  const both = (): Promise<unknown> => Promise.all([api.read("s1"), api.read("s2")]);
  const asked = async (): Promise<number> => {
    server.requests.length = 0;
    await both();
    return server.requests.length;
  };
  expect([await asked(), await asked()]).toEqual([1, 0]);
  const deleting = api.delete("s9");
  while (!server.requests.some((seen) => seen.method === "DELETE"))
    await new Promise((resolve) => setTimeout(resolve, 1));
  expect(await asked()).toBe(1);
  expect(await asked()).toBe(0);
  finish();
  await deleting;
  expect(await asked()).toBe(1);
});

test("regions and the current key", async () => {
  const path = (seen: { path: string }): string => seen.path;
  server.handler = (seen, response) =>
    path(seen) === "/api/regions"
      ? json(response, 200, [{ id: "us", name: "us", novel: 1 }])
      : json(response, 200, { name: "ci", permissions: ["write:snapshots"] });
  expect(await api.regions()).toEqual([{ id: "us", name: "us", novel: 1 }]);
  expect(await api.currentKey()).toMatchObject({ permissions: ["write:snapshots"] });
  server.handler = (seen, response) => refuse(response, seen, 403, "Access denied");
  expect(await api.currentKey()).toBeNull();
  server.handler = (seen, response) => refuse(response, seen, 401, "Invalid credentials");
  await expect(api.currentKey()).rejects.toThrow("401");
});

test("an empty name asks for nothing", async () => {
  await expect(api.get("")).rejects.toThrow("a snapshot's ID or name is empty");
  expect(server.requests).toHaveLength(0);
});
