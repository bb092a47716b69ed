// Builds the native Pulumi provider as one executable: build/pulumi/pulumi-resource-daytona.
// Usage: node scripts/build-pulumi.mjs [--target bun-linux-x64|bun-darwin-arm64|bun-windows-x64|…] [--out DIR]
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const { values } = parseArgs({ options: { target: { type: "string" }, out: { type: "string" } } });
const out = values.out ?? join(root, "build", "pulumi");
const windows = values.target ? values.target.includes("windows") : process.platform === "win32";
const file = join(out, `pulumi-resource-daytona${windows ? ".exe" : ""}`);

mkdirSync(out, { recursive: true });
rmSync(file, { force: true });
const bun = join(dirname(createRequire(import.meta.url).resolve("bun/package.json")), "bin", "bun.exe");
const built = spawnSync(
  bun,
  ["build", "--compile", "--minify-syntax", "--minify-whitespace", "--bytecode", ...(values.target ? [`--target=${values.target}`] : []), `--outfile=${file}`, join(root, "provider/pulumi/native/main.ts")],
  { cwd: root, stdio: ["ignore", "ignore", "inherit"] },
);
if (built.status !== 0) {
  console.error(`build-pulumi: bun ended with ${built.status ?? built.signal ?? built.error?.message}`);
  process.exit(1);
}
console.log(file);
