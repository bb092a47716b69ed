import { reports } from "../../../../provider/version.gen";
import {
  BadRequestError,
  ForbiddenError,
  NotFoundError,
  RateLimitError,
  ServerError,
  UnauthorizedError,
  UnreachableError,
  AmbiguousAnswerError,
} from "../../../../provider/api/errors";
import type { SnapshotDto } from "../../../../provider/api";
import { Call, type Shared } from "../../../../provider/lifecycle/call/call";
import { SnapshotFailed } from "../../../../provider/lifecycle/call/errors";
import { Owners } from "../../../../provider/lifecycle/call/owners";
import { Pushes } from "../../../../provider/lifecycle/pushes/pushes";
import { SourceLocks } from "../../../../provider/lifecycle/call/source-locks";
import { apiFailure } from "../../../../provider/lifecycle/messages/api-failure";
import {
  assertOrganization,
  deletedNotice,
  holderNotice,
} from "../../../../provider/lifecycle/messages/missing-snapshot";
import {
  deadlineNotice,
  failedNotice,
  failureIn,
  interruptedNotice,
  takenFailure,
  unexpectedNotice,
} from "../../../../provider/lifecycle/messages/notices";
import { keptNotice, notReplacedNotice } from "../../../../provider/lifecycle/messages/shared-snapshot";
import { takeOver } from "../../../../provider/lifecycle/messages/tool-words";
import type { SnapshotRecord } from "../../../../provider/resources/snapshot";
import { toolWords } from "../../../../provider/terraform/words";
import { FakeApi, FakeClock } from "../fake";
import { context, text } from "../support";

const POST = "POST /snapshots";
const origin = { credentials: "DAYTONA_API_KEY", apiUrl: "DAYTONA_API_URL" };
const dto = (more: Partial<SnapshotDto> = {}): SnapshotDto => ({
  id: "u1",
  name: "agent",
  state: "active",
  cpu: 1,
  gpu: 0,
  mem: 1,
  disk: 3,
  createdAt: "2026-01-01T00:00:00Z",
  imageName: "a:1",
  organizationId: "org",
  ...more,
});
const record = {
  id: "u1",
  name: "agent",
  state: "active",
  createdAt: "2026-01-01T00:00:00Z",
  organizationId: "org",
} as SnapshotRecord;

function callOf(
  verb: "create" | "update" | "delete" = "create",
  more: Partial<{
    record: SnapshotRecord | null;
    successor: boolean;
    lastState: string;
    waitingFor: string;
    unanswered: string;
    trouble: string;
    words: object;
    owners: Owners;
    organizationId: string | null;
  }> = {},
): Call {
  const clock = new FakeClock();
  const api = Object.assign(new FakeApi(clock), {
    trouble: more.trouble ?? null,
    organizationId: more.organizationId ?? null,
    list: () => Promise.resolve({ items: [] }),
    organization: () => Promise.resolve("asked"),
  });
  const shared: Shared = {
    api: api.asApi(),
    clock,
    locks: new SourceLocks(),
    sources: null as never,
    organizationId: more.organizationId ?? null,
    named: null,
    origin,
    owners: more.owners ?? new Owners(clock),
    images: () => null,
    pushes: new Pushes(),
  };
  const call = new Call(
    shared,
    context({ words: { ...toolWords(), ...more.words } }),
    `${verb} "agent"`,
    verb,
    90_000,
    { record: more.record ?? null, marks: more.successor === true ? { successor: true } : {} },
  );
  Object.assign(call, {
    lastState: more.lastState ?? null,
    waitingFor: more.waitingFor ?? null,
    unanswered: more.unanswered ?? null,
  });
  return call;
}

test.each([
  [
    new ForbiddenError("no", { status: 403, request: POST }),
    "x: permission denied\nNo.\nCreating, activating and deactivating snapshots requires the `write:snapshots` permission.\nThe credentials come from DAYTONA_API_KEY.",
  ],
  [
    new ForbiddenError("no", { status: 403, request: "GET /snapshots" }),
    "x: permission denied\nNo.\nThe credentials come from DAYTONA_API_KEY.",
  ],
  [new RateLimitError("no", { status: 429, request: POST }), "x: rate limit exceeded\nNo.\nTry again later."],
  [new ServerError("no", { status: 500, request: POST }), "x: the API returned a server error\nNo.\nTry again later."],
  [new NotFoundError("no", { status: 404, request: POST }), "x: not found\nNo."],
  [
    new AmbiguousAnswerError("lost", {
      status: 0,
      request: POST,
      cause: new UnauthorizedError("no", { status: 401, request: POST }),
    }),
    "x: the API rejected the credentials\nNo.",
  ],
  [
    new AmbiguousAnswerError("lost", {
      status: 0,
      request: POST,
      cause: new UnreachableError("no", { status: 0, request: POST }),
    }),
    "x: the response was lost\nNo.",
  ],
])("%p", (error, said) => expect(text(apiFailure("x", error, origin))).toBe(said));

