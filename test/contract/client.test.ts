import { Server } from "socket.io";
import { createClient, type DaytonaApi, type StateEvent } from "../../provider/api";
import { type Asked, errorOf } from "../../provider/api/http/answers";
import {
  AmbiguousAnswerError,
  BadRequestError,
  ConflictError,
  ForbiddenError,
  NotFoundError,
  RateLimitError,
  ServerError,
  UnauthorizedError,
  WrongAddressError,
} from "../../provider/api";
import { connect, json, serve, type TestServer } from "../unit/api/server";
import { type Exchange, exchangesOf, recordingFiles, sequencesOf } from "./recording";

/** What our client makes of the real server's recorded answers. */
let server: TestServer;
let api: DaytonaApi;
let exchange: Exchange;

const clock = {
  now: () => Date.now(),
  // Waits of the client (retries, gathering) need no time here; its own deadline ends what would wait for ever.
  sleep: (_ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => (signal?.aborted ? reject(signal.reason) : setImmediate(resolve))),
};

beforeAll(async () => {
  server = await serve((_seen, response) => {
    const { status, headers, body } = exchange.response;
    const type = Object.entries(headers).find(([name]) => name.toLowerCase() === "content-type")?.[1];
    // Times that the server named are kept, but as nothing: an obeyed minute is tried elsewhere.
    const wait = Object.keys(headers).find((name) => /^retry-after/i.test(name));
    response.writeHead(status, { ...(type ? { "Content-Type": type } : {}), ...(wait ? { [wait]: "0" } : {}) });
    response.end(body === null ? undefined : typeof body === "string" ? body : JSON.stringify(body));
  });
});
afterAll(() => server.close());
beforeEach(() => {
  server.requests.length = 0;
  api = createClient(connect(server.url), { log: { debug: () => undefined }, clock, random: () => 0 });
});
afterEach(() => api.close());

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The call of ours that would meet this exchange, if there is one. */
function callFor({ name, request }: Exchange): (() => Promise<unknown>) | null {
  const path = request.path.replace(/^\/api/, "").split("?")[0] ?? "";
  const [, id, verb] = /^\/snapshots\/([^/]+)(?:\/([a-z-]+))?$/.exec(path) ?? [];
  const registry = /^\/docker-registry\/([^/]+)$/.exec(path)?.[1];
  const body =
    name === "too-large-body" ? { name, buildInfo: { dockerfileContent: "#".repeat(120_000) } } : request.body;
  switch (
    `${request.method} ${registry !== undefined && registry !== "registry-push-access" ? ":registry" : id === undefined ? path : `:id ${verb ?? ""}`}`.trim()
  ) {
    case "GET /docker-registry":
      return () => api.registries.list();
    case "POST /docker-registry":
      return () => api.registries.create((body ?? {}) as never);
    case "PATCH :registry":
      return () => api.registries.update(registry ?? "", (body ?? {}) as never);
    case "DELETE :registry":
      return () => api.registries.delete(registry ?? "");
    case "GET :registry":
      return () =>
        api.registries
          .get(registry ?? "")
          .then(
            (found) =>
              found ??
              Promise.reject(
                new NotFoundError("null", { status: 404, reason: reasonOf(exchange.response), request: "" }),
              ),
          );
    case "GET /snapshots":
    case "GET /snapshots/":
      return () => api.list({ limit: 1 });
    case "GET /shared-regions":
      return () => api.regions();
    case "GET /api-keys/current":
      return () => api.currentKey();
    case "POST /snapshots":
      return () => api.create((body ?? {}) as never);
    case "GET :id":
      return () => api.get(decoded(id ?? ""));
    case "DELETE :id":
      return () => api.delete(decoded(id ?? ""));
    case "POST :id activate":
      return () => api.activate(decoded(id ?? ""));
    case "POST :id deactivate":
      return () => api.deactivate(decoded(id ?? ""));
    default:
      return null;
  }
}

function expectedError({ name, request, response }: Exchange): typeof BadRequestError {
  const { status, body } = response;
  const own = typeof body === "object" && body !== null;
  if (status === 404 && own)
    return name === "too-large-body"
      ? BadRequestError
      : String(body.message).startsWith("Cannot ")
        ? WrongAddressError
        : NotFoundError;
  const create = request.method === "POST" && /\/(snapshots|docker-registry)\/?$/.test(request.path);
  // What a gateway says of a create, nobody knows to be done.
  if (create && [408, 502, 503, 504].includes(status)) return AmbiguousAnswerError;
  if (status >= 500) return ServerError;
  const always: Record<number, typeof BadRequestError> = {
    401: UnauthorizedError,
    409: ConflictError,
    413: BadRequestError,
    429: RateLimitError,
  };
  return always[status] ?? (!own ? WrongAddressError : status === 403 ? ForbiddenError : BadRequestError);
}

/** The server's sentence, where the body has one. */
const reasonOf = ({ body }: Exchange["response"]): string =>
  typeof body === "object" && body !== null && typeof body.message === "string" ? body.message.trim() : "";

