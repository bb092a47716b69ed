import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { planFor } from "../../../../provider/lifecycle/plan-for";
import { readSourceToBuild } from "../../../../provider/lifecycle/publish/prepare-source";
import { readingMeter } from "../../../../provider/lifecycle/publish/upload-progress";
import { check } from "../../../../provider/pulumi/shared/check";
import { diff } from "../../../../provider/pulumi/shared/diff";
import { planNews } from "../../../../provider/pulumi/shared/plan";
import { nothingWritten } from "../../../../provider/resources/snapshot";
import { snapshotDefinition } from "../../../../provider/resources/snapshot/definition";
import { createSourceReader } from "../../../../provider/source/source-reader";
import { planResource } from "../../../../provider/terraform/resource/plan";
import { sourceProblem } from "../../../../provider/terraform/resource/source";
import { toolWords } from "../../../../provider/terraform/words";
import { copy, read } from "../../source/context/tree-on-disk";
import { loggingCall, sessionWith } from "../../terraform/resource/fakes";

const MIB = 2 ** 20;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reading-"));
  writeFileSync(join(folder, "Dockerfile"), "FROM a:1\nCOPY data /data\nCOPY more /more\n");
  writeFileSync(join(folder, "data"), Buffer.alloc(3 * MIB));
  writeFileSync(join(folder, "more"), Buffer.alloc(MIB));
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

/** Each look at the clock takes so long, as reading does. */
function slow(ms: number): void {
  let now = Date.now();
  jest.spyOn(Date, "now").mockImplementation(() => (now += ms));
}

const LINE = /^reading the build context: \d\.\d of 4\.0 MiB, \d+\.\d MiB\/s$/;
const program = (): object => ({ name: "agent", dockerfile: join(folder, "Dockerfile") });
const reader = () => createSourceReader({ env: {} });

test("a quick reading says nothing; a long one says how far it is, at the end all of it", async () => {
  const told: [number, number][] = [];
  const onProgress = (read: number, total: number): void => void told.push([read, total]);
  let now = 0;
  await read(folder, [copy("data", "more")], {}, { now: () => (now += 1), onProgress });
  expect(told).toEqual([]);
  await read(folder, [copy("data", "more")], {}, { now: () => (now += 500), onProgress });
  expect(told.at(-1)).toEqual([4 * MIB, 4 * MIB]);
  // Nothing is counted twice.
  expect(told.filter(([bytes]) => bytes > 3 * MIB)).toHaveLength(1);
  expect(told.length).toBeGreaterThan(3);
  expect(told.map(([bytes]) => bytes)).toEqual(told.map(([bytes]) => bytes).sort((a, b) => a - b));
});

test("a log that draws gets a bar four times a second, another one a line every two seconds", () => {
  let now = 0;
  const lines: string[] = [];
  const bars: number[] = [];
  const line = readingMeter({ progress: (text) => lines.push(text) }, { now: () => now });
  const bar = readingMeter(
    {
      progress: () => undefined,
      transfer: ({ doing, sentBytes }) => void (doing === "reading the build context" && bars.push(sentBytes)),
    },
    { now: () => now },
  );
  for (; now <= 4_000; now += 50) for (const meter of [line, bar]) meter(now * 1024, 4_000 * 1024);
  expect(lines).toEqual([
    "reading the build context: 2.0 of 3.9 MiB, 1.0 MiB/s",
    "reading the build context: 3.9 of 3.9 MiB, 1.0 MiB/s",
  ]);
  expect(bars).toHaveLength(16);
});

test("Terraform: a plan and an apply write it to the log, with the snapshot's name", async () => {
  slow(800);
  const config = { name_prefix: "agent-", dockerfile: join(folder, "Dockerfile") };
  const call = loggingCall();
  await planResource(
    sessionWith({}),
    reader(),
    { prior: null, proposed: {}, config, private: {}, identity: null },
    call,
  );
  expect(call.lines).toContainEqual(["info", expect.stringMatching(LINE)]);
  expect(call.fields).toContainEqual({ snapshot: "agent-" });
  const again = loggingCall();
  await sourceProblem(reader(), { ...nothingWritten(), ...program() }, again);
  expect(again.lines).toContainEqual(["info", expect.stringMatching(LINE)]);
  expect(again.fields).toContainEqual({ snapshot: "agent" });
});

test("Pulumi: a preview and a diff tell it", async () => {
  slow(800);
  const news = check({ olds: null, news: { ...program() }, naming: { logicalName: "agent" } }).inputs;
  const lines: string[] = [];
  const log = { progress: (text: string) => void lines.push(text) };
  await planNews(
    { prior: null, marks: {}, news, region: null, words: toolWords(), sources: reader(), images: null, log },
    "Creating",
  );
  expect(lines).toContainEqual(expect.stringMatching(LINE));
  lines.length = 0;
  await diff({
    id: "agent",
    olds: { name: "agent", snapshotId: "0c3fb6a5-77a4-4f0b-93a1-2d0c8f1f7a11" },
    news,
    region: null,
    sources: reader(),
    images: null,
    log,
  });
  expect(lines).toContainEqual(expect.stringMatching(LINE));
});

test("every face: before a change, and again before the upload", async () => {
  slow(800);
  const lines: string[] = [];
  const log = { debug: () => undefined, buildLine: () => undefined, progress: (text: string) => void lines.push(text) };
  const written = { ...nothingWritten(), ...program() };
  const words = toolWords();
  const { plan } = await planFor(snapshotDefinition, {
    prior: null,
    marks: {},
    written,
    providerRegion: () => null,
    face: "cli",
    words,
    sources: reader(),
    log,
  });
  expect(lines).toContainEqual(expect.stringMatching(LINE));
  lines.length = 0;
  const { prepared: _prepared, ...planned } = plan!.planned;
  const call = {
    archives: null,
    clock: { now: () => Date.now() },
    context: { log, words },
    deadline: { read: (body: (signal: AbortSignal) => Promise<unknown>) => body(new AbortController().signal) },
    shared: { sources: reader() },
  };
  await readSourceToBuild(call as unknown as Parameters<typeof readSourceToBuild>[0], { ...planned, sourceHash: null });
  expect(lines).toContainEqual(expect.stringMatching(LINE));
});
