import {
  AmbiguousAnswerError,
  ApiError,
  BadRequestError,
  ConflictError,
  ForbiddenError,
  NotFoundError,
  RateLimitError,
  ServerError,
  UnauthorizedError,
  UnreachableError,
  WrongAddressError,
} from "../../../../provider/api/errors";
import { apiDetails, failureOfApi } from "../../../../provider/lifecycle/messages/api-failure";
import type { Outcome } from "../../../../provider/lifecycle/contract";
import { bench, type Bench, context, made, plan } from "../support";

const request = "POST /snapshots";
const program = { name: "agent", image: "ubuntu:24.04" };

test.each([
  [new UnauthorizedError("", { status: 401, request }), "unauthorized", 401],
  [new ForbiddenError("", { status: 403, request }), "forbidden", 403],
  [new NotFoundError("", { status: 404, request }), "not-found", 404],
  [new ConflictError("", { status: 409, request }), "conflict", 409],
  [new BadRequestError("", { status: 400, reason: "cpu must be positive", request }), "rejected", 400],
  [
    new BadRequestError("", { status: 400, reason: "Snapshot quota exceeded. Maximum allowed: 5", request }),
    "quota",
    400,
  ],
  [new RateLimitError("", { status: 429, request }), "rate-limit", 429],
  [new ServerError("", { status: 502, request }), "server", 502],
  [new UnreachableError("", { status: 0, request }), "unreachable", null],
  [new WrongAddressError("", { status: 200, request }), "unreachable", 200],
  [new AmbiguousAnswerError("", { status: 0, request }), "unanswered", null],
  [
    new AmbiguousAnswerError("", { status: 503, request, cause: new ServerError("", { status: 503, request }) }),
    "server",
    503,
  ],
  [new ApiError("", { status: 415, request }), "refused", 415],
])("%p has a code and a status", (error, code, status) => {
  expect(apiDetails(error)).toEqual({ code, status, cause: error });
  expect(failureOfApi("x", error)).toMatchObject({
    code,
    status,
    notice: { summary: expect.stringMatching(/^x: /) as string },
  });
});

describe("the failure of an outcome", () => {
  let b: Bench;
  beforeEach(async () => (b = await bench({ snapshotQuota: 2 })));
  afterEach(() => b.close());
  const create = (inputs: object, options = {}): Promise<Outcome> =>
    b.lifecycle.create(plan(null, {}, inputs).planned, context(options));

  /** Its text is that of `error`, so that no face has to choose. */
  function failureOf({ error, failure }: Outcome): { code: string; status: number | null } {
    expect(failure?.notice).toBe(error);
    return { code: failure!.code, status: failure!.status };
  }

  test("is none of a success", async () => {
    expect(Object.keys(await create(program))).not.toContain("failure");
  });

  test("tells a taken name, whatever the sentence is", async () => {
    b.local.control.insert({ name: "agent", imageName: "debian:12" });
    expect(failureOf(await create(program))).toEqual({ code: "conflict", status: 409 });
  });

  test("tells a full quota, also of a swap's successor, whose message is another", async () => {
    const record = await made(b.lifecycle, program);
    b.local.control.insert({ name: "other", imageName: "debian:12", state: "active" });
    expect(failureOf(await create({ ...program, name: "third" }))).toEqual({ code: "quota", status: 400 });
    const changed = plan(record, {}, { ...program, image: "debian:12" }).planned;
    const outcome = await b.lifecycle.update(record, {}, changed, context());
    expect(outcome.error?.summary).toContain("no room for the successor");
    expect(failureOf(outcome)).toEqual({ code: "quota", status: 400 });
  });

  test("tells a failed snapshot, of a create and of a successor", async () => {
    b.local.control.source({ image: "debian:12", outcome: "fail", reason: "no such image" });
    const outcome = await create({ ...program, image: "debian:12" });
    expect(failureOf(outcome)).toEqual({ code: "failed", status: null });
    expect(outcome.failure?.cause).toMatchObject({ dto: { errorReason: "no such image" } });
    const record = await made(b.lifecycle, { ...program, name: "other" });
    const swapped = await b.lifecycle.update(
      record,
      {},
      plan(record, {}, { ...program, name: "other", image: "debian:12" }).planned,
      context(),
    );
    expect(failureOf(swapped)).toEqual({ code: "failed", status: null });
  }, 30_000);

  test("tells a deadline, a rejected request, and what is gone", async () => {
    b.local.control.source({ image: "debian:13", outcome: "hang" });
    expect(failureOf(await create({ name: "late", image: "debian:13" }, { timeoutMs: 300 }))).toEqual({
      code: "deadline",
      status: null,
    });
    b.local.control.fault({
      kind: "create",
      action: "answer",
      status: 400,
      body: { statusCode: 400, message: "Resource limits" },
      times: 1,
    });
    expect(failureOf(await create(program))).toEqual({ code: "rejected", status: 400 });
    expect(failureOf(await b.lifecycle.import("nothing", context()))).toEqual({ code: "not-found", status: 404 });
    const record = await made(b.lifecycle, program);
    b.local.control.remove("agent");
    expect(
      failureOf(
        await b.lifecycle.update(record, {}, plan(record, {}, { ...program, active: false }).planned, context()),
      ),
    ).toEqual({ code: "not-found", status: 404 });
  });
});