test.each<[string, string | undefined]>([
  ["Invalid snapshot name format", "name"],
  ["Snapshot quota exceeded for image", undefined],
  ["Image name must include a tag", "image"],
  ["GPU type H1 is not known", "gpuTypes"],
  ["GPU quota exceeded", "gpu"],
  ["needs a gpu", "gpu"],
  ["CPU request 9 exceeds", "cpu"],
  ["Memory request 9GB exceeds", "memory"],
  ["Disk request 99GB exceeds", "disk"],
  ["Region eu not found", "region"],
  ["too many cpus", undefined],
  ["sandboxClass must be one of the following values: container", "sandboxClass"],
  ["each value in gpuType must be one of the following values: H100", "gpuTypes"],
  ["organizationId must be a UUID", undefined],
])("%s: the attribute is %s", (reason, attribute) => {
  for (const error of [
    new BadRequestError("no", { status: 400, reason, request: POST }),
    new NotFoundError("no", { status: 404, reason, request: POST }),
  ])
    expect(apiFailure("x", error).attribute).toEqual(attribute === undefined ? undefined : [attribute]);
  expect(apiFailure("x", new ServerError("no", { status: 500, reason, request: POST })).attribute).toBeUndefined();
});

test("a full quota says what makes room, in whichever call, and what else there is to say", () => {
  const quota = new BadRequestError("Snapshot quota exceeded. Maximum allowed: 5", {
    status: 400,
    reason: "Snapshot quota exceeded. Maximum allowed: 5",
    request: POST,
  });
  const failure = failureIn(callOf("create", { record }), quota, "more");
  expect([text(failure.notice), failure.code]).toEqual([
    'create "agent": snapshot quota exceeded\nSnapshot quota exceeded. Maximum allowed: 5.\nThe ID of the snapshot, u1, is saved in the state.\nDelete or deactivate a snapshot that you no longer need, or ask Daytona for a larger quota. Then run apply again.\nmore',
    "quota",
  ]);
  expect(
    text(failureIn(callOf("update", { record }), new ServerError("no", { status: 500, request: POST }), "more").notice),
  ).toBe('update "agent": the API returned a server error\nNo.\nTry again later.\nmore');
});

test("a snapshot that failed: a build or not, its reason, its log, and what to do", () => {
  const said = (more: Partial<SnapshotDto>, tail: string[] = []) =>
    failedNotice(callOf(), new SnapshotFailed(dto(more), tail), "next");
  expect(said({ state: "error", errorReason: "no space" })).toEqual({
    summary: 'create "agent": the snapshot failed (state `error`)',
    detail: "Reason: no space.\nnext",
    attribute: ["image"],
  });
  expect(
    said({ state: "error", errorReason: null, imageName: "x", buildInfo: { dockerfileContent: "FROM a" } }, [
      "one",
      "two",
    ]),
  ).toEqual({
    summary: 'create "agent": the build failed (state `error`)',
    detail: "The API gave no reason.\nLast lines of the build log:\n  one\n  two\nnext",
  });
  expect(said({ state: "build_failed" }).summary).toBe('create "agent": the build failed (state `build_failed`)');
});

