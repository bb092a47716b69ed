import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { createClient, NotFoundError, type SnapshotApi, WrongAddressError } from "../../../provider/api";
import { Transport } from "../../../provider/api/http/transport";
import { retryAfter } from "../../../provider/api/http/retry";
import { redactor } from "../../../provider/api/http/redact";
import { connect, type Handler, json, KEY, refuse, sequence, serve, snapshot, type TestServer } from "./server";
import { VirtualClock } from "./virtual-clock";

let server: TestServer;
let api: SnapshotApi;
let clock: VirtualClock;
const ok: Handler = (_seen, response) => json(response, 200, snapshot("1"));
const lose: Handler = (_seen, _response, request) => void request.socket.destroy();
const status =
  (code: number, headers: Record<string, string> = {}): Handler =>
  (seen, response) =>
    refuse(response, seen, code, `said ${code}`, headers);
beforeEach(async () => {
  server = await serve(ok);
  clock = new VirtualClock();
  api = createClient(connect(server.url, { maxConcurrency: 4 }), {
    log: { debug: () => undefined },
    clock,
    random: () => 1,
    env: {},
  });
});
afterEach(async () => {
  api.close();
  await server.close();
});

test("of several times that a server names the longest counts, whichever comes first", () => {
  expect(retryAfter({ "retry-after": "9", "retry-after-anonymous": "3" }, 0)).toBe(9_000);
  expect(retryAfter({ "retry-after-anonymous": "3", "Retry-After": "9" }, 0)).toBe(9_000);
  expect(retryAfter({ "retry-after": "0.0004" }, 0)).toBe(1);
  expect(retryAfter({ "retry-after": ["9"] as never, "retry-afterwards": "9" }, 0)).toBeNull();
});

test.each([
  [519, 1],
  [520, 6],
  [530, 6],
  [531, 1],
])("a read that is answered %i is tried %i times", async (code, times) => {
  server.handler = status(code);
  await expect(clock.run(api.get("1"), true)).rejects.toThrow(`Daytona API returned ${code}`);
  expect(server.requests).toHaveLength(times);
});

test("a 429 does not tell whether the key is good: until another answer, one request goes at a time", async () => {
  let meanwhile = 0;
  server.handler = async (...args) => {
    const nth = server.requests.length;
    if (nth === 1) return status(429)(...args);
    if (nth === 2) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      meanwhile = server.requests.length;
    }
    return ok(...args);
  };
  await clock.run(Promise.all(["a", "b", "c"].map((id) => api.get(id))), true);
  expect(meanwhile).toBe(2);
  const held: (() => void)[] = [];
  server.handler = (_seen, response) =>
    void (held.push(() => json(response, 200, snapshot("1"))), held.length === 3 && held.forEach((answer) => answer()));
  await Promise.all(["a", "b", "c"].map((id) => api.get(id)));
  expect(server.peak()).toBe(3);
});

test("a create never goes over a connection that the server may have closed while it was idle; everything else keeps one", async () => {
  await api.get("1");
  await api.create({ name: "x", imageName: "y:1" });
  await api.activate("1");
  expect(server.requests.map(({ method, headers }) => `${method} ${String(headers.connection)}`)).toEqual([
    "GET keep-alive",
    "POST close",
    "POST keep-alive",
  ]);
});

test("a delete that may have been done once is done, also if attempts in between never got there", async () => {
  server.handler = sequence(lose, status(429), status(404));
  await expect(clock.run(api.delete("1"), true)).resolves.toBeUndefined();
  expect(server.requests).toHaveLength(3);
  server.handler = sequence(status(429), status(404));
  await expect(clock.run(api.delete("1"), true)).rejects.toThrow(NotFoundError);
});

test("a 404 is the API's own with a path in it or with the API's header, and with neither a wrong address", async () => {
  const body = { statusCode: 404, message: "Snapshot x not found" };
  server.handler = (_seen, response) => json(response, 404, body, { "X-Daytona-Api-Version": "1" });
  await expect(api.get("x")).rejects.toThrow(NotFoundError);
  server.handler = (_seen, response) => json(response, 404, { ...body, path: "/api/snapshots/x" });
  await expect(api.get("x")).rejects.toThrow(NotFoundError);
  for (const other of [body, { ...body, path: "/x", statusCode: 400 }, { ...body, path: "/x", message: "" }]) {
    server.handler = (_seen, response) => json(response, 404, other);
    await expect(api.get("x")).rejects.toThrow(WrongAddressError);
  }
});

test("a general snapshot does not tell the organization of the key, its own does", async () => {
  server.handler = (_seen, response) =>
    json(response, 200, snapshot("1", { general: true, organizationId: "of-another" }));
  await api.get("1");
  expect(api.organizationId).toBeNull();
  server.handler = (_seen, response) =>
    json(response, 200, {
      items: [
        snapshot("1", { general: true, organizationId: "of-another" }),
        snapshot("2", { organizationId: "ours" }),
      ],
      total: 2,
      page: 1,
      totalPages: 1,
    });
  await api.list({});
  expect(api.organizationId).toBe("ours");
});

test("an organization that is known stays the one, and only a login names it", async () => {
  const access = {
    accessKey: "a",
    secret: "b",
    sessionToken: "c",
    storageUrl: "http://s.test",
    organizationId: "of-another",
    bucket: "d",
  };
  server.handler = (_seen, response) => json(response, 200, access);
  const login = createClient(connect(server.url, { jwt: true }), { log: { debug: () => undefined }, env: {} });
  await login.pushAccess();
  expect([login.organizationId, await login.organization()]).toEqual(["org-1", "org-1"]);
  login.close();
  const key = createClient(
    { ...connect(server.url), credentials: { kind: "apiKey", organizationId: "org-1", token: () => KEY } as never },
    { log: { debug: () => undefined }, env: {} },
  );
  await key.pushAccess();
  key.close();
  expect(server.requests.map(({ headers }) => headers["x-daytona-organization-id"])).toEqual(["org-1", undefined]);
});

