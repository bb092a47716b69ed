import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { nodeProblem, OLDEST_NODE } from "../../../provider/kit/node-version";

const folder = mkdtempSync(join(tmpdir(), "old-node-"));
afterAll(() => rmSync(folder, { recursive: true }));

const text = (version: string): string =>
  `daytona-iac requires Node.js 20.19 or later; this is ${version} (${process.execPath}). Install a newer Node.js, or put one first on PATH.`;

test("the oldest version is the one that package.json promises", () => {
  const { engines } = JSON.parse(readFileSync("package.json", "utf8")) as { engines: { node: string } };
  expect(engines.node).toBe(`>=${OLDEST_NODE}`);
});

test.each([
  ["18.20.4", true],
  ["20.18.3", true],
  ["20.19.0", false],
  ["22.0.0", false],
  ["100.1.0", false],
  ["unknown", false],
])("Node.js %s is too old: %s", (version, old) => {
  expect(nodeProblem(version, process.execPath)).toBe(old ? text(version) : null);
});

/** Runs a program, from the sources, with a Node.js that says that it is old. */
function onOld(...argv: string[]) {
  const old = join(folder, "old.cjs");
  writeFileSync(
    old,
    `const { transformFileSync } = require(${JSON.stringify(resolve("node_modules/@swc/core"))});
const options = { jsc: { target: "es2022", parser: { syntax: "typescript" } }, module: { type: "commonjs" } };
require.extensions[".ts"] = (module, file) => module._compile(transformFileSync(file, { ...options, swcrc: false }).code, file);
Object.defineProperty(process.versions, "node", { value: "18.20.4" });
`,
  );
  return spawnSync(process.execPath, ["-r", old, ...argv], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], HOME: folder },
  });
}

test.each([[["snapshot", "list"]], [["doctor"]], [["--version"]]])("the command line says so: %j", (argv) => {
  const { status, stdout, stderr } = onOld("provider/cli/main.ts", ...argv);
  expect({ status, stdout, stderr }).toEqual({ status: 1, stdout: "", stderr: `Error: ${text("18.20.4")}\n` });
});

test("the library says so where it is loaded", () => {
  const { status, stderr } = onOld("-e", `require(${JSON.stringify(resolve("provider/index.ts"))})`);
  expect(status).toBe(1);
  expect(stderr).toContain(`Error: ${text("18.20.4")}\n`);
});

test("the quickstart says so before it builds anything", () => {
  const { status, stdout, stderr } = onOld("scripts/quickstart.mjs");
  expect({ status, stdout, stderr }).toEqual({ status: 1, stdout: "", stderr: `${text("18.20.4")}\n` });
});

test("without Terraform and OpenTofu, the quickstart says in one line what to install", () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["scripts/quickstart.mjs"], {
    encoding: "utf8",
    env: { PATH: folder, HOME: folder },
  });
  expect({ status, stdout, stderr }).toEqual({
    status: 1,
    stdout: "",
    stderr:
      "Neither `terraform` nor `tofu` was found on PATH. Install Terraform 1.8 or later (developer.hashicorp.com/terraform/install) or OpenTofu 1.8 or later (opentofu.org/docs/intro/install), then run `npm run quickstart` again.\n",
  });
});
