import {
  AmbiguousAnswerError,
  ForbiddenError,
  ServerError,
  UnauthorizedError,
  UnreachableError,
  WrongAddressError,
} from "../../../../provider/api/errors";
import { createLifecycle } from "../../../../provider/lifecycle/lifecycle";
import { apiFailure } from "../../../../provider/lifecycle/messages/api-failure";
import { bench, type Bench, context, made, plan, recordOf, text } from "../support";

const program = { name: "agent", image: "ubuntu:24.04" };
let b: Bench;
beforeEach(async () => (b = await bench()));
afterEach(() => b.close());
const create = (inputs: object, options = {}) => b.lifecycle.create(plan(null, {}, inputs).planned, context(options));

const POST = "POST /snapshots";
const origin = { credentials: "DAYTONA_API_KEY", apiUrl: "DAYTONA_API_URL" };

test.each([
  [
    "a wrong key, with where it came from",
    new UnauthorizedError("Daytona API returned 401 Unauthorized", { status: 401, request: POST }),
    "x: the API rejected the credentials\nDaytona API returned 401 Unauthorized.\nThe credentials come from DAYTONA_API_KEY, the address from DAYTONA_API_URL.",
  ],
  [
    "a missing permission, by its name",
    new ForbiddenError("Daytona API returned 403 Forbidden", { status: 403, request: "DELETE /snapshots/1" }),
    "x: permission denied\nDaytona API returned 403 Forbidden.\nDeleting snapshots requires the `delete:snapshots` permission.\nThe credentials come from DAYTONA_API_KEY.",
  ],
  [
    "an address that nobody answers at, with where it came from",
    new UnreachableError("the connection was refused (ECONNREFUSED)", { status: 0, request: POST }),
    "x: cannot reach the API\nThe connection was refused (ECONNREFUSED).\nThe address comes from DAYTONA_API_URL.",
  ],
  [
    "an address where something else answers",
    new WrongAddressError("http://host returned HTML", { status: 200, request: POST }),
    "x: the server is not a Daytona API\nhttp://host returned HTML.\nThe address comes from DAYTONA_API_URL.",
  ],
  [
    "a 503 to a POST: it was answered, so no answer was lost",
    new AmbiguousAnswerError("the answer was lost: …", {
      status: 503,
      request: POST,
      cause: new ServerError("Daytona API returned 503 Service Unavailable (an HTML page)", {
        status: 503,
        request: POST,
      }),
    }),
    "x: the API returned a server error\nDaytona API returned 503 Service Unavailable (an HTML page).\nTry again later.",
  ],
  [
    "a broken connection after a POST",
    new AmbiguousAnswerError("…", {
      status: 0,
      request: POST,
      cause: new UnreachableError("the connection broke", { status: 0, request: POST }),
    }),
    "x: the response was lost\nThe connection broke.",
  ],
])("%s", (_what, error, message) => {
  expect(text(apiFailure("x", error, origin))).toBe(message);
});

test("the default address is nothing to look for", () => {
  expect(
    apiFailure("x", new UnreachableError("y", { status: 0, request: POST }), { ...origin, apiUrl: "the default" })
      .detail,
  ).toBe("Y.");
});

test("what a 5xx leaves open is said once, and not as an answer that never came", async () => {
  b.local.control.fault({ method: "POST", action: "answer", status: 503, times: -1 });
  const outcome = await create(program);
  expect(outcome.error?.summary).toBe('creating snapshot "agent": the API returned a server error');
  expect(outcome.error?.detail.split("\n")).toEqual([
    expect.stringMatching(/^Daytona API returned 503 Service Unavailable for POST \/snapshots: .*\.$/),
    "Try again later.",
    'The request to create "agent" was sent, but its response was lost, so the snapshot may exist. If it does, the next apply reports it and shows how to manage it.',
  ]);
}, 30_000);

test("a deadline that passes in a 429 storm says what was in the way", async () => {
  b.local.control.fault({
    kind: "create",
    action: "answer",
    status: 429,
    headers: { "Retry-After-authenticated": "60" },
    times: -1,
  });
  const outcome = await create(program, { timeoutMs: 1500 });
  expect(outcome.error?.summary).toBe(
    'creating snapshot "agent": timed out after 1.5s while waiting for the API to accept the request',
  );
  expect(outcome.error?.detail).toMatch(
    /^Last error: Daytona API returned 429 Too Many Requests for POST \/snapshots: .*; the server asks to wait 60 seconds\.$/m,
  );
  b.local.control.clearFaults();
  b.local.control.source({ image: "ubuntu:24.04", outcome: "hang" });
  const other = await b.another().create(plan(null, {}, program).planned, context({ timeoutMs: 1500 }));
  expect(other.error?.detail).not.toContain("Last error");
});

