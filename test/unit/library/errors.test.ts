import {
  AbortError,
  AuthenticationError,
  BadGatewayError,
  BadRequestError,
  BuildFailedError,
  ConflictError,
  ConnectionError,
  ConnectionTimeoutError,
  DaytonaError,
  DaytonaTimeoutError,
  GatewayTimeoutError,
  GoneError,
  InternalServerError,
  InvalidArgumentError,
  NotFoundError,
  PermissionError,
  QuotaError,
  RateLimitError,
  ServerError,
  ServiceUnavailableError,
  TimeoutError,
  UnprocessableEntityError,
} from "../../../provider";
import * as api from "../../../provider/api/errors";
import { errorOf, succeeded, textOf } from "../../../provider/library/errors";
import { Failure, failureOfApi, type Outcome, SnapshotFailed } from "../../../provider/lifecycle";
import { snapshot } from "../api/server";

const details = (status: number) => ({ status, reason: "the reason", request: "GET /snapshots" });

test.each<
  [
    new (message: string, details: { status: number; reason: string; request: string }) => api.ApiError,
    number,
    string,
    new (message: string) => DaytonaError,
  ]
>([
  [api.UnauthorizedError, 401, "unauthorized", AuthenticationError],
  [api.ForbiddenError, 403, "forbidden", PermissionError],
  [api.NotFoundError, 404, "not-found", NotFoundError],
  [api.ConflictError, 409, "conflict", ConflictError],
  [api.BadRequestError, 400, "rejected", InvalidArgumentError],
  [api.RateLimitError, 429, "rate-limit", RateLimitError],
  [api.ServerError, 500, "server", InternalServerError],
  [api.ServerError, 502, "server", BadGatewayError],
  [api.ServerError, 503, "server", ServiceUnavailableError],
  [api.ServerError, 504, "server", GatewayTimeoutError],
  [api.ServerError, 408, "server", GatewayTimeoutError],
  [api.ServerError, 507, "server", ServerError],
  [api.BadRequestError, 410, "rejected", GoneError],
  [api.BadRequestError, 422, "rejected", UnprocessableEntityError],
  [api.BadRequestError, 413, "rejected", InvalidArgumentError],
])("%p of the API, %d, is %s and %p, with status, reason and request", (Kind, status, errorCode, Expected) => {
  const error = errorOf("for people", new Kind("internal", details(status)));
  expect(error.constructor).toBe(Expected);
  expect({ ...error, message: error.message }).toEqual({
    name: Expected.name,
    message: "for people",
    status,
    errorCode,
    reason: "the reason",
    request: "GET /snapshots",
  });
});

test.each([api.UnreachableError, api.AmbiguousAnswerError, api.WrongAddressError])(
  "where no answer came there is no status: %p",
  (Kind) => {
    expect(errorOf("for people", new Kind("internal", details(0)))).toMatchObject({
      name: "ConnectionError",
      status: null,
      request: "GET /snapshots",
    });
    expect(errorOf("for people", new Kind("internal", details(0)))).toBeInstanceOf(ConnectionError);
  },
);

test("an exceeded quota is told apart from a wrong argument, though both are 400", () => {
  const quota = new api.BadRequestError("internal", {
    ...details(400),
    reason: "Snapshot quota exceeded. Maximum allowed: 30",
  });
  expect(errorOf("for people", quota)).toMatchObject({
    name: "QuotaError",
    status: 400,
    reason: "Snapshot quota exceeded. Maximum allowed: 30",
  });
  // As a program written for the SDK looks for it.
  expect(errorOf("for people", quota)).toBeInstanceOf(BadRequestError);
  expect(errorOf("for people", quota)).not.toBeInstanceOf(InvalidArgumentError);
});

test("what is none of the API's has neither status nor request", () => {
  for (const cause of [new Error("torn"), "torn", undefined])
    expect({ ...errorOf("for people", cause) }).toEqual({
      name: "DaytonaError",
      status: null,
      reason: "",
      request: null,
    });
});

describe("what came too late is told apart, and can be caught as one", () => {
  const late = errorOf("late", new Failure({ summary: "late", detail: "" }, { code: "deadline" }));
  const slow = errorOf("slow", new api.TimedOutError("internal", details(0)));
  const lost = errorOf(
    "lost",
    new api.AmbiguousAnswerError("internal", {
      ...details(0),
      cause: new api.TimedOutError("internal", details(0)),
    }),
  );
  const gateway = errorOf("gateway", new api.ServerError("internal", details(504)));
  const lostAtGateway = errorOf(
    "gateway",
    new api.AmbiguousAnswerError("internal", {
      ...details(408),
      cause: new api.ServerError("internal", details(408)),
    }),
  );
  const reset = errorOf("reset", new api.UnreachableError("internal", details(0)));

  test("by its class", () => {
    const kinds = [late, slow, lost, gateway, lostAtGateway, reset].map((error) => error.constructor);
    expect(kinds).toEqual([
      TimeoutError,
      ConnectionTimeoutError,
      ConnectionTimeoutError,
      GatewayTimeoutError,
      GatewayTimeoutError,
      ConnectionError,
    ]);
    expect(slow).toBeInstanceOf(ConnectionError);
    expect(gateway).toBeInstanceOf(ServerError);
  });

  test("as the SDK has it, while TimeoutError is the call's own limit alone", () => {
    for (const error of [late, slow, lost, gateway, lostAtGateway]) expect(error).toBeInstanceOf(DaytonaTimeoutError);
    for (const error of [slow, gateway, reset]) expect(error).not.toBeInstanceOf(TimeoutError);
    for (const error of [reset, new DaytonaError("x"), new Error("x"), null, "x"])
      expect(error).not.toBeInstanceOf(DaytonaTimeoutError);
  });
});

