import {
  AmbiguousAnswerError,
  BadRequestError,
  createClient,
  type SnapshotApi,
  UnreachableError,
  WrongAddressError,
} from "../../../../provider/api";
import { createServer, type AddressInfo } from "node:net";
import { connect, type Handler, json, refuse, sequence, serve, snapshot, type TestServer } from "../server";
import { VirtualClock } from "../virtual-clock";

/** Answers that no healthy server gives, but gateways, broken connections and other releases do. */
let server: TestServer;
let clock: VirtualClock;
let api: SnapshotApi;

beforeEach(async () => {
  server = await serve((_seen, response) => json(response, 200, snapshot("1")));
  clock = new VirtualClock();
  api = createClient(connect(server.url), { log: { debug: () => undefined }, clock, random: () => 1 });
});
afterEach(async () => {
  api.close();
  await server.close();
});

const WHOLE = JSON.stringify(snapshot("1"));
/** No length is announced: the end of the connection is the end of the answer. */
const text =
  (status: number, body: string, type = "application/json"): Handler =>
  (_seen, response) => {
    response.writeHead(status, { "Content-Type": type, Connection: "close" });
    response.flushHeaders();
    response.end(body);
  };
const half = text(200, WHOLE.slice(0, 40));
const ok = text(200, WHOLE);
const page =
  (items: unknown[]): Handler =>
  (_seen, response) =>
    json(response, 200, { items, total: items.length, page: 1, totalPages: 1 });
const create = (): Promise<unknown> => api.create({ name: "x", imageName: "y:1" });
const run = <T>(work: Promise<T>): Promise<T> => clock.run(work, true);

test("JSON that breaks off is a broken connection: a read, a delete and an activate ask again", async () => {
  for (const call of [() => api.get("1"), () => api.activate("1")]) {
    server.handler = sequence(half, ok);
    expect(await run(call())).toMatchObject({ id: "1", state: "active" });
  }
  server.handler = half;
  const asked = server.requests.length;
  await expect(run(api.get("1"))).rejects.toThrow(
    /cannot reach the Daytona API at .* for GET \/snapshots\/1: the response ended early/,
  );
  expect(server.requests.length - asked).toBe(6);
});

test.each<[string, Handler]>([
  ["breaks off", half],
  ["is empty", text(200, "")],
  ["is null", text(200, "null")],
  ["lacks the id", text(200, JSON.stringify({ ...snapshot("1"), id: undefined }))],
  ["is a gateway's 408", text(408, "")],
  ["is a gateway's 520", text(520, "<html></html>", "text/html")],
  ["is a gateway's 524", text(524, "error code: 524", "text/plain")],
])("a create whose answer %s is ambiguous, and not repeated", async (_what, handler) => {
  server.handler = handler;
  const error: unknown = await run(create()).catch((it: unknown) => it);
  expect(error).toBeInstanceOf(AmbiguousAnswerError);
  expect((error as Error).message).toContain("so it may or may not have taken effect");
  expect(server.requests).toHaveLength(1);
});

test("a page of HTML is a wrong address, whatever was asked", async () => {
  server.handler = text(200, "<!doctype html><title>Hello</title>", "text/html");
  for (const call of [create, () => api.get("1"), () => api.delete("1")])
    await expect(run(call())).rejects.toThrow(WrongAddressError);
  expect(server.requests).toHaveLength(3);
});

test.each([[408], [520], [522], [524], [530]])("a read is repeated after a gateway's %i", async (status) => {
  server.handler = sequence(text(status, "<html></html>", "text/html"), ok);
  expect(await run(api.get("1"))).toMatchObject({ id: "1" });
  expect(server.requests).toHaveLength(2);
});

test.each([
  [402, "Payment Required"],
  [418, "I'm a Teapot"],
  [451, "Unavailable For Legal Reasons"],
])("a %i is told in its words", async (status, name) => {
  server.handler = (seen, response) => refuse(response, seen, status, "no credits left");
  const error: unknown = await run(create()).catch((it: unknown) => it);
  expect(error).toBeInstanceOf(BadRequestError);
  expect(error).toMatchObject({
    status,
    reason: "no credits left",
    message: `Daytona API returned ${status} ${name} for POST /snapshots: no credits left`,
  });
});

test("a byte order mark is no part of an answer", async () => {
  server.handler = text(200, `\ufeff${WHOLE}`);
  expect(await run(api.get("1"))).toMatchObject({ id: "1" });
  server.handler = (seen, response) => {
    response.writeHead(404, { "Content-Type": "application/json" });
    response.end(
      `\ufeff${JSON.stringify({ path: seen.path, statusCode: 404, error: "Not Found", message: "Snapshot with name 1 not found" })}`,
    );
  };
  await expect(run(api.get("1"))).rejects.toMatchObject({
    name: "NotFoundError",
    reason: "Snapshot with name 1 not found",
  });
});

