import type { LocalApi } from "../../../../provider/local";
import { UNKNOWN } from "../../../../provider/kit/unknown";
import { createProvider } from "../../../../provider/terraform/provider";
import type { TfCall, TfObject, TfProvider } from "../../../../provider/terraform/types";
import { closeAll, start } from "../../local/harness";

const opened: TfProvider[] = [];
afterEach(async () => {
  for (const provider of opened.splice(0)) await provider.close();
  await closeAll();
});

const logged: string[] = [];
const call = (signal = new AbortController().signal): TfCall => ({
  signal,
  log: (level, message) => void logged.push(`${level} ${message}`),
});
const config: TfObject = {
  id: null,
  name: "hub",
  url: "docker.io",
  username: "robot",
  project: null,
  password: "planted",
  password_wo: null,
  password_wo_version: null,
  registry_type: null,
  created_at: null,
};
const args = { private: {}, identity: null };

/** A provider that is configured for this API, with `daytona_registry`, its list, and what Terraform does with a program. */
async function bench(api?: LocalApi, apiKey?: string) {
  const local = api ?? (await start());
  const provider = createProvider({});
  opened.push(provider);
  await provider.configure({ api_key: apiKey ?? local.apiKey, api_url: local.apiUrl }, "1.11.0", call());
  const resource = provider.resources.find(({ typeName }) => typeName === "daytona_registry")!;
  const list = provider.dataSources.find(({ typeName }) => typeName === "daytona_registries")!;
  /** Plan and apply. */
  async function applied(prior: TfObject | null, written: TfObject) {
    const { planned } = await resource.plan({ ...args, prior, proposed: written, config: written }, call());
    return resource.apply({ ...args, prior, planned, config: written }, call());
  }
  const created = async (written: TfObject = config): Promise<TfObject> => (await applied(null, written)).state!;
  return { local, provider, resource, list, applied, created };
}

test("a create saves the UUID as identity, and plans what the program says", async () => {
  const { local, resource, applied } = await bench();
  const answer = await applied(null, config);
  const id = local.control.registries()[0]!.id;
  expect(answer).toEqual({
    state: { ...config, id, registry_type: "organization", created_at: expect.stringMatching(/^2\d{3}-/) },
    private: {},
    identity: { id },
    diagnostics: [],
  });
  expect(resource.identity).toEqual({
    version: 0,
    attributes: [{ name: "id", type: "string", description: "UUID of the registry.", requiredForImport: true }],
  });
  const plan = (written: TfObject) =>
    resource.plan({ ...args, prior: answer.state, proposed: written, config: written }, call());
  expect((await plan(config)).planned).toEqual(answer.state);
  expect((await plan({ ...config, username: UNKNOWN })).planned).toEqual({ ...answer.state, username: UNKNOWN });
  expect(logged).toContain('debug creating registry "hub"');
});

test("a refresh reads what is there, and gives a state its identity", async () => {
  const { local, resource, created } = await bench();
  const state = await created();
  expect(await resource.read({ ...args, state }, call())).toEqual({
    state,
    private: {},
    identity: { id: state["id"] },
    diagnostics: [],
  });
  const [row] = local.control.registries();
  local.control.removeRegistries();
  local.control.registry({ ...row!, url: "ghcr.io", project: "team" });
  expect((await resource.read({ ...args, state }, call())).state).toEqual({
    ...state,
    url: "ghcr.io",
    project: "team",
  });
});

