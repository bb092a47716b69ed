import { bench, type Bench, context, made, plan, recordOf, text, told } from "../support";
import { toolWords as pulumiWords } from "../../../../provider/pulumi/shared/words";

const program = { name: "agent", image: "ubuntu:24.04", cpu: 2 };
let b: Bench;
beforeEach(async () => (b = await bench()));
afterEach(() => b.close());

const create = (inputs: object, options = {}) => b.another().create(plan(null, {}, inputs).planned, context(options));

test("the message says what holds the name, and how to import or adopt it", async () => {
  const holder = await made(b.lifecycle, program);
  const outcome = await create(program);
  expect(outcome.record).toBeNull();
  expect(outcome.error?.summary).toBe('creating snapshot "agent": the name "agent" is already taken');
  expect(outcome.error?.detail).toContain(`Snapshot ${holder.id} in this organization has the name (state \`active\``);
  expect(outcome.error?.detail).toContain("It matches the requested snapshot.");
  expect(outcome.error?.detail).toContain(`terraform import ADDRESS ${holder.id}`);
  expect(outcome.error?.detail).toContain("`adopt_existing = true`");
  expect(outcome.error?.detail).toContain("`name_prefix`");
  expect(outcome.error?.attribute).toEqual(["name"]);
});

test("another tool words its own commands", async () => {
  await made(b.lifecycle, program);
  const outcome = await create(program, { words: pulumiWords("agent", "native") });
  expect(text(outcome.error)).toContain("pulumi import daytona:index:Snapshot agent ");
  expect(text(outcome.error)).toContain("`adoptExisting: true`");
  expect(text(outcome.error)).not.toContain("erraform");
});

test("one that differs is never taken over, and the differences are told", async () => {
  await made(b.lifecycle, program);
  const outcome = await create({ ...program, image: "debian:12", adoptExisting: true });
  expect(text(outcome.error)).toContain('image: requested "debian:12", found "ubuntu:24.04"');
  expect(b.local.control.snapshot("agent")?.imageName).toBe("ubuntu:24.04");
});

test("a Dockerfile's text is in no message", async () => {
  await made(b.lifecycle, program);
  const outcome = await create({ name: "agent", dockerfileContent: "FROM debian:12\nENV TOKEN=s3cret\n" });
  expect(text(outcome.error)).toContain("It differs");
  expect(JSON.stringify(outcome)).not.toContain("s3cret");
});

test("the same is adopted where that is asked for", async () => {
  const holder = await made(b.lifecycle, program);
  b.local.control.clearRequests();
  const record = recordOf(await create({ ...program, adoptExisting: true }));
  expect(record).toMatchObject({ id: holder.id, state: "active", adoptExisting: true });
  expect(b.local.control.counts()).toEqual({ create: 1, read: 1, total: 2 });
});

test("an adopted one is brought to where the program wants it", async () => {
  const holder = await made(b.lifecycle, program);
  const off = recordOf(await create({ ...program, adoptExisting: true, active: false }));
  expect(off).toMatchObject({ id: holder.id, state: "inactive", active: false });
  b.local.control.update("agent", { updatedAt: Date.now() - 3_600_000 });
  b.local.control.setState("agent", "error", "disk full");
  const healed = recordOf(await create({ ...program, adoptExisting: true }));
  expect(healed.id).not.toBe(holder.id);
  expect(healed).toMatchObject({ state: "active", active: true });
});

test("a holder that is being removed is waited for", async () => {
  const holder = await made(b.lifecycle, program);
  await b.api.delete(holder.id);
  const record = recordOf(await create({ ...program, image: "debian:12" }));
  expect(record).toMatchObject({ state: "active", image: "debian:12" });
});

test("a general snapshot of another organization does not hold the name", async () => {
  b.local.control.addGeneral("agent");
  expect((await made(b.lifecycle, program)).organizationId).toBe(b.local.organizationId);
});

test("a lost answer and an older holder: not ours", async () => {
  await made(b.lifecycle, program);
  b.local.control.update("agent", { createdAt: Date.now() - 3_600_000 });
  b.local.control.fault({ kind: "create", action: "drop-before" });
  const outcome = await create(program);
  expect(outcome.record).toBeNull();
  expect(text(outcome.error)).toContain('the name "agent" is already taken');
});

test("an operation that is already in progress: removed, and made again", async () => {
  b.local.control.source({
    image: "ubuntu:24.04",
    outcome: "fail",
    reason: "An operation is already in progress for this resource",
  });
  const heard = told();
  const work = b.lifecycle.create(plan(null, {}, program).planned, context({}, heard));
  const ended = work.then(() => true);
  while (!heard.progress.some((line) => line.includes("trying again"))) {
    if (await Promise.race([ended, new Promise<false>((resolve) => setTimeout(() => resolve(false), 10))])) break;
  }
  b.local.control.clearSources();
  expect(recordOf(await work).state).toBe("active");
  expect(b.names()).toEqual({ agent: "active" });
}, 20_000);

test("a forced replacement never deletes what it has just adopted", async () => {
  const older = await made(b.lifecycle, program);
  const process = b.another();
  await process.create(plan(null, {}, { ...program, adoptExisting: true }).planned, context());
  b.local.control.clearRequests();
  const outcome = await process.delete(older, {}, context());
  expect(outcome).toMatchObject({ record: null });
  expect(outcome.error).toBeUndefined();
  expect(outcome.warnings[0]?.summary).toBe('deleting snapshot "agent": not deleted');
  expect(b.local.control.counts().total).toBe(0);
  expect(b.names()).toEqual({ agent: "active" });
});

test("nor what it has made anew under the name; the warning names both", async () => {
  const older = await made(b.lifecycle, program);
  b.local.control.remove("agent");
  const process = b.another();
  const newer = recordOf(await process.create(plan(null, {}, program).planned, context()));
  const outcome = await process.delete(older, {}, context());
  expect(text(outcome.warnings[0])).toContain(older.id);
  expect(text(outcome.warnings[0])).toContain(newer.id);
  expect((await process.delete(newer, {}, context())).warnings).toEqual([]);
  expect(b.names()).toEqual({});
});
