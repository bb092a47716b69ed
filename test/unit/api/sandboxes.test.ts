import {
  AmbiguousAnswerError,
  createClient,
  type DaytonaApi,
  NotFoundError,
  WrongAddressError,
} from "../../../provider/api";
import { connect, json, refuse, serve, type TestServer } from "./server";

/** The endpoints below `/sandbox`, against a real server on loopback. */
let server: TestServer;
let api: DaytonaApi;
const clock = { now: () => Date.now(), sleep: () => Promise.resolve() };
const dto = { id: "b-1", name: "box", state: "snapshotting", desiredState: "started", sandboxClass: "container" };

beforeEach(async () => {
  server = await serve((_seen, response) => json(response, 200, dto));
  api = createClient(connect(server.url), { log: { debug: () => undefined }, clock, random: () => 0 });
});
afterEach(async () => {
  api.close();
  await server.close();
});

test("a snapshot is taken by the sandbox's name, which is escaped, and the sandbox is the answer", async () => {
  expect(await api.createFromSandbox("a/b", { name: "taken", includeMemory: true })).toEqual(dto);
  expect(server.requests).toMatchObject([{ method: "POST", path: "/api/sandbox/a%2Fb/snapshot" }]);
  expect(JSON.parse(String(server.requests[0]!.body))).toEqual({ name: "taken", includeMemory: true });
});

test("a request whose answer is lost is not repeated, and says that it may have been done", async () => {
  server.handler = (_seen, response) => void response.destroy();
  await expect(api.createFromSandbox("box", { name: "taken" })).rejects.toThrow(AmbiguousAnswerError);
  expect(server.requests).toHaveLength(1);
});

test("an answer that is no sandbox leaves open what was done", async () => {
  server.handler = (_seen, response) => json(response, 200, { id: "b-1", name: "box" });
  await expect(api.createFromSandbox("box", { name: "taken" })).rejects.toThrow(
    "the response to POST /sandbox/box/snapshot is unusable, so it may or may not have taken effect",
  );
});

test("a sandbox that is not there reads as null; another route's 404 does not", async () => {
  server.handler = (seen, response) => refuse(response, seen, 404, "Sandbox with ID or name box not found");
  expect(await api.sandbox("box")).toBeNull();
  await expect(api.createFromSandbox("box", { name: "taken" })).rejects.toThrow(NotFoundError);
  server.handler = (seen, response) => refuse(response, seen, 404, "Cannot GET /api/sandbox/box");
  await expect(api.sandbox("box")).rejects.toThrow(WrongAddressError);
});

test("states, classes and fields of newer servers pass; a field of another type does not", async () => {
  const newer = { ...dto, state: "hibernating", sandboxClass: "unikernel", more: 1 };
  server.handler = (_seen, response) => json(response, 200, newer);
  expect(await api.sandbox("box")).toEqual(newer);
  server.handler = (_seen, response) => json(response, 200, { ...dto, sandboxClass: 7 });
  await expect(api.sandbox("box")).rejects.toThrow("the response to GET /sandbox/box is not a sandbox");
});

test.each(["", ".", ".."])("%p names no sandbox, and nothing is asked", async (name) => {
  await expect(api.sandbox(name).then((found) => ({ found }))).rejects.toThrow(/sandbox/);
  expect(server.requests).toEqual([]);
});
