import { connect, type InPlaceCall, type InPlaceLifecycle } from "../../../../provider/lifecycle";
import type { LocalApi, LocalApiOptions } from "../../../../provider/local";
import { planInPlace, type Values } from "../../../../provider/resources";
import { registryDefinition } from "../../../../provider/resources/registry/definition";
import { toolWords } from "../../../../provider/terraform/words";
import { closeAll, start } from "../../local/harness";

const hub = { name: "hub", url: "https://index.docker.io/v1/", username: "robot", password: "planted-password" };
const { table } = registryDefinition;
const opened: { close(): void }[] = [];

afterEach(async () => {
  for (const each of opened.splice(0)) each.close();
  await closeAll();
});

function call(options: Partial<InPlaceCall> = {}): InPlaceCall {
  return { signal: new AbortController().signal, log: { debug: () => undefined }, words: toolWords(), ...options };
}

function lifecycleOf(local: LocalApi, apiKey = local.apiKey): InPlaceLifecycle {
  const connected = connect({ apiKey, apiUrl: local.apiUrl }, {}, { debug: () => undefined });
  opened.push(connected);
  return connected.inPlace(registryDefinition);
}

async function bench(options: LocalApiOptions = {}) {
  const local = await start(options);
  const lifecycle = lifecycleOf(local);
  return {
    local,
    lifecycle,
    create: (written: Values, secrets: Values = {}, how = call()) =>
      lifecycle.create(planInPlace(table, null, written).planned, secrets, how),
    update: (prior: Values, written: Values, secrets: Values = {}) =>
      lifecycle.update(prior, planInPlace(table, prior, written).planned, secrets, call()),
  };
}

test("a create takes two requests, and keeps the spelling of the program beside what the API made of it", async () => {
  const { local, lifecycle, create } = await bench();
  const { record, error } = await create(hub);
  expect(error).toBeUndefined();
  expect(record).toEqual({
    ...hub,
    project: null,
    passwordWo: null,
    passwordWoVersion: null,
    id: expect.any(String),
    registryType: "organization",
    createdAt: expect.stringMatching(/^\d{4}-/),
  });
  expect(local.control.registries()).toMatchObject([
    { name: "hub", url: "docker.io", username: "robot", project: "", password: "planted-password" },
  ]);
  expect(local.control.requests().map(({ method, path }) => `${method} ${path}`)).toEqual([
    "GET /api/docker-registry",
    "POST /api/docker-registry",
  ]);
  expect((await lifecycle.read(record!, call())).record).toEqual(record);
  expect(planInPlace(table, record, hub)).toMatchObject({ action: "none", changed: [] });
});

test("an update sends what every update needs, and the password only if it has changed", async () => {
  const { local, create, update } = await bench();
  const first = (await create({ ...hub, project: "team" })).record!;
  const second = (await update(first, { ...hub, project: "team", username: "robot-2" })).record!;
  expect(second).toEqual({ ...first, username: "robot-2" });
  expect(local.control.requests().at(-1)).toMatchObject({ method: "PATCH" });
  expect(local.control.registries()).toMatchObject([
    { username: "robot-2", project: "team", password: "planted-password" },
  ]);
  await update(second, { ...hub, project: "team", username: "robot-2", password: "planted-password-2" });
  expect(local.control.registries()).toMatchObject([{ password: "planted-password-2" }]);
});

test("a project that the program no longer has is taken away, and none is null", async () => {
  const { local, lifecycle, create, update } = await bench();
  const first = (await create({ ...hub, project: "team" })).record!;
  const { record } = await update(first, hub);
  expect(record).toEqual({ ...first, project: null });
  expect(local.control.registries()).toMatchObject([{ project: "" }]);
  expect((await lifecycle.read(record!, call())).record).toEqual(record);
});

test("a write-only password is sent by a create and with another version, and is in no record", async () => {
  const { local, create, update } = await bench();
  const { password: _, ...rest } = hub;
  const written = { ...rest, passwordWo: "planted-1", passwordWoVersion: 1 };
  const first = (await create(written, { passwordWo: "planted-1" })).record!;
  expect(first).toMatchObject({ password: null, passwordWo: null, passwordWoVersion: 1 });
  expect(local.control.registries()).toMatchObject([{ password: "planted-1" }]);
  const renamed = (
    await update(first, { ...written, name: "hub-2", passwordWo: "planted-2" }, { passwordWo: "planted-2" })
  ).record!;
  expect(local.control.registries()).toMatchObject([{ name: "hub-2", password: "planted-1" }]);
  const last = await update(
    renamed,
    { ...written, name: "hub-2", passwordWo: "planted-2", passwordWoVersion: 2 },
    { passwordWo: "planted-2" },
  );
  expect(local.control.registries()).toMatchObject([{ password: "planted-2" }]);
  expect(JSON.stringify([first, renamed, last])).not.toContain("planted");
});