test("an active snapshot at the end of a create is kept by the same command as one that still settles", async () => {
  b.local.control.fault({ kind: "create", action: "hang-after" });
  const outcome = await create(program, { timeoutMs: 1500 });
  expect(outcome.record).toMatchObject({ name: "agent", state: "active" });
  expect(outcome.error?.detail).toContain("terraform untaint ADDRESS");
});

test("a delete that outlasts its deadline says that it goes on, and how to wait for it", async () => {
  const record = await made(b.lifecycle, program);
  b.local.control.holdTime();
  const outcome = await b.lifecycle.delete(record, {}, context({ timeoutMs: 500 }));
  expect(outcome.record).toMatchObject({ id: record.id, state: "removing" });
  expect(text(outcome.error)).toContain(
    "The API accepted the delete and may still complete it. Run the command again to keep waiting.",
  );
});

test("credentials of another organization are looked for where they came from", async () => {
  const record = await made(b.lifecycle, program);
  const lifecycle = createLifecycle({ api: b.api, origin });
  const outcome = await lifecycle.read({ ...record, organizationId: "somebody else's" }, {}, context());
  expect(text(outcome.error)).toMatch(
    /the credentials belong to another organization\n.*\nThey come from DAYTONA_API_KEY\. Use credentials for/,
  );
});

test("a full quota says what makes room", async () => {
  b.local.control.settings({ snapshotQuota: 0 });
  const outcome = await create(program);
  expect(text(outcome.error)).toMatch(
    /^creating snapshot "agent": snapshot quota exceeded\n.*Snapshot quota exceeded\. Maximum allowed: 0\.\nDelete or deactivate a snapshot/,
  );
});

test.each([
  ["the same", program, "It matches the requested snapshot."],
  ["another", { ...program, image: "debian:12" }, 'image: requested "debian:12", found "ubuntu:24.04"'],
])(
  "two resources of one program with one name, the second %s: nothing is adopted or imported twice",
  async (_what, second, difference) => {
    const first = await made(b.lifecycle, program);
    const outcome = await create({ ...second, adoptExisting: true });
    expect(outcome.record).toBeNull();
    expect(outcome.error?.summary).toBe('creating snapshot "agent": the name "agent" is already taken');
    expect(outcome.error?.detail).toContain(`Another resource has the name: snapshot ${first.id}`);
    expect(outcome.error?.detail).toContain(difference);
    expect(outcome.error?.detail).not.toMatch(/import|adopt_existing/);
    expect(outcome.error?.attribute).toEqual(["name"]);
  },
);

test("nor is one adopted that another resource of this run has taken over", async () => {
  const { id } = await made(b.another(), program);
  expect(recordOf(await create({ ...program, adoptExisting: true })).id).toBe(id);
  expect((await create({ ...program, adoptExisting: true })).error?.detail).toContain("Another resource has the name");
});

test("an interrupted proof does not tell the successor's state as that of the snapshot in the state", async () => {
  const prior = await made(b.lifecycle, program);
  b.local.control.source({ image: "debian:12", outcome: "hang" });
  const stop = new AbortController();
  const swap = b.lifecycle.update(
    prior,
    {},
    plan(prior, {}, { ...program, image: "debian:12" }).planned,
    context({ signal: stop.signal }),
  );
  const successor = () => b.local.control.snapshots().some((dto) => dto.state === "pulling");
  while (!successor()) await new Promise((resolve) => setTimeout(resolve, 20));
  stop.abort();
  const outcome = await swap;
  expect(outcome.interrupted).toBe(true);
  expect(outcome.warnings.map(text)).toEqual([
    expect.stringMatching(
      /^replacing snapshot "agent": the successor is not finished\n"agent--next-[0-9a-f]{8}" \(.*\) is kept, and the next apply continues with it\. The old snapshot is unchanged and still usable\.$/,
    ),
    `replacing snapshot "agent": interrupted\nIts ID ${prior.id} is saved in the state; the next apply resumes from there.`,
  ]);
});