const exchanges = recordingFiles().flatMap((file) =>
  exchangesOf(file).map((one): [string, Exchange] => [`${file}: ${one.name}`, one]),
);
const calls = exchanges.filter(([, one]) => callFor(one) !== null);
const streams = exchanges.filter(([, one]) => /\/build-logs(-url)?(\?|$)/.test(one.request.path));
const answered = (status: number): boolean => status >= 200 && status < 300;

test("there are recordings of every call", () => {
  expect(calls.length).toBeGreaterThan(130);
  expect(streams.length).toBeGreaterThan(20);
});

test.each(calls.filter(([, one]) => answered(one.response.status)))("%s is understood", async (_name, one) => {
  exchange = one;
  const result = await callFor(one)?.();
  const nothing = one.request.method === "DELETE" || one.request.path.endsWith("/deactivate");
  if (nothing) expect(result).toBeUndefined();
  else expect(result).toEqual(one.response.body);
});

test.each(calls.filter(([, one]) => one.response.status >= 400))(
  "%s is a typed error with the server's reason",
  async (_name, one) => {
    exchange = one;
    const error: unknown = await callFor(one)?.().catch((it: unknown) => it);
    expect(error).toBeInstanceOf(expectedError(one));
    expect(error).toMatchObject({ status: one.response.status, reason: reasonOf(one.response) });
  },
);

const others = exchanges.filter(
  ([, one]) => callFor(one) === null && one.response.status >= 400 && !one.request.path.startsWith("http"),
);
test.each(others)("%s, which no call of ours meets, is a typed error too", (_name, one) => {
  const asked: Asked = {
    request: `${one.request.method} x`,
    apiUrl: "http://x/api",
    bodyBytes: 0,
    redact: (text) => text,
  };
  const { status, headers, body } = one.response;
  const error = errorOf(
    { status, headers, text: body === null ? "" : typeof body === "string" ? body : JSON.stringify(body) },
    asked,
  );
  expect(error).toBeInstanceOf(expectedError(one));
  expect(error.reason).toBe(reasonOf(one.response));
});

test.each(streams)("%s: the build log", async (_name, one) => {
  const { status, body } = one.response;
  const stop = new AbortController();
  const lines: string[] = [];
  let asked = 0;
  const isUrl = one.request.path.includes("build-logs-url");
  const log = await serve((seen, response) => {
    if (seen.path.endsWith("-url")) {
      if (++asked > 3) stop.abort();
      if (!isUrl) return json(response, 200, { url: `http://127.0.0.1:${log.port}/logs` });
      if (status !== 200) return json(response, status, body);
      return json(response, 200, { url: String(body.url).replace(/^http:\/\/[^/]+/, `http://127.0.0.1:${log.port}`) });
    }
    if (isUrl) return void response.writeHead(200).end("line\n");
    if (typeof body === "object" && body !== null) return json(response, status, body);
    response.writeHead(status).end(body ?? "");
  });
  const client = createClient(connect(log.url), { log: { debug: () => undefined }, clock, random: () => 0 });
  await client.buildLog("id", (line) => lines.push(line), { signal: stop.signal });
  client.close();
  await log.close();

  const paths = log.requests.map((seen) => seen.path);
  if (isUrl && status === 200) {
    expect(paths[1]).toBe(`${new URL(body.url).pathname}?follow=true`);
    expect(lines).toEqual(["line"]);
  } else if (isUrl) {
    // Only a build that has no runner yet is worth asking again; a 500 is tried like any read.
    expect(stop.signal.aborted).toBe(/runner assignment/.test(body.message));
    expect(lines).toEqual([]);
  } else {
    expect(lines).toEqual(typeof body === "string" ? body.trimEnd().split("\n") : []);
  }
});

test.each(["v0", "v2"] as const)("recorded events of %s are heard", async (generation) => {
  const events = sequencesOf(generation)
    .flatMap((sequence) => sequence.events ?? [])
    .filter(({ event }) => event.startsWith("snapshot."));
  expect(events.length).toBeGreaterThan(10);
  const host = await serve((_seen, response) => json(response, 200, []));
  const io = new Server(host.server, { path: "/api/socket.io/" });
  const client = createClient(connect(host.url), { log: { debug: () => undefined } });
  const heard: StateEvent[] = [];
  client.events.subscribe((event) => heard.push(event));
  expect(await client.events.ready(10_000)).toBe(true);
  for (const { event, payload } of events) io.emit(event, payload);
  const deadline = Date.now() + 10_000;
  while (heard.length <= events.length && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 10));
  client.close();
  await io.close();
  await host.close();
  const shown = events.map(({ event, payload }) => {
    if (event === "snapshot.removed") return { kind: "removed", name: payload.name };
    const dto = payload.snapshot ?? payload;
    return { kind: "state", id: dto.id, state: dto.state };
  });
  expect(heard.slice(1, events.length + 1)).toMatchObject(shown);
});
