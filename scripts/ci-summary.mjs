// Adds up what .ci/run did: steps, and the tests of every jest result file. Exit code 1 when anything failed, and for a test that no run ran:
// a part that can be had must be there. Only what a part needs that cannot be had on this machine may be skipped.
// Usage: node scripts/ci-summary.mjs STEPS_PASSED STEPS_FAILED [--absent FILE] [JEST_RESULT.json ...]
// FILE: a line per part that cannot be had here. A skipped test names the part that it needs, in parentheses: "… (not on PATH: crane)".
import { existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";

/** Tests that no machine runs, by their full name, with the reason. */
const NEVER = new Map([]);

const { values, positionals } = parseArgs({ options: { absent: { type: "string" } }, allowPositionals: true });
const [stepsPassed, stepsFailed, ...files] = positionals;
let passed = Number(stepsPassed);
let failed = Number(stepsFailed);
const ran = new Set();
const skipped = new Set();
for (const file of files) {
  const result = JSON.parse(readFileSync(file, "utf8"));
  passed += result.numPassedTests;
  failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
  for (const suite of result.testResults) {
    if (suite.status === "failed")
      console.log(`FAILED ${suite.name}: ${suite.message.split("\n").slice(0, 12).join("\n")}`);
    for (const test of suite.assertionResults) {
      const name = `${suite.name}\n${test.fullName}`;
      (test.status === "passed" || test.status === "failed" ? ran : skipped).add(name);
    }
  }
}

const absent = (values.absent !== undefined && existsSync(values.absent) ? readFileSync(values.absent, "utf8") : "")
  .split("\n")
  .filter((line) => line !== "");
/** Why a test may be skipped; undefined: it may not. */
function reason(fullName) {
  const needs = [...fullName.matchAll(/\(([^()]*)\)/g)].map(([, text]) => text.toLowerCase());
  const part = absent.find((name) =>
    needs.some((text) => ` ${text.replace(/[^a-z0-9-]/g, " ")} `.includes(` ${name.toLowerCase()} `)),
  );
  return NEVER.get(fullName) ?? (part === undefined ? undefined : `${part} cannot be had here`);
}
let left = 0;
for (const name of skipped) {
  if (ran.has(name)) continue; // in another run, as on another Node.js
  const [, fullName] = name.split("\n");
  const why = reason(fullName);
  console.log(why === undefined ? `FAILED, because it was skipped: ${fullName}` : `skipped: ${fullName}: ${why}`);
  if (why === undefined) failed += 1;
  else left += 1;
}
if (files.length === 0) failed += 1;
console.log(`${passed} passed, ${failed} failed${left > 0 ? `, ${left} skipped` : ""}`);
process.exitCode = failed > 0 ? 1 : 0;