test("a write-only password takes the place of one in the state without a version, and the other way round", async () => {
  const { local, create, update } = await bench();
  const { password: _, ...rest } = hub;
  const first = (await create(hub)).record!;
  const second = (await update(first, { ...rest, passwordWo: "planted-2" }, { passwordWo: "planted-2" })).record!;
  expect(second).toEqual({ ...first, password: null });
  expect(local.control.registries()).toMatchObject([{ password: "planted-2" }]);
  expect((await update(second, { ...rest, password: "planted-3" })).record).toEqual({
    ...first,
    password: "planted-3",
  });
  expect(local.control.registries()).toMatchObject([{ password: "planted-3" }]);
});

test("nothing is sent for a spelling that means the same", async () => {
  const { local, create, update } = await bench();
  const first = (await create(hub)).record!;
  const before = local.control.requests().length;
  expect((await update(first, { ...hub, url: "docker.io", project: "" })).record).toEqual(first);
  expect(local.control.requests()).toHaveLength(before);
});

test("what was changed elsewhere is read, and planned back", async () => {
  const { local, lifecycle, create } = await bench();
  const first = (await create(hub)).record!;
  const other = lifecycleOf(local);
  await other.update(first, { ...first, url: "https://ghcr.io/", project: "theirs" }, {}, call());
  const { record } = await lifecycle.read(first, call());
  expect(record).toEqual({ ...first, url: "https://ghcr.io", project: "theirs" });
  expect(planInPlace(table, record, hub)).toMatchObject({ action: "update", changed: ["url", "project"] });
});

test("a read of one that is gone is null, a delete of it is none of trouble, an update says it", async () => {
  const { lifecycle, create, update } = await bench();
  const { record } = await create(hub);
  expect(await lifecycle.delete(record!, call())).toEqual({ record: null });
  expect(await lifecycle.delete(record!, call())).toEqual({ record: null });
  expect(await lifecycle.read(record!, call())).toEqual({ record: null });
  const late = await update(record!, { ...hub, username: "robot-2" });
  expect(late).toMatchObject({
    record,
    error: {
      summary: 'updating registry "hub": it no longer exists',
      detail: `The registry ${String(record!["id"])} was deleted in the meantime. Plan and apply again, which recreates it.`,
    },
    failure: { code: "not-found", status: 404 },
  });
});

test("an import finds by ID and by a name that is unique, and knows no password", async () => {
  const { lifecycle, create } = await bench();
  const one = (await create(hub)).record!;
  const two = (await create({ ...hub, url: "ghcr.io", project: "team" })).record!;
  await create({ ...hub, name: "other" });
  const imported = { ...two, password: null };
  expect(await lifecycle.import(String(two["id"]), call())).toEqual({ record: imported });
  expect((await lifecycle.import(String(two["id"]).toUpperCase(), call())).record).toEqual(imported);
  expect((await lifecycle.import("other", call())).record).toMatchObject({
    name: "other",
    url: "docker.io",
    password: null,
    project: null,
  });
  expect((await lifecycle.import("hub", call())).error).toEqual({
    summary: 'importing registry "hub": several have this name',
    detail: `2 registries have this name. Import by UUID instead:\n  ${String(two["id"])} (ghcr.io, robot, team)\n  ${String(one["id"])} (docker.io, robot)`,
  });
  expect((await lifecycle.import("Hub", call())).error).toEqual({
    summary: 'importing registry "Hub": no such registry',
    detail: "The organization has no registry with this UUID or name. Names are case-sensitive.",
  });
});

