import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SnapshotApi } from "../../../../provider/api";
import { createLifecycle } from "../../../../provider/lifecycle/lifecycle";
import {
  type Marks,
  planSnapshot,
  type SnapshotInputs,
  type SnapshotPlan,
  type SnapshotRecord,
} from "../../../../provider/resources/snapshot";
import { createSourceReader } from "../../../../provider/source/source-reader";
import { toolWords } from "../../../../provider/terraform/words";
import { mortal } from "../swap/killed";
import { bench, type Bench, context, recordOf, text, told, written } from "../support";

let folder: string;
let it: Bench;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "daytona-build-"));
  mkdirSync(join(folder, "src"));
  write("Dockerfile", "FROM alpine:3.20\nCOPY src /src\n");
  write("src/a.txt", "one");
  it = await bench();
});
afterEach(async () => {
  await it.close();
  rmSync(folder, { recursive: true });
});

const write = (path: string, content: string) => writeFileSync(join(folder, path), content);
const sources = () => createSourceReader({ cwd: folder, env: { XDG_CACHE_HOME: join(folder, "cache") } });
const lifecycle = () => createLifecycle({ api: it.api, sources: sources() });

/** As a face plans: with the files read, which a later process then has to read again. */
async function plan(
  prior: SnapshotRecord | null,
  inputs: Partial<SnapshotInputs> = {},
  marks: Marks = {},
  reader = sources(),
): Promise<SnapshotPlan> {
  const program = written({ name: "agent", dockerfile: "Dockerfile", ...inputs });
  const build = await reader.prepare(program, (name) => name);
  const made = planSnapshot({
    prior,
    marks,
    written: { ...program, prepared: build?.source },
    providerRegion: null,
    words: toolWords(),
  });
  delete made.planned.prepared;
  return made;
}

const present = () => it.local.control.snapshot("agent");

test("the files are uploaded, then the build is requested with their hashes", async () => {
  const heard = told();
  const { planned } = await plan(null);
  const record = recordOf(await lifecycle().create(planned, context({}, heard)));
  expect(record).toMatchObject({
    dockerfile: "Dockerfile",
    dockerfileContent: null,
    state: "active",
    sourceHash: expect.stringMatching(/^v2:/) as string,
  });
  expect(record).not.toHaveProperty("prepared");
  expect(present()?.buildInfo?.contextHashes).toHaveLength(1);
  expect((await plan(record)).action).toBe("none");
});

test("a refresh of an untouched build changes nothing, and needs no files", async () => {
  const record = recordOf(await lifecycle().create((await plan(null)).planned, context()));
  rmSync(join(folder, "src"), { recursive: true });
  expect(recordOf(await lifecycle().read(record, {}, context()))).toEqual(record);
  expect((await lifecycle().delete(record, {}, context())).record).toBeNull();
  expect(it.names()).toEqual({});
});

test("other files are a swap: the successor and the final snapshot have the new ones, and the old snapshot stays until then", async () => {
  const record = recordOf(await lifecycle().create((await plan(null)).planned, context()));
  write("src/a.txt", "two");
  const changed = await plan(record);
  expect(changed).toMatchObject({ action: "swap", changed: ["sourceHash"] });
  const after = recordOf(await lifecycle().update(record, {}, changed.planned, context()));
  expect(after.id).not.toBe(record.id);
  expect(it.names()).toEqual({ agent: "active" });
  expect((await plan(after)).action).toBe("none");
});

test("files that changed since the plan are refused with both hashes, and nothing is created", async () => {
  const { planned } = await plan(null);
  write("src/a.txt", "two");
  const outcome = await lifecycle().create(planned, context());
  expect(outcome.record).toBeNull();
  expect(text(outcome.error)).toMatch(
    /^creating snapshot "agent": the source changed before it was built\nChanged since then:\n {2}src\/a\.txt \(changed\)\n\nThe expected source hash is v2:[0-9a-f]{64}, but the files now have v2:[0-9a-f]{64}\. Nothing was built\. Plan and apply again\.$/,
  );
  expect(it.names()).toEqual({});
});

test("a plan with the files read by another process has them read again: that process has nothing to send", async () => {
  const { planned } = await plan(null);
  const build = await sources().prepare(written({ name: "agent", dockerfile: "Dockerfile" }), (name) => name);
  recordOf(await lifecycle().create({ ...planned, prepared: build!.source }, context()));
  expect(it.local.control.storageKeys()).toEqual([
    `${it.local.organizationId}/${present()!.buildInfo!.contextHashes![0]}/context.tar`,
  ]);
  write("src/a.txt", "two");
  expect(
    text((await lifecycle().create({ ...planned, name: "other", prepared: build!.source }, context())).error),
  ).toContain("the source changed before it was built");
});

test("a hash that the program gives is none of the files", async () => {
  const record = recordOf(await lifecycle().create((await plan(null, { sourceHash: "my-own" })).planned, context()));
  expect(record.sourceHash).toBe("my-own");
});

