import { connect } from "../../../../provider/lifecycle";
import type { SnapshotDto } from "../../../../provider/api/types";
import { planInPlace } from "../../../../provider/resources";
import { registryDefinition } from "../../../../provider/resources/registry/definition";
import { fromImport } from "../../../../provider/resources/snapshot/observed";
import { call as request, closeAll, start } from "../../local/harness";
import { context, plan } from "../support";

// A key belongs to one organization. Who names another one beside it means that one.
const OTHER = "7f9e4c8e-1111-4222-8333-444444444444";

afterEach(closeAll);

async function bench(variable: string, argument: string | null = null) {
  const local = await start();
  const env = { DAYTONA_API_KEY: local.apiKey, DAYTONA_API_URL: local.apiUrl, DAYTONA_ORGANIZATION_ID: variable };
  const connected = connect({ organizationId: argument }, env, { debug: () => undefined });
  const changes = (): string[] =>
    local.control.requests().flatMap(({ method, path }) => (method === "GET" ? [] : [`${method} ${path}`]));
  return { local, connected, changes };
}

const registry = planInPlace(registryDefinition.table, null, {
  name: "hub",
  url: "https://index.docker.io/v1/",
  username: "robot",
  password: "planted-password",
}).planned;

const agent = plan(null, {}, { name: "agent", image: "ubuntu:24.04" }).planned;

test.each([
  ["variable", OTHER, null, "DAYTONA_ORGANIZATION_ID"],
  ["argument", "", OTHER, "`organizationId`"],
])(
  "the %s of another organization creates, changes, deletes and imports nothing",
  async (_what, variable, argument, from) => {
    const { local, connected, changes } = await bench(variable, argument);
    const there = await request(local, "POST", "/snapshots", { name: "there", imageName: "ubuntu:24.04" });
    const { id, organizationId } = there.body as { id: string; organizationId: string };
    local.control.clearRequests();
    const call = { ...context(), log: { debug: () => undefined } };
    const { lifecycle } = connected;
    const registries = connected.inPlace(registryDefinition);
    const { record } = fromImport(there.body as SnapshotDto);
    const change = plan(record, {}, { name: "there", image: "ubuntu:24.04", active: false }).planned;
    const hub = { ...registry, id: OTHER };
    const detail = `${from} names organization ${OTHER}, but the API key from DAYTONA_API_KEY belongs to organization ${organizationId}. Use a key of organization ${OTHER}, or remove ${from}: an API key belongs to one organization.`;
    const title = "the credentials belong to another organization";
    const outcomes = {
      [`creating snapshot "agent": ${title}`]: await lifecycle.create(agent, context()),
      [`replacing snapshot "agent": ${title}`]: await lifecycle.replace(agent, context()),
      [`importing snapshot "${id}": ${title}`]: await lifecycle.import(id, context()),
      [`updating snapshot "there": ${title}`]: await lifecycle.update(record, {}, change, context()),
      [`deleting snapshot "there": ${title}`]: await lifecycle.delete(record, {}, context()),
      [`updating registry "hub": ${title}`]: await registries.update(hub, { ...hub, username: "other" }, {}, call),
      [`deleting registry "hub": ${title}`]: await registries.delete(hub, call),
      [`creating registry "hub": ${title}`]: await registries.create(registry, {}, call),
      [`importing registry "hub": ${title}`]: await registries.import("hub", call),
    };
    for (const [summary, outcome] of Object.entries(outcomes))
      expect(outcome).toMatchObject({ error: { summary, detail } });
    expect(changes()).toEqual([]);
    connected.close();
  },
);