test("what has an id and a name is a snapshot, whatever its state; rows without are left out of a page", async () => {
  for (const state of [null, undefined, 7, ""]) {
    server.handler = (_seen, response) => json(response, 200, { ...snapshot("1"), state });
    expect(await run(api.get("1"))).toMatchObject({ id: "1", state: "unknown" });
  }
  server.handler = page([snapshot("1"), null, { ...snapshot("2"), state: null }, { ...snapshot("3"), id: null }, "x"]);
  const { items, total } = await run(api.list({}));
  expect([items.map(({ id, state }) => [id, state]), total]).toEqual([
    [
      ["1", "active"],
      ["2", "unknown"],
    ],
    5,
  ]);
  server.handler = page([]);
  expect((await run(api.list({}))).items).toEqual([]);
  server.handler = page([{ title: "something else" }]);
  await expect(run(api.list({}))).rejects.toThrow(UnreachableError);
});

test.each([".", ".."])("the name %j, which no URL can hold, is not found without a request", async (name) => {
  await expect(run(api.get(name))).rejects.toMatchObject({ name: "NotFoundError", status: 404 });
  expect(server.requests).toHaveLength(0);
});

test.each(["\ud800", "a\udc00b"])("neither can it hold half of a character: %j", async (name) => {
  const { registries } = api as ReturnType<typeof createClient>;
  for (const ask of [
    () => api.get(name),
    () => api.delete(name),
    () => api.activate(name),
    () => registries.delete(name),
    () => api.sandbox(name),
    () => api.createFromSandbox(name, { name: "x" }),
  ])
    await expect(run<unknown>(ask())).rejects.toMatchObject({
      name: "NotFoundError",
      message: expect.stringContaining("it contains half of a surrogate pair, which is not a character") as string,
    });
  expect(await run(registries.get(name))).toBeNull();
  await api.buildLog(name, () => undefined);
  expect(server.requests).toHaveLength(0);
});

test.each<[string, string]>([
  [
    "SSH-2.0-OpenSSH_9.2\r\n",
    "it does not respond in HTTP (HPE_INVALID_CONSTANT); check the port in the API URL, and whether it must begin with https://",
  ],
  [
    "HTTP/1.1 200 OK\r\nX: a\u0000b\r\n\r\n",
    "it does not respond in HTTP (HPE_INVALID_HEADER_TOKEN); check the port in the API URL, and whether it must begin with https://",
  ],
  [
    `HTTP/1.1 200 OK\r\nX: ${"a".repeat(100_000)}\r\n\r\n`,
    "the headers of its response are too long (HPE_HEADER_OVERFLOW); check the API URL, and any proxy between this machine and the server",
  ],
])("%.20j is no HTTP, in words", async (bytes, said) => {
  const other = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.end(bytes));
  });
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as AddressInfo;
  const odd = createClient(connect(`http://127.0.0.1:${port}/api`), {
    log: { debug: () => undefined },
    clock,
    random: () => 1,
  });
  const error = (await run(odd.get("x")).catch((thrown: unknown) => thrown)) as Error;
  expect(error).toBeInstanceOf(UnreachableError);
  expect(error.message).toBe(`cannot reach the Daytona API at 127.0.0.1:${port} for GET /snapshots/x: ${said}`);
  odd.close();
  other.close();
});

const wrong: [string, unknown, string][] = [
  ...[
    "organizationId",
    "imageName",
    "errorReason",
    "createdAt",
    "updatedAt",
    "lastUsedAt",
    "ref",
    "gpuType",
    "sandboxClass",
    "initialRunnerId",
  ].map((name): [string, unknown, string] => [name, { a: 1 }, "a string"]),
  ...["size", "cpu", "gpu", "mem", "disk"].map((name): [string, unknown, string] => [name, "3", "a number"]),
  ["general", "yes", "true or false"],
  ["regionIds", "us", "a list of strings"],
  ["regionIds", ["us", 7], "a list of strings"],
  ["entrypoint", {}, "a list of strings"],
  ["buildInfo", "FROM x", "a description of a build"],
  ["buildInfo", { dockerfileContent: 7 }, "a description of a build"],
  ["buildInfo", { contextHashes: 7 }, "a description of a build"],
  ["buildInfo", [], "a description of a build"],
];
test.each(wrong)(
  "a snapshot whose %s is %j is an error that names it, alone and in a list",
  async (name, value, what) => {
    const message = (request: string): string =>
      `the response to ${request} cannot be used: the "${name}" of snapshot 1 is not ${what}. Check the API URL, and whether a newer release of daytona-iac supports this server`;
    server.handler = (_seen, response) => json(response, 200, snapshot("1", { [name]: value }));
    await expect(run(api.get("1"))).rejects.toMatchObject({
      name: "WrongAddressError",
      message: message("GET /snapshots/1"),
    });
    server.handler = page([snapshot("0"), snapshot("1", { [name]: value })]);
    await expect(run(api.list({}))).rejects.toMatchObject({
      name: "WrongAddressError",
      message: message("GET /snapshots"),
    });
    // Of one that was just created, the ID is worth more.
    server.handler = (_seen, response) => json(response, 200, snapshot("1", { [name]: value }));
    expect(await run(create())).toMatchObject({ id: "1", name: "name-1", [name]: null });
  },
);

test("fields that are missing or null are no reason to refuse", async () => {
  const bare = { id: "1", name: "x", state: "active" };
  server.handler = (_seen, response) => json(response, 200, bare);
  expect(await run(api.get("1"))).toEqual(bare);
  const nulls = { ...bare, ...Object.fromEntries(wrong.map(([name]) => [name, null])) };
  server.handler = (_seen, response) => json(response, 200, nulls);
  expect(await run(api.get("1"))).toEqual(nulls);
});
