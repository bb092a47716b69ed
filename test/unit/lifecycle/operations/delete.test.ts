import { bench, type Bench, context, made, recordOf } from "../support";

const program = { name: "agent", image: "ubuntu:24.04" };
let b: Bench;
beforeEach(async () => (b = await bench()));
afterEach(() => b.close());

test("ends when the API no longer knows it", async () => {
  const record = await made(b.lifecycle, program);
  expect(await b.lifecycle.delete(record, {}, context())).toEqual({ record: null, marks: {}, warnings: [] });
  expect(b.names()).toEqual({});
});

test("one that is gone already is no error", async () => {
  const record = await made(b.lifecycle, program);
  b.local.control.remove("agent");
  expect(await b.lifecycle.delete(record, {}, context())).toEqual({ record: null, marks: {}, warnings: [] });
});

test("by id: another that has the name now stays", async () => {
  const record = await made(b.lifecycle, program);
  b.local.control.recreate("agent");
  expect((await b.another().delete(record, {}, context())).error).toBeUndefined();
  expect(b.names()).toEqual({ agent: "active" });
});

test("a delete that the server forgets is repeated", async () => {
  const record = await made(b.lifecycle, program);
  b.local.control.loseDelete("agent");
  expect((await b.lifecycle.delete(record, {}, context())).record).toBeNull();
  expect(b.local.control.counts().delete).toBeGreaterThan(1);
  expect(b.names()).toEqual({});
}, 20_000);

test("an answer of DELETE that is lost is asked for again", async () => {
  const record = await made(b.lifecycle, program);
  b.local.control.fault({ kind: "delete", action: "drop-after" });
  expect((await b.lifecycle.delete(record, {}, context())).record).toBeNull();
  expect(b.names()).toEqual({});
}, 20_000);

test("waits until nothing of its source is settling", async () => {
  const record = await made(b.lifecycle, program);
  const sibling = made(b.lifecycle, { ...program, name: "sibling" });
  await b.lifecycle.delete(record, {}, context());
  expect(b.names()).toEqual({ sibling: "active" });
  await sibling;
});

test("interrupted: within 2 s, and what is there stays in the state", async () => {
  const record = await made(b.lifecycle, program);
  b.local.control.fault({ kind: "delete", action: "hang-before" });
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 50);
  const before = Date.now();
  const outcome = await b.lifecycle.delete(record, {}, context({ signal: stop.signal }));
  expect(Date.now() - before).toBeLessThan(2000);
  expect(outcome).toMatchObject({ interrupted: true, record: { id: record.id } });
});

test("a key that may not delete: the error says so, and the state stays", async () => {
  const record = await made(b.lifecycle, program);
  const outcome = await b.with(b.local.control.addKey("reader", [])).delete(record, {}, context());
  expect(outcome.error?.summary).toBe('deleting snapshot "agent": permission denied');
  expect(outcome.record).toEqual(record);
});

describe("import", () => {
  test("by id and by name", async () => {
    const record = await made(b.lifecycle, program);
    for (const by of [record.id, "agent"]) {
      const outcome = await b.lifecycle.import(by, context());
      expect(outcome.marks).toEqual({ imported: true });
      expect(recordOf(outcome)).toMatchObject({
        id: record.id,
        name: "agent",
        image: "ubuntu:24.04",
        sourceHash: null,
        dockerfileContent: null,
        active: true,
      });
    }
  });

  test("by id first, where a name looks like an id", async () => {
    const record = await made(b.lifecycle, program);
    const named = await made(b.lifecycle, { ...program, name: "11111111-2222-4333-8444-555555555555" });
    expect(recordOf(await b.lifecycle.import(named.name as string, context())).id).toBe(named.id);
    expect(recordOf(await b.lifecycle.import(record.id, context())).name).toBe("agent");
  });

  test("what is not there, general, or on its way out is refused", async () => {
    await b.close();
    b = await bench({ cronSeconds: 600 });
    b.local.control.addGeneral("everybodys");
    const record = await made(b.lifecycle, program);
    b.local.control.setState("agent", "removing");
    b.local.control.seed(1, () => ({ name: "agent--next-0123abcd" }));
    const summaries: (string | undefined)[] = [];
    for (const by of ["nope", "everybodys", record.id, "agent--next-0123abcd"]) {
      const outcome = await b.lifecycle.import(by, context());
      expect(outcome.record).toBeNull();
      summaries.push(outcome.error?.summary);
    }
    expect(summaries).toEqual([
      'importing snapshot "nope": no such snapshot',
      'importing snapshot "everybodys": it belongs to another organization',
      `importing snapshot "${record.id}": it is being deleted`,
      'importing snapshot "agent--next-0123abcd": it is the temporary successor of an unfinished swap',
    ]);
  });

  test("a failed one is imported with a warning", async () => {
    await made(b.lifecycle, program);
    b.local.control.setState("agent", "error", "out of disk");
    const outcome = await b.lifecycle.import("agent", context());
    expect(recordOf(outcome).state).toBe("error");
    expect(outcome.warnings[0]?.detail).toContain("out of disk");
  });
});
