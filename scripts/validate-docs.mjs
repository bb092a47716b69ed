// npm run docs:validate [-- FOLDER]: checks docs/ by the rules of the Terraform Registry, with HashiCorp's tfplugindocs (built with Go, see
// scripts/tools/tfplugindocs.sh): front matter, sizes, folders, and a page for everything that the schema has. FOLDER: of which
// docs/ is checked; default: the repository. Ends with 1 where something is wrong, or Go is missing.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { root, run } from "./build-provider.mjs";

const folder = resolve(process.argv[2] ?? root);
const tool = run(join(root, "scripts/tools/tfplugindocs.sh"), []).trim();
const work = mkdtempSync(join(tmpdir(), "daytona-iac-docs-"));
try {
  // The tool looks for a provider of this name at HashiCorp's address only.
  const { provider_schemas: schemas, ...rest } = JSON.parse(
    readFileSync(join(root, "provider/cdktf/schema.json"), "utf8"),
  );
  const own = schemas["registry.terraform.io/daytona-iac/daytona"];
  const file = join(work, "schema.json");
  const renamed = { ...rest, provider_schemas: { "registry.terraform.io/hashicorp/daytona": own } };
  writeFileSync(file, JSON.stringify(renamed));
  const args = ["validate", "--provider-name", "daytona", "--provider-dir", folder, "--providers-schema", file];
  const { status, stdout, stderr, error } = spawnSync(tool, args, { encoding: "utf8" });
  if (error) throw error;
  const checked = stdout.split("\n").filter((line) => line.startsWith("running file checks on")).length;
  // Most of what it prints is for its own debugging.
  const told = stderr.split("\n").filter((line) => line.trim() !== "" && !line.includes("[DEBUG]"));
  if (status !== 0) console.error(told.join("\n"));
  else if (checked === 0) console.error(`tfplugindocs found no page in ${folder}/docs`);
  else console.log(`${checked} pages are valid for the registry`);
  process.exitCode = status === 0 && checked > 0 ? 0 : 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