test.each<[string, Call, string]>([
  ["nothing was seen", callOf("create"), ""],
  [
    "it settles",
    callOf("create", { record, lastState: "pulling" }),
    '; last state: `pulling`|The ID of the snapshot, u1, is saved in the state.\nThe next apply would replace the snapshot. To keep waiting for it instead:\n  terraform untaint ADDRESS\n  terraform apply\nThe server waits for a runner to finish the pull. If there is no more progress, the job may be lost: a runner that restarts can forget it, and the server gives up on the snapshot after an hour, and on the job after two. Until then, a new snapshot of the same source may fail with "already in progress". The next apply deletes and recreates the snapshot.',
  ],
  [
    "it has no runner yet",
    callOf("create", { record, lastState: "pending" }),
    "; last state: `pending`|The ID of the snapshot, u1, is saved in the state.\nThe next apply would replace the snapshot. To keep waiting for it instead:\n  terraform untaint ADDRESS\n  terraform apply\nThe server has not assigned it to a runner yet. It waits for a runner of its region and sandbox class, indefinitely if there is none.",
  ],
  [
    "an image is built that Daytona's registry did not take",
    callOf("create", { record: { ...record, state: "building", size: 0.5 }, lastState: "building" }),
    "; last state: `building`|The ID of the snapshot, u1, is saved in the state.\nThe image is built, but Daytona's own registry did not accept it, so waiting does not help.\nThe next apply deletes and recreates the snapshot.",
  ],
  [
    "an update waits for a build",
    callOf("update", { record: { ...record, state: "building", size: null }, lastState: "building" }),
    '; last state: `building`|The server waits for a runner to finish the build. If there is no more progress, the job may be lost: a runner that restarts can forget it, and the server gives up on the snapshot after an hour, and on the job after two. Until then, a new snapshot of the same source may fail with "already in progress". To delete and recreate it:\n  terraform apply -replace=ADDRESS',
  ],
  ["an update waits for a successor", callOf("update", { record, lastState: "building" }), "; last state: `building`"],
  [
    "it is active",
    callOf("create", { record, lastState: "active" }),
    "; last state: `active`|The ID of the snapshot, u1, is saved in the state.\nThe next apply would replace the snapshot. To keep waiting for it instead:\n  terraform untaint ADDRESS\n  terraform apply",
  ],
  [
    "it has failed",
    callOf("create", { record, lastState: "error" }),
    "; last state: `error`|The ID of the snapshot, u1, is saved in the state.",
  ],
  ["there is no record", callOf("create", { lastState: "pulling" }), "; last state: `pulling`"],
  [
    "it waits for something",
    callOf("update", { record, lastState: "pulling", waitingFor: "room" }),
    " while waiting for room",
  ],
  [
    "a delete goes on",
    callOf("delete", { record, lastState: "removing" }),
    "; last state: `removing`|The API accepted the delete and may still complete it. Run the command again to keep waiting.",
  ],
  ["an update of what is leaving", callOf("update", { record, lastState: "removing" }), "; last state: `removing`"],
  ["the API was in the way", callOf("update", { record, trouble: "429" }), "|Last error: 429."],
  [
    "a swap is unfinished",
    callOf("update", { record, successor: true }),
    '|The swap of "agent" is unfinished. Its successor u1 is kept, and the next apply resumes the swap. Until then, no sandbox can be created with this name.',
  ],
])("a deadline: %s", (_what, call, said) => {
  const [state, detail = ""] = said.split("|");
  const notice = deadlineNotice(call);
  expect([notice.summary, notice.detail]).toEqual([
    `${call.doing}: timed out after 1m30s${state}`,
    `${detail === "" ? "" : `${detail}\n`}To allow more time, set \`timeouts = { ${call.verb} = "…" }\`.`,
  ]);
  expect(notice.attribute).toEqual(["timeouts", call.verb]);
});

test("an interrupt says what there is, and what may be", () => {
  const lost =
    'The request to create "agent" was sent, but its response was lost, so the snapshot may exist. If it does, the next apply reports it and shows how to manage it.';
  expect(interruptedNotice(callOf("create"), "agent").detail).toBe(`${lost}\nNothing was saved in the state.`);
  expect(interruptedNotice(callOf("create", { record, lastState: "pulling" })).detail).toBe(
    "Its ID u1 is saved in the state; the next apply resumes from there. Last state: `pulling`.",
  );
  expect(deadlineNotice(callOf("create"), "agent").detail).toBe(
    `${lost}\nTo allow more time, set \`timeouts = { create = "…" }\`.`,
  );
  expect(
    text(
      failureIn(callOf("create", { unanswered: "agent" }), new ServerError("no", { status: 500, request: POST }))
        .notice,
    ),
  ).toBe(`create "agent": the API returned a server error\nNo.\nTry again later.\n${lost}`);
});

test("a bug of this program is called one, and what was made is still named", () => {
  const bug = `This is a bug in daytona-iac. Please report it together with the debug log: ${reports}`;
  expect(unexpectedNotice(callOf("create", { record }), new Error("odd"))).toEqual({
    summary: 'create "agent": odd',
    detail: `${bug}\nThe ID of the snapshot, u1, is saved in the state.`,
  });
  expect(unexpectedNotice(callOf("update", { record }), "odd")).toEqual({
    summary: 'update "agent": odd',
    detail: bug,
  });
});

