import type { LocalApi } from "../../../provider/local";
import { call, closeAll, start } from "./harness";

afterAll(closeAll);

let local: LocalApi;
beforeAll(async () => {
  local = await start({ generalSnapshots: [], rateLimit: false });
});

test.each([
  ["sort=createdAt&order=asc", ["older", "10", "2f", "a0", "newer"]],
  ["sort=createdAt&order=desc", ["newer", "10", "2f", "a0", "older"]],
  ["sort=lastUsedAt", ["newer", "10", "2f", "a0", "older"]],
  ["sort=state&order=asc", ["newer", "10", "2f", "a0", "older"]],
])("%s: snapshots of the same millisecond are in the order of their ids", async (query, names) => {
  local.control.removeAll();
  const id = (start: string) => `${start.padEnd(8, "0")}-0000-4000-8000-000000000000`;
  for (const [name, createdAt] of [
    ["a0", 2000],
    ["newer", 3000],
    ["10", 2000],
    ["older", 1000],
    ["2f", 2000],
  ] as const) {
    local.control.insert({
      name,
      createdAt,
      lastUsedAt: null,
      state: "error",
      id: id({ newer: "fe", older: "ff" }[name as string] ?? name),
    });
  }
  const seen: string[] = [];
  for (const page of [1, 2, 3])
    seen.push(
      ...(await call(local, "GET", `/snapshots?${query}&limit=2&page=${page}`)).body.items.map(
        (item: { name: string }) => item.name,
      ),
    );
  expect(seen).toEqual(names);
});

test("shared regions are listed by name, to anybody", async () => {
  for (const id of ["eu-2", "EU-1", "asia"]) local.control.region({ id });
  const answer = await fetch(`${local.apiUrl}/shared-regions`);
  expect(((await answer.json()) as { name: string }[]).map((region) => region.name)).toEqual([
    "asia",
    "EU-1",
    "eu-2",
    "us",
  ]);
});

test("a limit that is off is an empty one in the configuration", async () => {
  expect((await call(local, "GET", "/config")).body.rateLimit.authenticated).toEqual({});
});

test("anonymous calls are counted by the address that the proxy in front names", async () => {
  const remaining = async (address: string) =>
    (await call(local, "GET", "/health", undefined, { "x-forwarded-for": address })).headers.get(
      "x-ratelimit-remaining-anonymous",
    );
  expect([await remaining("10.1.1.1, 10.0.0.1"), await remaining("10.1.1.1"), await remaining("10.2.2.2")]).toEqual([
    "599",
    "598",
    "599",
  ]);
});

test("whether the server is ready, only a monitor may ask", async () => {
  const ready = await call(local, "GET", "/health/ready");
  expect([ready.status, ready.body.message, ready.headers.get("x-ratelimit-limit-authenticated")]).toEqual([
    403,
    "Invalid authentication context",
    null,
  ]);
  expect(
    (await call(local, "GET", "/health/ready", undefined, { authorization: `Bearer ${local.jwtToken}` })).status,
  ).toBe(401);
  expect((await fetch(`${local.apiUrl}/health/ready`)).status).toBe(401);
});

test("a path in capitals reaches the API, but what is not there is the dashboard's", async () => {
  const at = (path: string) =>
    fetch(new URL(local.apiUrl).origin + path, { headers: { authorization: `Bearer ${local.apiKey}` } });
  expect((await at("/API/Snapshots?limit=1")).status).toBe(200);
  const missing = await at("/API/Snapshots/none");
  expect([missing.status, missing.headers.get("content-type")]).toEqual([200, "text/html; charset=UTF-8"]);
});

test("the socket's path says in JSON that it takes no other transport", async () => {
  const answer = await fetch(`${local.apiUrl}/socket.io/?EIO=4&transport=polling`);
  expect([answer.status, answer.headers.get("content-type"), await answer.json()]).toEqual([
    400,
    "application/json",
    { code: 0, message: "Transport unknown" },
  ]);
});
