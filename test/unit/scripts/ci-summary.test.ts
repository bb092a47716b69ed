import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const script = join(__dirname, "../../../scripts/ci-summary.mjs");
const folder = mkdtempSync(join(tmpdir(), "daytona-iac-summary-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Status = "passed" | "failed" | "pending" | "todo";
let files = 0;

/** A result file of jest with these tests of one file. */
function run(tests: Record<string, Status>, name = "/repo/one.test.ts", broken = 0): string {
  const count = (status: Status) => Object.values(tests).filter((each) => each === status).length;
  const file = join(folder, `${++files}.json`);
  const assertionResults = Object.entries(tests).map(([fullName, status]) => ({ fullName, status }));
  const status = count("failed") + broken > 0 ? "failed" : "passed";
  writeFileSync(
    file,
    JSON.stringify({
      numPassedTests: count("passed"),
      numFailedTests: count("failed"),
      numPendingTests: count("pending"),
      numTodoTests: count("todo"),
      numRuntimeErrorTestSuites: broken,
      testResults: [{ name, status, message: "what is wrong", assertionResults }],
    }),
  );
  return file;
}

/** Lines of output, and the exit code. `absent`: parts that cannot be had. */
function summary(steps: [number, number], results: string[], absent: string[] = []): [string[], number | null] {
  const list = join(folder, "absent");
  writeFileSync(list, absent.map((part) => `${part}\n`).join(""));
  const { status, stdout } = spawnSync(process.execPath, [script, ...steps.map(String), "--absent", list, ...results], {
    encoding: "utf8",
  });
  return [stdout.trimEnd().split("\n"), status];
}

test("steps and tests are added up", () => {
  expect(summary([2, 0], [run({ a: "passed", b: "passed" }), run({ c: "passed" })])).toEqual([
    ["5 passed, 0 failed"],
    0,
  ]);
});

test("a failed test, a failed step, a suite that does not start, and no result at all are failures", () => {
  expect(summary([1, 0], [run({ a: "failed" })])).toEqual([
    ["FAILED /repo/one.test.ts: what is wrong", "1 passed, 1 failed"],
    1,
  ]);
  expect(summary([1, 1], [run({ a: "passed" })])).toEqual([["2 passed, 1 failed"], 1]);
  expect(summary([0, 0], [run({}, "/repo/b.test.ts", 1)])[1]).toBe(1);
  expect(summary([3, 0], [])).toEqual([["3 passed, 1 failed"], 1]);
});

test.each<Status>(["pending", "todo"])("a test that nobody ran (%s) is a failure", (status) => {
  expect(summary([1, 0], [run({ "needs a part (not on PATH: crane)": status })])).toEqual([
    ["FAILED, because it was skipped: needs a part (not on PATH: crane)", "1 passed, 1 failed"],
    1,
  ]);
});

test("one that another run ran is none, unless it is of another file", () => {
  expect(summary([1, 0], [run({ zstd: "pending" }), run({ zstd: "passed" })])).toEqual([["2 passed, 0 failed"], 0]);
  expect(summary([1, 0], [run({ zstd: "pending" }), run({ zstd: "passed" }, "/repo/two.test.ts")])[1]).toBe(1);
});

test("one that names a part that cannot be had is skipped, with the reason; what names another one fails", () => {
  const tests = run({
    "images (not on PATH: skopeo, Crane)": "pending",
    "uploads (DAYTONA_IAC_S3 is not set)": "pending",
    "crane of images": "pending",
    "cranes (not on PATH: cranes)": "pending",
  });
  expect(summary([1, 0], [tests], ["go", "s3", "crane"])).toEqual([
    [
      "skipped: images (not on PATH: skopeo, Crane): crane cannot be had here",
      "skipped: uploads (DAYTONA_IAC_S3 is not set): s3 cannot be had here",
      "FAILED, because it was skipped: crane of images",
      "FAILED, because it was skipped: cranes (not on PATH: cranes)",
      "1 passed, 2 failed, 2 skipped",
    ],
    1,
  ]);
});
