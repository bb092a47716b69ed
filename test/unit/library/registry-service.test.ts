import {
  AbortError,
  AuthenticationError,
  DaytonaError,
  InvalidArgumentError,
  NotFoundError,
  PermissionError,
  RegistryService,
  TimeoutError,
} from "../../../provider";
import { type LocalApi, startLocalApi } from "../../../provider/local";
import { json, serve } from "../api/server";

const PASSWORD = "planted-password";
const hub = { name: "hub", url: "https://index.docker.io/v1/", username: "robot", password: PASSWORD };

let api: LocalApi;
let registries: RegistryService;
beforeAll(async () => void (api = await startLocalApi()));
beforeEach(() => void (registries = new RegistryService({ apiKey: api.apiKey, apiUrl: api.apiUrl })));
afterEach(() => {
  registries.close();
  api.control.reset();
});
afterAll(() => api.close());

const stored = () =>
  api.control
    .registries()
    .map(({ name, url, username, project, password }) => ({ name, url, username, project, password }));
const changing = (): string[] =>
  api.control
    .requests()
    .filter(({ method }) => method !== "GET")
    .map(({ method }) => method);

/** The error of a call, which has no password in any part of it. */
async function failure<E extends DaytonaError>(kind: new (...args: never[]) => E, call: Promise<unknown>): Promise<E> {
  const error: unknown = await call.then(
    () => null,
    (it: unknown) => it,
  );
  expect(error).toBeInstanceOf(kind);
  expect((error as E).name).toBe(kind.name);
  const { message, stack, reason, cause, ...rest } = error as E;
  expect(JSON.stringify([message, stack, reason, String(cause), rest])).not.toContain("planted");
  return error as E;
}

test("create resolves with what the API has, without the password; list has the newest first, get finds by name and ID", async () => {
  const created = await registries.create({ ...hub, project: "team" });
  expect(created).toEqual({
    id: api.control.registries()[0]!.id,
    name: "hub",
    url: "docker.io",
    username: "robot",
    project: "team",
    registryType: "organization",
    createdAt: expect.any(Date),
    updatedAt: expect.any(Date),
  });
  expect(stored()).toEqual([{ name: "hub", url: "docker.io", username: "robot", project: "team", password: PASSWORD }]);
  const other = await registries.create({ ...hub, name: "other", project: null });
  expect(await registries.list()).toEqual([other, created]);
  for (const which of ["hub", created.id, created.id.toUpperCase(), created, { id: created.id }])
    expect(await registries.get(which)).toEqual(created);
});

test("update changes what is given, keeps the rest, and sends a password only if one is given", async () => {
  const created = await registries.create({ ...hub, project: "team" });
  const renamed = await registries.update("hub", { username: "other", name: undefined as never });
  expect(renamed).toEqual({ ...created, username: "other", updatedAt: expect.any(Date) });
  expect(stored()).toMatchObject([{ project: "team", password: PASSWORD }]);
  expect(await registries.update(created, { name: "hub-2", url: "ghcr.io", project: null })).toMatchObject({
    id: created.id,
    name: "hub-2",
    url: "ghcr.io",
    username: "other",
    project: "",
  });
  await registries.update(created.id, { password: "planted-2" });
  expect(stored()).toEqual([{ name: "hub-2", url: "ghcr.io", username: "other", project: "", password: "planted-2" }]);
});

test("an update to what is so already sends nothing", async () => {
  const created = await registries.create(hub);
  api.control.clearRequests();
  expect(await registries.update("hub", { url: "docker.io", project: null })).toEqual(created);
  expect(await registries.update("hub", {})).toEqual(created);
  // Each looks for it, and no more.
  expect(api.control.requests().map(({ method, path }) => `${method} ${path}`)).toEqual([
    "GET /api/docker-registry",
    "GET /api/docker-registry",
  ]);
});

test("delete, by whatever names it; a second one finds none", async () => {
  const created = await registries.create(hub);
  await registries.delete(created);
  expect(stored()).toEqual([]);
  expect(await failure(NotFoundError, registries.delete(created))).toMatchObject({
    status: 404,
    message: `deleting registry "${created.id}": no such registry\nThe organization has no registry with this UUID or name. Names are case-sensitive.`,
  });
  await registries.create(hub);
  await registries.delete("hub");
  expect(stored()).toEqual([]);
});

