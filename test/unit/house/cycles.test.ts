import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(__dirname, "../../..");

/** Checks `folder` for import cycles, with the repository's own rule. */
function cruise(folder: string): { status: number | null; output: string } {
  const tool = join(root, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
  const run = spawnSync(
    process.execPath,
    [tool, "--config", join(root, ".dependency-cruiser.cjs"), "--output-type", "err", folder],
    { cwd: root, encoding: "utf8" },
  );
  return { status: run.status, output: run.stdout + run.stderr };
}

describe("a planted import cycle is caught", () => {
  const folder = mkdtempSync(join(tmpdir(), "daytona-iac-cycle-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each([
    ["of values", 'import { b } from "./b";\nexport const a = (): number => b();\n'],
    ["of types alone", 'import type { B } from "./b";\nexport type A = B;\n'],
  ])("%s", (_, code) => {
    writeFileSync(join(folder, "a.ts"), code);
    writeFileSync(
      join(folder, "b.ts"),
      'import { a } from "./a";\nexport type B = string;\nexport const b = (): number => a();\n',
    );
    const { status, output } = cruise(folder);
    expect(output).toMatch(/error no-circular: .*[ab]\.ts/);
    expect(status).toBe(1);
  });
});

test("a planted cycle of folders is caught, although no file imports itself", () => {
  const folder = mkdtempSync(join(tmpdir(), "daytona-iac-folders-"));
  for (const name of ["one", "two"]) mkdirSync(join(folder, name));
  writeFileSync(join(folder, "one/a.ts"), 'export { b } from "../two/b";\n');
  writeFileSync(join(folder, "two/b.ts"), "export const b = 1;\n");
  writeFileSync(join(folder, "two/c.ts"), 'export { d } from "../one/d";\n');
  writeFileSync(join(folder, "one/d.ts"), "export const d = 1;\n");
  const { status, output } = cruise(folder);
  rmSync(folder, { recursive: true, force: true });
  expect(output).toMatch(/error no-folder-cycles: /);
  expect(output).not.toMatch(/error no-circular: /);
  expect(status).not.toBe(0);
});

test("the house has no import cycle", () => {
  const { status, output } = cruise("provider");
  expect(output).toContain("no dependency violations found");
  // All of the house was looked at, not an empty list.
  expect(Number(/(\d+) modules/.exec(output)?.[1])).toBeGreaterThan(150);
  expect(status).toBe(0);
});
