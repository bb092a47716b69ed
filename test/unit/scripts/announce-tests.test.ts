import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { filesOf } from "../../faces/package/page";

const root = join(__dirname, "../../..");
const folder = mkdtempSync(join(tmpdir(), "daytona-iac-announce-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const announced = (env: Record<string, string>): string[] => {
  const script = join(root, "scripts/announce-tests.mjs");
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { env, encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
  return stdout.trimEnd().split("\n");
};
const NAMES =
  "terraform pulumi podman docker dockerd skopeo buildah docker-registry htpasswd chromium xmllint psql gpg go".split(
    " ",
  );
/** Every variable by which the tests find a tool. DAYTONA_IAC_TERRAFORM and the like only choose another one. */
const VARIABLES = [
  "TOFU",
  "VERSITYGW",
  "CRANE",
  "PYTHON_SDK",
  "BLACK",
  "CLIENTS_NPM",
  "CLIENTS_PYTHON",
  "CLIENTS_GO",
].map((name) => `DAYTONA_IAC_${name}`);

test("npm test begins with what it takes, a shorter command, and what is not here", () => {
  const { pretest } = (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: { pretest: string } })
    .scripts;
  expect(pretest).toMatch(/^node scripts\/announce-tests\.mjs && /);
  const [takes, shorter, missing, where, ...others] = announced({ PATH: folder });
  expect(takes).toMatch(
    new RegExp(`^npm test builds the package and runs all ${filesOf("test/*.test.ts").length} test files\\.`),
  );
  expect(shorter).toMatch(/: npx jest test\/unit test\/contract$/);
  for (const name of ["terraform or tofu", ...NAMES.slice(1), ...VARIABLES]) expect(missing).toContain(name);
  expect(where).toBe("CONTRIBUTING.md says how to get each. .ci/run installs all of them.");
  expect(others).toEqual([]);
});

test("with every tool, nothing is missing", () => {
  for (const name of NAMES) writeFileSync(join(folder, name), "", { mode: 0o755 });
  expect(announced({ PATH: folder, ...Object.fromEntries(VARIABLES.map((name) => [name, "x"])) })).toHaveLength(2);
});