test("a deadline that passes while the files are sent is a deadline, and nothing is created", async () => {
  it.local.control.fault({ kind: "storage-access", times: -1, action: "hang-before" });
  const outcome = await lifecycle().create((await plan(null)).planned, context({ timeoutMs: 300 }));
  expect(outcome).toMatchObject({ record: null, failure: { code: "deadline" } });
  expect(it.names()).toEqual({});
});

test("files that changed since the same process planned are named", async () => {
  const reader = sources();
  const { planned } = await plan(null, {}, {}, reader);
  write("src/a.txt", "two");
  write("src/b.txt", "new");
  write("Dockerfile", "FROM alpine:3.21\nCOPY src /src\n");
  const outcome = await createLifecycle({ api: it.api, sources: reader }).create(planned, context());
  expect(text(outcome.error)).toContain(
    "the source changed before it was built\nChanged since then:\n  Dockerfile (changed)\n  src/a.txt (changed)\n  src/b.txt (added)\n\nThe expected source hash is v2:",
  );
  expect(it.names()).toEqual({});
});

test("a swap whose files are gone leaves the old snapshot alone", async () => {
  const record = recordOf(await lifecycle().create((await plan(null)).planned, context()));
  const changed = await plan(record, { cpu: 2 });
  rmSync(join(folder, "Dockerfile"));
  const outcome = await lifecycle().update(record, {}, changed.planned, context());
  expect(text(outcome.error)).toMatch(
    /^updating snapshot "agent": Dockerfile not readable\nThe Dockerfile "Dockerfile" \(.*\) does not exist\./,
  );
  expect(it.local.control.snapshot("agent")?.id).toBe(record.id);
  expect(it.names()).toEqual({ agent: "active" });
});

test("a build with the same text and other files is not adopted", async () => {
  const record = recordOf(await lifecycle().create((await plan(null)).planned, context()));
  write("src/a.txt", "two");
  const outcome = await lifecycle().create((await plan(null, { adoptExisting: true })).planned, context());
  expect(text(outcome.error)).toContain("context: the files of the build context differ");
  write("src/a.txt", "one");
  expect(
    recordOf(
      await createLifecycle({ api: it.api, sources: sources() }).create(
        (await plan(null, { adoptExisting: true })).planned,
        context(),
      ),
    ).id,
  ).toBe(record.id);
});

test("another path of the same source is no change", async () => {
  const record = recordOf(await lifecycle().create((await plan(null)).planned, context()));
  write("Other", "FROM alpine:3.20\r\nCOPY src /src\r\n");
  const moved = await plan(record, { dockerfile: "Other" });
  expect(moved).toMatchObject({ action: "none", changed: [], planned: { dockerfile: record.dockerfile } });
});

/** Another process with the same connection. */
function another(wrap: (api: SnapshotApi) => SnapshotApi = (same) => same) {
  let api = it.api;
  it.another((own) => (api = wrap(own)));
  return createLifecycle({ api, sources: sources() });
}

// The upload is among the calls: it begins with `pushAccess`.
test.each(["before", "after"] as const)(
  "killed %s a call is executed, wherever that is, the next apply finishes the swap: nothing lost, nothing left over",
  async (when) => {
    let uploads = 0;
    for (let at = 0; ; at += 1) {
      it.local.control.reset();
      write("src/a.txt", "one");
      const prior = recordOf(await another().create((await plan(null)).planned, context()));
      write("src/a.txt", "two");
      let calls: string[] = [];
      const doomed = another((api) => {
        const process = mortal(api, at, when);
        calls = process.calls;
        return process.api;
      });
      await doomed.update(prior, {}, (await plan(prior)).planned, context());
      if (calls.length <= at) break;
      if (calls[at] === "pushAccess") uploads += 1;

      const next = another();
      const read = await next.read(prior, {}, context());
      const { action, planned } = await plan(read.record, {}, read.marks);
      const outcome =
        action === "none"
          ? read
          : read.record === null
            ? await next.create(planned, context())
            : await next.update(read.record, read.marks, planned, context());
      const holder = it.local.control.snapshot("agent");
      // The swap was over but for the end of the successor, which the refresh may still have seen.
      const leaving = read.marks.successor === true && read.record?.state === "removing";
      if (read.record === null) expect(text(outcome.error)).toContain("is already taken");
      else if (leaving && outcome.error !== undefined)
        expect(text(outcome.error)).toContain(
          `gone since the plan; plan again\nSnapshot ${read.record.id} no longer exists.\nSomeone created another snapshot with this name: ${holder!.id}. To manage it, import it:`,
        );
      else
        expect({ at, calls, error: outcome.error, action, record: outcome.record }).toMatchObject({
          record: { id: holder?.id, name: "agent", state: "active" },
        });
      expect({ at, calls, names: it.names() }).toEqual({ at, calls, names: { agent: "active" } });
      expect(holder?.buildInfo?.contextHashes).toHaveLength(1);
    }
    // How often the API is polled before the second upload differs from run to run.
    expect(uploads).toBeGreaterThanOrEqual(1);
  },
  240_000,
);
