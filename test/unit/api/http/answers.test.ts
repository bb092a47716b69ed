import fc from "fast-check";
import { ApiError } from "../../../../provider/api";
import { type Asked, errorOf, unreachable } from "../../../../provider/api/http/answers";
import { TransportError } from "../../../../provider/api/http/transport";
import { asPage, asRegions, asSnapshot } from "../../../../provider/api/shapes";
import * as errors from "../../../../provider/api/errors";

const asked: Asked = {
  request: "GET /snapshots/x",
  apiUrl: "https://api.test/api",
  bodyBytes: 0,
  redact: (text) => text.replaceAll("secret", "***"),
};
const of = (status: number, body: unknown, more: Partial<Asked> = {}) =>
  errorOf({ status, headers: {}, text: typeof body === "string" ? body : JSON.stringify(body) }, { ...asked, ...more });
const own = (statusCode: number, message: string) => ({
  path: "/api/x",
  timestamp: "",
  statusCode,
  error: "",
  message,
});

test.each<[number, unknown, keyof typeof errors, string]>([
  [
    400,
    { message: "Invalid JSON in request body", error: "Bad Request", statusCode: 400 },
    "BadRequestError",
    "Invalid JSON in request body",
  ],
  [
    400,
    own(400, "page must be an integer number, page must not be less than 1"),
    "BadRequestError",
    "page must be an integer number, page must not be less than 1",
  ],
  [400, { statusCode: 400, message: ["a", "b"] }, "BadRequestError", "a, b"],
  [400, own(400, "Validation failed (uuid is expected)"), "BadRequestError", "Validation failed (uuid is expected)"],
  [403, own(403, "Invalid authentication context"), "ForbiddenError", "Invalid authentication context"],
  [404, own(404, "Region not found"), "NotFoundError", "Region not found"],
  [404, own(404, "Cannot GET /api/snapshots/%25"), "WrongAddressError", ""],
  [
    404,
    own(404, "Snapshot 11111111222243338444555555555555 not found"),
    "NotFoundError",
    "Snapshot 11111111222243338444555555555555 not found",
  ],
  [
    409,
    own(409, "Organization already has a default region set"),
    "ConflictError",
    "Organization already has a default region set",
  ],
  [429, own(429, "ThrottlerException: Too Many Requests"), "RateLimitError", "ThrottlerException: Too Many Requests"],
  [500, own(500, "An unexpected error occurred."), "ServerError", "An unexpected error occurred."],
  [503, own(503, "Temporary authentication service error"), "ServerError", "Temporary authentication service error"],
  [
    503,
    own(503, "Service is currently under maintenance. Please try again later."),
    "ServerError",
    "Service is currently under maintenance. Please try again later.",
  ],
  [302, "", "WrongAddressError", ""],
])("%i %j is a %s", (status, body, name, reason) => {
  const error = of(status, body);
  expect(error.constructor).toBe(errors[name]);
  if (reason !== "") expect(error.reason).toBe(reason);
});

test("a body that was refused for its size says so, whatever it was refused as", () => {
  for (const status of [404, 413]) {
    const error = of(status, own(status, "Cannot POST /api/snapshots"), {
      request: "POST /snapshots",
      bodyBytes: 110_000,
    });
    expect(error).toBeInstanceOf(errors.BadRequestError);
    expect(error.message).toContain("This request is 108 KiB, and the limit is about 100 KiB");
  }
});

test("no answer whatsoever ends in anything but a typed error, without what is secret", () => {
  const text = fc.oneof(
    fc.json(),
    fc.string(),
    fc.constant("<html>secret</html>"),
    fc
      .record({ message: fc.anything(), statusCode: fc.anything(), path: fc.anything() })
      .map((it) => JSON.stringify(it) ?? ""),
  );
  fc.assert(
    fc.property(fc.integer({ min: 300, max: 599 }), text, (status, body) => {
      const error = errorOf(
        { status, headers: { "content-type": "application/json" }, text: body.replaceAll("message", "secret") },
        asked,
      );
      expect(error).toBeInstanceOf(ApiError);
      expect(error.message).not.toContain("secret");
    }),
  );
});

test("no success whatsoever is taken for what it is not", () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      for (const read of [asSnapshot, asPage, asRegions]) {
        try {
          const taken = read(value as never, "GET /x");
          expect(typeof taken).toBe("object");
        } catch (error) {
          expect(error).toBeInstanceOf(errors.WrongAddressError);
        }
      }
    }),
  );
});

test("a key that the official service does not know is made in its dashboard", () => {
  const answer = {
    status: 401,
    headers: {},
    text: JSON.stringify({ statusCode: 401, message: "Invalid credentials" }),
  };
  const apiUrl = "https://app.daytona.io/api";
  expect(errorOf(answer, { request: "GET /x", apiUrl, bodyBytes: 0, redact: (text) => text }).message).toBe(
    `Daytona API returned 401 Unauthorized for GET /x: Invalid credentials. The API key or token is wrong, expired or revoked, or it is not for this server, ${apiUrl}. Create a key at https://app.daytona.io/dashboard/keys`,
  );
});

test("a gateway's 408 is a failure of the server, as its 504", () => {
  expect(of(408, "<html></html>")).toBeInstanceOf(errors.ServerError);
  expect(of(408, own(408, "Request timeout"))).toBeInstanceOf(errors.ServerError);
});

test("of an answer, programs get its code, its source and the headers of limits; nothing that may be a credential", () => {
  const headers = {
    "retry-after-authenticated": "3",
    "x-ratelimit-remaining-authenticated": "0",
    "x-request-id": "of secret",
    "set-cookie": ["session=1"],
    "www-authenticate": "Bearer x",
    location: "https://x/?token=1",
    "x-ratelimit-token": "1",
    "my-retry-after": "1",
    "retry-after_token": "1",
    etag: "1",
  };
  const text = JSON.stringify({ ...own(422, "no"), code: "A_secret", error_code: "OTHER", source: "DAYTONA_API" });
  expect(errorOf({ status: 422, headers, text }, asked).answered).toEqual({
    code: "A_***",
    source: "DAYTONA_API",
    headers: { "retry-after-authenticated": "3", "x-ratelimit-remaining-authenticated": "0", "x-request-id": "of ***" },
  });
  expect(of(404, { ...own(404, "Snapshot x not found"), error_code: "OLD" }).answered).toEqual({
    code: "OLD",
    headers: {},
  });
  expect(of(400, { ...own(400, "no"), code: 7, source: ["x"] }).answered).toEqual({ headers: {} });
  expect(of(400, { ...own(400, "no"), code: "x".repeat(1000) }).answered?.code).toHaveLength(200);
});

test.each([
  ["TIMEOUT", "TimedOutError"],
  ["ETIMEDOUT", "TimedOutError"],
  ["ECONNREFUSED", "UnreachableError"],
  ["ECONNRESET", "UnreachableError"],
  ["", "UnreachableError"],
])("a request that ended with %p is a %s", (code, name) => {
  const error = unreachable(new TransportError("no answer", code, true), asked);
  expect(error.name).toBe(name);
  expect(error).toBeInstanceOf(errors.UnreachableError);
  expect(error.answered).toBeNull();
});
