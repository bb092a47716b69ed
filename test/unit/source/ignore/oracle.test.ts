import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generate, type Case } from "./cases";
import { ours, type Answer } from "./ours";

const source = join(__dirname, "../../../oracles/ignore");
const vectors = join(source, "vectors.jsonl");

/** Whether Docker's module can be had here: Go is installed and its module cache or proxy has it. */
function build(into: string): string | undefined {
  try {
    const program = join(into, "oracle");
    execFileSync("go", ["build", "-o", program, "."], { cwd: source, stdio: "pipe" });
    return program;
  } catch {
    return undefined;
  }
}

const folder = mkdtempSync(join(tmpdir(), "ignore-oracle-"));
const oracle = build(folder);
afterAll(() => rmSync(folder, { recursive: true }));

function ask(cases: Case[]): Answer[] {
  const out = execFileSync(oracle!, {
    input: cases.map((asked) => JSON.stringify(asked)).join("\n"),
    maxBuffer: 2 ** 30,
    stdio: ["pipe", "pipe", "ignore"],
  });
  return out
    .toString()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Answer);
}

function differences(cases: Case[], answers: Answer[]): unknown[] {
  expect(answers).toHaveLength(cases.length);
  return cases.flatMap((asked, index) => {
    const mine = ours(asked);
    return JSON.stringify(sorted(mine)) === JSON.stringify(sorted(answers[index]!))
      ? []
      : [{ asked, docker: answers[index], ours: mine }];
  });
}
const sorted = ({ rules, error, any, copy }: Answer): Answer => ({
  rules: rules ?? [],
  error: error ?? false,
  any: any ?? "",
  copy: copy ?? "",
});

// IGNORE_ORACLE_CASES=100000 compares as many as that; IGNORE_ORACLE_VECTORS=write makes the vectors anew.
(oracle === undefined ? test.skip : test)(
  `Docker's own matching says the same${oracle === undefined ? " (skipped: no Go, or its modules cannot be had)" : ""}`,
  () => {
    const count = Number(process.env["IGNORE_ORACLE_CASES"] ?? 4000);
    const cases = generate(Number(process.env["IGNORE_ORACLE_SEED"] ?? 1), count);
    expect(differences(cases, ask(cases)).slice(0, 5)).toEqual([]);
    if (process.env["IGNORE_ORACLE_VECTORS"] === "write") {
      const kept = generate(7, 1500);
      const answers = ask(kept);
      writeFileSync(vectors, kept.map((asked, index) => `${JSON.stringify([asked, answers[index]])}\n`).join(""));
    }
  },
  600_000,
);

test("the answers that Docker's matching once gave are ours", () => {
  const kept = readFileSync(vectors, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as [Case, Answer]);
  expect(kept.length).toBeGreaterThan(1000);
  expect(
    differences(
      kept.map(([asked]) => asked),
      kept.map(([, answer]) => answer),
    ),
  ).toEqual([]);
});
