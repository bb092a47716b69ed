import {
  AmbiguousAnswerError,
  createClient,
  NotFoundError,
  RateLimitError,
  ServerError,
  type SnapshotApi,
  UnauthorizedError,
  UnreachableError,
} from "../../../../provider/api";
import { backoff, retryAfter } from "../../../../provider/api/http/retry";
import { connect, type Handler, json, KEY, refuse, sequence, serve, snapshot, type TestServer } from "../server";
import { VirtualClock } from "../virtual-clock";

let server: TestServer;
let api: SnapshotApi;
let clock: VirtualClock;
let log: string[];

const ok: Handler = (_seen, response) => json(response, 200, snapshot("1"));
const status =
  (code: number, headers: Record<string, string> = {}): Handler =>
  (seen, response) =>
    refuse(response, seen, code, `said ${code}`, headers);
const lose: Handler = (_seen, _response, request) => void request.socket.destroy();
const create = (options = {}): Promise<unknown> => api.create({ name: "x", imageName: "y:1" }, options);

beforeEach(async () => {
  server = await serve(ok);
  clock = new VirtualClock();
  log = [];
  api = createClient(connect(server.url, { maxConcurrency: 4 }), {
    log: { debug: (message) => log.push(message) },
    clock,
    random: () => 1,
  });
});
afterEach(async () => {
  api.close();
  await server.close();
  expect(log.join()).not.toContain(KEY);
});

test("full jitter stays between nothing and a doubling bound", () => {
  expect([1, 2, 3, 9].map((attempt) => backoff(attempt, () => 1))).toEqual([400, 800, 1600, 10_000]);
  expect(backoff(5, () => 0)).toBe(0);
});

test("the time that the server names: seconds or a date, any limiter's suffix, the longest", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  expect(retryAfter({ "retry-after-authenticated": "10" }, now)).toBe(10_000);
  expect(retryAfter({ "retry-after": "Thu, 01 Jan 2026 00:00:07 GMT", "retry-after-anonymous": "3" }, now)).toBe(7000);
  expect(retryAfter({ "retry-after": "Wed, 31 Dec 2025 00:00:00 GMT" }, now)).toBe(0);
  expect(retryAfter({ "retry-after": "soon", "x-retry-after": "5" }, now)).toBeNull();
});

test.each([[429], [502], [503], [504], [500]])("a read is repeated after %i", async (code) => {
  server.handler = sequence(status(code), ok);
  await expect(clock.run(api.get("1"), true)).resolves.toMatchObject({ id: "1" });
  expect(server.requests).toHaveLength(2);
  expect(clock.sleeps).toEqual([400]);
});

test("a read whose answer is lost, or cut short, is repeated", async () => {
  const half: Handler = (_seen, response) => {
    response.writeHead(200, { "Content-Length": "100" });
    response.write('{"id"', () => response.destroy());
  };
  server.handler = sequence(lose, half, ok);
  await expect(clock.run(api.get("1"), true)).resolves.toMatchObject({ id: "1" });
  expect(server.requests).toHaveLength(3);
});

test("retries end, with the last error", async () => {
  server.handler = status(500);
  await expect(clock.run(api.get("1"), true)).rejects.toThrow(ServerError);
  expect(server.requests).toHaveLength(3);
  server.handler = lose;
  await expect(clock.run(api.get("1"), true)).rejects.toThrow(UnreachableError);
  expect(server.requests).toHaveLength(9);
});

