import { request } from "node:http";
import { gzipSync } from "node:zlib";
import { parseQuery } from "../../../provider/local/protocol/query";
import { databaseUuid } from "../../../provider/local/protocol/validation";
import { call, closeAll, start } from "./harness";
import type { LocalApi } from "../../../provider/local";

afterAll(closeAll);

let local: LocalApi;
beforeAll(async () => {
  local = await start({ failedAuthLimit: false });
});

const NAME = "name must be a string";
const CPU = "cpu must not be less than 0";
const UNEXPECTED = "An unexpected error occurred.";
const TOO_MUCH = "Cannot POST /api/snapshots";

/** Sent as it is: `fetch` would change headers and paths. */
function raw(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body: string | Buffer = "",
): Promise<{ status: number; headers: Record<string, unknown>; body: any }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        port: local.port,
        method,
        path,
        agent: false,
        headers: {
          authorization: `Bearer ${local.apiKey}`,
          "content-length": String(Buffer.byteLength(body)),
          ...headers,
        },
      },
      (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        answer.on("end", () =>
          resolve({
            status: answer.statusCode!,
            headers: answer.headers,
            body: /json/.test(answer.headers["content-type"] ?? "") && text !== "" ? JSON.parse(text) : text,
          }),
        );
      },
    );
    sent.on("error", reject).end(body);
  });
}

test.each([
  ["a=1&b=&c", { a: "1", b: "", c: "" }],
  ["a=1&a=2", { a: ["1", "2"] }],
  ["a[]=1", { a: ["1"] }],
  ["a%5B0%5D=1", { a: ["1"] }],
  ["a[b][c]=1&a[d]=2", { a: { b: { c: "1" }, d: "2" } }],
  ["a[21]=1", { a: { 21: "1" } }],
  ["[a]=1", { a: "1" }],
  ["a[=1", { "a[": "1" }],
  ["a=%E0%A4%A+x", { a: "%E0%A4%A x" }],
  ["__proto__[a]=1", {}],
  [`${"x=1&".repeat(1000)}a=1`, { x: Array(1000).fill("1") }],
])("query %s", (text, expected) => expect(parseQuery(text)).toEqual(expected));

test.each([
  ["11111111222243338444555555555555", "11111111-2222-4333-8444-555555555555"],
  ["{11111111-2222-4333-8444-55555555555A}", "11111111-2222-4333-8444-55555555555a"],
  ["11111111-2222-4333-8444-55555555555", null],
  ["{11111111-2222-4333-8444-555555555555", null],
])("the database reads %s as %s", (text, expected) => expect(databaseUuid(text)).toBe(expected));

test.each([
  ["page[]=3", "page must be an integer number, page must not be less than 1"],
  ["limit[a]=3", "limit must be an integer number, limit must not be less than 1, limit must not be greater than 200"],
  ["name[a]=x", NAME],
  ["sort[]=name", "sort must be one of the following values: name, state, lastUsedAt, createdAt"],
])("a list with %s is refused", async (query, message) =>
  expect((await call(local, "GET", `/snapshots?${query}`)).body).toMatchObject({ statusCode: 400, message }),
);

test.each([["page=1e0"], ["page=0x1"], ["limit=%201%20"], ["limit=1.0"]])("a list with %s is answered", async (query) =>
  expect((await call(local, "GET", `/snapshots?${query}`)).status).toBe(200),
);

const BODY = '{"name":"odd","imageName":"u:1","cpu":-1}';
test.each<[string, Record<string, string>, string | Buffer, number, string]>([
  ["gzip", { "content-type": "application/json", "content-encoding": "gzip" }, gzipSync(BODY), 400, CPU],
  [
    "no gzip, though it says so",
    { "content-type": "application/json", "content-encoding": "gzip" },
    BODY,
    404,
    TOO_MUCH,
  ],
  ["an unknown encoding", { "content-type": "application/json", "content-encoding": "x" }, BODY, 404, TOO_MUCH],
  [
    "gzip of more than 100 KiB",
    { "content-type": "application/json", "content-encoding": "gzip" },
    gzipSync(JSON.stringify({ a: "x".repeat(110_000) })),
    404,
    TOO_MUCH,
  ],
  ["a byte order mark", { "content-type": "application/json" }, `\ufeff${BODY}`, 400, CPU],
  ["another charset", { "content-type": "application/json; charset=latin1" }, BODY, 404, TOO_MUCH],
  ["UTF-16", { "content-type": "application/json; charset=utf-16le" }, Buffer.from(BODY, "utf16le"), 400, CPU],
  ["no type", {}, BODY, 400, CPU],
  ["text/json", { "content-type": "text/json" }, BODY, 400, CPU],
  ["a foreign type", { "content-type": "application/problem+json" }, BODY, 400, NAME],
  ["a number", { "content-type": "application/json" }, "5", 400, "Invalid JSON in request body"],
  [
    "a form",
    { "content-type": "application/x-www-form-urlencoded" },
    "name=odd&imageName=u:1&cpu=1",
    400,
    `${CPU}, cpu must be a number conforming to the specified constraints`,
  ],
  [
    "a form with brackets",
    { "content-type": "application/x-www-form-urlencoded" },
    "name=odd&imageName=u:1&buildInfo[dockerfileContent]=FROM+a",
    400,
    "Cannot specify an image name when using a build info entry",
  ],
  ["100 KiB", { "content-type": "application/json" }, BODY.padEnd(102_400), 400, CPU],
  ["one byte more", { "content-type": "application/json" }, BODY.padEnd(102_401), 404, TOO_MUCH],
])("a body with %s", async (_what, headers, body, status, message) =>
  expect((await raw("POST", "/api/snapshots", headers, body)).body).toMatchObject({ statusCode: status, message }),
);

