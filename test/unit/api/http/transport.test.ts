import * as http from "node:http";
import * as https from "node:https";
import * as net from "node:net";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { gzipSync } from "node:zlib";
import { createClient } from "../../../../provider/api";
import { Transport, TransportError } from "../../../../provider/api/http/transport";
import { createCertificate } from "../../../../provider/kit/certificate";
import { connect, type Handler, serve, type TestServer } from "../server";

let server: TestServer;
let transport: Transport;
let open: { close(callback: () => void): unknown }[];

beforeEach(async () => {
  server = await serve((_seen, response) => void response.end("{}"));
  transport = new Transport({});
  open = [];
});
afterEach(async () => {
  transport.close();
  await server.close();
  for (const one of open) await new Promise<void>((resolve) => one.close(resolve));
});

const request = (more: Partial<Parameters<Transport["send"]>[0]> = {}) => ({
  method: "GET" as const,
  url: `${server.url}/x`,
  headers: {},
  timeoutMs: 10_000,
  ...more,
});
const failure = (work: Promise<unknown>): Promise<TransportError> =>
  work.then(
    () => Promise.reject(new Error("expected a failure")),
    (error: TransportError) => error,
  );
const port = (of: net.Server): number => (of.address() as AddressInfo).port;

test("connections are kept, unless a fresh one is asked for", async () => {
  const connections = new Set<unknown>();
  server.server.on("connection", (socket) => connections.add(socket));
  for (let at = 0; at < 3; at++) await transport.send(request());
  expect(connections.size).toBe(1);
  await transport.send(request({ fresh: true, method: "POST", body: "äö" }));
  expect(connections.size).toBe(2);
  expect(server.requests.at(-1)).toMatchObject({ body: "äö", headers: { "content-length": "4" } });
});

test("encoded parts of the path stay encoded", async () => {
  await transport.send(request({ url: `${server.url}/snapshots/a%2F..%2Fb%3A1?a=%2F&b=x%20y` }));
  expect(server.requests[0]?.path).toBe("/api/snapshots/a%2F..%2Fb%3A1?a=%2F&b=x%20y");
});

test("a stream that is ended while the server is silent closes its connection", async () => {
  let closed = false;
  server.handler = (_seen, response, incoming) => {
    incoming.socket.on("close", () => (closed = true));
    response.writeHead(200).write("one line\n");
  };
  const { stream } = await transport.open(request({ fresh: true }));
  await new Promise((resolve) => stream.once("data", resolve));
  stream.destroy();
  for (let tries = 0; tries < 100 && !closed; tries += 1) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(closed).toBe(true);
});

test("a redirect is answered, not followed", async () => {
  server.handler = (_seen, response) => void response.writeHead(302, { Location: `${server.url}/elsewhere` }).end();
  expect(await transport.send(request())).toMatchObject({
    status: 302,
    headers: { location: `${server.url}/elsewhere` },
  });
  expect(server.requests).toHaveLength(1);
});

test("nothing of axios is in an error: no headers, no configuration", async () => {
  server.handler = (_seen, response) => void response.socket?.destroy();
  const error = await failure(
    transport.send(
      request({ headers: { Authorization: "Bearer dtn_planted_key" }, method: "POST", body: "dtn_planted_body" }),
    ),
  );
  expect(error).toBeInstanceOf(TransportError);
  expect(Object.keys(error).sort()).toEqual(["code", "name", "proxy", "sent"]);
  expect(error.cause).toBeUndefined();
  expect(inspect(error, { depth: null, showHidden: true })).not.toMatch(/dtn_planted/);
});

test("no header is added that was not asked for", async () => {
  await transport.send(request({ headers: { "User-Agent": "us", Authorization: "Bearer k" } }));
  expect(server.requests[0]?.headers).toEqual({
    host: new URL(server.url).host,
    "user-agent": "us",
    authorization: "Bearer k",
    "accept-encoding": "gzip",
    connection: "keep-alive",
  });
});

test("packed answers are unpacked; broken ones are lost", async () => {
  const packed: (body: Buffer) => Handler = (body) => (_seen, response) =>
    void response.writeHead(200, { "Content-Encoding": "gzip" }).end(body);
  server.handler = packed(gzipSync("hällo"));
  expect(await transport.send(request())).toMatchObject({ status: 200, text: "hällo" });
  server.handler = packed(Buffer.from("no gzip"));
  expect(await failure(transport.send(request()))).toMatchObject({ name: "TransportError", sent: true });
});

test.each<[string, Handler]>([
  ["no head", () => undefined],
  ["half a body", (_seen, response) => void response.writeHead(200, { "Content-Length": "10" }).write("{")],
])("%s within the time is a timeout of a request that was sent", async (_what, handler) => {
  server.handler = handler;
  expect(await failure(transport.send(request({ timeoutMs: 100 })))).toMatchObject({ code: "TIMEOUT", sent: true });
});

test("what never had a connection was not sent", async () => {
  const closed = net.createServer();
  await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
  const free = port(closed);
  await new Promise((resolve) => closed.close(resolve));
  expect(await failure(transport.send(request({ url: `http://127.0.0.1:${free}/` })))).toMatchObject({
    code: "ECONNREFUSED",
    sent: false,
    proxy: null,
  });
  // A server that accepts, but never speaks TLS: the connection never stood.
  const silent = net.createServer();
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const sockets: net.Socket[] = [];
  silent.on("connection", (socket) => sockets.push(socket.on("error", () => undefined)));
  expect(
    await failure(transport.send(request({ url: `https://127.0.0.1:${port(silent)}/`, timeoutMs: 100 }))),
  ).toMatchObject({ code: "TIMEOUT", sent: false });
  sockets.forEach((socket) => socket.destroy());
  open.push(silent);
});

test("a closed transport sends nothing", async () => {
  transport.close();
  expect(await failure(transport.send(request()))).toMatchObject({ code: "CLOSED", sent: false });
  expect(server.requests).toHaveLength(0);
});

test("https through a proxy is tunnelled, and its certificate is checked", async () => {
  const { certPem, keyPem } = await createCertificate(new Date());
  const secure = https.createServer({ cert: certPem, key: keyPem }, (_request, response) => void response.end("{}"));
  await new Promise<void>((resolve) => secure.listen(0, "127.0.0.1", resolve));
  const tunnels: (string | undefined)[] = [];
  const proxy = http.createServer();
  proxy.on("connect", (connecting: http.IncomingMessage, socket: net.Socket) => {
    tunnels.push(connecting.url);
    const onward = net.connect(port(secure), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      onward.pipe(socket).pipe(onward);
    });
    for (const end of [onward, socket]) end.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  open.push(secure, proxy);

  const env = { https_proxy: `http://127.0.0.1:${port(proxy)}` };
  const api = createClient(connect("https://api.example.test/api"), { log: { debug: () => undefined }, env });
  const error = await failure(api.get("x"));
  expect(tunnels).toEqual(["api.example.test:443"]);
  expect(error.message).toContain(
    "its certificate is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT); for a private certificate authority, set NODE_EXTRA_CA_CERTS to its file",
  );
  expect(error.message).toContain(
    `(through the proxy 127.0.0.1:${port(proxy)}, set by HTTPS_PROXY, HTTP_PROXY and NO_PROXY)`,
  );
  api.close();
});
