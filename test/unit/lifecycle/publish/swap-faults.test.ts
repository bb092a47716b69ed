import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLifecycle } from "../../../../provider/lifecycle/lifecycle";
import { planSnapshot, type SnapshotPlan, type SnapshotRecord } from "../../../../provider/resources/snapshot";
import { successorName } from "../../../../provider/resources/snapshot/names";
import { createSourceReader } from "../../../../provider/source/source-reader";
import { toolWords } from "../../../../provider/terraform/words";
import { bench, type Bench, context, recordOf, text, told, written } from "../support";

let folder: string;
let it: Bench;
const write = (path: string, content: string) => writeFileSync(join(folder, path), content);
const sources = () => createSourceReader({ cwd: folder, env: { XDG_CACHE_HOME: join(folder, "cache") } });
const lifecycle = () => createLifecycle({ api: it.api, sources: sources() });
const old = () => it.local.control.snapshot("agent");

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "daytona-swap-"));
  mkdirSync(join(folder, "src"));
  write("Dockerfile", "FROM alpine:3.20\nCOPY src /src\n");
  write("src/a.txt", "one");
});
afterEach(async () => {
  await it.close();
  rmSync(folder, { recursive: true });
});

async function plan(prior: SnapshotRecord | null): Promise<SnapshotPlan> {
  const program = written({ name: "agent", dockerfile: "Dockerfile" });
  const build = await sources().prepare(program, (name) => name);
  return planSnapshot({
    prior,
    marks: {},
    written: { ...program, prepared: build?.source },
    providerRegion: null,
    words: toolWords(),
  });
}

/** A snapshot, and the plan of a swap to other files. */
async function changed(
  options: Parameters<typeof bench>[0] = {},
): Promise<{ record: SnapshotRecord; planned: SnapshotPlan["planned"] }> {
  it = await bench(options);
  const record = recordOf(await lifecycle().create((await plan(null)).planned, context()));
  write("Dockerfile", "FROM alpine:3.20\nCOPY src /src\nRUN make two\n");
  write("src/a.txt", "two");
  return { record, planned: (await plan(record)).planned };
}

/** The old snapshot answers as before, and nothing else is left. */
function untouched(record: SnapshotRecord): void {
  expect(old()).toMatchObject({ id: record.id, state: "active" });
  expect(it.names()).toEqual({ agent: "active" });
}

test("a successor whose build fails is removed, and the old snapshot answers; the mended source is swapped in", async () => {
  const { record, planned } = await changed();
  it.local.control.source({ dockerfile: "RUN make two", outcome: "fail", reason: "make: *** No rule" });
  const outcome = await lifecycle().update(record, {}, planned, context());
  expect(text(outcome.error)).toMatch(
    /^replacing snapshot "agent": the build failed \(state `error`\)\nReason: make: \*\*\* No rule\.\n/,
  );
  expect(text(outcome.error)).toContain("The old snapshot is unchanged and still usable.");
  expect(outcome.record).toMatchObject({ id: record.id, sourceHash: record.sourceHash });
  untouched(record);
  write("Dockerfile", "FROM alpine:3.20\nCOPY src /src\nRUN make three\n");
  expect(recordOf(await lifecycle().update(record, {}, (await plan(record)).planned, context())).id).not.toBe(
    record.id,
  );
  expect(it.names()).toEqual({ agent: "active" });
});

test("a build that hangs ends at the deadline: the successor is deleted, and the old snapshot answers", async () => {
  const { record, planned } = await changed();
  it.local.control.source({ dockerfile: "RUN make two", outcome: "hang" });
  const outcome = await lifecycle().update(record, {}, planned, context({ timeoutMs: 1500 }));
  expect(text(outcome.error)).toContain(
    "did not become active in time and is being deleted.\nThe old snapshot is unchanged and still usable.",
  );
  expect(old()).toMatchObject({ id: record.id, state: "active" });
  for (let tries = 0; tries < 100 && Object.keys(it.names()).length > 1; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 30));
  untouched(record);
});

test("without room in the quota nothing changes, and the message names the way out", async () => {
  const { record, planned } = await changed({ snapshotQuota: 1 });
  const outcome = await lifecycle().update(record, {}, planned, context());
  expect(text(outcome.error)).toContain("snapshot quota exceeded: no room for the successor\n");
  expect(text(outcome.error)).toContain(
    'Delete a snapshot that you no longer need, or set `replacement = "recreate"`, which deletes the old snapshot first.',
  );
  untouched(record);
});

test("the temporary name is another's: a failed or idle one is removed, an active one with another source too", async () => {
  for (const state of ["error", "inactive", "active"]) {
    const { record, planned } = await changed();
    it.local.control.insert({ name: successorName("agent", record.id), state });
    const after = recordOf(await lifecycle().update(record, {}, planned, context()));
    expect(after).toMatchObject({ name: "agent", state: "active" });
    expect(it.names()).toEqual({ agent: "active" });
    write("Dockerfile", "FROM alpine:3.20\nCOPY src /src\n");
    write("src/a.txt", "one");
    await it.close();
  }
  it = await bench();
});

test.each([
  ["credentials that expire in the upload are renewed", { status: 400, code: "ExpiredToken", times: 1 }, true],
  ["a storage that fails is tried again", { status: 503, code: "SlowDown", times: 2 }, true],
  [
    "a storage that denies the upload leaves the old snapshot alone",
    { status: 403, code: "AccessDenied", times: -1 },
    false,
  ],
])("%s", async (_what, { status, code, times }, survived) => {
  const { record, planned } = await changed();
  const headers = { "content-type": "application/xml" };
  it.local.control.fault({
    kind: "storage",
    method: "PUT",
    action: "answer",
    status,
    times,
    headers,
    body: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>for the test</Message></Error>`,
  });
  const heard = told();
  const outcome = await lifecycle().update(record, {}, planned, context({}, heard));
  if (survived) {
    expect(recordOf(outcome).id).not.toBe(record.id);
    expect(it.names()).toEqual({ agent: "active" });
  } else {
    expect(text(outcome.error)).toContain("the object storage denied the upload");
    expect(text(outcome.error)).toContain("The old snapshot is unchanged and still usable.");
    untouched(record);
  }
});