test("a name that several have is none", async () => {
  const [one, two] = [await registries.create(hub), await registries.create(hub)];
  expect((await failure(DaytonaError, registries.get("hub"))).message).toBe(
    `reading registry "hub": several have this name\n2 registries have this name. Use the UUID instead:\n  ${two.id} (docker.io, robot)\n  ${one.id} (docker.io, robot)`,
  );
  expect((await failure(DaytonaError, registries.delete("hub"))).message).toMatch(
    /^deleting registry "hub": several have this name\n/,
  );
});

test("what cannot be used is refused before anything is sent", async () => {
  expect(await failure(InvalidArgumentError, registries.create({ ...hub, url: "hub.docker.com" }))).toMatchObject({
    status: null,
    request: null,
    message: 'creating registry "hub": Invalid registry URL\nThe address of Docker Hub is `docker.io`.',
  });
  expect(
    (await failure(InvalidArgumentError, registries.create({ ...hub, password: undefined as never }))).message,
  ).toBe(
    'creating registry "hub": Missing password\nSet `password`. A registry without credentials needs no resource: Daytona pulls public images without one.',
  );
  expect((await failure(InvalidArgumentError, registries.create({ ...hub, username: "_json_key" }))).message).toMatch(
    /^creating registry "hub": Invalid key file\n/,
  );
  await registries.create(hub);
  expect((await failure(InvalidArgumentError, registries.update("hub", { password: "" }))).message).toBe(
    'updating registry "hub": Invalid password\nIt is empty. The API would accept it, and every pull would fail.',
  );
  expect((await failure(InvalidArgumentError, registries.update("hub", { url: null as never }))).message).toBe(
    'updating registry "hub": Missing url\n`url` is required.',
  );
  expect(changing()).toEqual(["POST"]);
});

test("errors are typed, with status, reason and request", async () => {
  const created = await registries.create(hub);
  const reader = new RegistryService({ apiKey: api.control.addKey("reader", []), apiUrl: api.apiUrl });
  expect(await reader.list()).toHaveLength(1);
  expect(await failure(PermissionError, reader.create(hub))).toMatchObject({
    status: 403,
    reason: "Access denied",
    request: "POST /docker-registry",
    message: expect.stringContaining(
      "Creating and changing registries requires the `write:registries` permission.",
    ) as string,
  });
  expect(await failure(PermissionError, reader.update("hub", { username: "other" }))).toMatchObject({
    status: 403,
    request: `PATCH /docker-registry/${created.id}`,
  });
  expect(await failure(PermissionError, reader.delete("hub"))).toMatchObject({
    status: 403,
    request: `DELETE /docker-registry/${created.id}`,
  });
  reader.close();
  const wrong = new RegistryService({ apiKey: "dtn_wrong", apiUrl: api.apiUrl });
  expect(await failure(AuthenticationError, wrong.list())).toMatchObject({
    status: 401,
    request: "GET /docker-registry",
    message: expect.stringMatching(/^listing registries: the API rejected the credentials\n/) as string,
  });
  wrong.close();
  expect(await failure(InvalidArgumentError, registries.create({ ...hub, url: "a_b.example" }))).toMatchObject({
    status: 400,
    reason: "url must be a URL address",
  });
});

test("an answer that repeats the password is told without it", async () => {
  await registries.create(hub);
  for (const method of ["POST", "PATCH"])
    api.control.fault({
      method,
      path: "/docker-registry",
      times: -1,
      action: "answer",
      status: 400,
      body: { statusCode: 400, error: "Bad Request", message: `no ${PASSWORD}` },
    });
  expect(await failure(InvalidArgumentError, registries.create(hub))).toMatchObject({
    reason: "no [secret]",
    message: expect.stringContaining("no [secret]") as string,
  });
  expect(await failure(InvalidArgumentError, registries.update("hub", { password: `${PASSWORD}` }))).toMatchObject({
    reason: "no [secret]",
  });
});

