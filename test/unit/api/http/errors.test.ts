import { createClient, NotFoundError, type SnapshotApi, WrongAddressError } from "../../../../provider/api";
import * as errors from "../../../../provider/api/errors";
import { connect, json, KEY, refuse, serve, snapshot, type TestServer } from "../server";

let server: TestServer;
let api: SnapshotApi;

beforeEach(async () => {
  server = await serve((_seen, response) => json(response, 200, snapshot("1")));
  api = createClient(connect(server.url), { log: { debug: () => undefined }, random: () => 0 });
});
afterEach(async () => {
  api.close();
  await server.close();
});

async function failure(work: Promise<unknown>): Promise<Error & { status: number; reason: string }> {
  return work.then(
    () => {
      throw new Error("expected a failure");
    },
    (error: Error & { status: number; reason: string }) => error,
  );
}

test("the headers of a request", async () => {
  await expect(api.get("a b/c")).resolves.toMatchObject({ id: "1" });
  expect(server.requests[0]).toMatchObject({
    method: "GET",
    path: "/api/snapshots/a%20b%2Fc",
    headers: { authorization: `Bearer ${KEY}`, "user-agent": "daytona-iac", "x-daytona-source": "daytona-iac" },
  });
  expect(server.requests[0]?.headers).not.toHaveProperty("x-daytona-organization-id");
});

test("a JWT names its organization", async () => {
  const jwt = createClient(connect(server.url, { jwt: true }), {
    log: { debug: () => undefined },
    userAgent: "daytona-iac/1.2.3",
  });
  await jwt.get("x");
  expect(server.requests[0]?.headers).toMatchObject({
    "x-daytona-organization-id": "org-1",
    "user-agent": "daytona-iac/1.2.3",
  });
  expect(jwt.organizationId).toBe("org-1");
  expect(await jwt.currentKey()).toBeNull();
  expect(server.requests).toHaveLength(1);
  jwt.close();
});

test.each([
  [
    400,
    "BadRequestError",
    "Image name must include a tag",
    "Daytona API returned 400 Bad Request for POST /snapshots: Image name must include a tag",
  ],
  [
    401,
    "UnauthorizedError",
    "Invalid credentials",
    "Daytona API returned 401 Unauthorized for POST /snapshots: Invalid credentials. The API key or token is wrong, expired or revoked, or it is not for this server, URL. Create a key in the dashboard of this server: a key from https://app.daytona.io/dashboard/keys works only with the official service",
  ],
  [
    403,
    "ForbiddenError",
    "Access denied",
    "Daytona API returned 403 Forbidden for POST /snapshots: Access denied. The credentials lack a permission, or their organization is not allowed to do this",
  ],
  [
    404,
    "NotFoundError",
    "Region not found",
    "Daytona API returned 404 Not Found for POST /snapshots: Region not found",
  ],
  [409, "ConflictError", "taken", "Daytona API returned 409 Conflict for POST /snapshots: taken"],
  [
    500,
    "ServerError",
    "An unexpected error occurred.",
    "Daytona API returned 500 Internal Server Error for POST /snapshots: An unexpected error occurred.",
  ],
])("%i is a %s", async (status, name, reason, message) => {
  server.handler = (seen, response) => refuse(response, seen, status, reason);
  const error = await failure(api.create({ name: "x", imageName: "y:1" }));
  expect(error).toBeInstanceOf(errors[name as keyof typeof errors]);
  expect(error).toMatchObject({ name, status, reason, message: message.replace("URL", api.apiUrl) });
  expect(server.requests).toHaveLength(1);
});

test("several messages are joined", async () => {
  server.handler = (_seen, response) =>
    json(response, 400, { statusCode: 400, message: ["a", "b"], error: "Bad Request" });
  expect((await failure(api.get("x"))).reason).toBe("a, b");
});

test("a missing snapshot is told from a wrong address", async () => {
  server.handler = (seen, response) => refuse(response, seen, 404, "Snapshot with name x not found");
  expect(await failure(api.get("x"))).toBeInstanceOf(NotFoundError);
  expect(await api.read("x")).toBeNull();

  const wrong: [
    string,
    (seen: Parameters<typeof refuse>[1], response: Parameters<typeof refuse>[0]) => void,
    string,
  ][] = [
    ["route", (seen, response) => refuse(response, seen, 404, `Cannot GET ${seen.path}`), "There is no such route at"],
    [
      "html",
      (_seen, response) => response.writeHead(404, { "Content-Type": "text/html" }).end("<html>"),
      "returned HTML (status 404)",
    ],
    [
      "page",
      (_seen, response) => response.writeHead(200, { "Content-Type": "text/html" }).end("<!doctype html>"),
      "returned HTML (status 200)",
    ],
    [
      "other JSON",
      (_seen, response) => json(response, 404, { message: "Not Found" }),
      "returned JSON that is not the snapshot API's (status 404)",
    ],
    ["empty", (_seen, response) => response.writeHead(404).end(), "returned nothing (status 404)"],
    ["other success", (_seen, response) => json(response, 200, { hello: 1 }), "is not a snapshot"],
    [
      "redirect",
      (_seen, response) => response.writeHead(301, { Location: "https://other.test/x?token=1" }).end(),
      "a redirect to https://other.test; set the API URL",
    ],
  ];
  for (const [what, handler, part] of wrong) {
    server.handler = handler;
    const error = await failure(api.get("x"));
    expect([what, error]).toEqual([what, expect.any(WrongAddressError)]);
    expect(error.message).toContain(part);
    await expect(api.read("x")).rejects.toThrow(WrongAddressError);
  }
});

test("the 404 that means a request is too large", async () => {
  server.handler = (seen, response) => refuse(response, seen, 404, "Cannot POST /api/snapshots");
  const error = await failure(api.create({ name: "x", buildInfo: { dockerfileContent: "x".repeat(110 * 1024) } }));
  expect(error).toMatchObject({ name: "BadRequestError", status: 404 });
  expect(error.message).toContain("This request is 111 KiB, and the limit is about 100 KiB");
  expect(await failure(api.create({ name: "x", imageName: "y:1" }))).toMatchObject({ name: "WrongAddressError" });
});

test("a server that repeats the key does not get it into a message", async () => {
  server.handler = (seen, response) => refuse(response, seen, 400, `no such key ${KEY}, nor Bearer abcdefghijkl`);
  const error = await failure(api.get("x"));
  expect(error.message).toContain("no such key [redacted], nor Bearer [redacted]");
  expect(JSON.stringify(error) + error.stack).not.toContain(KEY);
});

test("nobody listens there", async () => {
  await server.close();
  const error = await failure(api.get("x"));
  expect(error).toMatchObject({ name: "UnreachableError", status: 0 });
  expect(error.message).toContain("connection refused. Check the API URL and that the server is running");
});

test("unknown states and fields pass through", async () => {
  server.handler = (_seen, response) => json(response, 200, snapshot("1", { state: "dreaming", novel: { a: [1] } }));
  expect(await api.get("1")).toMatchObject({ state: "dreaming", novel: { a: [1] } });
  expect(api.organizationId).toBe("org-1");
});
