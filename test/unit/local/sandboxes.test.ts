import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LocalApi } from "../../../provider/local";
import { call, closeAll, start, until } from "./harness";

afterEach(closeAll);

const take = (local: LocalApi, box: string, body: unknown) => call(local, "POST", `/sandbox/${box}/snapshot`, body);

/** Waits for the sandbox to be in a state, or for 404. */
async function untilBox(local: LocalApi, box: string, state: string | 404): Promise<any> {
  for (const deadline = Date.now() + 8000; ;) {
    const { status, body, text } = await call(local, "GET", `/sandbox/${box}`);
    if (status === state || body.state === state) return body;
    if (Date.now() > deadline) throw new Error(`not ${state} but ${text}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe.each(["v0", "v2"] as const)("runner API %s", (generation) => {
  test("the answer is the sandbox, and the snapshot comes by its name with the sandbox's resources", async () => {
    const local = await start({ generation });
    const box = local.control.sandbox({ name: "box", cpu: 2, mem: 4, disk: 5 });
    const answer = await take(local, "box", { name: "taken" });
    expect(answer).toMatchObject({
      status: 200,
      body: { id: box, name: "box", state: "snapshotting", desiredState: "started" },
    });
    const made = await until(local, "taken", "active");
    expect(made).toMatchObject({
      name: "taken",
      imageName: "",
      entrypoint: null,
      cpu: 2,
      mem: 4,
      disk: 5,
      size: 0.75,
      sandboxClass: "container",
      regionIds: ["us"],
      organizationId: local.organizationId,
      sourceSandboxId: box,
    });
    expect(made.buildInfo).toBeUndefined();
    expect(made.ref).toMatch(/\/daytona\/daytona-[0-9a-f]{64}:daytona$/);
    expect((await untilBox(local, "box", "started")).desiredState).toBe("started");
    expect(local.control.counts()["create-from-sandbox"]).toBe(1);
  });

  test("a job that fails gives the sandbox its state back, and no snapshot comes", async () => {
    const local = await start({ generation });
    local.control.sandbox({ name: "box", state: "stopped", desiredState: "stopped" });
    local.control.sandboxRule({ outcome: "fail", times: 1 });
    await take(local, "box", { name: "taken" });
    await untilBox(local, "box", "stopped");
    expect(local.control.snapshot("taken")).toBeNull();
    await take(local, "box", { name: "taken" });
    await until(local, "taken", "active");
  });

  test("a name that is taken by the time makes no snapshot, and nobody is told", async () => {
    const local = await start({ generation });
    local.control.sandbox();
    const holder = local.control.insert({ name: "taken" });
    expect((await take(local, "box", { name: "taken" })).status).toBe(200);
    await untilBox(local, "box", "started");
    expect(local.control.snapshots().map(({ id }) => id)).toEqual([holder]);
  });

  test("a hanging job ends when it is finished, or when the server gives it up", async () => {
    const local = await start({ generation });
    local.control.sandbox();
    local.control.sandboxRule({ outcome: "hang", times: 2 });
    await take(local, "box", { name: "one" });
    local.control.finishHung();
    await until(local, "one", "active");
    await untilBox(local, "box", "started");
    local.control.holdTime();
    await take(local, "box", { name: "two" });
    const hours = generation === "v0" ? 1 : 2;
    await local.control.passTime(hours * 3_600_000 - 1000);
    expect(local.control.sandboxes()[0]!.state).toBe("snapshotting");
    await local.control.passTime(2000);
    expect(local.control.sandboxes()[0]).toMatchObject({ state: "started", pending: false });
    expect(local.control.snapshot("two")).toBeNull();
  });
});

test("which sandboxes may be taken", async () => {
  const local = await start();
  const answers = async (fields: object, body: object) => {
    const id = local.control.sandbox({ name: `box-${Math.random()}`, ...fields });
    const { status, body: answer } = await take(local, id, { name: `taken-${id}`, ...body });
    return status === 200 ? 200 : `${status} ${answer.message}`;
  };
  const wrongState = "400 Sandbox must be in started or stopped state to create a snapshot";
  for (const state of ["creating", "stopping", "archived", "error", "snapshotting", "paused"])
    expect(await answers({ state }, {})).toBe(wrongState);
  expect(await answers({ pending: true }, {})).toBe("409 Sandbox state change in progress");
  expect(await answers({}, { includeMemory: true })).toBe("400 includeMemory is only supported for Windows sandboxes");
  const windows = { sandboxClass: "windows" };
  expect(await answers(windows, {})).toBe(
    "400 Filesystem-only snapshots require the Windows sandbox to be stopped (STOPPED)",
  );
  const stopped = { ...windows, state: "stopped", desiredState: "stopped" };
  expect(await answers(stopped, { includeMemory: true })).toBe(
    "400 Snapshots with memory require the Windows sandbox to be running (STARTED)",
  );
  expect(await answers(windows, { includeMemory: true })).toBe(200);
  expect(await answers(stopped, {})).toBe(200);
  expect(await answers({}, { name: 7 })).toBe(
    "400 name must not contain HTML tags, URLs, or control characters, name must be a string",
  );
  expect(await answers({}, { includeMemory: "yes" })).toBe("400 includeMemory must be a boolean value");
  // The rules of snapshot names are not asked here.
  expect(await answers({}, { name: "odd name!" })).toBe(200);
  expect((await take(local, "none", { name: "x" })).body.message).toBe("Sandbox with ID or name none not found");
});

test("two at once: the second is refused; a sandbox that is being taken cannot be deleted", async () => {
  const local = await start();
  local.control.sandbox();
  local.control.sandboxRule({ outcome: "hang" });
  const answers = await Promise.all([take(local, "box", { name: "a" }), take(local, "box", { name: "b" })]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
  expect((await call(local, "DELETE", "/sandbox/box")).body).toMatchObject({
    statusCode: 409,
    message: "Sandbox state change in progress",
  });
});

test("a snapshot that is being taken has its place of the quota", async () => {
  const local = await start({ snapshotQuota: 2 });
  local.control.insert({ name: "there" });
  local.control.sandbox({ name: "one" });
  local.control.sandbox({ name: "two" });
  local.control.sandboxRule({ outcome: "hang" });
  expect((await take(local, "one", { name: "a" })).status).toBe(200);
  expect((await take(local, "two", { name: "b" })).body.message).toBe("Snapshot quota exceeded. Maximum allowed: 2");
  local.control.finishHung();
  await until(local, "a", "active");
  expect(local.control.sandboxes()[1]!.state).toBe("started");
});

test("permissions are those of sandboxes", async () => {
  const local = await start();
  local.control.sandbox();
  const snapshotsOnly = local.control.addKey("one", ["write:snapshots", "delete:snapshots"]);
  const sandboxesOnly = local.control.addKey("two", ["write:sandboxes"]);
  const as = (key: string) =>
    call(local, "POST", "/sandbox/box/snapshot", { name: "a" }, { authorization: `Bearer ${key}` });
  expect((await as(snapshotsOnly)).body).toMatchObject({ statusCode: 403, message: "Access denied" });
  expect((await as(sandboxesOnly)).status).toBe(200);
});

test("a sandbox is made of a snapshot, and what was taken of it has its content", async () => {
  const local = await start();
  local.control.insert({ name: "base", imageName: "ubuntu:24.04", cpu: 2 });
  const made = await call(local, "POST", "/sandbox", { name: "box", snapshot: "base" });
  expect(made).toMatchObject({ status: 200, body: { name: "box", snapshot: "base", state: "creating", cpu: 2 } });
  expect((await call(local, "GET", `/sandbox/${made.body.id}`)).body.state).toBe("started");
  await take(local, "box", { name: "one" });
  await untilBox(local, "box", "started");
  await take(local, "box", { name: "two" });
  await untilBox(local, "box", "started");
  local.control.writeInSandbox("box");
  await take(local, "box", { name: "three" });
  await until(local, "three", "active");
  const [one, two, three] = ["one", "two", "three"].map((name) => local.control.contentOf(name));
  expect(one).toBe(local.control.contentOf("base"));
  expect(two).toBe(one);
  expect(three).not.toBe(one);
  // The image's ID is another one each time, even of the same content.
  expect(local.control.snapshot("one")!.ref).not.toBe(local.control.snapshot("two")!.ref);
  const refused = async (body: object) => (await call(local, "POST", "/sandbox", body)).body.message;
  expect(await refused({ snapshot: "none" })).toBe(
    "Snapshot none not found. Did you add it through the Daytona Dashboard?",
  );
  local.control.insert({ name: "asleep", state: "inactive" });
  expect(await refused({ snapshot: "asleep" })).toBe("Snapshot asleep is inactive");
  expect(await refused({ snapshot: "base", name: "box" })).toBe("Sandbox with name box already exists");
  expect(await refused({ snapshot: "base", cpu: 1 })).toBe("Cannot specify Sandbox resources when using a snapshot");
  expect((await call(local, "DELETE", "/sandbox/box")).body.state).toBe("destroying");
  await untilBox(local, "box", 404);
  // Its snapshots stay.
  expect(local.control.snapshot("one")!.state).toBe("active");
});

test("v2 gives the sandbox its state back before the snapshot is there", async () => {
  const local = await start();
  local.control.sandbox();
  local.control.sandboxRule({ gapSeconds: 0.2 });
  await take(local, "box", { name: "taken" });
  await untilBox(local, "box", "started");
  expect(local.control.snapshot("taken")).toBeNull();
  await until(local, "taken", "active");
});

test("a snapshot of a sandbox that was deactivated cannot be woken: the server has no image to pull", async () => {
  const local = await start({ activationCooldownSeconds: 0 });
  local.control.sandbox();
  await take(local, "box", { name: "taken" });
  const { id } = await until(local, "taken", "active");
  await call(local, "POST", `/snapshots/${id}/deactivate`);
  await call(local, "POST", `/snapshots/${id}/activate`);
  expect((await until(local, id, "error")).errorReason).toMatch(/invalid reference format/);
});

describe("the data file", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "local-"))));
  afterEach(async () => {
    await closeAll();
    rmSync(folder, { recursive: true });
  });

  test("keeps sandboxes, and a job that was under way goes on after a restart", async () => {
    const data = join(folder, "data.json");
    const first = await start({ data });
    const id = first.control.sandbox({ name: "box", cpu: 2 });
    first.control.sandboxRule({ outcome: "hang" });
    await take(first, "box", { name: "taken" });
    const left = join(folder, "left.json");
    copyFileSync(data, left);
    const second = await start({ data: left });
    await until(second, "taken", "active");
    expect(await untilBox(second, "box", "started")).toMatchObject({ id, cpu: 2 });
  });

  test("of an earlier release has no sandboxes; one that is broken is refused", async () => {
    const data = join(folder, "data.json");
    await (await start({ data })).close();
    const { sandboxes: _none, ...earlier } = JSON.parse(readFileSync(data, "utf8")) as Record<string, unknown>;
    writeFileSync(data, JSON.stringify(earlier));
    const again = await start({ data });
    expect(again.control.sandboxes()).toEqual([]);
    await again.close();
    writeFileSync(data, JSON.stringify({ ...earlier, sandboxes: [{}] }));
    await expect(start({ data })).rejects.toThrow("sandboxes[0] has no id");
  });
});
