import {
  AmbiguousAnswerError,
  createClient,
  type DaytonaApi,
  NotFoundError,
  WrongAddressError,
} from "../../../provider/api";
import { connect, json, refuse, sequence, serve, type TestServer } from "./server";

/** The endpoints below `/docker-registry`, against a real server on loopback. */
let server: TestServer;
let api: DaytonaApi;
const clock = { now: () => Date.now(), sleep: () => Promise.resolve() };
const dto = { id: "r-1", name: "hub", url: "docker.io", username: "robot", project: "", registryType: "organization" };
const body = { name: "hub", url: "docker.io", username: "robot", password: "pw" };

beforeEach(async () => {
  server = await serve((_seen, response) => json(response, 200, dto));
  api = createClient(connect(server.url), { log: { debug: () => undefined }, clock, random: () => 0 });
});
afterEach(async () => {
  api.close();
  await server.close();
});
const answer404: Parameters<typeof serve>[0] = (seen, response) =>
  refuse(response, seen, 404, "Docker registry with ID r-1 not found");
const dropped: Parameters<typeof serve>[0] = (_seen, response) => void response.destroy();

test("a registry that is not there reads as null", async () => {
  server.handler = answer404;
  expect(await api.registries.get("r-1")).toBeNull();
});

test("another route's 404 never reads as null", async () => {
  server.handler = (seen, response) => refuse(response, seen, 404, "Cannot GET /docker-registry/r-1");
  await expect(api.registries.get("r-1")).rejects.toThrow(WrongAddressError);
});

test("a create whose answer is lost is not repeated, and says that it may exist", async () => {
  server.handler = dropped;
  await expect(api.registries.create(body)).rejects.toThrow(AmbiguousAnswerError);
  expect(server.requests).toHaveLength(1);
});

test("a create whose answer is no registry may exist", async () => {
  server.handler = (_seen, response) => json(response, 201, { id: "" });
  await expect(api.registries.create(body)).rejects.toThrow(
    "the response to POST /docker-registry is unusable, so it may or may not have taken effect",
  );
});

test("an update and a delete whose answers are lost are repeated", async () => {
  server.handler = sequence(dropped, (_seen, response) => json(response, 200, dto), dropped, answer404);
  expect(await api.registries.update("r-1", body)).toEqual(dto);
  expect(await api.registries.delete("r-1")).toBeUndefined();
  expect(server.requests.map(({ method }) => method)).toEqual(["PATCH", "PATCH", "DELETE", "DELETE"]);
});

test("a delete of what was never there is an error", async () => {
  server.handler = answer404;
  await expect(api.registries.delete("r-1")).rejects.toThrow(NotFoundError);
});

test("one unusable row makes the whole list unusable: nothing may read as gone", async () => {
  server.handler = (_seen, response) => json(response, 200, [dto, { id: "r-2" }]);
  await expect(api.registries.list()).rejects.toThrow("the response to GET /docker-registry is not a registry");
});

test("an ID cannot leave its place in the path", async () => {
  await api.registries.get("a/../b?c");
  expect(server.requests[0]?.path).toBe("/api/docker-registry/a%2F..%2Fb%3Fc");
  await expect(async () => api.registries.get("")).rejects.toThrow("a registry's ID is empty");
  await expect(async () => api.registries.delete("..")).rejects.toThrow(NotFoundError);
});
