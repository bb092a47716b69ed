// npm run bench [NAME [ARGUMENT…]]: runs one bench, or all of them, and prints one table, as far as it got.
import { readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { cores, root, terraform } from "./support/ground.mjs";
import { table } from "./support/table.mjs";
import { execFileSync } from "node:child_process";
import { join } from "node:path";

const names = [
  "handshake",
  "life",
  "refresh",
  "create",
  "noticed",
  "swap-gap",
  "memory",
  "pulumi",
  "context-hash",
  "command-line",
  "drift",
  "drift-plan",
  "push",
  "upload",
  "many",
  "resolve",
];
const [first, ...rest] = process.argv.slice(2);
const asked = first === undefined ? names : [first];
if (!asked.every((name) => names.includes(name))) {
  console.error(`Usage: npm run bench [${names.join(" | ")}] [arguments of the bench]`);
  process.exit(64);
}

const rows = [];
let failed = false;
// Also when it is interrupted: what was measured until then.
process.on("exit", () => rows.length > 0 && print());
for (const name of asked) {
  process.stderr.write(`${name} …\n`);
  try {
    rows.push(...(await (await import(`./${name}.mjs`)).run(rest)));
  } catch (error) {
    failed = true;
    console.error(`${name}: ${error.message}`);
  }
}
process.exit(failed ? 1 : 0);

function print() {
  const tool = execFileSync(terraform(), ["version"], {
    encoding: "utf8",
    env: { ...process.env, TF_CLI_CONFIG_FILE: "", CHECKPOINT_DISABLE: "1" },
  })
    .split("\n")
    .find((line) => /^(Terraform|OpenTofu) v/.test(line));
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  console.log(
    `${new Date().toISOString().slice(0, 10)}, ${cores} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${process.arch}, ${tool}, Node ${process.versions.node}, daytona-iac ${version}\n`,
  );
  console.log(table(rows));
}
