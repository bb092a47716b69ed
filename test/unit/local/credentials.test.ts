import { request } from "node:http";
import { call, closeAll, start } from "./harness";
import type { LocalApi } from "../../../provider/local";

afterAll(closeAll);

let local: LocalApi;
beforeAll(async () => {
  local = await start({ failedAuthLimit: false });
});

/** `fetch` would tidy up the header. */
function ask(
  path: string,
  authorization: string | undefined,
  more: Record<string, string> = {},
): Promise<{ status: number; body: any }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        port: local.port,
        path: `/api${path}`,
        agent: false,
        headers: { ...(authorization === undefined ? {} : { authorization }), ...more },
      },
      (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        answer.on("end", () => resolve({ status: answer.statusCode!, body: JSON.parse(text) }));
      },
    );
    sent.on("error", reject).end();
  });
}

const LIST = "/snapshots?limit=1";
const REFUSED = "Invalid credentials";

test.each<[string, (local: LocalApi) => [string, string | undefined], number]>([
  ["lower case", ({ apiKey }) => [LIST, `bearer ${apiKey}`], 200],
  ["two spaces", ({ apiKey }) => [LIST, `Bearer  ${apiKey}`], 401],
  ["no scheme", ({ apiKey }) => [LIST, apiKey], 401],
  ["nothing after the scheme", () => [LIST, "Bearer"], 401],
  ["two words", ({ apiKey }) => [LIST, `Bearer ${apiKey} x`], 401],
  ["in the query", ({ apiKey }) => [`${LIST}&access_token=${apiKey}`, undefined], 200],
  ["in the query, another scheme in the header", ({ apiKey }) => [`${LIST}&access_token=${apiKey}`, "Basic YTpi"], 200],
  ["in both", ({ apiKey }) => [`${LIST}&access_token=${apiKey}`, `Bearer ${apiKey}`], 401],
  ["a list in the query", ({ apiKey }) => [`${LIST}&access_token[]=${apiKey}`, undefined], 503],
  ["a token in the query", ({ jwtToken }) => [`${LIST}&access_token=${jwtToken}`, undefined], 401],
  ["a runner's key", () => [LIST, "Bearer secret_api_token"], 403],
  ["a runner's key where only persons may be", () => ["/users/me", "Bearer secret_api_token"], 401],
  ["a key where only persons may be", ({ apiKey }) => ["/api-keys", `Bearer ${apiKey}`], 401],
  ["a key for the person", ({ apiKey }) => ["/users/me", `Bearer ${apiKey}`], 401],
  ["a key for the organizations", ({ apiKey }) => ["/organizations", `Bearer ${apiKey}`], 401],
  ["a token for the current key", ({ jwtToken }) => ["/api-keys/current", `Bearer ${jwtToken}`], 401],
  ["a token for the person", ({ jwtToken }) => ["/users/me", `Bearer  ${jwtToken}`], 200],
])("a credential %s", async (_what, arrange, status) => {
  const answer = await ask(...arrange(local));
  expect(answer.status).toBe(status);
  if (status === 401) expect(answer.body.message).toBe(REFUSED);
});

test.each<[string, (local: LocalApi) => string | undefined, number]>([
  ["ours", ({ organizationId }) => organizationId, 200],
  ["ours in capitals", ({ organizationId }) => organizationId.toUpperCase(), 200],
  ["another's", ({ otherOrganizationId }) => otherOrganizationId, 403],
  ["no UUID", () => "x", 403],
  ["missing", () => undefined, 403],
])("a token with an organization that is %s", async (_what, header, status) => {
  const id = header(local);
  const answer = await ask(
    LIST,
    `Bearer ${local.jwtToken}`,
    id === undefined ? {} : { "X-Daytona-Organization-ID": id },
  );
  expect(answer.status).toBe(status);
  if (status === 403) expect(answer.body.message).toBe("Invalid authentication context");
});

test("a key belongs to its organization, whatever the header says", async () => {
  const answer = await ask(LIST, `Bearer ${local.apiKey}`, { "X-Daytona-Organization-ID": local.otherOrganizationId });
  expect(answer.status).toBe(200);
});

test("a key may be in the body", async () => {
  const answer = await fetch(`${local.apiUrl}/snapshots`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ access_token: local.apiKey, name: 1 }),
  });
  expect(answer.status).toBe(400);
});

test("keys are made, read and taken away by persons; an expired one is worth nothing", async () => {
  const as = { authorization: `Bearer ${local.jwtToken}`, "X-Daytona-Organization-ID": local.organizationId };
  const bad = await call(local, "POST", "/api-keys", { name: "<b>", permissions: "x", expiresAt: "soon" }, as);
  expect(bad.body.message).toMatch(
    /^name must not contain HTML tags, URLs, or control characters, each value in permissions must be one of .*, permissions must be an array, expiresAt must be a Date instance$/,
  );
  expect(
    (await call(local, "POST", "/api-keys", { name: "k", permissions: [], expiresAt: [1] }, as)).body.message,
  ).toBe("expiresAt must be a Date instance");
  const made = await call(
    local,
    "POST",
    "/api-keys",
    { name: "old", permissions: ["write:snapshots"], expiresAt: "2001-01-01" },
    as,
  );
  expect(made).toMatchObject({ status: 201, body: { name: "old", expiresAt: "2001-01-01T00:00:00.000Z" } });
  expect((await ask(LIST, `Bearer ${made.body.value}`)).status).toBe(401);
  expect((await call(local, "GET", "/api-keys/old", undefined, as)).body).toMatchObject({
    name: "old",
    permissions: ["write:snapshots"],
  });
  expect((await call(local, "POST", "/api-keys", { name: "old", permissions: [] }, as)).body.message).toBe(
    "API key with this name already exists",
  );
  expect((await call(local, "DELETE", "/api-keys/old", undefined, as)).status).toBe(204);
  expect((await call(local, "GET", "/api-keys/old", undefined, as)).body.message).toBe("API key not found");
});

test("the default region is set once, and to a shared one", async () => {
  const fresh = await start({ defaultRegion: null });
  const as = { authorization: `Bearer ${fresh.jwtToken}` };
  const set = (defaultRegionId: unknown) =>
    call(fresh, "PATCH", `/organizations/${fresh.organizationId}/default-region`, { defaultRegionId }, as);
  expect((await set(null)).body.message).toBe("defaultRegionId should not be empty, defaultRegionId must be a string");
  expect((await set("mars")).body.message).toBe("Region not found");
  expect((await set("us")).status).toBe(204);
  expect((await set("us")).body).toMatchObject({
    statusCode: 409,
    message: "Organization already has a default region set",
  });
  expect((await call(fresh, "GET", "/regions/us")).body.message).toBe("Region not found");
});

test("a blocked address is refused everywhere", async () => {
  const strict = await start({ failedAuthLimit: { limit: 2, seconds: 60 } });
  const wrong = { authorization: "Bearer dtn_wrong" };
  expect((await call(strict, "GET", LIST, undefined, wrong)).status).toBe(401);
  expect((await call(strict, "GET", LIST, undefined, wrong)).status).toBe(429);
  for (const path of [LIST, "/nope", "/config", "/health"])
    expect((await call(strict, "GET", path)).headers.get("Retry-After")).toMatch(/^\d+$/);
});
