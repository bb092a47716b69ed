import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "../../../../provider/api";
import { asPushAccess } from "../../../../provider/api/object-storage";
import { ForbiddenError } from "../../../../provider/api/errors";
import { resolveConnection } from "../../../../provider/config";
import { startLocalApi, type LocalApi } from "../../../../provider/local";
import { access, archiveOf, failureOf, upload } from "./support";

let local: LocalApi;
beforeAll(async () => void (local = await startLocalApi()));
afterAll(() => local.close());

const env = { ...process.env };
afterEach(() => {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
});

const localAccess = async () => {
  const client = createClient(resolveConnection({ args: { apiKey: local.apiKey, apiUrl: local.apiUrl }, env: {} }), {
    log: { debug: () => undefined },
  });
  try {
    const answer = await client.pushAccess();
    expect(client.organizationId).toBe(answer.organizationId);
    return answer;
  } finally {
    client.close();
  }
};

test("the local API's storage takes an archive, in parts and whole; the user's AWS settings and the SDK's warning have no part in it", async () => {
  const home = mkdtempSync(join(tmpdir(), "home-"));
  // A folder in place of the file: reading it fails.
  for (const file of ["config", "credentials"]) mkdirSync(join(home, ".aws", file), { recursive: true });
  Object.assign(process.env, {
    HOME: home,
    AWS_PROFILE: "broken",
    AWS_CONFIG_FILE: join(home, ".aws/config"),
    AWS_SHARED_CREDENTIALS_FILE: join(home, ".aws/credentials"),
    AWS_ACCESS_KEY_ID: "users-own",
    AWS_SECRET_ACCESS_KEY: "users-own",
    AWS_REGION: "eu-west-9",
    AWS_ENDPOINT_URL: "http://127.0.0.1:9",
    AWS_ENDPOINT_URL_S3: "http://127.0.0.1:9",
    AWS_REQUEST_CHECKSUM_CALCULATION: "nonsense",
    AWS_RESPONSE_CHECKSUM_VALIDATION: "nonsense",
    AWS_USE_FIPS_ENDPOINT: "true",
    AWS_USE_DUALSTACK_ENDPOINT: "true",
    AWS_MAX_ATTEMPTS: "x",
    AWS_RETRY_MODE: "nonsense",
    AWS_DEFAULTS_MODE: "nonsense",
    AWS_SDK_UA_APP_ID: "x".repeat(99),
    AWS_S3_USE_ARN_REGION: "nonsense",
    AWS_AUTH_SCHEME_PREFERENCE: "nonsense",
    AWS_SIGV4A_SIGNING_REGION_SET: "nonsense",
    AWS_S3_DISABLE_MULTIREGION_ACCESS_POINTS: "nonsense",
    AWS_S3_DISABLE_EXPRESS_SESSION_AUTH: "nonsense",
  });
  const warned = jest.spyOn(process, "emitWarning").mockImplementation(() => undefined);
  const [large, small] = [archiveOf(6 * 2 ** 20), archiveOf(10)];
  expect(await upload("", [large, small], { access: localAccess }).done).toEqual([large.hash, small.hash].sort());
  expect(warned).not.toHaveBeenCalled();
  expect(process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"]).toBeUndefined();
  warned.mockRestore();
});

test("no archives: nothing is asked", async () => {
  expect(await upload("", [], { access: () => Promise.reject(new Error("asked")) }).done).toEqual([]);
});

test("a storage that cannot be reached is named", async () => {
  const failure = await failureOf(upload("http://127.0.0.1:9", [archiveOf(10)]).done);
  expect(failure.summary).toBe('creating snapshot "x": cannot reach the object storage');
  expect(failure.detail).toMatch(
    /^The build context could not be uploaded to 127\.0\.0\.1:9 after 6 attempts: ECONNREFUSED/,
  );
});

test("a proxy of the environment is used, and named", async () => {
  const failure = await failureOf(
    upload("https://storage.example", [archiveOf(10)], {
      env: { HTTPS_PROXY: "http://user:planted-password@127.0.0.1:9" },
    }).done,
  );
  expect(failure.detail).toContain("storage.example through the proxy 127.0.0.1:9");
  expect(failure.detail).not.toContain("planted-password");
});

test("credentials that the API does not give", async () => {
  const denied = new ForbiddenError("Access denied", {
    status: 403,
    reason: "Access denied",
    request: "GET /object-storage/push-access",
  });
  const failure = await failureOf(upload("", [archiveOf(10)], { access: () => Promise.reject(denied) }).done);
  expect(failure.summary).toBe('creating snapshot "x": permission denied');
  expect(failure.detail).toContain("Uploading a build context requires the `write:snapshots` permission.");
});

test.each([
  [null, 'it has no "storageUrl"'],
  [{ ...access("ftp://x") }, 'its "storageUrl" is not an http or https URL'],
  [{ ...access("http://x"), secret: 5 }, 'it has no "secret"'],
  [{ ...access("http://x"), organizationId: "a/b" }, 'its "organizationId" is not an ID'],
])("an answer that is no access: %#", (answer, why) => {
  expect(() => asPushAccess(answer)).toThrow(
    `the response to GET /object-storage/push-access cannot be used: ${why}. Check the API URL; it usually ends in /api`,
  );
});
