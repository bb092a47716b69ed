// Adds up what .ci/run did: steps, and the tests of every jest result file. Exit code 1 when anything failed.
// Usage: node scripts/ci-summary.mjs STEPS_PASSED STEPS_FAILED [JEST_RESULT.json ...]
import { readFileSync } from "node:fs";

const [stepsPassed, stepsFailed, ...files] = process.argv.slice(2);
let passed = Number(stepsPassed);
let failed = Number(stepsFailed);
let skipped = 0;
for (const file of files) {
  const result = JSON.parse(readFileSync(file, "utf8"));
  passed += result.numPassedTests;
  failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
  skipped += result.numPendingTests + result.numTodoTests;
  for (const suite of result.testResults) {
    if (suite.status === "failed")
      console.log(`FAILED ${suite.name}: ${suite.message.split("\n").slice(0, 12).join("\n")}`);
    for (const test of suite.assertionResults) if (test.status === "pending") console.log(`skipped: ${test.fullName}`);
  }
}
if (files.length === 0) failed += 1;
console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ""}`);
process.exitCode = failed > 0 ? 1 : 0;