test("a password that a server sends is in no result", async () => {
  const server = await serve((_seen, response) =>
    json(response, 200, [{ id: "x", name: "hub", url: "docker.io", username: "robot", password: PASSWORD }]),
  );
  const service = new RegistryService({ apiKey: "dtn_x", apiUrl: server.url });
  try {
    const bare = { id: "x", name: "hub", url: "docker.io", username: "robot", createdAt: null, updatedAt: null };
    expect([await service.list(), await service.get("hub"), await service.update("hub", {})]).toEqual([
      [bare],
      bare,
      bare,
    ]);
  } finally {
    service.close();
    await server.close();
  }
});

test("one that is deleted while it is changed is not found", async () => {
  const { id } = await registries.create(hub);
  api.control.fault({
    method: "PATCH",
    times: -1,
    action: "answer",
    status: 404,
    body: {
      statusCode: 404,
      error: "Not Found",
      message: "Docker registry not found",
      path: `/api/docker-registry/${id}`,
      timestamp: "2026-01-02T03:04:05.000Z",
    },
  });
  expect(await failure(NotFoundError, registries.update("hub", { username: "other" }))).toMatchObject({
    status: 404,
    message: `updating registry "hub": it no longer exists\nThe registry ${id} was deleted in the meantime. Recreate it.`,
  });
});

describe("a signal and a time limit", () => {
  test("before anything was sent", async () => {
    await registries.create(hub);
    api.control.clearRequests();
    const signal = AbortSignal.abort();
    expect((await failure(AbortError, registries.update("hub", { username: "other" }, { signal }))).message).toBe(
      'updating registry "hub": interrupted\nNothing was changed.',
    );
    expect((await failure(AbortError, registries.delete("hub", { signal }))).message).toBe(
      'deleting registry "hub": interrupted\nNothing was changed.',
    );
    expect((await failure(AbortError, registries.create(hub, { signal }))).message).toMatch(
      /^creating registry "hub": interrupted\n/,
    );
    expect(changing()).toEqual([]);
  });

  test("while a change is under way: what is known, and how to see more", async () => {
    await registries.create(hub);
    const stop = new AbortController();
    const hung = api.control.fault({ method: "PATCH", action: "hang-before" });
    const ended = failure(AbortError, registries.update("hub", { username: "other" }, { signal: stop.signal }));
    await api.control.faultReached(hung);
    stop.abort();
    expect((await ended).message).toBe(
      'updating registry "hub": interrupted\nIt is unknown whether the last request took effect. Call `list` to see the existing ones.',
    );
  });

  test("a create whose answer is lost to an interrupt is one, and may exist", async () => {
    const stop = new AbortController();
    const hung = api.control.fault({ method: "POST", path: "/docker-registry", action: "hang-before" });
    const ended = failure(AbortError, registries.create(hub, { signal: stop.signal }));
    await api.control.faultReached(hung);
    stop.abort();
    expect((await ended).message).toBe(
      'creating registry "hub": the response was lost\nThe call ended before the API responded. The registry may exist. Call `list` to see the existing ones.',
    );
  });

  test("a passed time limit is a TimeoutError, also of a create", async () => {
    await registries.create(hub);
    for (const method of ["PATCH", "POST"])
      api.control.fault({ method, path: "/docker-registry", times: -1, action: "hang-before" });
    expect(
      (await failure(TimeoutError, registries.update("hub", { username: "other" }, { timeout: 0.3 }))).message,
    ).toBe(
      'updating registry "hub": timed out\nThe API did not respond in time. Call `list` to see the existing ones.',
    );
    expect((await failure(TimeoutError, registries.create(hub, { timeout: 0.3 }))).message).toMatch(
      /^creating registry "hub": the response was lost\n/,
    );
  });
});

test("without credentials there is no service", () => {
  const { DAYTONA_API_KEY: _, ...rest } = process.env;
  const before = process.env;
  process.env = { ...rest, HOME: "/nonexistent", XDG_CONFIG_HOME: "/nonexistent" };
  try {
    expect(() => new RegistryService()).toThrow(InvalidArgumentError);
  } finally {
    process.env = before;
  }
});

test("an unknown option is refused: a misspelled key would leave the environment's", () => {
  expect(() => new RegistryService({ apikey: "dtn_x" } as never)).toThrow(
    "RegistryService has no option apikey\nIts options are apiKey, jwtToken, organizationId, apiUrl.",
  );
  // Programs give both services the same options.
  new RegistryService({ apiKey: "dtn_x", region: "us", target: "us" } as never).close();
});
