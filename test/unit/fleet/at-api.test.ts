import { ApiView } from "../../../provider/fleet/api-view";
import { holderOf, managedIds, withApiView } from "../../../provider/fleet/at-api";
import { assertOrganization } from "../../../provider/fleet/organization";
import { Managed } from "../../../provider/fleet/read/managed";
import type { FleetResource, FleetSource, PlannedChange } from "../../../provider/fleet/resource";
import { type Connected, connect } from "../../../provider/lifecycle";
import { type LocalApi, startLocalApi } from "../../../provider/local";
import { record } from "./plan";

let api: LocalApi;
let connected: Connected;
const { signal } = new AbortController();
beforeAll(async () => {
  api = await startLocalApi({ cronSeconds: 60 });
  connected = connect({ apiUrl: api.apiUrl, apiKey: api.apiKey }, {}, { debug: () => undefined });
});
afterEach(() => api.control.reset());
afterAll(async () => {
  connected.close();
  await api.close();
});

const view = (): Promise<ApiView> => ApiView.read(connected, signal);
const change = (more: Partial<PlannedChange>): PlannedChange => ({ action: "update", inputs: {}, before: {}, ...more });
const one = (name: string, more: Partial<FleetResource> = {}): FleetResource => ({
  address: `daytona_snapshot.${name}`,
  state: record(name),
  seen: record(name),
  planned: null,
  sensitive: [],
  ...more,
});
const source = (...resources: FleetResource[]): FleetSource => ({
  kind: "terraform",
  name: ".",
  apply: null,
  resources,
  others: { drifted: 0, notApplied: 0 },
  notes: ["first"],
});

test("a stranger that has the name which an apply needs, and only then", async () => {
  const id = api.control.insert({ name: "taken" });
  const at = await view();
  const holder = (more: Partial<FleetResource>, ids: string[] = []): unknown =>
    holderOf(one("agent", more), at, new Set(ids));
  const create = change({ action: "create", inputs: { name: "taken" } });
  const found = { holder: { id } };
  expect([
    holder({ state: null, seen: null, planned: create }),
    holder({ seen: null, planned: create }),
    holder({ state: record("taken"), seen: null, planned: null }),
  ]).toEqual([found, found, found]);
  expect(holder({ state: null, seen: null, planned: create }, [id])).toEqual({});
  expect(holder({ state: null, seen: null, planned: change({ action: "import", inputs: { name: "taken" } }) })).toEqual(
    {},
  );
  expect([
    holder({}),
    holder({ seen: null, state: null, planned: change({ action: "create", inputs: { name: "free" } }) }),
    holder({ state: null, seen: null, planned: change({ action: "create" }) }),
  ]).toEqual([{}, {}, {}]);
  for (const action of ["replace", "replace-keeping"] as const) {
    expect(holder({ planned: change({ action, inputs: { name: "taken" } }) })).toEqual(found);
    expect(
      holder({ state: record("taken"), seen: record("taken"), planned: change({ action, inputs: { name: "taken" } }) }),
    ).toEqual({});
  }
  expect(holder({ planned: change({ inputs: { name: "taken" } }) })).toEqual({});
});

test("what a source manages is no stranger: of its state, of the API, of what it does not compare", () => {
  expect([
    ...managedIds([
      source(
        one("a", { state: { ...record("a"), id: "a1" }, seen: { ...record("a"), id: "a2" } }),
        one("b", { state: { ...record("b"), id: "" }, seen: null }),
      ),
      {
        manages: {
          what: "s",
          mentioned: [],
          managed: [{ address: "x", ids: ["c1", "c2"], names: [], organizationId: null, owned: true, encrypted: [] }],
        } as never,
      },
      {},
    ]),
  ]).toEqual(["a1", "a2", "c1", "c2"]);
});

test.each([
  ["building", "agent"],
  ["removing", "agent"],
  ["pulling", "agent--next-01234567"],
])("an apply may be under way while a snapshot is %s", async (state, name) => {
  api.control.insert({ name, state });
  const said = `An apply may be in progress: snapshot "${name}" is ${state}. Its changes can look like drift.`;
  const at = await view();
  expect(withApiView(source(one("agent")), at, new Set(), false).notes).toEqual(["first", said]);
  expect(withApiView(source(one("agent")), at, new Set(), true).notes).toEqual(["first"]);
  expect(
    withApiView(
      source(one("other"), one("x", { state: null, planned: change({ action: "create" }) })),
      at,
      new Set(),
      false,
    ).notes,
  ).toEqual(["first"]);
  expect(
    withApiView(
      source(one("x", { state: null, planned: change({ action: "create", inputs: { name: "agent" } }) })),
      at,
      new Set(),
      false,
    ).notes,
  ).toEqual(["first", said]);
  expect(withApiView(source(one("agent", { sensitive: ["name"] })), at, new Set(), false).notes).toEqual([
    "first",
    `An apply may be in progress: snapshot daytona_snapshot.agent is ${state}. Its changes can look like drift.`,
  ]);
});

