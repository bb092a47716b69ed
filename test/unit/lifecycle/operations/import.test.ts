import type { SnapshotRecord } from "../../../../provider/resources/snapshot";
import { successorName } from "../../../../provider/resources/snapshot";
import { bench, type Bench, context, made, recordOf, text } from "../support";

const program = { name: "agent", image: "ubuntu:24.04" };
let b: Bench;
beforeEach(async () => (b = await bench()));
afterEach(() => b.close());
const imported = (idOrName: string) => b.another().import(idOrName, context());

test("by its ID or its name, and nothing is changed", async () => {
  const id = b.local.control.insert({ name: "agent" });
  b.local.control.clearRequests();
  for (const by of [id, "agent"])
    expect(await imported(by)).toMatchObject({
      record: { id, name: "agent", image: "ubuntu:24.04", active: true },
      marks: { imported: true },
      warnings: [],
    });
  expect(b.local.control.requests().map(({ method }) => method)).toEqual(["GET", "GET"]);
});

test.each<[string, (id: string) => string, string]>([
  ["", () => "", "no such snapshot\nNo snapshot in this organization has this UUID or name. Names are case-sensitive."],
  [
    "another case of a name",
    () => "Agent",
    "no such snapshot\nNo snapshot in this organization has this UUID or name. Names are case-sensitive.",
  ],
  // The API's database reads it as the same ID.
  [
    "another spelling of an ID",
    (id) => id.toUpperCase(),
    "no such snapshot\nNo snapshot in this organization has this UUID or name. Names are case-sensitive.",
  ],
])("what the API does not have under the very words is not imported: %s", async (_what, words, said) => {
  const id = b.local.control.insert({ name: "agent" });
  const by = words(id);
  const outcome = await imported(by);
  expect([outcome.record, text(outcome.error)]).toEqual([null, `importing snapshot "${by}": ${said}`]);
  if (by !== "") expect(outcome.failure?.code).toBe("not-found");
});

test.each<[string, object, string]>([
  [
    "a successor",
    { name: "agent--next-01234567" },
    'it is the temporary successor of an unfinished swap\n"agent--next-01234567" is removed when the swap completes. Import the snapshot that it replaces, or let the swap complete. If neither is possible, delete it manually.',
  ],
  [
    "one that is being deleted",
    { name: "agent", state: "removing" },
    "it is being deleted\nSnapshot ID is `removing`. Once it is deleted, the next apply creates it.",
  ],
])("%s is not imported", async (_what, fields, said) => {
  b.local.control.holdTime();
  const id = b.local.control.insert({ name: "agent", ...fields });
  const outcome = await imported(id);
  expect([outcome.record, text(outcome.error)]).toEqual([
    null,
    `importing snapshot "${id}": ${said.replace("ID", id)}`,
  ]);
});

test("a general snapshot of another organization is not imported", async () => {
  const id = b.local.control.addGeneral("shared");
  expect(text((await imported("shared")).error)).toBe(
    `importing snapshot "shared": it belongs to another organization\nSnapshot ${id} is a general snapshot: every organization can use it, but only its owner can change it. Use a data source to read it.`,
  );
});

test("one that has failed is imported, with a warning of what the next apply does", async () => {
  const id = b.local.control.insert({ name: "agent", state: "error", errorReason: "no space" });
  const outcome = await imported("agent");
  expect(recordOf(outcome)).toMatchObject({ id, state: "error" });
  expect(outcome.warnings.map(text)).toEqual([
    `importing snapshot "agent": it has failed\nSnapshot ${id} is \`error\` (no space). The next apply deletes and recreates it.`,
  ]);
});

test("a refresh: a general snapshot of another organization is not the state's, whoever can read it", async () => {
  const record = {
    ...(await made(b.lifecycle, program)),
    id: b.local.control.addGeneral("shared"),
    organizationId: b.local.otherOrganizationId,
  };
  const outcome = await b.another().read(record, {}, context());
  expect(outcome.record).toEqual(record);
  expect(text(outcome.error)).toBe(
    `reading snapshot "agent": the credentials belong to another organization\nSnapshot ${record.id} belongs to organization ${b.local.otherOrganizationId}, but the credentials are for organization ${b.local.organizationId}.\nUse credentials for organization ${b.local.otherOrganizationId}, or remove the snapshot from this state.`,
  );
});

test("a refresh keeps the mark of an import, and marks what is leaving or unfinished", async () => {
  const record = await made(b.lifecycle, program);
  const marks = async (of: SnapshotRecord, before: object): Promise<object> => {
    const outcome = await b.another().read(of, before, context());
    expect(outcome.error).toBeUndefined();
    return outcome.marks;
  };
  expect([await marks(record, { imported: true }), await marks(record, { successor: true, removing: true })]).toEqual([
    { imported: true },
    {},
  ]);
  b.local.control.holdTime();
  b.local.control.setState("agent", "removing");
  expect(await marks(record, {})).toEqual({ removing: true });
  b.local.control.update("agent", { name: successorName("agent", "x"), state: "active" });
  expect(await marks(record, {})).toEqual({ successor: true });
});

describe("a delete", () => {
  test("of what is gone: with credentials of another organization it is an error, and the state stays", async () => {
    const record = {
      ...(await made(b.lifecycle, program)),
      id: "00000000-0000-4000-8000-000000000000",
      organizationId: "another",
    };
    const outcome = await b.another().delete(record, {}, context());
    expect(outcome.record).toMatchObject({ id: record.id });
    expect(outcome.error?.summary).toBe('deleting snapshot "agent": the credentials belong to another organization');
    expect(b.names()).toEqual({ agent: "active" });
  });

  test("of what is gone names who has the name now, unless another resource of this run keeps that", async () => {
    const record = await made(b.lifecycle, program);
    const id = b.local.control.recreate("agent");
    const warned = (await b.another().delete(record, {}, context())).warnings.map(({ summary }) => summary);
    expect(warned).toEqual([`Snapshot "agent" (${record.id}) no longer exists, and another snapshot now has its name`]);
    const run = b.another();
    run.keeps(id, "urn:other");
    expect(await run.delete(record, {}, context({ owner: "urn:mine" }))).toMatchObject({ record: null, warnings: [] });
    expect(b.names()).toEqual({ agent: "active" });
  });

  test("of an unfinished swap's successor deletes it, also where this run has made the name anew", async () => {
    const run = b.another();
    const final = await made(run, program);
    const id = b.local.control.insert({ name: successorName("agent", "older") });
    expect(await run.delete({ ...final, id }, { successor: true }, context())).toMatchObject({
      record: null,
      warnings: [],
    });
    expect(b.names()).toEqual({ agent: "active" });
    expect(b.local.control.snapshot(final.id)?.name).toBe("agent");
  });

  test("of an unfinished swap's successor leaves the name to another resource that keeps it, and says nothing of it", async () => {
    const record = await made(b.lifecycle, program);
    b.local.control.remove("agent");
    const id = b.local.control.insert({ name: successorName("agent", "older") });
    const run = b.another();
    run.keeps(b.local.control.insert({ name: "agent", createdAt: Date.now() + 1000 }), "urn:other");
    expect(await run.delete({ ...record, id }, { successor: true }, context({ owner: "urn:mine" }))).toMatchObject({
      record: null,
      warnings: [],
    });
    expect(b.names()).toEqual({ agent: "active" });
  });
});
