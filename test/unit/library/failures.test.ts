import { Image } from "@daytona/sdk";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as library from "../../../provider";
import { ConflictError, DaytonaError, NotFoundError, SnapshotService } from "../../../provider";
import { ApiError } from "../../../provider/api/errors";
import { errorOf, succeeded } from "../../../provider/library/errors";
import { type LocalApi, startLocalApi } from "../../../provider/local";
import { Failure, type FailureCode } from "../../../provider/kit/failure";

let api: LocalApi;
let snapshots: SnapshotService;
beforeAll(async () => void (api = await startLocalApi({ pullSeconds: 0.05, buildSeconds: 0.05, cronSeconds: 0.02 })));
beforeEach(() => void (snapshots = new SnapshotService({ apiKey: api.apiKey, apiUrl: api.apiUrl })));
afterEach(() => {
  snapshots.close();
  api.control.reset();
});
afterAll(() => api.close());

test.each(
  Object.entries({
    invalid: "InvalidArgumentError",
    source: "InvalidArgumentError",
    rejected: "InvalidArgumentError",
    unauthorized: "AuthenticationError",
    forbidden: "PermissionError",
    "not-found": "NotFoundError",
    conflict: "ConflictError",
    quota: "QuotaError",
    "rate-limit": "RateLimitError",
    deadline: "TimeoutError",
    server: "DaytonaError",
    unreachable: "DaytonaError",
    unanswered: "DaytonaError",
    upload: "DaytonaError",
    failed: "DaytonaError",
    refused: "DaytonaError",
    unexpected: "DaytonaError",
  } satisfies Record<FailureCode, keyof typeof library>) as [FailureCode, string][],
)("a failure with the code %s is a %s, whatever its sentence", (code, name) => {
  const failure = new Failure({ summary: 'the name "x" is already taken', detail: "" }, { code, status: 418 });
  expect(errorOf("text", failure)).toMatchObject({ name, message: "text", status: 418 });
});

test.each([
  ["quota", 422, "QuotaError"],
  ["forbidden", 410, "PermissionError"],
  ["upload", 503, "DaytonaError"],
] as const)("the code %s decides although the API answered %i: it is a %s", (code, status, name) => {
  const cause = new ApiError("text", { status, request: "POST /snapshots" });
  const failure = new Failure({ summary: "text", detail: "" }, { code, status, cause });
  expect(errorOf("text", failure)).toMatchObject({ name, status, request: "POST /snapshots" });
});

test("only the code makes a conflict", () => {
  const notice = { summary: 'creating snapshot "x": the name "x" is already taken', detail: "" };
  const outcome = { record: null, marks: {}, warnings: [], error: notice };
  expect(() => succeeded({ ...outcome, failure: new Failure(notice, { code: "refused" }) })).toThrow(
    expect.objectContaining({ name: "DaytonaError", status: null }),
  );
  expect(() =>
    succeeded({
      ...outcome,
      failure: new Failure({ ...notice, summary: "other words" }, { code: "conflict", status: 409 }),
    }),
  ).toThrow(ConflictError);
});

test("what somebody else deleted meanwhile is not found", async () => {
  api.control.source({ image: "debian:12", outcome: "hang" });
  const error: unknown = await snapshots
    .create({ name: "agent", image: "debian:12" }, { onLogs: () => api.control.remove("agent") })
    .catch((it: unknown) => it);
  expect(error).toBeInstanceOf(NotFoundError);
  expect(error).toMatchObject({ status: 404, message: expect.stringContaining("someone else deleted the snapshot") });
});

describe("warnings", () => {
  let folder: string;
  const here = process.cwd();
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "daytona-library-")));
    process.chdir(folder);
  });
  afterEach(() => {
    process.chdir(here);
    rmSync(folder, { recursive: true });
  });

  /** A build that will fail at a COPY: nothing has the file. */
  const image = { dockerfile: "FROM alpine:3.20\nCOPY app.py /\n", contextList: [] };

  test("reach onWarning, before the snapshot is created", async () => {
    const told: string[] = [];
    await snapshots.create(
      { name: "agent", image },
      { onWarning: (text) => void told.push(`${api.control.snapshots().length} ${text}`) },
    );
    expect(told).toEqual([expect.stringMatching(/^0 .*\n?.*the build will fail at: COPY app\.py\./)]);
  });

  test("are warnings of the process without it", async () => {
    const emit = jest.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    await snapshots.create({ name: "agent", image });
    const calls = emit.mock.calls as unknown[][];
    emit.mockRestore();
    expect(calls).toEqual([[expect.stringContaining("COPY app.py"), "DaytonaWarning"]]);
  });

  test("of an outcome reach it, too, and none is told where there is none", async () => {
    const told: string[] = [];
    const onWarning = (text: string): void => void told.push(text);
    succeeded({ record: null, marks: {}, warnings: [{ summary: "one", detail: "two" }] }, onWarning);
    expect(told).toEqual(["one\ntwo"]);
    writeFileSync("app.py", "");
    await snapshots.create(
      { name: "agent", image: Image.base("alpine:3.20").addLocalFile("app.py", "/app.py") },
      { onWarning },
    );
    await snapshots.delete("agent", { onWarning });
    expect(told).toHaveLength(1);
  });

  test("are told although the call fails", () => {
    const told: string[] = [];
    const notice = { summary: "x", detail: "" };
    const outcome = {
      record: null,
      marks: {},
      warnings: [{ summary: "one", detail: "" }],
      error: notice,
      failure: new Failure(notice),
    };
    expect(() => succeeded(outcome, (text) => void told.push(text))).toThrow(DaytonaError);
    expect(told).toEqual(["one"]);
  });
});