test("a lost answer that could be one of two shows the imports, with nothing to take out of the state", async () => {
  const { local, resource } = await bench();
  local.control.fault({ method: "POST", path: "/docker-registry", action: "hang-after" });
  const { planned } = await resource.plan({ ...args, prior: null, proposed: config, config }, call());
  const stop = new AbortController();
  const lost = resource.apply({ ...args, prior: null, planned, config }, call(stop.signal));
  while (local.control.registries().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  local.control.registry({ name: "hub", url: "docker.io", username: "robot" });
  stop.abort();
  const { state, diagnostics } = await lost;
  const commands = local.control
    .registries()
    .map(({ id }) => `  terraform import ADDRESS ${id}`)
    .join("\n");
  expect({ state, diagnostics }).toEqual({
    state: null,
    diagnostics: [
      {
        severity: "error",
        summary: 'Creating registry "hub": the response was lost',
        detail: `2 new registries have these values, so it is unknown which one this call created. Import one of them, and delete the others:\n${commands}`,
      },
    ],
  });
});

test("a write-only password comes from the program, for a create and for an update", async () => {
  const { local, applied } = await bench();
  const written = (token: string, version: number): TfObject => ({
    ...config,
    password: null,
    password_wo: token,
    password_wo_version: version,
  });
  const first = await applied(null, written("planted-1", 1));
  expect(first.state).toMatchObject({ password: null, password_wo: null, password_wo_version: 1 });
  expect(local.control.registries()).toMatchObject([{ password: "planted-1" }]);
  expect((await applied(first.state, written("planted-2", 2))).state).toEqual({
    ...first.state,
    password_wo_version: 2,
  });
  expect(local.control.registries()).toMatchObject([{ password: "planted-2" }]);
});

test("one that is gone is no longer in the state, with a warning; a destroy of it, or of nothing, is quiet", async () => {
  const { local, resource, created } = await bench();
  const state = await created();
  local.control.removeRegistries();
  expect(await resource.read({ ...args, state }, call())).toEqual({
    state: null,
    private: {},
    identity: null,
    diagnostics: [
      {
        severity: "warning",
        summary: 'Registry "hub" no longer exists',
        detail: `Registry ${String(state["id"])} was deleted outside of Terraform. This apply, or the next one, recreates it.`,
      },
    ],
  });
  expect((await resource.read({ ...args, state: { ...state, name: null } }, call())).diagnostics).toMatchObject([
    { summary: `Registry "${String(state["id"])}" no longer exists` },
  ]);
  const none = { state: null, private: {}, identity: null, diagnostics: [] };
  expect(await resource.apply({ ...args, prior: state, planned: null, config: null }, call())).toEqual(none);
  const before = local.control.requests().length;
  expect(await resource.apply({ ...args, prior: null, planned: null, config: null }, call())).toEqual(none);
  expect(local.control.requests()).toHaveLength(before);
});

test("what fails leaves the state as it was", async () => {
  const { local, created, resource: mine } = await bench();
  const state = await created();
  const { resource, applied, list } = await bench(local, "dtn_wrong");
  const identity: TfObject = { id: state["id"] ?? null };
  const read = await resource.read({ ...args, state, identity }, call());
  expect(read).toMatchObject({
    state,
    identity,
    diagnostics: [{ severity: "error", summary: 'Reading registry "hub": the API rejected the credentials' }],
  });
  const update = await applied(state, { ...config, username: "robot-2" });
  expect(update).toMatchObject({
    state,
    diagnostics: [{ severity: "error", summary: 'Updating registry "hub": the API rejected the credentials' }],
  });
  const removal = await resource.apply({ ...args, prior: state, planned: null, config: null }, call());
  expect(removal).toMatchObject({
    state,
    diagnostics: [{ severity: "error", summary: 'Deleting registry "hub": the API rejected the credentials' }],
  });
  expect(await list.read({}, call())).toMatchObject({
    state: null,
    diagnostics: [{ severity: "error", summary: "Listing registries: the API rejected the credentials" }],
  });
  local.control.removeRegistries();
  const { planned } = await mine.plan(
    { ...args, prior: state, proposed: config, config: { ...config, username: "robot-2" } },
    call(),
  );
  expect(await mine.apply({ ...args, prior: state, planned, config }, call())).toMatchObject({
    state,
    diagnostics: [
      {
        severity: "error",
        summary: 'Updating registry "hub": it no longer exists',
        detail: `The registry ${String(state["id"])} was deleted in the meantime. Plan and apply again, which recreates it.`,
      },
    ],
  });
});

test("a provider whose configuration is not known yet says so, and keeps the state", async () => {
  const provider = createProvider({});
  opened.push(provider);
  await provider.configure({ api_key: UNKNOWN }, "1.11.0", call());
  const resource = provider.resources.find(({ typeName }) => typeName === "daytona_registry")!;
  const state = { ...config, id: "2f1c9a52-0000-4000-8000-000000000001" };
  for (const answer of [
    await resource.read({ ...args, state }, call()),
    await resource.apply({ ...args, prior: state, planned: null, config: null }, call()),
  ]) {
    expect(answer).toMatchObject({
      state,
      diagnostics: [{ severity: "error", detail: expect.stringContaining("terraform apply -target=ADDRESS") }],
    });
  }
  expect((await resource.import({ id: "hub", identity: null }, call())).imported).toEqual([]);
});

test("values that the API did not keep are an error at the attribute, and saved as they are", async () => {
  const { local, applied } = await bench();
  const row = {
    id: "2f1c9a52-0000-4000-8000-000000000001",
    name: "hub",
    url: "ghcr.io",
    username: "robot",
    project: "",
    registryType: "organization",
    createdAt: "2026-11-30T00:00:00.000Z",
  };
  const answered = (body: object) =>
    local.control.fault({ method: "POST", path: "/docker-registry", action: "answer", status: 201, body, times: 1 });
  answered(row);
  const one = await applied(null, config);
  expect(one.state).toMatchObject({ id: row.id, url: "ghcr.io" });
  expect(one.diagnostics).toEqual([
    {
      severity: "error",
      summary: 'Registry "hub" differs from the plan',
      path: ["url"],
      detail:
        "The API returned values that differ from those that were sent: url.\n\nThe registry exists and is saved in the state. Use the values that the API returned.",
    },
  ]);
  answered({ ...row, username: "somebody" });
  const two = await applied(null, config);
  expect(two.diagnostics).toMatchObject([{ detail: expect.stringMatching(/that were sent: url, username\.\n/) }]);
  expect(two.diagnostics[0]).not.toHaveProperty("path");
});

test("an import is by name, by UUID or by identity, and by nothing else", async () => {
  const { resource, created } = await bench();
  const state = await created();
  const imported = [{ state: { ...state, password: null }, private: {}, identity: { id: state["id"] } }];
  expect(await resource.import({ id: "hub", identity: null }, call())).toEqual({ imported, diagnostics: [] });
  expect(await resource.import({ id: null, identity: { id: state["id"] ?? null } }, call())).toEqual({
    imported,
    diagnostics: [],
  });
  for (const nothing of [
    { id: " ", identity: null },
    { id: null, identity: null },
  ]) {
    expect(await resource.import(nothing, call())).toEqual({
      imported: [],
      diagnostics: [
        {
          severity: "error",
          summary: "Missing registry to import",
          detail:
            "Import a registry by its UUID, or by a unique name: `terraform import daytona_registry.example UUID`.",
        },
      ],
    });
  }
  expect(await resource.import({ id: "other", identity: null }, call())).toMatchObject({
    imported: [],
    diagnostics: [{ severity: "error", summary: 'Importing registry "other": no such registry' }],
  });
});

test("outputs in a program and broken rules are errors at their lines, in a list, too", async () => {
  const { resource, list } = await bench();
  expect(await resource.validate(config, call())).toEqual([]);
  expect(await resource.validate({ ...config, id: "mine", url: "hub.docker.com" }, call())).toEqual([
    expect.objectContaining({ severity: "error", summary: "Read-only attribute", path: ["id"] }),
    {
      severity: "error",
      summary: "Invalid registry URL",
      detail: "The address of Docker Hub is `docker.io`.",
      path: ["url"],
    },
  ]);
  expect(await list.validate({ ids: null, registries: null }, call())).toEqual([]);
  expect(await list.validate({ ids: ["x"], registries: null }, call())).toMatchObject([
    { severity: "error", summary: "Read-only attribute", path: ["ids"] },
  ]);
});

test("the list has everything but passwords, newest first, and ends with an interrupt", async () => {
  const { local, list, created } = await bench();
  const first = await created();
  const second = await created({ ...config, name: "other", url: "ghcr.io", project: "team" });
  const shown = ({ id, name, url, username, project, registry_type, created_at }: TfObject) => ({
    id,
    name,
    url,
    username,
    project: project ?? "",
    registry_type,
    created_at,
  });
  expect(await list.read({}, call())).toEqual({
    state: { ids: [second["id"], first["id"]], registries: [shown(second), shown(first)] },
    diagnostics: [],
  });
  local.control.fault({ method: "GET", path: "/docker-registry", action: "hang-before" });
  const stop = new AbortController();
  const hanging = list.read({}, call(stop.signal));
  setTimeout(() => stop.abort(), 50);
  await expect(hanging).rejects.toThrow("aborted");
});

test("a state of an earlier release is read as it is", async () => {
  const { resource } = await bench();
  const raw = { ...config, id: "1" };
  expect(await resource.upgrade(0, raw, call())).toEqual({ state: raw, diagnostics: [] });
});