test("everybody waits exactly as long as a 429 says", async () => {
  await clock.run(api.get("first"), true);
  clock.sleeps.length = 0;
  server.handler = sequence(status(429, { "Retry-After-authenticated": "7" }), ok);
  const begun = clock.now();
  const times: number[] = [];
  const ask = (id: string): Promise<unknown> => api.get(id).then(() => times.push(clock.now() - begun));
  const first = ask("a");
  while (clock.sleeps.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  // Asked after the refusal: these wait without having been refused themselves.
  const others = [ask("b"), ask("c")];
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(server.requests).toHaveLength(2);
  await clock.run(Promise.all([first, ...others]), true);
  expect(times).toEqual([7000, 7000, 7000]);
  // Waits may be split, but never add jitter to what the server said.
  expect(clock.sleeps.every((ms) => ms <= 7000)).toBe(true);
});

test("a 429 that names no time, or none at all, is backed off from", async () => {
  server.handler = sequence(status(429, { "Retry-After": "0" }), status(429), ok);
  await clock.run(api.get("1"), true);
  expect(clock.sleeps).toEqual([400, 800]);
});

test("a 429 that asks for an hour fails instead of waiting", async () => {
  server.handler = status(429, { "Retry-After": "3600" });
  const error: unknown = await clock.run(api.get("1"), true).catch((it: unknown) => it);
  expect(error).toBeInstanceOf(RateLimitError);
  expect((error as Error).message).toBe(
    "Daytona API returned 429 Too Many Requests for GET /snapshots/1: said 429; the server asks to wait 3600 seconds",
  );
  expect(server.requests).toHaveLength(1);
});

test("a 401 is never repeated, and a thousand calls with a bad key are one request", async () => {
  server.handler = (seen, response) => refuse(response, seen, 401, "Invalid credentials");
  const results = await clock.run(Promise.allSettled(Array.from({ length: 1000 }, (_, at) => api.get(`s${at}`))), true);
  expect(results.every((result) => result.status === "rejected" && result.reason instanceof UnauthorizedError)).toBe(
    true,
  );
  expect(server.requests).toHaveLength(1);
  await expect(clock.run(api.read("later"))).rejects.toThrow("Invalid credentials");
  expect(server.requests).toHaveLength(1);
  // After a minute the server has forgotten the failures: one attempt may find out whether the key works now, and none before.
  await clock.run(clock.sleep(59_000));
  await expect(clock.run(api.get("1"), true)).rejects.toThrow("Invalid credentials");
  expect(server.requests).toHaveLength(1);
  await clock.run(clock.sleep(1_001));
  server.handler = ok;
  await expect(clock.run(api.get("1"), true)).resolves.toMatchObject({ id: "1" });
});

test("a create is repeated only where it was not processed", async () => {
  server.handler = sequence(status(429, { "Retry-After-authenticated": "2" }), status(503, { "Retry-After": "1" }), ok);
  await expect(clock.run(create(), true)).resolves.toMatchObject({ id: "1" });
  expect(server.requests).toHaveLength(3);
});

test.each<[string, Handler]>([
  ["a lost answer", lose],
  ["502", status(502)],
  ["503 without a time", status(503)],
  ["504", status(504)],
])("a create that meets %s is ambiguous, and not repeated", async (_what, handler) => {
  server.handler = handler;
  const error: unknown = await clock.run(create(), true).catch((it: unknown) => it);
  expect(error).toBeInstanceOf(AmbiguousAnswerError);
  expect((error as Error).message).toContain(
    "the response to POST /snapshots was lost, so it may or may not have taken effect",
  );
  expect(server.requests).toHaveLength(1);
});

test("a create given up on its way is ambiguous; one that waits in the queue is not", async () => {
  const controller = new AbortController();
  server.handler = () => controller.abort(new Error("stop"));
  await expect(create({ signal: controller.signal })).rejects.toThrow(AmbiguousAnswerError);
  await expect(create({ signal: controller.signal })).rejects.toThrow("stop");
  expect(server.requests).toHaveLength(1);
});

test("a create to a server that is not there is repeated, then unreachable", async () => {
  await server.close();
  await expect(clock.run(create(), true)).rejects.toThrow(UnreachableError);
  expect(clock.sleeps).toEqual([400, 800, 1600, 3200, 6400]);
});

test("a delete whose answer was lost takes 404 as success; a first 404 is an error", async () => {
  const missing = status(404);
  server.handler = sequence(lose, missing);
  await expect(clock.run(api.delete("1"), true)).resolves.toBeUndefined();
  server.handler = missing;
  await expect(clock.run(api.delete("1"), true)).rejects.toThrow(NotFoundError);
  server.handler = (_seen, response) => void response.writeHead(200).end();
  await expect(api.delete("1")).resolves.toBeUndefined();
});

test("an activate whose answer was lost looks at the snapshot when the second is refused", async () => {
  let state = "pulling";
  server.handler = sequence(lose, (seen, response) =>
    seen.method === "GET"
      ? json(response, 200, snapshot("1", { state }))
      : refuse(response, seen, 400, "cannot be activated"),
  );
  await expect(clock.run(api.activate("1"), true)).resolves.toMatchObject({ state: "pulling" });
  state = "inactive";
  server.handler = sequence(lose, server.handler);
  await expect(clock.run(api.activate("1"), true)).rejects.toThrow("cannot be activated");
  server.handler = status(400);
  await expect(clock.run(api.activate("1"), true)).rejects.toThrow("said 400");
});

test("at most maxConcurrency at once, in the order of asking", async () => {
  const held: (() => void)[] = [];
  server.handler = (_seen, response) => void held.push(() => json(response, 200, snapshot("1")));
  const all = Promise.all(Array.from({ length: 30 }, (_, at) => api.get(`${at}`)));
  const arrived = async (count: number): Promise<void> => {
    for (let turns = 0; held.length < count && turns < 5000; turns++)
      await new Promise((resolve) => setTimeout(resolve, 1));
  };
  // The first goes alone, as the key may be wrong. After it nothing is answered before as many have come as may, however slowly.
  await arrived(1);
  held.shift()?.();
  await arrived(4);
  const pump = setInterval(() => held.shift()?.(), 1);
  await all;
  clearInterval(pump);
  expect(server.peak()).toBe(4);
  const order = server.requests.map((seen) => Number(seen.path.split("/").at(-1)));
  expect(order.slice(0, 1)).toEqual([0]);
  expect(order.every((id, at) => Math.abs(id - at) < 4)).toBe(true);
});

test.each([["on its way"], ["in the queue"], ["between attempts"]])("a call is cancelled %s", async (where) => {
  const controller = new AbortController();
  const reason = new Error("interrupted");
  server.handler = where === "between attempts" ? status(503) : () => undefined;
  const blocking = new AbortController();
  const first = api.get("first", { signal: where === "in the queue" ? blocking.signal : controller.signal });
  const call = where === "in the queue" ? api.get("second", { signal: controller.signal }) : first;
  const sleeping = (): boolean => where !== "between attempts" || clock.sleeps.length > 0;
  while (server.requests.length === 0 || !sleeping()) await new Promise((resolve) => setTimeout(resolve, 1));
  controller.abort(reason);
  await expect(call).rejects.toBe(reason);
  expect(server.requests).toHaveLength(1);
  blocking.abort();
  await first.catch(() => undefined);
});
