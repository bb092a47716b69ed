import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as sdk from "@daytona/sdk";
import {
  Daytona,
  DaytonaBadRequestError,
  DaytonaConflictError,
  DaytonaNotFoundError,
  InvalidArgumentError,
  SnapshotService,
  SnapshotState,
} from "../../../provider";
import type { FailureCode } from "../../../provider/kit/failure";
import * as library from "../../../provider/library";
import { startLocalApi } from "../../../provider/local";

test("a program written for the SDK finds its errors, by class and by field, and its region", async () => {
  const api = await startLocalApi({ pullSeconds: 0.05, cronSeconds: 0.02 });
  const snapshots = new SnapshotService({ apiKey: api.apiKey, apiUrl: api.apiUrl, target: "us" });
  try {
    const missing = snapshots.get("none");
    await expect(missing).rejects.toBeInstanceOf(DaytonaNotFoundError);
    await expect(missing).rejects.toMatchObject({ statusCode: 404 });
    expect(await snapshots.create({ name: "agent", image: "ubuntu:24.04" })).toMatchObject({ regionIds: ["us"] });
    const taken = snapshots.create({ name: "agent", image: "debian:12" });
    await expect(taken).rejects.toBeInstanceOf(DaytonaConflictError);
    await expect(taken).rejects.toMatchObject({ statusCode: 409, errorCode: "conflict" });
  } finally {
    snapshots.close();
    await api.close();
  }
}, 20_000);

test("an option that it does not have is refused, as are two regions", () => {
  expect(() => new SnapshotService({ apikey: "x" } as never)).toThrow("SnapshotService has no option apikey");
  expect(() => new SnapshotService({ apiKey: "x", target: "us", region: "eu" })).toThrow(InvalidArgumentError);
});

test("Daytona has the snapshot service, and names itself where an option is wrong", async () => {
  const api = await startLocalApi({ pullSeconds: 0.05, cronSeconds: 0.02 });
  try {
    const daytona = new Daytona({ apiKey: api.apiKey, apiUrl: api.apiUrl, target: "us" });
    expect(daytona.snapshot).toBeInstanceOf(SnapshotService);
    expect((await daytona.snapshot.list()).page).toBe(1);
    expect(() => new Daytona({ otelEnabled: true } as never)).toThrow(
      "Daytona has no option otelEnabled\nIts options are apiKey, jwtToken, organizationId, apiUrl, region, target.",
    );
    // The API would answer 400; nothing was sent.
    api.control.clearRequests();
    const wrong = daytona.snapshot.create({ name: "a b", image: "ubuntu:24.04" });
    await expect(wrong).rejects.toBeInstanceOf(DaytonaBadRequestError);
    await expect(wrong).rejects.toMatchObject({ statusCode: 400, status: null });
    expect(api.control.requests()).toEqual([]);
    const close = jest.spyOn(daytona.snapshot, "close");
    await daytona[Symbol.asyncDispose]();
    expect(close).toHaveBeenCalledTimes(1);
  } finally {
    await api.close();
  }
}, 20_000);

test("every name that is the SDK's is one that the SDK has, with its states and its hierarchy of errors", () => {
  const names = Object.keys(library).filter((name) => name.startsWith("Daytona"));
  expect(names.filter((name) => !(name in sdk))).toEqual([]);
  const { UNKNOWN_DEFAULT_OPEN_API: _, ...states } = sdk.SnapshotState;
  expect(SnapshotState).toEqual(states);
  const kinds = names.filter((name) => name !== "Daytona") as (keyof typeof library & keyof typeof sdk)[];
  type Kind = new (message: string) => Error;
  for (const name of kinds)
    for (const parent of kinds) {
      const theirs = new (sdk[name] as Kind)("x") instanceof (sdk[parent] as Kind);
      if (theirs)
        expect([name, parent, new (library[name] as Kind)("x") instanceof (library[parent] as Kind)]).toEqual([
          name,
          parent,
          true,
        ]);
    }
});

/** What only happens inside a sandbox, of which this package knows nothing. */
const IN_A_SANDBOX = /^Daytona(Git|File|InvalidFilePath|Lsp|Process|Session|Command|A11y|Recording)/;

test("every error of the SDK that a request about snapshots can end with is here", () => {
  const theirs = Object.keys(sdk).filter((name) => /^Daytona.*Error$|^SOURCE_/.test(name));
  expect(theirs.length).toBeGreaterThan(40);
  expect(theirs.filter((name) => !IN_A_SANDBOX.test(name) && !(name in library))).toEqual([]);
  for (const name of ["SOURCE_API", "SOURCE_DAEMON", "SOURCE_PROXY"] as const) expect(library[name]).toBe(sdk[name]);
});

test.each([400, 401, 403, 404, 409, 410, 422, 429, 501, 503])(
  "an answer %d is the same error as with the SDK: by class, code, source and headers",
  async (status) => {
    const api = await startLocalApi();
    const options = { apiKey: api.apiKey, apiUrl: api.apiUrl, target: "us" };
    const ours = new Daytona(options);
    const theirs = new sdk.Daytona(options);
    const body = { statusCode: status, message: "no", path: "/x", code: "SOME_CODE", source: sdk.SOURCE_API };
    // Longer than a call waits: a 429 or 503 ends it at once.
    const headers = { "Retry-After": "700", "Set-Cookie": "session=1", "X-Request-Id": "7" };
    api.control.fault({ method: "GET", action: "answer", status, body, headers, times: -1 });
    const told = async (names: Record<string, unknown>, call: Promise<unknown>): Promise<unknown> => {
      const error = (await call.catch((thrown: unknown) => thrown)) as sdk.DaytonaError;
      const { statusCode, code, source } = error;
      const header = (error.headers as { get(name: string): unknown }).get("Retry-After");
      const classes = Object.keys(library).filter(
        (name) =>
          // A 400 of the API is an invalid argument as well: which one it was cannot be told.
          /^Daytona.*Error$/.test(name) &&
          name !== "DaytonaInvalidArgumentError" &&
          error instanceof (names[name] as new () => Error),
      );
      return { statusCode, code, source, header, again: error.headers?.["retry-after"], classes };
    };
    try {
      const expected = await told(sdk, theirs.snapshot.get("x"));
      expect(expected).toMatchObject({ statusCode: status, code: "SOME_CODE", header: "700" });
      expect(await told(library, ours.snapshot.get("x"))).toEqual(expected);
      expect(JSON.stringify(await ours.snapshot.get("x").catch((error: unknown) => error))).not.toContain("session");
    } finally {
      ours.close();
      await api.close();
    }
  },
  20_000,
);

test("every code of this package is on the page about it", () => {
  const codes: Readonly<Record<FailureCode, true>> = {
    invalid: true,
    source: true,
    rejected: true,
    unauthorized: true,
    forbidden: true,
    "not-found": true,
    conflict: true,
    quota: true,
    "rate-limit": true,
    server: true,
    unreachable: true,
    unanswered: true,
    upload: true,
    failed: true,
    deadline: true,
    refused: true,
    unexpected: true,
  };
  const page = readFileSync(join(__dirname, "../../../docs/guides/clients.md"), "utf8");
  const told = page.slice(page.indexOf("`errorCode` is one of these")).match(/^\| (`[^|]+)\|/gm) ?? [];
  expect(
    told
      .flatMap((row) => row.match(/`[^`]+`/g) ?? [])
      .map((code) => code.slice(1, -1))
      .sort(),
  ).toEqual(Object.keys(codes).sort());
});
