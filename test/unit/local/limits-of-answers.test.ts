import type { LocalApi } from "../../../provider/local";
import { parseQuery } from "../../../provider/local/protocol/query";
import { RateLimits } from "../../../provider/local/server/rate-limit";
import { settingsOf } from "../../../provider/local/options";
import { call, closeAll, start } from "./harness";

afterEach(closeAll);
afterEach(() => jest.restoreAllMocks());
const names = async (local: LocalApi, key = local.apiKey): Promise<string[]> =>
  (
    await call(local, "GET", "/snapshots?sort=name&order=asc", undefined, { authorization: `Bearer ${key}` })
  ).body.items.map(({ name }: { name: string }) => name);

test("a client that has an answer gets none again; an error is told all the same", async () => {
  const local = await start();
  const get = (path: string, tag: string) => call(local, "GET", path, undefined, { "if-none-match": tag });
  const etag = (await call(local, "GET", "/regions")).headers.get("etag")!;
  expect(etag).toMatch(/^W\/"[0-9a-f]+-.{27}"$/);
  for (const tag of [etag, etag.slice(2), "*", `"x", ${etag}`])
    expect([tag, (await get("/regions", tag)).status, (await get("/regions", tag)).text]).toEqual([tag, 304, ""]);
  expect((await get("/regions", '"x"')).status).toBe(200);
  expect(await get("/snapshots/none", "*")).toMatchObject({
    status: 404,
    body: { message: "Snapshot with name none not found" },
  });
});

test("as many requests as the limit says are answered, and the next one is not", async () => {
  const local = await start({ rateLimit: { limit: 3, seconds: 60 } });
  const remaining: unknown[] = [];
  for (let n = 0; n < 3; n += 1) {
    const { status, headers } = await call(local, "GET", "/regions");
    remaining.push([status, headers.get("x-ratelimit-remaining-authenticated")]);
  }
  expect(remaining).toEqual([
    [200, "2"],
    [200, "1"],
    [200, "0"],
  ]);
  const { status, headers, body } = await call(local, "GET", "/regions");
  expect([status, headers.get("retry-after-authenticated"), body.message]).toEqual([
    429,
    "60",
    "ThrottlerException: Too Many Requests",
  ]);
  local.control.resetLimits();
  expect((await call(local, "GET", "/regions")).status).toBe(200);
});

test.each([
  ["cpu", 0],
  ["memory", 0],
  ["disk", 0],
  ["gpu", 0],
])("%s of 0 is a number that the API takes", async (field, value) => {
  const local = await start();
  expect((await call(local, "POST", "/snapshots", { name: "a", imageName: "a:1", [field]: value })).status).toBe(200);
  expect((await call(local, "POST", "/snapshots", { name: "b", imageName: "a:1", [field]: -1 })).body.message).toBe(
    `${field} must not be less than 0`,
  );
});

test("a build's log is the organization's: another one's key does not find it, no key is no caller", async () => {
  const local = await start({ buildSeconds: 0.01 });
  const id = local.control.insert({ name: "built", dockerfileContent: "FROM a:1\n" });
  const log = async (authorization: string | null): Promise<unknown> => {
    const answer = await fetch(`${new URL(local.apiUrl).origin}/snapshots/${id}/build-logs`, {
      headers: authorization === null ? {} : { authorization },
    });
    return [answer.status, answer.status === 200 ? "" : ((await answer.json()) as { message: string }).message];
  };
  expect(await log(`Bearer ${local.apiKey}`)).toEqual([200, ""]);
  expect(await log(`Bearer ${local.otherApiKey}`)).toEqual([404, "not found: snapshot not found"]);
  expect(await log(null)).toEqual([401, "unauthorized: missing bearer token"]);
  expect(await log("Bearer dtn_wrong")).toEqual([401, "unauthorized: invalid bearer token"]);
});

