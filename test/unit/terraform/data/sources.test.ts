import { UNKNOWN } from "../../../../provider/snapshot/unknown";
import { regionsDataSource } from "../../../../provider/terraform/data/regions";
import { snapshotDataSource } from "../../../../provider/terraform/data/snapshot";
import { snapshotsDataSource } from "../../../../provider/terraform/data/snapshots";
import type { TfSchema } from "../../../../provider/terraform/types";
import { call, sessionWith } from "../resource/fakes";

const schema: TfSchema = { version: 0, description: "", attributes: [] };
const none = { snapshot: () => Promise.resolve(null), snapshots: () => Promise.resolve([]), regions: () => Promise.resolve([]) };

test("a snapshot by name, with the fields that change by themselves", async () => {
  const asked: unknown[] = [];
  const session = sessionWith({}, { data: { ...none, snapshot: (by) => { asked.push(by); return Promise.resolve({ id: "u", name: "agent", lastUsedAt: "t", regionIds: ["us", "eu"] }); } } });
  const answer = await snapshotDataSource(session, schema).read({ id: null, name: "agent" }, call);
  expect(asked).toEqual([{ name: "agent" }]);
  expect(answer.state).toMatchObject({ id: "u", name: "agent", last_used_at: "t", region_ids: ["eu", "us"], error_reason: null });
});

test("a snapshot that is not there is an error at the attribute that named it", async () => {
  const answer = await snapshotDataSource(sessionWith({}), schema).read({ id: "u-1", name: null }, call);
  expect(answer.diagnostics).toEqual([expect.objectContaining({ severity: "error", summary: 'There is no snapshot with the id "u-1"', path: ["id"] })]);
});

test.each([
  [{}, ["Neither `id` nor `name` is given"]],
  [{ id: "u", name: "n" }, ["Both `id` and `name` are given"]],
  [{ id: null, name: "" }, ["`name` is empty"]],
  [{ id: UNKNOWN, name: "n" }, []],
  [{ name: "n" }, []],
])("%j is validated as %j", async (config, expected) => {
  const found = await snapshotDataSource(sessionWith({}), schema).validate(config, call);
  expect(found.map((item) => item.summary)).toEqual(expected);
});

test("snapshots bring ids and names in the same order, and filters as they were written", async () => {
  const asked: unknown[] = [];
  const session = sessionWith({}, { data: { ...none, snapshots: (filter) => { asked.push(filter); return Promise.resolve([{ id: "1", name: "b" }, { id: "2", name: "a" }]); } } });
  const answer = await snapshotsDataSource(session, schema).read({ name_contains: "x", states: ["active"] }, call);
  expect(asked).toEqual([{ nameContains: "x", states: ["active"], region: null, includeGeneral: false }]);
  expect(answer.state).toMatchObject({ name_contains: "x", include_general: null, ids: ["1", "2"], names: ["b", "a"] });
  expect((answer.state?.["snapshots"] as { name: string }[])[0]).toMatchObject({ name: "b", created_at: null });
});

test("regions, and a configuration that is not known yet", async () => {
  const session = sessionWith({}, { data: { ...none, regions: () => Promise.resolve([{ id: "eu", name: "Europe", regionType: "shared" }]) } });
  expect((await regionsDataSource(session, schema).read({}, call)).state).toEqual({
    regions: [{ id: "eu", name: "Europe", organization_id: null, region_type: "shared" }], ids: ["eu"],
  });
  session.configure({ jwt_token: UNKNOWN, organization_id: UNKNOWN }, "1.11.4", call);
  const answer = await regionsDataSource(session, schema).read({}, call);
  expect(answer.diagnostics[0]?.summary).toBe("Listing regions: the provider's `jwt_token` and `organization_id` are not known yet");
});
