import type { SnapshotDto } from "../../../../provider/lifecycle";
import { UNKNOWN } from "../../../../provider/kit/unknown";
import { regionsDataSource } from "../../../../provider/terraform/data/regions";
import { snapshotDataSource } from "../../../../provider/terraform/data/snapshot";
import { snapshotsDataSource } from "../../../../provider/terraform/data/snapshots";
import type { TfObject, TfSchema } from "../../../../provider/terraform/types";
import { call, sessionWith } from "../resource/fakes";

const dto: SnapshotDto = {
  id: "u",
  name: "agent",
  state: "active",
  cpu: 1,
  gpu: 0,
  mem: 4,
  disk: 3,
  createdAt: "2026",
  buildInfo: { dockerfileContent: "FROM a:1" },
};
const schema: TfSchema = { version: 0, description: "", attributes: [] };

test("a snapshot by name, with the fields that change by themselves", async () => {
  const asked: unknown[] = [];
  const session = sessionWith(
    {},
    {
      getSnapshot: (by) => {
        asked.push(by);
        return Promise.resolve({ ...dto, lastUsedAt: "t", regionIds: ["us", "eu"] });
      },
    },
  );
  const answer = await snapshotDataSource(session, schema).read({ id: null, name: "agent" }, call);
  expect(asked).toEqual([{ name: "agent" }]);
  expect(answer.state).toMatchObject({
    id: "u",
    name: "agent",
    last_used_at: "t",
    region_ids: ["eu", "us"],
    error_reason: null,
  });
});

test("a snapshot that is not there is an error at the attribute that named it", async () => {
  const answer = await snapshotDataSource(sessionWith({}), schema).read({ id: "u-1", name: null }, call);
  expect(answer.diagnostics).toEqual([
    expect.objectContaining({ severity: "error", summary: 'No snapshot with the id "u-1"', path: ["id"] }),
  ]);
});

test.each<[TfObject, string[]]>([
  [{}, ["Neither `id` nor `name` is set"]],
  [{ id: "u", name: "n" }, ["Both `id` and `name` are set"]],
  [{ id: null, name: "" }, ["`name` is empty"]],
  [{ id: UNKNOWN, name: "n" }, []],
  [{ name: "n" }, []],
])("%j is validated as %j", async (config, expected) => {
  const found = await snapshotDataSource(sessionWith({}), schema).validate(config, call);
  expect(found.map((item) => item.summary)).toEqual(expected);
});

test("snapshots bring ids and names in the same order, and filters as they were written", async () => {
  const asked: unknown[] = [];
  const session = sessionWith(
    {},
    {
      listSnapshots: (filter) => {
        asked.push(filter);
        return Promise.resolve([
          { ...dto, id: "1", name: "b" },
          { ...dto, id: "2", name: "a" },
        ]);
      },
    },
  );
  const answer = await snapshotsDataSource(session, schema).read({ name_contains: "x", states: ["active"] }, call);
  expect(asked).toEqual([{ nameContains: "x", states: ["active"], region: null, general: false }]);
  expect(answer.state).toMatchObject({ name_contains: "x", include_general: null, ids: ["1", "2"], names: ["b", "a"] });
  expect((answer.state?.["snapshots"] as { name: string }[])[0]).toMatchObject({
    name: "b",
    created_at: "2026",
    memory: 4,
    dockerfile_content: "FROM a:1",
  });
});

test("regions, and a configuration that is not known yet", async () => {
  const session = sessionWith(
    {},
    {
      regions: () =>
        Promise.resolve([
          { id: "us", name: "US" },
          { id: "eu", name: "Europe", regionType: "shared" },
        ]),
    },
  );
  expect((await regionsDataSource(session, schema).read({}, call)).state).toEqual({
    regions: [
      { id: "eu", name: "Europe", organization_id: null, region_type: "shared" },
      { id: "us", name: "US", organization_id: null, region_type: null },
    ],
    ids: ["eu", "us"],
  });
  session.configure({ jwt_token: UNKNOWN, organization_id: UNKNOWN }, "1.11.4", call);
  const answer = await regionsDataSource(session, schema).read({}, call);
  expect(answer.diagnostics[0]?.summary).toBe(
    "Listing regions: the provider's `jwt_token` and `organization_id` are not known yet",
  );
});

test("a state that nobody knows is a warning at its place: a newer API may have it", async () => {
  const found = await snapshotsDataSource(sessionWith({}), schema).validate(
    { states: ["active", "Active", UNKNOWN] },
    call,
  );
  expect(found).toEqual([
    {
      severity: "warning",
      summary: 'Unknown state "Active"',
      detail:
        "This release knows the states pending, pulling, building, snapshotting, active, inactive, error, build_failed, removing. Any other state matches no snapshot, unless a newer API has added it.",
      path: ["states", 1],
    },
  ]);
  expect(await snapshotsDataSource(sessionWith({}), schema).validate({ states: UNKNOWN }, call)).toEqual([]);
});