test("a key tells when it was last used, and never its value", async () => {
  const local = await start();
  const current = async () => (await call(local, "GET", "/api-keys/current")).body;
  expect((await current()).lastUsedAt).toBeNull();
  const { value, lastUsedAt } = await current();
  expect([value, Math.abs(Date.parse(lastUsedAt) - Date.now()) < 60_000]).toEqual([
    `${local.apiKey.slice(0, 3)}${"*".repeat(20)}${local.apiKey.slice(-3)}`,
    true,
  ]);
});

test("parts of an upload are put together by their numbers, not by when they came", async () => {
  const local = await start();
  const access = (await call(local, "GET", "/object-storage/push-access")).body;
  const headers = {
    authorization: `AWS4-HMAC-SHA256 Credential=${access.accessKey}/20260101/us-east-1/s3/aws4_request`,
    "x-amz-security-token": access.sessionToken,
  };
  const s3 = (method: string, query: string, body?: string) =>
    fetch(`${access.storageUrl}/${access.bucket}/${access.organizationId}/k${query}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    });
  const [, id] = /<UploadId>(.*)<\/UploadId>/.exec(await (await s3("POST", "?uploads")).text())!;
  for (const [number, text] of [
    [10, "c"],
    [2, "b"],
    [1, "a"],
  ] as const)
    await s3("PUT", `?uploadId=${id}&partNumber=${number}`, text);
  expect((await s3("POST", `?uploadId=${id}`)).status).toBe(200);
  expect(local.control.storageContent(`${access.organizationId}/k`)?.toString()).toBe("abc");
});

test("a suspension ends at its time, and a general snapshot is never idle", async () => {
  const local = await start();
  const create = async (name: string) => (await call(local, "POST", "/snapshots", { name, imageName: "a:1" })).body;
  local.control.organization({ suspended: true, suspensionReason: "unpaid", suspendedUntil: Date.now() + 60_000 });
  expect(await create("a")).toMatchObject({ statusCode: 403, message: "Organization is suspended: unpaid" });
  local.control.organization({ suspendedUntil: Date.now() - 1 });
  expect(await create("a")).toMatchObject({ name: "a" });
  local.control.advanceClock(30 * 86_400_000);
  local.control.insert({ name: "old", createdAt: 0, lastUsedAt: 0, imageName: "b:1" });
  const idle = local.control.deactivateIdle();
  expect(idle).toContain(local.control.snapshot("old")!.id);
  expect(local.control.snapshot("daytonaio/sandbox:0.5.0-slim")!.state).toBe("active");
});

test("a general snapshot that is hidden is in nobody's list but its owner's", async () => {
  const local = await start({ generalSnapshots: [] });
  const id = local.control.addGeneral("hidden");
  expect(await names(local)).toEqual(["hidden"]);
  local.control.update(id, { hideFromUsers: true });
  expect([await names(local), await names(local, local.otherApiKey)]).toEqual([[], ["hidden"]]);
});

test("the log of a build is asked for by its ID, also where a name looks like one", async () => {
  const local = await start();
  const name = "11111111-2222-4333-8444-555555555555";
  const id = local.control.insert({ name, dockerfileContent: "FROM a:1\n" });
  expect((await call(local, "GET", `/snapshots/${id}/build-logs-url`)).status).toBe(200);
  expect(await call(local, "GET", `/snapshots/${name}/build-logs-url`)).toMatchObject({
    status: 404,
    body: { message: `Snapshot ${name} not found` },
  });
});

test("an image leaves the runner with the last active snapshot of it, whatever inactive ones there are", async () => {
  const local = await start({ pullSeconds: 100, inspectSeconds: 0.01, cronSeconds: 1 });
  const [a, b] = ["a", "b"].map((name) => local.control.insert({ name, imageName: "x:1" }));
  local.control.insert({ name: "idle", imageName: "x:1", state: "inactive" });
  local.control.holdTime();
  const state = async (name: string): Promise<unknown> => {
    await call(local, "POST", "/snapshots", { name, imageName: "x:1" });
    await local.control.passTime(5000);
    return local.control.snapshot(name)!.state;
  };
  await call(local, "POST", `/snapshots/${a}/deactivate`);
  expect(await state("c")).toBe("active");
  local.control.remove("c");
  await call(local, "POST", `/snapshots/${b}/deactivate`);
  await local.control.passTime(200_000);
  expect(await state("d")).toBe("pulling");
});

test("who is blocked stays so for its time, also when the window of its requests is over", () => {
  const limits = new RateLimits(settingsOf({ rateLimit: { limit: 1, seconds: 10 } }));
  const at = (now: number): string => {
    jest.spyOn(Date, "now").mockReturnValue(now);
    try {
      return JSON.stringify(limits.count("authenticated", "org"));
    } catch (error) {
      return JSON.stringify((error as { headers: object }).headers);
    }
  };
  const answered =
    '{"X-RateLimit-Limit-authenticated":"1","X-RateLimit-Remaining-authenticated":"0","X-RateLimit-Reset-authenticated":"10"}';
  expect([at(0), at(7000), at(12_000), at(16_999), at(17_000)]).toEqual([
    answered,
    '{"Retry-After-authenticated":"10"}',
    '{"Retry-After-authenticated":"5"}',
    '{"Retry-After-authenticated":"1"}',
    answered,
  ]);
});

test("brackets of a query make objects of five levels, and the rest is a name", () => {
  expect(parseQuery("a[b][c][d][e][f]=1")).toEqual({ a: { b: { c: { d: { e: { f: "1" } } } } } });
  expect(parseQuery("a[b][c][d][e][f][g][h]=1")).toEqual({ a: { b: { c: { d: { e: { f: { "[g][h]": "1" } } } } } } });
  expect([parseQuery("a[20]=1"), parseQuery("a[21]=1"), parseQuery("a[]=1&a[]=2")]).toEqual([
    { a: ["1"] },
    { a: { 21: "1" } },
    { a: ["1", "2"] },
  ]);
});

test("one of several permissions is enough; a GPU needs a quota; an upload stays below its organization", async () => {
  const local = await start();
  const push = (permissions: string[]) =>
    call(local, "GET", "/object-storage/push-access", undefined, {
      authorization: `Bearer ${local.control.addKey("k", permissions)}`,
    });
  expect([
    (await push(["write:snapshots"])).status,
    (await push(["write:sandboxes"])).status,
    (await push(["delete:snapshots"])).body.message,
  ]).toEqual([200, 200, "Access denied"]);
  expect((await call(local, "POST", "/snapshots", { name: "g", imageName: "a:1", gpu: 1 })).body).toMatchObject({
    statusCode: 400,
    message: "GPU quota exceeded. Maximum allowed: 0.",
  });
  const access = (await push(["write:snapshots"])).body;
  const put = (key: string) =>
    fetch(`${access.storageUrl}/${access.bucket}/${key}`, {
      method: "PUT",
      body: "x",
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=${access.accessKey}/20260101/us-east-1/s3/aws4_request`,
        "x-amz-security-token": access.sessionToken,
      },
    });
  expect([
    (await put(`${access.organizationId}/k`)).status,
    (await put(`${access.organizationId}x/k`)).status,
    (await put("k")).status,
  ]).toEqual([200, 403, 403]);
  expect(local.control.storageKeys()).toEqual([`${access.organizationId}/k`]);
});

test("failed authentications below the limit block nobody; at the limit, the right key is refused as well", async () => {
  const local = await start({ failedAuthLimit: { limit: 2, seconds: 60 } });
  const status = async (key: string): Promise<number> =>
    (await call(local, "GET", "/regions", undefined, { authorization: `Bearer ${key}` })).status;
  expect([
    await status("dtn_wrong"),
    await status(local.apiKey),
    await status("dtn_wrong"),
    await status(local.apiKey),
  ]).toEqual([401, 200, 429, 429]);
});
