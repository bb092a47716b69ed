import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { Server } from "socket.io";
import { createClient, type SnapshotApi } from "../../../../provider/api";
import { TransportError } from "../../../../provider/api/http/transport";
import { unreachable } from "../../../../provider/api/http/answers";
import { judgeFailure } from "../../../../provider/api/http/retry";
import { connect, json, refuse, serve, snapshot, type TestServer } from "../server";

let server: TestServer;
let api: SnapshotApi;
beforeEach(async () => {
  server = await serve((_seen, response) => void response.end("{}"));
  api = createClient(connect(server.url), { log: { debug: () => undefined }, env: {}, random: () => 0 });
});
afterEach(async () => {
  api.close();
  await server.close();
});

test("a packed answer without end is given up after 64 MiB, is not asked for again, and does not fill the memory", async () => {
  const packed = gzipSync(Buffer.alloc(2 ** 20));
  let closed: Promise<unknown> | undefined;
  server.handler = (_seen, response) => {
    response.writeHead(200, { "Content-Type": "application/json", "Content-Encoding": "gzip" });
    closed = once(response, "close");
    const more = (): void => {
      while (!response.destroyed) if (!response.write(packed)) return void response.once("drain", more);
    };
    more();
  };
  const before = process.memoryUsage().rss;
  await expect(api.get("x")).rejects.toMatchObject({
    name: "WrongAddressError",
    message: `${server.url} does not respond like the Daytona API to GET /snapshots/x: its response is larger than 64 MiB. Check the API URL; it usually ends in /api`,
  });
  expect(process.memoryUsage().rss - before).toBeLessThan(400 * 2 ** 20);
  await closed; // The connection ends too: else the server would write on for ever.
  expect(server.requests.length).toBe(1);
});

test("neither is an answer that is not packed; a create whose answer is too large may have been made", async () => {
  server.handler = (_seen, response) => {
    response.writeHead(200, { "Content-Type": "application/json" });
    const block = Buffer.alloc(2 ** 20, " ");
    const more = (): void => {
      while (!response.destroyed) if (!response.write(block)) return void response.once("drain", more);
    };
    more();
  };
  await expect(api.regions()).rejects.toThrow("its response is larger than 64 MiB");
  await expect(api.create({ name: "x" } as never)).rejects.toMatchObject({
    name: "AmbiguousAnswerError",
    message: expect.stringContaining("its response is larger than 64 MiB") as unknown,
  });
  expect(server.requests.length).toBe(2);
});

test("an answer below the limit is read, packed or not", async () => {
  const dto = { ...snapshot("1"), buildInfo: { dockerfileContent: "x".repeat(8 * 2 ** 20) } };
  server.handler = (_seen, response) => json(response, 200, dto);
  expect(await api.get("1")).toEqual(dto);
  server.handler = (_seen, response) =>
    void response.writeHead(200, { "Content-Encoding": "gzip" }).end(gzipSync(JSON.stringify(dto)));
  expect(await api.get("1")).toEqual(dto);
});

test("a reason of megabytes is cut, and says so", async () => {
  server.handler = (seen, response) => refuse(response, seen, 400, "long ".repeat(200_000));
  const error = (await api.get("x").catch((it: unknown) => it)) as { message: string; reason: string };
  expect(error.reason).toMatch(/^long long .*… \(1000000 characters\)$/s);
  expect(error.message.length).toBeLessThan(9000);
});

test("an event of hundreds of megabytes closes the socket; small ones arrive", async () => {
  const http = createServer();
  const io = new Server(http, { path: "/api/socket.io/", transports: ["websocket"] });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const heard: string[] = [];
  const own = createClient(connect(`http://127.0.0.1:${(http.address() as AddressInfo).port}/api`), {
    log: { debug: () => undefined },
    env: {},
  });
  own.events.subscribe((event) => heard.push(event.kind === "state" ? `${event.kind} ${event.id}` : event.kind));
  expect(await own.events.ready(10_000)).toBe(true);
  const wait = async (what: string): Promise<void> => {
    for (let tries = 0; tries < 500 && !heard.includes(what); tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(heard).toContain(what);
  };
  io.emit("snapshot.created", snapshot("small"));
  await wait("state small");
  io.emit("snapshot.created", { ...snapshot("large"), errorReason: "x".repeat(20 * 2 ** 20) });
  await wait("disconnected");
  expect(heard).not.toContain("state large");
  own.close();
  await io.close();
});

test("too many open files: a sentence, and nothing was sent", () => {
  const error = new TransportError("connect EMFILE 10.0.0.1:443 - Local (undefined:undefined)", "EMFILE", false);
  expect(
    unreachable(error, { request: "GET /x", apiUrl: "https://api.test/api", bodyBytes: 0, redact: (text) => text })
      .message,
  ).toBe(
    "cannot reach the Daytona API at api.test for GET /x: too many files are open (EMFILE). Raise the limit of open files (`ulimit -n`), or run fewer operations at once",
  );
  expect(judgeFailure("create", error)).toMatchObject({ kind: "again", lost: false });
});