describe("what an answer says for programs", () => {
  const answered = {
    code: "SNAPSHOT_secret",
    source: "DAYTONA_API",
    headers: { "retry-after": "7", "x-request-id": "r-secret" },
  };
  const failed = new api.BadRequestError("internal", { ...details(422), answered });

  test("is there under the SDK's names, beside the code of this package", () => {
    const error = errorOf("for people", failed);
    expect(error).toMatchObject({ code: "SNAPSHOT_secret", source: "DAYTONA_API", errorCode: "rejected" });
    expect(error.headers?.["retry-after"]).toBe("7");
    expect(error.headers?.get("Retry-After")).toBe("7");
    expect(error.headers?.get("ETag")).toBeUndefined();
    expect(Object.keys(error.headers!)).toEqual(["retry-after", "x-request-id"]);
  });

  test("has no secrets", () => {
    const error = errorOf("for people", failed, (text) => text.replaceAll("secret", "***"));
    expect({ ...error }).toMatchObject({ code: "SNAPSHOT_***", headers: { "x-request-id": "r-***" } });
    expect(JSON.stringify(error)).not.toContain("secret");
  });

  test("is not there where no answer came", () => {
    const error = errorOf("for people", new api.UnreachableError("internal", details(0)));
    expect([error.code, error.source, error.headers]).toEqual([undefined, undefined, undefined]);
    expect(Object.keys(error)).not.toContain("code");
  });
});

test("a deadline is a TimeoutError", () => {
  expect(errorOf("for people", new Failure({ summary: "late", detail: "" }, { code: "deadline" }))).toBeInstanceOf(
    TimeoutError,
  );
});

test.each([
  ["no space", "no space"],
  [null, ""],
])("a failed snapshot tells its ID, the API's reason (%p) and the end of its log", (errorReason, reason) => {
  const cause = new SnapshotFailed(snapshot("x", { errorReason }) as never, ["first", "last"]);
  const error = errorOf("for people", new Failure({ summary: "failed", detail: "" }, { code: "failed", cause }));
  expect(error).toBeInstanceOf(BuildFailedError);
  expect({ ...error, message: error.message }).toEqual({
    name: "BuildFailedError",
    errorCode: "failed",
    message: "for people",
    status: null,
    reason,
    request: null,
    snapshotId: "x",
    logTail: ["first", "last"],
  });
});

test("every error can be caught as a DaytonaError and as an Error, and is named as its class in a stack trace", () => {
  for (const Kind of [
    AbortError,
    AuthenticationError,
    ConflictError,
    InvalidArgumentError,
    NotFoundError,
    PermissionError,
    QuotaError,
    RateLimitError,
    TimeoutError,
  ]) {
    const error = new Kind("text");
    expect(error).toBeInstanceOf(DaytonaError);
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).toBe(`${Kind.name}: text`);
  }
});

describe("the outcome of a call", () => {
  const outcome = (more: Partial<Outcome>): Outcome => ({ record: null, marks: {}, warnings: [], ...more }) as Outcome;
  const thrown = (more: Partial<Outcome>): unknown => {
    try {
      succeeded(outcome(more));
      return null;
    } catch (error) {
      return error;
    }
  };

  test("that is a success throws nothing, whatever its warnings", () => {
    expect(thrown({})).toBeNull();
    expect(thrown({ warnings: [{ summary: "Moved", detail: "" }] })).toBeNull();
  });

  test("that was interrupted is an AbortError that says everything that exists", () => {
    const error = thrown({
      interrupted: true,
      warnings: [
        { summary: "a exists", detail: "With ID 1." },
        { summary: "b may exist", detail: "" },
      ],
    });
    expect(error).toBeInstanceOf(AbortError);
    expect((error as Error).message).toBe("a exists\nWith ID 1.\nb may exist");
  });

  test("that found the name taken is a ConflictError with 409, though no request failed with it", () => {
    const error = { summary: 'creating snapshot "a": the name "a" is already taken', detail: "By another." };
    expect(thrown({ error, failure: new Failure(error, { code: "conflict", status: 409 }) })).toMatchObject({
      name: "ConflictError",
      status: 409,
      message: 'creating snapshot "a": the name "a" is already taken\nBy another.',
    });
  });

  test("that failed is the error of its cause", () => {
    const failure = failureOfApi("reading it", new api.ForbiddenError("internal", details(403)));
    expect(thrown({ error: { summary: "failed", detail: "Why." }, failure })).toMatchObject({
      name: "PermissionError",
      status: 403,
      message: "failed\nWhy.",
    });
    expect(thrown({ error: { summary: "the name was already taken before", detail: "" } })).toMatchObject({
      name: "DaytonaError",
      message: "the name was already taken before",
    });
  });
});

test("a message without explanation is one line", () => {
  expect([textOf({ summary: "a", detail: "" }), textOf({ summary: "a", detail: "b" })]).toEqual(["a", "a\nb"]);
});
