import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { runDrift } from "../../../../provider/cli/drift/command";
import { planInFile } from "../../../../provider/cli/drift/content";
import { jsonPieces } from "../../../../provider/fleet/report/json";
import type { DriftReport } from "../../../../provider/fleet/report/report";
import { mapTexts } from "../../../../provider/kit/text/map-texts";
import { printableJson } from "../../../../provider/kit/text/printable";
import { attributes, change, drifted, plan, planned } from "../../fleet/plan";

const folder = mkdtempSync(join(tmpdir(), "daytona-iac-plan-file-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const A = "daytona_snapshot.agent";
const state = attributes("agent");
const idle = attributes("agent", { state: "inactive", active: false });
const json = JSON.stringify(plan([drifted(A, state, idle)], [change(A, ["update"], idle, planned(state))]));

interface Checked {
  readonly code: number;
  readonly report: DriftReport;
  readonly error: string | undefined;
}

async function check(
  content: Uint8Array | string,
  args: string[] = [],
  env: NodeJS.ProcessEnv = {},
  input = false,
): Promise<Checked> {
  const file = join(folder, "plan.json");
  writeFileSync(file, content);
  let out = "";
  const code = await runDrift(["--plan", input ? "-" : file, "--format", "json", "--quiet", ...args], {
    out: (text) => void (out += text),
    err: () => undefined,
    env: { HOME: folder, ...env },
    ...(input ? { read: () => Promise.resolve(Buffer.from(content)) } : {}),
  });
  const report = JSON.parse(out) as DriftReport;
  const [error] = report.sources.flatMap((source) =>
    source.error === null ? [] : [`${source.error.summary}\n${source.error.detail}`.replaceAll(file, "F")],
  );
  return { code, report, error };
}

test.each<[string, Uint8Array | string]>([
  ["UTF-8", json],
  ["UTF-8 with a mark", `\ufeff${json}`],
  ["UTF-16 of PowerShell", Buffer.from(`\ufeff${json}`, "utf16le")],
  ["spread over lines", JSON.stringify(JSON.parse(json), null, 2)],
  ["a list twice, of which the last one counts", json.replace("{", '{"resource_drift":[],')],
])("a plan in %s is read, from a file and from standard input", async (_what, content) => {
  for (const input of [false, true]) {
    const { code, report } = await check(content, [], {}, input);
    expect([code, report.snapshots.map(({ address, happened }) => [address, happened])]).toEqual([2, [[A, "idle"]]]);
  }
});

test.each<[string, Uint8Array | string, string]>([
  [
    "gzip",
    gzipSync(json),
    "the plan F is compressed\nIt is compressed with gzip. Unpack it first: `gunzip --stdout F`.",
  ],
  ["a cut plan", json.slice(0, -20), "the plan F cannot be read\nIt is not complete JSON ("],
  [
    "a plan and more",
    `${json}\n${json}`,
    "the plan F is not one JSON document\nIt contains one JSON object per line: it is a plan.",
  ],
  [
    "an older format",
    json.replace('"1.2"', '"0.2"'),
    "the plan F has an older format\nIts format version is 0.2; daytona-iac reads 1.x, which Terraform 1.1 and later and every OpenTofu write.",
  ],
  ["no text", Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), "the plan F is not text\nIt is not valid UTF-8."],
  ["nothing", "", "the plan F cannot be read\nIt is empty."],
  [
    "an entry that is no object",
    '{"format_version":"1.2","resource_changes":[1]}',
    'the plan F cannot be read\n"resource_changes" is not a list of objects.',
  ],
])("%s has a sentence of its own", async (_what, content, message) => {
  const { code, error } = await check(content);
  expect([code, error?.slice(0, message.length)]).toEqual([1, message]);
});

test("a file that is not there", () => {
  expect(() =>
    planInFile(join(folder, "none"), "the plan none", () => {
      throw new Error("read whole");
    }),
  ).toThrow("read whole");
});

test("secrets of the environment are in no text of the report, and in no name of a member", async () => {
  const secret = "dtn_0123456789abcdef";
  const seen = attributes("agent", {
    state: "error",
    active: true,
    error_reason: `key "${secret}" is wrong`,
    triggers: { [secret]: "1" },
  });
  const { report } = await check(
    JSON.stringify(plan([drifted(A, state, seen)], [change(A, ["update"], seen, planned(state))])),
    [],
    { DAYTONA_API_KEY: secret, DAYTONA_API_URL: "nowhere" },
  );
  expect(JSON.stringify(report)).not.toContain(secret);
  expect(report.snapshots[0]?.driftChanges.map(({ attribute, to }) => [attribute, to])).toEqual([
    ["triggers", { "[secret]": "1" }],
    ["state", "error"],
    ["errorReason", 'key "[secret]" is wrong'],
  ]);
});

test("a report is written to its file piece by piece, as it is printed", async () => {
  const file = join(folder, "report.json");
  const { report } = await check(json, ["--output", `json=${file}`]);
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(report);
});

test("JSON in pieces is the JSON of the whole", () => {
  fc.assert(
    fc.property(
      fc.array(fc.jsonValue({ stringUnit: "binary" })),
      fc.dictionary(fc.string(), fc.jsonValue()),
      (snapshots, more) => {
        const report = { ...more, snapshots, unmanaged: undefined } as unknown as DriftReport;
        expect([...jsonPieces(report)].join("")).toBe(`${printableJson(report, 2)}\n`);
      },
    ),
  );
});

test("texts are changed everywhere, and what has none is not copied", () => {
  const upper = (text: string): string => text.toUpperCase();
  const value = { A: [1, null, { B: "C" }], D: { b: "x", E: ["Y", "z"] } };
  expect(mapTexts(value, upper)).toEqual({ A: [1, null, { B: "C" }], D: { B: "X", E: ["Y", "Z"] } });
  expect(mapTexts(value, upper).A).toBe(value.A);
  expect(mapTexts(value, (text) => text)).toBe(value);
  expect(value.D).toEqual({ b: "x", E: ["Y", "z"] });
});
