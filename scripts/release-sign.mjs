// node scripts/release-sign.mjs [FOLDER] [--key ID]: signs every SHA256SUMS of a release with gpg, after every file has been found in one of
// them and its sum has been computed again. A signature beside the sums covers all archives, the npm packages and the bill of materials.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { root, run } from "./build-provider.mjs";

const args = process.argv.slice(2);
const at = args.indexOf("--key");
const key = at < 0 ? [] : ["--local-user", args.splice(at, 2)[1]];
const folder = args[0] ?? join(root, "build/release");

const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)).replaceAll("\\", "/"));
const sums = files.filter((name) => name.endsWith("_SHA256SUMS"));
const told = new Map(
  sums.flatMap((name) =>
    readFileSync(join(folder, name), "utf8")
      .trim()
      .split("\n")
      .map((line) => [line.slice(66), line.slice(0, 64)]),
  ),
);
const faults = [];
for (const name of files) {
  if (name.endsWith("_SHA256SUMS") || name.endsWith("_SHA256SUMS.sig")) continue;
  const sum = createHash("sha256")
    .update(readFileSync(join(folder, name)))
    .digest("hex");
  if (!told.has(name)) faults.push(`${name} has no sum`);
  else if (told.get(name) !== sum) faults.push(`${name} has another sum than its SHA256SUMS says`);
  told.delete(name);
}
for (const name of told.keys()) faults.push(`${name} is in the sums, but not there`);
if (sums.length === 0) faults.push("there are no SHA256SUMS");
if (faults.length > 0) {
  console.error(`Nothing was signed in ${folder}:\n  ${faults.join("\n  ")}`);
  process.exit(1);
}
for (const name of sums) {
  // As the Terraform Registry expects it: binary, and beside the sums.
  run("gpg", [
    "--batch",
    "--yes",
    ...key,
    "--detach-sign",
    "--output",
    join(folder, `${name}.sig`),
    join(folder, name),
  ]);
  console.log(`${name}.sig`);
}