test("permissions that cannot be read for another reason than that nobody may are an error", async () => {
  server.handler = status(500);
  await expect(clock.run(api.currentKey(), true)).rejects.toThrow("said 500");
  await expect(clock.run(api.organization(), true)).rejects.toThrow("said 500");
});

test("a proxy gets the address in the first line, the name of the target as host, and its own password", async () => {
  const seen: { url: string; host: string; authorization: string }[] = [];
  const proxy = http.createServer((request, response) => {
    seen.push({
      url: request.url!,
      host: request.headers.host!,
      authorization: String(request.headers["proxy-authorization"]),
    });
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(snapshot("1")));
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const through = createClient(connect("http://daytona.test:8080/api"), {
    log: { debug: () => undefined },
    env: { HTTP_PROXY: `http://who:p%40ss@127.0.0.1:${(proxy.address() as AddressInfo).port}` },
  });
  await through.get("1");
  through.close();
  proxy.close();
  expect(seen).toEqual([
    {
      url: "http://daytona.test:8080/api/snapshots/1",
      host: "daytona.test:8080",
      authorization: `Basic ${Buffer.from("who:p@ss").toString("base64")}`,
    },
  ]);
});

test.each([
  ["https", 443],
  ["http", 80],
])("a proxy of %s without a port is at %i", async (scheme, port) => {
  const transport = new Transport({ HTTP_PROXY: `${scheme}://127.77.0.1` });
  const sending = transport.send({ method: "GET", url: "http://daytona.test/api", headers: {}, timeoutMs: 10_000 });
  await expect(sending).rejects.toMatchObject({
    name: "TransportError",
    message: expect.stringContaining(` 127.77.0.1:${port}`) as string,
    sent: false,
  });
  transport.close();
});

test("what a text of others may repeat is removed: the key, any bearer, and what stands before a host", () => {
  const redact = redactor("dtn_secret");
  expect(redact("a dtn_secret b dtn_secret")).toBe("a [redacted] b [redacted]");
  expect(redact("authorization: bearer abcdefgh.ijk-l_m=")).toBe("authorization: Bearer [redacted]");
  expect(redact("through http://user:p@ss@proxy:1 and https://token@host/a@b to https://host/a@b")).toBe(
    "through http://[redacted]@proxy:1 and https://[redacted]@host/a@b to https://host/a@b",
  );
  // One so short would blank words.
  expect(redactor("the")("the other")).toBe("the other");
});

test("while requests wait to be repeated the client tells why, and no longer once one is answered", async () => {
  const told: unknown[] = [];
  const answers = sequence(status(503), status(502), ok);
  server.handler = (...args) => (told.push(api.trouble), answers(...args));
  await clock.run(api.get("1"), true);
  expect(told).toEqual([
    null,
    "Daytona API returned 503 Service Unavailable for GET /snapshots/1: said 503",
    "Daytona API returned 502 Bad Gateway for GET /snapshots/1: said 502",
  ]);
  expect(api.trouble).toBeNull();
});

test("a shorter time that the server names later does not shorten the one that is being waited for", async () => {
  await clock.run(api.get("first"), true);
  const begun = clock.now();
  clock.sleeps.length = 0;
  let refused = 0;
  server.handler = (seen, response, request) =>
    (refused += 1) <= 2
      ? refuse(response, seen, 429, "slow", { "Retry-After": refused === 1 ? "60" : "2" })
      : ok(seen, response, request);
  const times: number[] = [];
  const both = Promise.all(["a", "b"].map((id) => api.get(id).then(() => times.push(clock.now() - begun))));
  // Time passes once both have been refused.
  while (clock.sleeps.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
  await clock.run(both, true);
  expect(times).toEqual([60_000, 60_000]);
});

describe("a build log", () => {
  const from = async (url: string, follow = true): Promise<string[]> => {
    const lines: string[] = [];
    server.handler = (seen, response) =>
      seen.path.endsWith("/build-logs-url") ? json(response, 200, { url }) : void response.writeHead(200).end("line\n");
    await clock.run(
      api.buildLog("1", (line) => lines.push(line), { follow }),
      true,
    );
    return lines;
  };

  test("is read as it is written, not packed: what is packed comes late", async () => {
    expect(await from(`${server.url}/log`)).toEqual(["line"]);
    expect(server.requests.at(-1)).toMatchObject({
      path: "/api/log?follow=true",
      headers: { "accept-encoding": "identity", accept: "*/*", authorization: `Bearer ${KEY}` },
    });
    await from(`${server.url}/log`, false);
    expect(server.requests.at(-1)!.path).toBe("/api/log");
  });

  test.each(["file:///etc/passwd", "ftp://logs.test/x", "javascript:1", "nonsense"])(
    "at the address %s is none",
    async (url) => {
      expect(await from(url)).toEqual([]);
      expect(server.requests).toHaveLength(1);
    },
  );

  test.each([
    [429, 10],
    [500, 10],
    [401, 1],
    [403, 1],
  ])("that is answered %i is asked for %i times", async (code, times) => {
    server.handler = (seen, response) =>
      seen.path.endsWith("/build-logs-url")
        ? json(response, 200, { url: `${server.url}/log` })
        : void response.writeHead(code).end();
    await clock.run(
      api.buildLog("1", () => undefined),
      true,
    );
    expect(server.requests.filter(({ path }) => path.includes("/log?"))).toHaveLength(times);
  });
});
