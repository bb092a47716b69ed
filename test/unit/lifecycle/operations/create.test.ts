import { hasUnknown } from "../../../../provider/kit/unknown";
import { bench, type Bench, context, made, plan, recordOf, text, told } from "../support";

const image = { name: "agent", image: "ubuntu:24.04", cpu: 2 };
let b: Bench;
beforeEach(async () => (b = await bench()));
afterEach(() => b.close());

test("waits until active and stores what the API says", async () => {
  const heard = told();
  const outcome = await b.lifecycle.create(plan(null, {}, image).planned, context({}, heard));
  const record = recordOf(outcome);
  expect(outcome).toEqual({ record, marks: {}, warnings: [] });
  expect(record).toMatchObject({
    name: "agent",
    image: "ubuntu:24.04",
    cpu: 2,
    state: "active",
    active: true,
    region: "us",
    errorReason: null,
  });
  expect(record.organizationId).toBe(b.local.organizationId);
  expect(Object.values(record).some(hasUnknown)).toBe(false);
  expect(heard.progress[0]).toBe("pending, 0 s");
  expect(plan(record, {}, image).action).toBe("none");
});

test("takes at most four requests with events", async () => {
  await made(b.lifecycle, image);
  b.local.control.clearRequests();
  await made(b.lifecycle, { ...image, name: "second", image: "debian:12" });
  expect(b.local.control.counts().total).toBeLessThanOrEqual(4);
  b.local.control.clearRequests();
  await made(b.lifecycle, { name: "third", dockerfileContent: "FROM debian:12\nRUN true\n" });
  expect(b.local.control.counts()).toMatchObject({ create: 1 });
  expect(b.local.control.counts().total).toBeLessThanOrEqual(4);
});

test("is done by polling alone where there are no events", async () => {
  b.local.control.events("off");
  expect((await made(b.lifecycle, image)).state).toBe("active");
});

test("a silent socket does not keep it from ending", async () => {
  b.local.control.events("silent");
  expect((await made(b.lifecycle, image)).state).toBe("active");
}, 20_000);

test("active = false deactivates once it is active", async () => {
  const record = await made(b.lifecycle, { ...image, active: false });
  expect(record).toMatchObject({ state: "inactive", active: false });
  expect(plan(record, {}, { ...image, active: false }).action).toBe("none");
});

test("a failed build is kept, and the error has the reason, the log and the next step", async () => {
  b.local.control.source({ dockerfile: "exit 1", outcome: "fail" });
  const heard = told();
  const outcome = await b.lifecycle.create(
    plan(null, {}, { name: "agent", dockerfileContent: "FROM debian:12\nRUN exit 1 # secret-ish\n" }).planned,
    context({}, heard),
  );
  expect(outcome.record).toMatchObject({ name: "agent", state: "error" });
  expect(outcome.error?.summary).toBe('creating snapshot "agent": the build failed (state `error`)');
  expect(outcome.error?.detail).toContain("Last lines of the build log:\n  #1");
  expect(outcome.error?.detail).toContain("run apply again");
  expect(text(outcome.error)).toContain(outcome.record?.errorReason as string);
  expect(heard.lines.length).toBeGreaterThan(0);
});

test("a lost answer is settled by reading the name", async () => {
  b.local.control.fault({ kind: "create", action: "drop-after" });
  const record = await made(b.lifecycle, image);
  expect(record).toMatchObject({ name: "agent", state: "active" });
  expect(b.names()).toEqual({ agent: "active" });
});

test("a request that never arrived is sent again", async () => {
  b.local.control.fault({ kind: "create", action: "drop-before" });
  expect((await made(b.lifecycle, image)).state).toBe("active");
  expect(b.names()).toEqual({ agent: "active" });
}, 20_000);

test("what the API refuses is told in its own words, with the attribute", async () => {
  const outcome = await b.lifecycle.create(plan(null, {}, { ...image, cpu: 500 }).planned, context());
  expect(outcome.record).toBeNull();
  expect(outcome.error?.summary).toBe('creating snapshot "agent": the API rejected the request');
  expect(outcome.error?.detail).toContain("CPU request 500 exceeds maximum allowed per sandbox");
  expect(outcome.error?.attribute).toEqual(["cpu"]);
});

test("a generated name begins with the prefix", async () => {
  const record = await made(b.lifecycle, { namePrefix: "agent-", image: "ubuntu:24.04" });
  expect(record.name).toMatch(/^agent-[0-9a-z]{26}$/);
  expect(b.names()).toEqual({ [record.name as string]: "active" });
});
