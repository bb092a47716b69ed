import type { LocalApi } from "../../../provider/local";
import { call, closeAll, start } from "./harness";

afterAll(closeAll);

let local: LocalApi;
let access: { accessKey: string; sessionToken: string; storageUrl: string; organizationId: string; bucket: string };
beforeAll(async () => {
  local = await start();
  access = (await call(local, "GET", "/object-storage/push-access")).body;
});
beforeEach(() => local.control.reset());

/** One request below the bucket, signed as far as the storage looks. */
async function s3(method: string, path: string, body?: string, headers: Record<string, string> = {}) {
  const answer = await fetch(`${access.storageUrl}/${access.bucket}${path}`, {
    method,
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${access.accessKey}/20260101/us-east-1/s3/aws4_request`,
      "x-amz-security-token": access.sessionToken,
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  });
  const text = await answer.text();
  const all = (tag: string) =>
    [...text.matchAll(new RegExp(`<${tag}>([^<]*)</${tag}>`, "g"))].map(([, value]) => value);
  return { status: answer.status, type: answer.headers.get("content-type"), text, all };
}

test("the bucket lies below the origin: clients leave a path of the address out", () => {
  expect(access).toMatchObject({
    storageUrl: new URL(local.apiUrl).origin,
    organizationId: local.organizationId,
    bucket: "daytona-volume-builds",
  });
});

test("keys are listed by page, and folded at a delimiter", async () => {
  const org = access.organizationId;
  for (const key of ["a/context.tar", "b/", "b/context.tar", "c d/context.tar"])
    expect((await s3("PUT", `/${org}/${encodeURI(key)}`, "x")).status).toBe(200);
  const whole = await s3("GET", `/?list-type=2&prefix=${org}`);
  expect(whole.all("Key")).toEqual([
    `${org}/a/context.tar`,
    `${org}/b/`,
    `${org}/b/context.tar`,
    `${org}/c d/context.tar`,
  ]);
  expect(whole.all("IsTruncated")).toEqual(["false"]);
  expect((await s3("GET", `/?list-type=2&delimiter=%2F&prefix=${org}`)).text).toContain(
    `<CommonPrefixes><Prefix>${org}/</Prefix></CommonPrefixes>`,
  );
  const level = await s3("GET", `/?list-type=2&delimiter=%2F&encoding-type=url&prefix=${org}/`);
  expect([level.all("Key"), level.all("Prefix").slice(1), level.all("KeyCount"), level.all("EncodingType")]).toEqual([
    [],
    ["a", "b", "c%20d"].map((part) => `${org}/${part}/`),
    ["3"],
    ["url"],
  ]);

  const first = await s3("GET", `/?list-type=2&max-keys=3&prefix=${org}/`);
  expect([first.all("Key").length, first.all("IsTruncated")]).toEqual([3, ["true"]]);
  const rest = await s3(
    "GET",
    `/?list-type=2&max-keys=3&prefix=${org}/&continuation-token=${encodeURIComponent(first.all("NextContinuationToken")[0]!)}`,
  );
  expect([rest.all("Key"), rest.all("IsTruncated")]).toEqual([[`${org}/c d/context.tar`], ["false"]]);
});

test.each<[string, string, string, number, string]>([
  ["where the bucket lies", "GET", "/?location=", 403, "AccessDenied"],
  ["everybody's keys", "GET", "/?list-type=2", 403, "AccessDenied"],
  ["the bucket itself", "PUT", "/", 403, "AccessDenied"],
  ["another organization's key", "PUT", "/other/context.tar", 403, "AccessDenied"],
  ["deleting", "DELETE", "/ORG/context.tar", 403, "AccessDenied"],
  ["a key that is not there", "GET", "/ORG/none", 404, "NoSuchKey"],
  ["a part of no upload", "PUT", "/ORG/none?partNumber=1&uploadId=1", 404, "NoSuchUpload"],
  ["the end of no upload", "POST", "/ORG/none?uploadId=1", 404, "NoSuchUpload"],
  ["giving up no upload", "DELETE", "/ORG/none?uploadId=1", 404, "NoSuchUpload"],
  ["another method", "PATCH", "/ORG/none", 405, "MethodNotAllowed"],
  ["a name that cannot be decoded", "GET", "/%E0%A4%A", 400, "InvalidURI"],
])("refused: %s", async (_what, method, path, status, code) => {
  const answer = await s3(method, path.replace("ORG", access.organizationId));
  expect([answer.status, answer.type, answer.all("Code")]).toEqual([status, "application/xml", [code]]);
  expect(answer.all("Resource")).toEqual([
    `/${access.bucket}${path.replace("ORG", access.organizationId).split("?")[0]}`,
  ]);
  expect(answer.all("RequestId")).toEqual([expect.stringMatching(/^[0-9A-F]{16}$/)]);
});

test("credentials that are unknown, or of another session, are refused; a HEAD has no body", async () => {
  expect((await s3("GET", "/", undefined, { "x-amz-security-token": "other" })).all("Code")).toEqual([
    "InvalidAccessKeyId",
  ]);
  const missing = await s3("HEAD", `/${access.organizationId}/none`);
  expect([missing.status, missing.text]).toEqual([404, ""]);
});