test("credentials of the registry are asked for in the organization that is named, or not at all", async () => {
  const { local, connected } = await bench(OTHER);
  const own = (await connected.organization())!;
  local.control.clearRequests();
  const kinds = (): string[] => local.control.requests().map(({ kind }) => kind);
  await expect(connected.registryAccess(null)).rejects.toMatchObject({
    notice: {
      summary: "requesting credentials for the registry: the credentials belong to another organization",
      detail: expect.stringContaining(`DAYTONA_ORGANIZATION_ID names organization ${OTHER}`) as string,
    },
  });
  expect(kinds()).not.toContain("registry-access");
  connected.close();
  const env = { DAYTONA_API_KEY: local.apiKey, DAYTONA_API_URL: local.apiUrl, DAYTONA_ORGANIZATION_ID: own };
  const same = connect({}, env, { debug: () => undefined });
  // The local API of this test has no registry, which is another error.
  await same.registryAccess(null).catch(() => undefined);
  expect(kinds()).toContain("registry-access");
  same.close();
});

test("the organization of the key is named: it is created in it", async () => {
  const { local, connected } = await bench(OTHER);
  const own = (await connected.organization())!;
  connected.close();
  const env = { DAYTONA_API_KEY: local.apiKey, DAYTONA_API_URL: local.apiUrl, DAYTONA_ORGANIZATION_ID: own };
  const same = connect({}, env, { debug: () => undefined });
  const { record } = await same.lifecycle.create(agent, context());
  expect(record).toMatchObject({ state: "active", organizationId: own });
  same.close();
});

test("a UUID in upper case names the same organization", async () => {
  const { local, connected: first } = await bench(OTHER);
  const own = (await first.organization())!;
  first.close();
  const env = { DAYTONA_API_KEY: local.apiKey, DAYTONA_API_URL: local.apiUrl };
  const connected = connect({}, { ...env, DAYTONA_ORGANIZATION_ID: own.toUpperCase() }, { debug: () => undefined });
  expect(await connected.lifecycle.create(agent, context())).toMatchObject({
    record: { state: "active" },
    warnings: [],
  });
  connected.close();
});

// A server without an object storage answers 400 or 503.
test.each([403, 400, 503])(
  "a server that answers %i does not return the organization of a key: a warning",
  async (status) => {
    const { local, connected } = await bench(OTHER);
    const message = "Object storage is not configured";
    local.control.fault({
      path: "/object-storage/push-access",
      action: "answer",
      status,
      times: 1000,
      body: { statusCode: status, message },
    });
    const call = { ...context(), log: { debug: () => undefined } };
    expect(await connected.inPlace(registryDefinition).create(registry, {}, call)).toMatchObject({
      record: { name: "hub" },
    });
    const [before] = local.control.faults();
    const { error, warnings } = await connected.lifecycle.create(agent, context());
    // It is asked for once.
    expect(local.control.faults()).toEqual([before]);
    expect(error).toBeUndefined();
    expect(warnings).toEqual([
      {
        summary: 'creating snapshot "agent": the organization of the API key is unknown',
        detail: `DAYTONA_ORGANIZATION_ID names organization ${OTHER}, but an API key belongs to one organization, and the API does not return which one. The organization of the key is used. Remove DAYTONA_ORGANIZATION_ID to end this warning.`,
      },
    ]);
    // The snapshot shows it, so nothing else is changed.
    expect(await connected.lifecycle.create(agent, context())).toMatchObject({
      error: { summary: 'creating snapshot "agent": the credentials belong to another organization' },
    });
    connected.close();
  },
);

test("without a storage, a snapshot shows the organization of a key", async () => {
  const { local, connected, changes } = await bench(OTHER);
  local.control.fault({ path: "/object-storage/push-access", action: "answer", status: 403, times: 1000 });
  await request(local, "POST", "/snapshots", { name: "there", imageName: "ubuntu:24.04" });
  local.control.clearRequests();
  expect(await connected.lifecycle.create(agent, context())).toMatchObject({
    error: { summary: 'creating snapshot "agent": the credentials belong to another organization' },
  });
  expect(changes()).toEqual([]);
  connected.close();
});

test("an organization that cannot be asked for is an error, and nothing is created", async () => {
  const { local, connected, changes } = await bench(OTHER);
  local.control.fault({ path: "/object-storage/push-access", action: "answer", status: 401 });
  expect(await connected.lifecycle.create(agent, context())).toMatchObject({
    error: { summary: 'creating snapshot "agent": the API rejected the credentials' },
  });
  expect(changes()).toEqual([]);
  connected.close();
});
