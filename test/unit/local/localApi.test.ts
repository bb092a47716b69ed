import { io } from "socket.io-client";
import { type LocalApi, startLocalApi } from "../../../provider/local";

const FAST = { pullSeconds: 0.05, buildSeconds: 0.05 };
let local: LocalApi;

afterEach(() => local.close());

async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${local.apiUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${local.apiKey}`, ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  let parsed: any = text;
  try {
    parsed = JSON.parse(text);
  } catch {}
  return { status: response.status, headers: response.headers, body: parsed };
}

async function until(id: string, state: string | 404) {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const answer = await call("GET", `/snapshots/${id}`);
    if (answer.status === state || answer.body.state === state) return answer.body;
    if (Date.now() > deadline) throw new Error(`not ${state} but ${JSON.stringify(answer.body)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test("a snapshot is pulled, deactivated, activated after the rest, and deleted", async () => {
  local = await startLocalApi(FAST);
  const made = await call("POST", "/snapshots", { name: "a", imageName: "ubuntu:24.04", memory: 2 });
  expect(made).toMatchObject({ status: 200, body: { name: "a", state: "pending", mem: 2, cpu: 1, disk: 3, regionIds: ["us"] } });
  const { id } = made.body;
  expect(await until(id, "active")).toMatchObject({ size: 0.75, ref: expect.stringMatching(/daytona-[0-9a-f]{64}:daytona$/) });
  expect((await call("POST", `/snapshots/${id}/deactivate`)).status).toBe(204);
  expect((await call("POST", `/snapshots/${id}/activate`)).body.message).toBe("Snapshot deactivation is still in progress. Please try again in a few minutes.");
  local.control.advanceClock(601_000);
  expect((await call("POST", `/snapshots/${id}/activate`)).body.state).toBe("pending");
  await until(id, "active");
  expect((await call("DELETE", `/snapshots/${id}`)).status).toBe(200);
  expect((await until(id, 404)).message).toBe(`Snapshot with name ${id} not found`);
});

test("events tell of every state", async () => {
  local = await startLocalApi(FAST);
  const socket = io(new URL(local.apiUrl).origin, { path: "/api/socket.io/", transports: ["websocket"], auth: { token: local.apiKey } });
  const heard: string[] = [];
  socket.onAny((event: string, payload: any) => heard.push(`${event} ${payload.newState ?? payload.state} ${payload.id ?? payload.snapshot?.id ?? "no id"}`));
  await new Promise<void>((resolve, reject) => {
    socket.on("connect", () => resolve());
    socket.on("connect_error", reject);
  });
  const { id } = (await call("POST", "/snapshots", { name: "a", imageName: "ubuntu:24.04" })).body;
  await until(id, "active");
  await call("DELETE", `/snapshots/${id}`);
  await until(id, 404);
  await new Promise((resolve) => setTimeout(resolve, 50));
  socket.close();
  expect(heard).toEqual([
    `snapshot.created pending ${id}`, `snapshot.state.updated pulling ${id}`, `snapshot.state.updated active ${id}`,
    `snapshot.state.updated removing ${id}`, "snapshot.removed removing no id",
  ]);
});