describe("a create whose answer is lost", () => {
  test("is found in the list by what is new and has the same values", async () => {
    const { local, create } = await bench();
    await create(hub);
    local.control.fault({ method: "POST", path: "/docker-registry", action: "drop-after" });
    const { record, error } = await create(hub);
    expect(error).toBeUndefined();
    expect(local.control.registries()).toHaveLength(2);
    expect(record!["id"]).toBe(local.control.registries()[0]!.id);
  });

  test("is not sent again if nothing is found: names are not unique", async () => {
    const { local, create } = await bench();
    local.control.fault({ method: "POST", path: "/docker-registry", action: "drop-before" });
    const { record, error, failure } = await create(hub);
    expect({ record, error, code: failure?.code }).toEqual({
      record: null,
      code: "unanswered",
      error: {
        summary: 'creating registry "hub": the response was lost',
        detail: "The API did not say whether it created the registry, and its list contains no new one. Try again.",
      },
    });
    expect(local.control.registries()).toEqual([]);
    expect(local.control.requests().filter(({ method }) => method === "POST")).toHaveLength(1);
  }, 20_000);

  test("is nobody's if two new ones could be it", async () => {
    const { local, create } = await bench();
    const theirs = lifecycleOf(local);
    local.control.fault({ method: "POST", path: "/docker-registry", action: "hang-after" });
    const lost = create(hub, {}, call({ timeoutMs: 1500 }));
    await theirs.create(planInPlace(table, null, hub).planned, {}, call());
    const { record, error } = await lost;
    const ids = local.control.registries().map(({ id }) => id);
    expect({ record, error }).toEqual({
      record: null,
      error: {
        summary: 'creating registry "hub": the response was lost',
        detail: `2 new registries have these values, so it is unknown which one this call created. Import one of them, and delete the others:\n  terraform import ADDRESS ${ids[0]}\n  terraform import ADDRESS ${ids[1]}`,
      },
    });
  }, 20_000);

  test("is looked for after a 500, too, which is told if there is none", async () => {
    const { local, create } = await bench();
    const failing = () =>
      local.control.fault({ method: "POST", path: "/docker-registry", action: "answer", status: 500 });
    failing();
    const { record, error, failure } = await create(hub);
    expect({ record, summary: error?.summary, code: failure?.code, status: failure?.status }).toEqual({
      record: null,
      summary: 'creating registry "hub": the API returned a server error',
      code: "server",
      status: 500,
    });
    expect(error?.detail).toMatch(
      /^Daytona API returned 500 Internal Server Error for POST \/docker-registry.*\.\nTry again later\.$/,
    );
    expect(local.control.requests().map(({ method }) => method)).toEqual(["GET", "POST", "GET", "GET", "GET"]);
    failing();
    const made = {
      id: "2f1c9a52-0000-4000-8000-000000000001",
      name: "hub",
      url: "docker.io",
      username: "robot",
      project: "",
      registryType: "organization",
      createdAt: "2026-11-30T00:00:00.000Z",
    };
    local.control.fault({
      method: "GET",
      path: "/docker-registry",
      skip: 1,
      action: "answer",
      status: 200,
      body: [made],
    });
    expect((await create(hub)).record).toMatchObject({ id: made.id });
  }, 20_000);

  test("is not one that was there before", async () => {
    const { local, create } = await bench();
    const old = local.control.registry({ name: "hub", url: "docker.io", username: "robot" });
    local.control.fault({ method: "POST", path: "/docker-registry", action: "drop-after" });
    const { record } = await create(hub);
    const [made, before] = local.control.registries();
    expect([record?.["id"], before?.id]).toEqual([made?.id, old]);
  });

  test("is looked for again, since the request may still be on its way", async () => {
    const { local, create } = await bench();
    local.control.fault({ method: "POST", path: "/docker-registry", action: "drop-after" });
    // The first list is from before the request; the next two do not have it yet.
    local.control.fault({
      method: "GET",
      path: "/docker-registry",
      skip: 1,
      times: 2,
      action: "answer",
      status: 200,
      body: [],
    });
    expect((await create(hub)).record).toMatchObject({ id: local.control.registries()[0]!.id });
    expect(local.control.requests().map(({ method }) => method)).toEqual(["GET", "POST", "GET", "GET", "GET"]);
  }, 20_000);

  test("is not one that somebody else has made with other values", async () => {
    const { local, create } = await bench();
    local.control.fault({ method: "POST", path: "/docker-registry", action: "hang-before" });
    const stop = new AbortController();
    const lost = create(hub, {}, call({ signal: stop.signal }));
    while (local.control.requests().length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    local.control.registry({ name: "hub", url: "docker.io", username: "somebody" });
    stop.abort();
    expect(await lost).toMatchObject({ record: null, failure: { code: "unanswered" } });
  });

  test("is not what another create of this process has made", async () => {
    const { local, create } = await bench();
    const stop = new AbortController();
    local.control.fault({ method: "POST", path: "/docker-registry", action: "hang-after" });
    const lost = create(hub, {}, call({ signal: stop.signal }));
    while (local.control.registries().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const { id } = local.control.registries()[0]!;
    const other = (await create(hub)).record!;
    stop.abort();
    expect((await lost).record).toMatchObject({ id });
    expect(other["id"]).not.toBe(id);
  });

  test("after an interrupt, too, or it says that one may exist", async () => {
    const { local, create } = await bench();
    const stop = new AbortController();
    local.control.fault({ method: "POST", path: "/docker-registry", action: "hang-after" });
    const lost = create(hub, {}, call({ signal: stop.signal }));
    while (local.control.registries().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort();
    expect((await lost).record).toMatchObject({ id: local.control.registries()[0]!.id });

    const again = new AbortController();
    local.control.fault({ method: "POST", path: "/docker-registry", action: "hang-before" });
    const hanging = create({ ...hub, name: "other" }, {}, call({ signal: again.signal }));
    setTimeout(() => again.abort(), 200);
    expect(await hanging).toMatchObject({
      record: null,
      error: {
        summary: 'creating registry "other": the response was lost',
        detail:
          "The call ended before the API responded. The registry may exist, but it is not in the state. Check for it before you try again.",
      },
    });
  }, 20_000);
});

test("a refresh that fails keeps the record, and says where the credentials came from", async () => {
  const { local, create } = await bench();
  const { record } = await create(hub);
  const wrong = await lifecycleOf(local, "dtn_wrong").read(record!, call());
  expect(wrong).toMatchObject({
    record,
    error: { summary: 'reading registry "hub": the API rejected the credentials' },
    failure: { code: "unauthorized", status: 401 },
  });
  expect(wrong.error?.detail.split("\n").at(-1)).toBe("The credentials come from `apiKey`, the address from `apiUrl`.");
});

test("what never comes is told as an interrupt or as a timeout, and the record stays", async () => {
  const { local, create, lifecycle } = await bench();
  const record = (await create(hub)).record!;
  local.control.fault({ method: "GET", path: `/docker-registry/${String(record["id"])}`, action: "hang-before" });
  expect(await lifecycle.read(record, call({ timeoutMs: 300 }))).toMatchObject({
    record,
    error: {
      summary: 'reading registry "hub": timed out',
      detail: "The API did not respond in time. A refresh shows the current state.",
    },
    failure: { code: "deadline" },
  });
  local.control.fault({ method: "DELETE", path: `/docker-registry/${String(record["id"])}`, action: "hang-before" });
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 100);
  expect(await lifecycle.delete(record, call({ signal: stop.signal }))).toMatchObject({
    record,
    error: {
      summary: 'deleting registry "hub": interrupted',
      detail: "It is unknown whether the last request took effect. A refresh shows the current state.",
    },
  });
});

test("a missing permission, a refused field and a full organization are told in the API's words, at the attribute", async () => {
  const { local, create, lifecycle } = await bench();
  const { record } = await create(hub);
  const reader = lifecycleOf(local, local.control.addKey("reader", []));
  expect((await reader.read(record!, call())).record).toEqual(record);
  const write = await reader.create(planInPlace(table, null, hub).planned, {}, call());
  expect(write.error?.summary).toBe('creating registry "hub": permission denied');
  expect(write.error?.detail).toContain("Creating and changing registries requires the `write:registries` permission.");
  const remove = await reader.delete(record!, call());
  expect(remove.record).toEqual(record);
  expect(remove.error?.detail).toContain("Deleting registries requires the `delete:registries` permission.");
  const refused = await create({ ...hub, url: "localhost:5000" });
  expect(refused).toMatchObject({
    record: null,
    error: { summary: 'creating registry "hub": the API rejected the request', attribute: ["url"] },
    failure: { code: "rejected", status: 400 },
  });
  expect(refused.error?.detail).toContain("400 Bad Request for POST /docker-registry: url must be a URL address.");
  expect(await lifecycle.list()).toHaveLength(1);
  while (local.control.registries().length < 100) local.control.registry();
  expect((await create(hub)).error?.detail).toBe(
    "Daytona API returned 400 Bad Request for POST /docker-registry: You have reached the maximum number of registries.",
  );
  // A record has the password, as the state does.
  expect(JSON.stringify([write.failure, remove.failure, refused.failure])).not.toContain("planted");
});