describe("a taken name", () => {
  const there = "Snapshot u1 in this organization has the name (state `active`, created 2026-01-01T00:00:00Z).";
  const noImport = { importCommand: () => null };
  const detail = (call: Call, differences: string[], ...more: string[]): string[] =>
    takenFailure(call, dto(), differences, ...more).notice.detail.split("\n");
  const renamed = "If you renamed the resource, add a `moved` block.";
  test("the same: import or adopt it", () => {
    expect(detail(callOf(), [], "last")).toEqual([
      there,
      "It matches the requested snapshot. An earlier run may have been killed before it saved the state.",
      renamed,
      "To manage it, import it: ",
      "  terraform import ADDRESS u1",
      "Or adopt it: set `adopt_existing = true`.",
      toolWords().ownEarlier,
      "last",
    ]);
    expect(detail(callOf("create", { words: noImport }), [])).toContain("To adopt it, set `adopt_existing = true`.");
  });
  test("another one: it is never adopted", () => {
    expect(detail(callOf(), ["cpu: 1, 2"]).slice(1, 3)).toEqual([
      "It differs from the requested snapshot:",
      "  cpu: 1, 2",
    ]);
    expect(detail(callOf(), ["cpu: 1, 2"])).toContain(
      "`adopt_existing = true` does not adopt a snapshot that differs. Choose another name, delete that snapshot, or import it and let the next apply change it.",
    );
    expect(detail(callOf("create", { words: noImport }), ["cpu: 1, 2"])).toContain(
      "`adopt_existing = true` does not adopt a snapshot that differs. Choose another name, delete that snapshot, or change the request to match it.",
    );
  });
  test("what another resource manages is neither imported nor adopted", () => {
    const owners = new Owners(new FakeClock());
    owners.keep("u1", "other");
    const two = `Two resources cannot share a name. Rename one of them, or remove it. ${renamed}`;
    expect(detail(callOf("create", { owners }), [])).toEqual([
      "Snapshot u1 has the name, and another resource of this configuration manages it.",
      "It matches the requested snapshot.",
      two,
    ]);
    const made = new Owners(new FakeClock());
    made.created("agent", "u1", "other");
    expect(detail(callOf("create", { owners: made }), [])).toEqual([
      "Another resource has the name: snapshot u1, which this run created or adopted.",
      "It matches the requested snapshot.",
      two,
    ]);
  });
});

test("how a tool takes over what is there", () => {
  expect(takeOver(callOf(), "u1")).toBe("To manage it, import it: \n  terraform import ADDRESS u1");
  expect(takeOver(callOf("create", { words: { importCommand: () => null } }), "u1")).toBe(
    "To adopt it if it matches, set `adopt_existing = true`.",
  );
});

test("a holder that is later may be the end of a killed swap; one of the same time is not", () => {
  const detail = (createdAt: string, own: string | null = record.createdAt) =>
    holderNotice(callOf(), { ...record, createdAt: own }, dto({ id: "u2", createdAt })).detail.split("\n");
  const later = "It was created later, so it may be the result of a swap that was killed before the state was saved.";
  expect(detail("2026-01-01T00:00:01Z")).toEqual([
    "Snapshot u2 in this organization now has the name (state `active`, created 2026-01-01T00:00:01Z).",
    later,
    "To manage it, import it: ",
    "  terraform import ADDRESS u2",
  ]);
  expect([
    detail("2026-01-01T00:00:00Z").includes(later),
    detail("2026-01-01T00:00:01Z", null).includes(later),
  ]).toEqual([false, false]);
});

test("a state of another organization is an error; one that does not say, or that nobody can tell, is none", async () => {
  const said = (ours: string) =>
    `update "agent": the credentials belong to another organization\nSnapshot u1 belongs to organization org, but the credentials are for organization ${ours}.\nThey come from DAYTONA_API_KEY. Use credentials for organization org, or remove the snapshot from this state.`;
  const check = (call: Call, of: string | null, ask = false) =>
    assertOrganization(call, { ...record, organizationId: of }, ask).then(
      () => "fine",
      (error: { notice: never }) => text(error.notice),
    );
  expect([
    await check(callOf("update", { organizationId: "other" }), "org"),
    await check(callOf("update", { organizationId: "other" }), null),
    await check(callOf("update", { organizationId: "org" }), "org"),
    await check(callOf("update"), "org"),
  ]).toEqual([said("other"), "fine", "fine", "fine"]);
  expect(await check(callOf("update"), "org", true)).toBe(said("asked"));
});

test("what somebody deleted, and what another resource manages", () => {
  expect(text(deletedNotice(callOf("update"), "u1"))).toBe(
    'update "agent": someone else deleted the snapshot\nSnapshot u1 no longer exists. Plan and apply again.',
  );
  expect(text(keptNotice(callOf("delete"), { id: "u1", name: null }))).toBe(
    'Snapshot "u1" is kept: another resource of this configuration manages it\nSnapshot u1 was not deleted. This resource is removed from the state only, and the other one continues to manage the snapshot.\nIf no other resource manages it, delete it manually:\n  daytona-iac snapshot delete NAME',
  );
  expect(keptNotice(callOf("delete"), { id: "u1", name: "agent" }).summary).toBe(
    'Snapshot "agent" is kept: another resource of this configuration manages it',
  );
  expect(text(notReplacedNotice(callOf("update"), { id: "u1", name: null }))).toBe(
    'update "agent": another resource of this configuration manages the snapshot as well\nThe change would delete snapshot "u1" (u1), so it was rejected. Only one resource can manage a snapshot. Remove the block of one of the two, which keeps the snapshot, or remove it from the state:\n  terraform state rm ADDRESS',
  );
});