test("a time and a holder belong to what the API has", async () => {
  const id = api.control.insert({ name: "agent", updatedAt: Date.parse("2026-11-01T00:00:00Z") });
  const { resources } = withApiView(
    source(
      one("agent", { seen: { ...record("agent"), id } }),
      one("other"),
      one("agent", { state: null, seen: null, planned: change({ action: "create", inputs: { name: "agent" } }) }),
    ),
    await view(),
    new Set(),
    false,
  );
  expect(resources.map(({ since, holder }) => [since, holder])).toEqual([
    ["2026-11-01T00:00:00.000Z", undefined],
    [null, undefined],
    [null, { id }],
  ]);
});

const known = (
  name: string,
  id: string,
  more: object = {},
): { address: string; record: ReturnType<typeof record> } => ({
  address: name,
  record: record(name, { id, organizationId: api.organizationId }),
  ...more,
});

test("what a listing lacks is asked for by its ID, four snapshots at most", async () => {
  const ids = Array.from({ length: 5 }, (_, at) => api.control.insert({ name: `s-${at}` }));
  const listing = api.control.fault({
    kind: "list",
    action: "answer",
    status: 200,
    times: -1,
    body: { items: [], total: 0, page: 1, totalPages: 1 },
  });
  const seen = async (count: number): Promise<unknown[]> => {
    api.control.clearRequests();
    const found = (await (await view()).compare(ids.slice(0, count).map((id, at) => known(`s-${at}`, id)))).map(
      (resource) => resource.seen?.id ?? null,
    );
    expect(api.control.counts().read ?? 0).toBe(count > 4 ? 0 : count);
    return found;
  };
  expect(await seen(4)).toEqual(ids.slice(0, 4));
  expect(await seen(5)).toEqual(Array(5).fill(null));
  expect(await (await view()).compare([known("s-0", "")])).toMatchObject([{ seen: null }]);
  const general = api.control.addGeneral("shared");
  expect(await (await view()).compare([known("shared", general)])).toMatchObject([{ seen: null }]);
  api.control.releaseFault(listing);
});

test("what no state manages: without the successors of managed names", async () => {
  for (const name of ["agent--next-01234567", "other--next-01234567", "agent"])
    api.control.insert({ name, size: null, lastUsedAt: null, createdAt: Date.parse("2026-11-01T00:00:00Z") });
  const managed = new Managed();
  managed.add({ address: "a", ids: [], names: ["agent"], organizationId: null, owned: true, encrypted: [] }, "s");
  const id = api.control.snapshot("other--next-01234567")!.id;
  expect((await view()).unmanaged(managed)).toEqual([
    {
      name: "other--next-01234567",
      id,
      state: "active",
      size: null,
      createdAt: "2026-11-01T00:00:00.000Z",
      lastUsedAt: null,
    },
  ]);
});

test("a state of another organization would look deleted, or unmanaged: an error", async () => {
  api.control.insert({ name: "a" });
  const text = (own: string): string => `x belongs to organization elsewhere, but the credentials are for ${own}.`;
  await expect(
    (await view()).compare([known("a", "i"), { address: "x", record: record("x", { organizationId: "elsewhere" }) }]),
  ).rejects.toThrow(
    `The state belongs to another organization\n${text(api.organizationId)} Its snapshots would look deleted. Use credentials of that organization.`,
  );
  const { snapshots } = await view();
  const entry = (organizationId: string | null, owned = true): object => ({
    address: "x",
    ids: [],
    names: [],
    organizationId,
    owned,
    encrypted: [],
  });
  const check = (...managed: object[]): Promise<void> =>
    assertOrganization([{ what: "the state s", managed } as never], snapshots, connected, signal);
  await expect(check(entry("elsewhere"))).rejects.toThrow(
    `the state s belongs to another organization\n${text(api.organizationId)} Use credentials of that organization, or another state.`,
  );
  // The listing tells the organization: nobody else is asked.
  api.control.clearRequests();
  await check(entry(api.organizationId));
  expect(api.control.requests()).toEqual([]);
  // Where nobody tells it, no state is another one's, and nothing is deleted on that account.
  const silent = {
    listSnapshots: () => Promise.resolve([]),
    organization: () => Promise.resolve(null),
    getSnapshot: () => Promise.resolve(null),
  } as unknown as Connected;
  expect(
    await (
      await ApiView.read(silent, signal)
    ).compare([{ address: "x", record: record("x", { organizationId: "elsewhere" }) }]),
  ).toMatchObject([{ address: "x", seen: null }]);
  await expect(
    assertOrganization([{ what: "the state s", managed: [entry("elsewhere")] } as never], [], silent, signal),
  ).rejects.toThrow(
    "the state s may belong to another organization\nx belongs to organization elsewhere, and the API does not return the organization of these credentials. Use a key with permission to write snapshots.",
  );
  // One that says nothing hides no other.
  const several = [
    { what: "the state t", managed: [entry(null)] },
    { what: "the state s", managed: [entry("elsewhere")] },
  ] as never;
  await expect(assertOrganization(several, snapshots, connected, signal)).rejects.toThrow(
    "the state s belongs to another organization",
  );
  // What it has of ours, it may manage; what it only refers to, or does not tell the organization of, says nothing.
  await expect(
    Promise.all([
      check(entry("elsewhere"), entry(api.organizationId)),
      check(entry("elsewhere", false)),
      check(entry(null)),
      check(),
    ]),
  ).resolves.toBeDefined();
});
