// Before `npm test`: how long it takes, a shorter command, and which real tools are not here. Prints, and checks nothing: tests whose tools are missing
// are skipped by name.
import { accessSync, constants, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Tools that tests find on PATH; one of several is enough. */
const ON_PATH = [
  ["terraform", "tofu"],
  ["pulumi"],
  ["podman"],
  ["docker"],
  ["dockerd"],
  ["skopeo"],
  ["buildah"],
  ["docker-registry"],
  ["htpasswd"],
  ["chromium"],
  ["xmllint"],
  ["psql"],
  ["gpg"],
  ["go"],
];
/** Tools that variables name, and what they are. */
const BY_VARIABLE = {
  DAYTONA_IAC_TOFU: "OpenTofu beside Terraform",
  DAYTONA_IAC_VERSITYGW: "an S3 server",
  DAYTONA_IAC_CRANE: "crane",
  DAYTONA_IAC_PYTHON_SDK: "Daytona's SDK for Python",
  DAYTONA_IAC_BLACK: "black",
  DAYTONA_IAC_CLIENTS_NPM: "Daytona's clients from npm",
  DAYTONA_IAC_CLIENTS_PYTHON: "Daytona's clients from PyPI",
  DAYTONA_IAC_CLIENTS_GO: "Daytona's client for Go",
};

const found = (name) =>
  (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
const missing = [
  ...ON_PATH.filter((names) => !names.some(found)).map((names) => names.join(" or ")),
  ...Object.entries(BY_VARIABLE).flatMap(([variable, what]) =>
    process.env[variable] === undefined ? [`${what} (${variable})`] : [],
  ),
];
const tests = fileURLToPath(new URL("../test", import.meta.url));
const files = readdirSync(tests, { recursive: true }).filter((file) => file.endsWith(".test.ts"));

console.log(
  `npm test builds the package and runs all ${files.length} test files. With every tool, two cores take about 20 minutes.`,
);
console.log("For a shorter run, which takes about 6: npx jest test/unit test/contract");
if (missing.length > 0) {
  console.log(`Not here, so the tests that need them are skipped by name: ${missing.join(", ")}.`);
  console.log("CONTRIBUTING.md says how to get each. .ci/run installs all of them.");
}
