import { Server } from "socket.io";
import { createClient, type SnapshotApi, type StateEvent } from "../../../provider/api";
import { connect, json, KEY, serve, snapshot, type TestServer } from "./server";

let server: TestServer;
let io: Server;
let api: SnapshotApi;
let log: string[];
let handshakes: { token: unknown; organizationId: unknown }[];

beforeEach(async () => {
  server = await serve((_seen, response) => json(response, 200, []));
  io = new Server(server.server, { path: "/api/socket.io/", transports: ["websocket"] });
  handshakes = [];
  io.use((socket, next) => {
    handshakes.push({
      token: socket.handshake.auth["token"],
      organizationId: socket.handshake.query["organizationId"],
    });
    next(socket.handshake.auth["token"] === KEY ? undefined : new Error(`Unauthorized ${KEY}`));
  });
  log = [];
  api = createClient(connect(server.url), { log: { debug: (message) => log.push(message) } });
});
afterEach(async () => {
  api.close();
  await io.close();
  await server.close();
});

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
}

test("hears of states and removals, and nothing that is no snapshot", async () => {
  const heard: StateEvent[] = [];
  const end = api.events.subscribe((event) => heard.push(event));
  api.events.subscribe(() => {
    throw new Error("a listener's fault is its own");
  });
  expect(api.events.live).toBe(false);
  expect(await api.events.ready(10_000)).toBe(true);
  expect(api.events.live).toBe(true);
  expect(handshakes).toEqual([{ token: KEY, organizationId: undefined }]);

  io.emit("snapshot.created", snapshot("1", { state: "pending" }));
  io.emit("snapshot.created", null);
  io.emit("snapshot.state.updated", { snapshot: snapshot("1"), oldState: "pending", newState: "active" });
  io.emit("snapshot.state.updated", "nonsense");
  io.emit("snapshot.removed", { name: "gone" });
  io.emit("sandbox.created", {});
  await until(() => heard.length >= 4);
  expect(heard).toMatchObject([
    { kind: "connected" },
    { kind: "state", id: "1", state: "pending" },
    { kind: "state", id: "1", state: "active" },
    { kind: "removed", name: "gone" },
  ]);

  end();
  io.emit("snapshot.removed", { name: "again" });
  await until(() => log.length >= 6);
  expect(heard).toHaveLength(4);
});

test("comes back after the server ended the connection", async () => {
  const heard: string[] = [];
  api.events.subscribe((event) => heard.push(event.kind));
  await api.events.ready(10_000);
  io.disconnectSockets(true);
  await until(() => heard.length >= 3);
  expect(heard).toEqual(["connected", "disconnected", "connected"]);
});

test("a JWT joins its organization", async () => {
  const jwt = createClient(connect(server.url, { jwt: true }), { log: { debug: () => undefined } });
  expect(await jwt.events.ready(10_000)).toBe(true);
  expect(handshakes).toEqual([{ token: KEY, organizationId: "org-1" }]);
  jwt.close();
  expect(await jwt.events.ready(10)).toBe(false);
});

test("without a socket it is not live, says so in time, and does not repeat the key", async () => {
  io.removeAllListeners();
  const refused = createClient(
    { ...connect(server.url), credentials: { kind: "apiKey", organizationId: null, token: () => "dtn_wrong_key" } },
    { log: { debug: (message) => log.push(message) } },
  );
  expect(await refused.events.ready(500)).toBe(false);
  expect(refused.events.live).toBe(false);
  // Known by now: nobody waits for it a second time.
  expect(await refused.events.ready(600_000)).toBe(false);
  refused.close();
  const nowhere = createClient(connect("http://127.0.0.1:1/api"), { log: { debug: (message) => log.push(message) } });
  expect(await nowhere.events.ready(300)).toBe(false);
  nowhere.close();
  expect(log.some((line) => line.includes("not connected"))).toBe(true);
});

test("closing ends the socket, which is the last that anybody hears", async () => {
  const heard: string[] = [];
  api.events.subscribe((event) => heard.push(event.kind));
  await api.events.ready(10_000);
  api.close();
  expect([api.events.live, await api.events.ready(10)]).toEqual([false, false]);
  await until(() => io.engine.clientsCount === 0);
  expect(heard).toEqual(["connected", "disconnected"]);
});
