/**
 * npm run generate [-- --check]: writes everything that is generated from the tables (provider/resources), then runs the generators
 * of the wire (proto) and of the constructs (cdktf, which read what was just written). --tables: only the first part.
 * --check writes nothing and ends with 1 where a file differs.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import Module from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const { transformSync } = require("@swc/core");

// Node 20 runs no TypeScript: the sources are transformed as they are required.
Module._extensions[".ts"] = (module, file) => {
  const { code } = transformSync(readFileSync(file, "utf8"), {
    filename: file,
    swcrc: false,
    configFile: false,
    jsc: { target: "es2022", parser: { syntax: "typescript" } },
    module: { type: "commonjs" },
  });
  module._compile(code, file);
};

const check = process.argv.includes("--check");
const { generateAll } = require("./generate/all.ts");
const files = generateAll((path) => readFileSync(join(root, path), "utf8"));
let failed = false;
for (const [path, text] of Object.entries(files)) {
  const file = join(root, path);
  if (existsSync(file) && readFileSync(file, "utf8") === text) continue;
  if (check) {
    console.error(`${path} is not what "npm run generate" writes`);
    failed = true;
  } else {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    console.log(`wrote ${path}`);
  }
}

if (!process.argv.includes("--tables")) {
  for (const script of ["generate-proto.mjs", "generate-cdktf.mjs"]) {
    const { status } = spawnSync(process.execPath, [join(root, "scripts", script), ...(check ? ["--check"] : [])], {
      stdio: "inherit",
      cwd: root,
    });
    if (status !== 0) failed = true;
  }
}
process.exitCode = failed ? 1 : 0;
