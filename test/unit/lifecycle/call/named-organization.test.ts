import { connect } from "../../../../provider/lifecycle";
import { planInPlace } from "../../../../provider/resources";
import { registryDefinition } from "../../../../provider/resources/registry/definition";
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
])("the %s of another organization creates, replaces and imports nothing", async (_what, variable, argument, from) => {
  const { local, connected, changes } = await bench(variable, argument);
  const there = await request(local, "POST", "/snapshots", { name: "there", imageName: "ubuntu:24.04" });
  const { id, organizationId } = there.body as { id: string; organizationId: string };
  local.control.clearRequests();
  const call = { ...context(), log: { debug: () => undefined } };
  const { lifecycle } = connected;
  const registries = connected.inPlace(registryDefinition);
  const detail = `${from} names organization ${OTHER}, but the API key from DAYTONA_API_KEY belongs to organization ${organizationId}. Use a key of organization ${OTHER}, or remove ${from}: an API key belongs to one organization.`;
  const title = "the credentials belong to another organization";
  const outcomes = {
    [`creating snapshot "agent": ${title}`]: await lifecycle.create(agent, context()),
    [`replacing snapshot "agent": ${title}`]: await lifecycle.replace(agent, context()),
    [`importing snapshot "${id}": ${title}`]: await lifecycle.import(id, context()),
    [`creating registry "hub": ${title}`]: await registries.create(registry, {}, call),
    [`importing registry "hub": ${title}`]: await registries.import("hub", call),
  };
  for (const [summary, outcome] of Object.entries(outcomes))
    expect(outcome).toMatchObject({ record: null, error: { summary, detail } });
  expect(changes()).toEqual([]);
  connected.close();
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

test("a key whose organization the API does not return is no reason to fail", async () => {
  const { local, connected } = await bench(OTHER);
  local.control.fault({ path: "/object-storage/push-access", action: "answer", status: 403 });
  expect((await connected.lifecycle.create(agent, context())).error).toBeUndefined();
  expect(local.control.faults()).toMatchObject([{ hits: 1 }]);
  connected.close();
});
