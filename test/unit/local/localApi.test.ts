import { io } from "socket.io-client";
import type { LocalApi } from "../../../provider/local";
import { call, closeAll, start, until } from "./harness";

afterEach(closeAll);

function listen(local: LocalApi, token = local.apiKey) {
  const socket = io(new URL(local.apiUrl).origin, {
    path: "/api/socket.io/",
    transports: ["websocket"],
    auth: { token },
    reconnectionDelay: 10,
    reconnectionDelayMax: 20,
    forceNew: true,
  });
  const heard: string[] = [];
  socket.onAny((event: string, payload: any) =>
    heard.push(`${event} ${payload.newState ?? payload.state} ${payload.id ?? payload.snapshot?.id ?? "no id"}`),
  );
  const connected = () =>
    socket.connected ? Promise.resolve() : new Promise<void>((resolve) => socket.once("connect", () => resolve()));
  return { socket, heard, connected };
}

async function eventually(what: () => boolean) {
  const deadline = Date.now() + 8000;
  while (!what() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(what()).toBe(true);
}

test("a snapshot is pulled, deactivated, activated after the rest, and deleted", async () => {
  const local = await start();
  const made = await call(local, "POST", "/snapshots", { name: "a", imageName: "ubuntu:24.04", memory: 2 });
  expect(made).toMatchObject({
    status: 200,
    body: { name: "a", state: "pending", mem: 2, cpu: 1, disk: 3, regionIds: ["us"] },
  });
  const { id } = made.body;
  expect(await until(local, id, "active")).toMatchObject({
    size: 0.75,
    ref: expect.stringMatching(/daytona-[0-9a-f]{64}:daytona$/),
  });
  expect((await call(local, "POST", `/snapshots/${id}/deactivate`)).status).toBe(204);
  expect((await call(local, "POST", `/snapshots/${id}/activate`)).body.message).toBe(
    "Snapshot deactivation is still in progress. Please try again in a few minutes.",
  );
  local.control.advanceClock(601_000);
  expect((await call(local, "POST", `/snapshots/${id}/activate`)).body.state).toBe("pending");
  await until(local, id, "active");
  expect((await call(local, "DELETE", `/snapshots/${id}`)).status).toBe(200);
  expect((await until(local, id, 404)).message).toBe(`Snapshot with name ${id} not found`);
});

test("events tell of every state, to the organization only", async () => {
  const local = await start();
  const ours = listen(local);
  const theirs = listen(local, local.otherApiKey);
  await Promise.all([ours.connected(), theirs.connected()]);
  const { id } = (await call(local, "POST", "/snapshots", { name: "a", imageName: "ubuntu:24.04" })).body;
  await until(local, id, "active");
  await call(local, "DELETE", `/snapshots/${id}`);
  await until(local, id, 404);
  await eventually(() => ours.heard.length >= 5);
  ours.socket.close();
  theirs.socket.close();
  expect(ours.heard).toEqual([
    `snapshot.created pending ${id}`,
    `snapshot.state.updated pulling ${id}`,
    `snapshot.state.updated active ${id}`,
    `snapshot.state.updated removing ${id}`,
    "snapshot.removed removing no id",
  ]);
  expect(theirs.heard).toEqual([]);
});

test("events can be silent, cut, off and on again", async () => {
  const local = await start();
  const { socket, heard, connected } = listen(local);
  await connected();
  const id = local.control.insert({ name: "a" });
  local.control.events("silent");
  local.control.setState(id, "inactive");
  local.control.events("on");
  local.control.setState(id, "active");
  await eventually(() => heard.length === 1);
  expect(heard).toEqual([`snapshot.state.updated active ${id}`]);
  local.control.disconnectEvents();
  await eventually(() => !socket.connected);
  await eventually(() => socket.connected && local.control.listeners() === 1);
  local.control.events("off");
  await eventually(() => !socket.connected && local.control.listeners() === 0);
  local.control.events("on");
  await eventually(() => socket.connected);
  socket.close();
});

test("the quota counts what is settling or active", async () => {
  const local = await start({ snapshotQuota: 2 });
  local.control.insert({ name: "a" });
  local.control.insert({ name: "asleep", state: "inactive", updatedAt: 0 });
  const id = (await call(local, "POST", "/snapshots", { name: "b", imageName: "ubuntu:24.04" })).body.id;
  expect((await call(local, "POST", "/snapshots", { name: "c", imageName: "ubuntu:24.04" })).body.message).toBe(
    "Snapshot quota exceeded. Maximum allowed: 2",
  );
  const asleep = local.control.snapshot("asleep")!.id;
  expect((await call(local, "POST", `/snapshots/${asleep}/activate`)).body.message).toBe(
    "Snapshot quota exceeded. Maximum allowed: 2",
  );
  await until(local, id, "active");
  await call(local, "DELETE", `/snapshots/${id}`);
  expect((await call(local, "POST", "/snapshots", { name: "c", imageName: "ubuntu:24.04" })).status).toBe(200);
});

test("general snapshots of others: read by name, shadowed, never deleted", async () => {
  const local = await start();
  const id = local.control.addGeneral("base");
  expect((await call(local, "GET", "/snapshots/base")).body).toMatchObject({
    id,
    general: true,
    organizationId: local.otherOrganizationId,
  });
  expect(await call(local, "DELETE", `/snapshots/${id}`)).toMatchObject({
    status: 404,
    body: { message: `Snapshot with ID or name ${id} not found` },
  });
  const own = (await call(local, "POST", "/snapshots", { name: "base", imageName: "ubuntu:24.04" })).body.id;
  expect((await call(local, "GET", "/snapshots/base")).body).toMatchObject({ id: own, general: false });
  expect(
    (await call(local, "DELETE", `/snapshots/${id}`, undefined, { authorization: `Bearer ${local.otherApiKey}` })).body
      .message,
  ).toBe("You cannot delete a general snapshot");
});

test("a tag that moved gives another ref, an unmoved one the same", async () => {
  const local = await start();
  const refOf = async (name: string) => {
    const { id } = (await call(local, "POST", "/snapshots", { name, imageName: "app:1" })).body;
    return (await until(local, id, "active")).ref as string;
  };
  const first = await refOf("a");
  expect(await refOf("b")).toBe(first);
  local.control.moveTag("app:1");
  expect(await refOf("c")).not.toBe(first);
});

test("regions without a quota, of others, and without runners", async () => {
  const local = await start();
  local.control.region({ id: "eu", quota: false });
  local.control.region({ id: "lab", organizationId: local.otherOrganizationId, regionType: "custom" });
  local.control.region({ id: "empty", runners: [] });
  const create = async (regionId: string) =>
    (await call(local, "POST", "/snapshots", { name: "a", imageName: "ubuntu:24.04", regionId })).body;
  expect(await create("eu")).toMatchObject({
    statusCode: 403,
    message: "Region eu is not available to the organization",
  });
  expect(await create("lab")).toMatchObject({ statusCode: 404, message: "Region lab not found" });
  expect(await create("empty")).toMatchObject({
    statusCode: 400,
    message:
      "No runners are configured in region 'empty' for sandbox class 'container'. Try a different region or sandbox class.",
  });
  expect((await call(local, "GET", "/regions")).body.map((r: any) => r.id)).toEqual(["us", "empty"]);
});

test("no runner with room: pending until one has", async () => {
  const local = await start();
  local.control.region({ id: "us", available: false });
  const { id } = (await call(local, "POST", "/snapshots", { name: "a", imageName: "ubuntu:24.04" })).body;
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect((await call(local, "GET", `/snapshots/${id}`)).body).toMatchObject({
    state: "pending",
    initialRunnerId: null,
  });
  local.control.region({ id: "us", available: true });
  await until(local, id, "active");
});

test("latency is waited concurrently", async () => {
  const local = await start({ latencyMs: 100 });
  const ids = local.control.seed(40, { name: "s" });
  const began = Date.now();
  await Promise.all(ids.map((id) => call(local, "GET", `/snapshots/${id}`)));
  // One after the other they would take 4 s.
  expect(Date.now() - began).toBeLessThan(3000);
  expect(local.control.counts()).toEqual({ total: 40, read: 40 });
});
