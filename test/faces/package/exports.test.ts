import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(__dirname, "../../..");
const entries = [
  "daytona-iac",
  "daytona-iac/cdktf",
  "daytona-iac/cdktn",
  "daytona-iac/pulumi",
  "daytona-iac/pulumi/native",
];
let dir: string;

beforeAll(() => {
  if (!existsSync(join(root, "dist/index.js"))) throw new Error('There is no dist/: run "npm run build" first.');
  dir = mkdtempSync(join(tmpdir(), "daytona-exports-"));
  mkdirSync(join(dir, "node_modules"));
  symlinkSync(root, join(dir, "node_modules/daytona-iac"), "junction");
  mkdirSync(join(dir, "node_modules/@pulumi"));
  for (const name of ["cdktf", "cdktn", "constructs", "typescript", "@pulumi/pulumi"])
    symlinkSync(join(root, "node_modules", name), join(dir, "node_modules", name), "junction");
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test.each(entries)("%s is one instance, required or imported", (entry) => {
  writeFileSync(
    join(dir, "one.mjs"),
    `
    import { createRequire } from "node:module";
    import * as imported from "${entry}";
    const required = createRequire(import.meta.url)("${entry}");
    const names = Object.keys(required).filter((name) => name !== "__esModule");
    console.log(JSON.stringify({ names: names.length, same: names.every((name) => imported[name] === required[name]) }));
  `,
  );
  const answer = JSON.parse(execFileSync(process.execPath, [join(dir, "one.mjs")], { encoding: "utf8" })) as {
    names: number;
    same: boolean;
  };
  expect(answer.names).toBeGreaterThan(0);
  expect(answer.same).toBe(true);
});

// As the templates of `pulumi new` and `cdktf init` have it: without "exports", by "typesVersions".
const classic = ["--module", "commonjs", "--moduleResolution", "node10"];

test.each([
  ["CommonJS and ES modules", ["--module", "node16"], ["a.mts", "b.cts"]],
  ["programs with the classic module resolution", classic, ["c.ts"]],
])(
  "there are types for %s",
  (_what, flags, files) => {
    const text = `
    import { version, type SnapshotArgs } from "daytona-iac";
    import { Snapshot } from "daytona-iac/cdktf";
    import { Snapshot as Cdktn } from "daytona-iac/cdktn";
    import { Snapshot as Pulumi } from "daytona-iac/pulumi";
    import { Snapshot as Native } from "daytona-iac/pulumi/native";
    const wrong: number = version;
    export const right: [string, SnapshotArgs | undefined, ...unknown[]] = [version, undefined, Snapshot, Cdktn, Pulumi, Native];
  `;
    for (const file of files) writeFileSync(join(dir, file), text);
    const tsc = [
      join(root, "node_modules/typescript/bin/tsc"),
      "--noEmit",
      "--strict",
      "--skipLibCheck",
      "--target",
      "es2022",
      ...flags,
      ...files,
    ];
    let output = "";
    try {
      execFileSync(process.execPath, tsc, { cwd: dir, encoding: "utf8" });
    } catch (error) {
      output = (error as { stdout: string }).stdout;
    }
    // Exactly the mistake that is in there, once a file: so the types are real ones.
    expect(
      output
        .trim()
        .split("\n")
        .map((line) => line.replace(/\(.*?\)/, "")),
    ).toEqual(files.map((file) => `${file}: error TS2322: Type 'string' is not assignable to type 'number'.`));
  },
  120_000,
);
