import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(__dirname, "../../..");
const entries = ["daytona-iac", "daytona-iac/cdktf", "daytona-iac/cdktn"];
let dir: string;

beforeAll(() => {
  if (!existsSync(join(root, "dist/index.js"))) throw new Error('There is no dist/: run "npm run build" first.');
  dir = mkdtempSync(join(tmpdir(), "daytona-exports-"));
  mkdirSync(join(dir, "node_modules"));
  symlinkSync(root, join(dir, "node_modules/daytona-iac"), "junction");
  for (const name of ["cdktf", "cdktn", "constructs", "typescript"]) symlinkSync(join(root, "node_modules", name), join(dir, "node_modules", name), "junction");
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test.each(entries)("%s is one instance, required or imported", (entry) => {
  writeFileSync(join(dir, "one.mjs"), `
    import { createRequire } from "node:module";
    import * as imported from "${entry}";
    const required = createRequire(import.meta.url)("${entry}");
    const names = Object.keys(required).filter((name) => name !== "__esModule");
    console.log(JSON.stringify({ names: names.length, same: names.every((name) => imported[name] === required[name]) }));
  `);
  const answer = JSON.parse(execFileSync(process.execPath, [join(dir, "one.mjs")], { encoding: "utf8" })) as { names: number; same: boolean };
  expect(answer.names).toBeGreaterThan(0);
  expect(answer.same).toBe(true);
});

test("there are types for CommonJS and for ES modules", () => {
  const text = `
    import { version, type SnapshotArgs } from "daytona-iac";
    import { Snapshot } from "daytona-iac/cdktf";
    import { Snapshot as Cdktn } from "daytona-iac/cdktn";
    const wrong: number = version;
    export const right: [string, SnapshotArgs | undefined, typeof Snapshot, typeof Cdktn] = [version, undefined, Snapshot, Cdktn];
  `;
  for (const file of ["a.mts", "b.cts"]) writeFileSync(join(dir, file), text);
  const tsc = [join(root, "node_modules/typescript/bin/tsc"), "--noEmit", "--strict", "--skipLibCheck", "--module", "node16", "--target", "es2022", "a.mts", "b.cts"];
  let output = "";
  try {
    execFileSync(process.execPath, tsc, { cwd: dir, encoding: "utf8" });
  } catch (error) {
    output = (error as { stdout: string }).stdout;
  }
  // Exactly the mistake that is in there, once for each kind of module: so the types are real ones.
  expect(output.trim().split("\n").map((line) => line.replace(/\(.*?\)/, ""))).toEqual([
    "a.mts: error TS2322: Type 'string' is not assignable to type 'number'.",
    "b.cts: error TS2322: Type 'string' is not assignable to type 'number'.",
  ]);
}, 60_000);