test.each<[string, Record<string, unknown>, number, string]>([
  ["infinite", { cpu: "INFINITE" }, 400, "cpu must be a number conforming to the specified constraints"],
  ["a foreign id", { id: "99999999-0000-4000-8000-000000000000" }, 500, UNEXPECTED],
  ["an id that is none", { id: "x" }, 500, UNEXPECTED],
  ["an organization that is none", { organizationId: "x" }, 500, UNEXPECTED],
  ["no image and a build", { imageName: null, buildInfo: { dockerfileContent: "FROM a" } }, 500, UNEXPECTED],
  ["null hashes", { imageName: "", buildInfo: { dockerfileContent: "FROM a", contextHashes: null } }, 500, UNEXPECTED],
  [
    "an entrypoint of numbers",
    { imageName: "", buildInfo: { dockerfileContent: "FROM a\nENTRYPOINT [1]" } },
    500,
    UNEXPECTED,
  ],
  ["NUL in the Dockerfile", { imageName: "", buildInfo: { dockerfileContent: "FROM a\0" } }, 500, UNEXPECTED],
  ["NUL in the entrypoint", { entrypoint: ["a\0"] }, 500, UNEXPECTED],
  ["a size that is none", { size: "big" }, 500, UNEXPECTED],
  ["half a core", { cpu: 0.5 }, 500, UNEXPECTED],
  [
    "a class without runners",
    { sandboxClass: "linux-vm" },
    400,
    "No runners are configured in region 'us' for sandbox class 'linux-vm'. Try a different region or sandbox class.",
  ],
  [
    "Windows",
    { sandboxClass: "windows" },
    400,
    "Windows snapshots cannot be created via this endpoint; they are produced by snapshot-from-sandbox flows.",
  ],
])("a create with %s", async (_what, fields, status, message) => {
  const body = JSON.stringify({ name: "odd", imageName: "u:1", ...fields }).replace('"INFINITE"', "1e400");
  expect((await raw("POST", "/api/snapshots", { "content-type": "application/json" }, body)).body).toMatchObject({
    statusCode: status,
    message,
  });
});

test("a create for another organization, known or not, is not ours", async () => {
  const organizationId = "99999999-0000-4000-8000-000000000000";
  const made = await call(local, "POST", "/snapshots", { name: "theirs", imageName: "u:1", organizationId });
  expect(made).toMatchObject({ status: 200, body: { organizationId } });
  expect((await call(local, "GET", `/snapshots/${made.body.id}`)).body.message).toBe(
    `Snapshot with ID or name ${made.body.id} not found`,
  );
});

test("a name that is taken wins over a foreign id, which is taken as well", async () => {
  const id = local.control.insert({ name: "taken" });
  const conflict = {
    status: 409,
    body: { message: 'Snapshot with name "taken" already exists for this organization' },
  };
  expect(
    await call(local, "POST", "/snapshots", {
      name: "taken",
      imageName: "u:1",
      id: "99999999-0000-4000-8000-000000000000",
    }),
  ).toMatchObject(conflict);
  expect((await call(local, "POST", "/snapshots", { name: "free", imageName: "u:1", id })).status).toBe(409);
});

test("an id that only the database reads as one is let in and then not found", async () => {
  const id = local.control.insert({ name: "spelled", dockerfileContent: "FROM a" });
  const bare = id.replace(/-/g, "");
  expect((await call(local, "DELETE", `/snapshots/${bare}`)).body.message).toBe("Validation failed (uuid is expected)");
  expect((await call(local, "GET", `/snapshots/${bare}`)).body.message).toBe(`Snapshot ${bare} not found`);
  expect((await call(local, "GET", `/snapshots/${bare}/build-logs-url`)).body.url).toContain(id);
  expect((await call(local, "GET", `/snapshots/${id.toUpperCase()}`)).body.id).toBe(id);
  expect((await call(local, "GET", "/snapshots/%00")).status).toBe(500);
});

test("what is not there: an error below the API, the dashboard elsewhere", async () => {
  expect((await raw("HEAD", "/api/snapshots")).status).toBe(200);
  expect((await raw("GET", "/api/snapshots/a/b")).body.message).toBe("Cannot GET /api/snapshots/a/b");
  expect((await raw("GET", "/API/snapshots?page=0")).body.message).toBe("page must not be less than 1");
  expect(await raw("GET", "/")).toMatchObject({ status: 302, headers: { location: "/dashboard/" } });
  expect((await raw("GET", "/nope")).body).toContain("<!DOCTYPE html>");
  expect((await raw("OPTIONS", "/api/snapshots", { origin: "http://a.test" })).headers).toMatchObject({
    "access-control-allow-origin": "http://a.test",
  });
});
