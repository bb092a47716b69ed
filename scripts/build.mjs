// npm run build: the library into dist/, the providers as Node scripts into dist/provider/, and as this machine's executables
// into build/. `--library`: no executable. dist/ is made aside and swapped in, so that nobody sees half of it.
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import {
  bundle,
  bundleCommandLine,
  bundleScript,
  commit,
  compileExecutable,
  exe,
  here,
  packageJson,
  root,
  run,
} from "./build-provider.mjs";
import { withCommit } from "./commit.mjs";
import { pulumiExecutable, pulumiScript } from "./build-pulumi.mjs";

const require = createRequire(import.meta.url);
const tsc = require.resolve("typescript/bin/tsc");
const fresh = join(root, "build/dist-new");
const dist = join(root, "dist");

/** An ES module that re-exports the CommonJS one: one instance, whichever way it is loaded. */
function wrapForEsm(file) {
  const base = join(fresh, file);
  const names = Object.keys(require(`${base}.js`)).filter((name) => name !== "default" && name !== "__esModule");
  const own = `./${file.split("/").pop()}.js`;
  writeFileSync(
    `${base}.mjs`,
    `import cjs from "${own}";\nexport const {\n${names.map((name) => `  ${name},\n`).join("")}} = cjs;\n`,
  );
  writeFileSync(`${base}.d.mts`, `export * from "${own}";\n`);
}

/** The command line from a few files: finding and reading two hundred takes longer than most commands. */
function commandLine(folder) {
  bundleCommandLine(join(folder, "bundled"));
  // First, in a file of its own: an old Node.js cannot read the others.
  bundle(join(root, "provider/cli/needs-node.ts"), join(folder, "needs-node.js"), "--minify");
  const main = join(folder, "main.js");
  writeFileSync(
    main,
    `#!/usr/bin/env node
"use strict";
require("./needs-node.js");
const { main, runProcess } = require("./bundled/core.js");
module.exports = { main, runProcess };
if (require.main === module) runProcess();
`,
  );
}

function library() {
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  run(process.execPath, [tsc, "-p", "tsconfig.build.json", "--outDir", fresh]);
  run(process.execPath, [tsc, "-p", "provider/cdktf/tsconfig.json", "--outDir", fresh]);
  writeFileSync(join(fresh, "commit.js"), withCommit(readFileSync(join(fresh, "commit.js"), "utf8"), commit));
  for (const entry of Object.values(packageJson.exports)) {
    const file = entry?.require?.default?.match(/^\.\/dist\/(.*)\.js$/)?.[1];
    if (file) wrapForEsm(file);
  }
  commandLine(join(fresh, "cli"));
  for (const bin of Object.values(packageJson.bin)) {
    const path = join(fresh, bin.replace(/^(\.\/)?dist\//, ""));
    if (!readFileSync(path, "utf8").startsWith("#!")) throw new Error(`${path} has no #! line`);
    chmodSync(path, 0o755);
  }
  // dockerode goes into the one file that loads it, so that users install neither ssh2 nor cpu-features.
  const docker = "source/local-image/engine/dockerode";
  bundle(join(root, `provider/${docker}.ts`), join(fresh, `${docker}.js`));
  bundleScript(join(fresh, "provider/terraform-provider-daytona"));
  pulumiScript(join(fresh, "provider"));
  const old = join(root, "build/dist-old");
  rmSync(old, { recursive: true, force: true });
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(fresh, dist);
  rmSync(old, { recursive: true, force: true });
}

const size = (path) => `${(statSync(path).size / 1e6).toFixed(1)} MB`;

library();
console.log(
  `dist/ is the package; dist/provider/terraform-provider-daytona (${size(join(dist, "provider/terraform-provider-daytona"))}) is the provider for Node`,
);
if (!process.argv.includes("--library")) {
  const platform = here();
  if (platform === undefined) {
    console.log(`no executable for ${process.platform} ${process.arch}: the Node script is used there`);
  } else {
    const name = `terraform-provider-daytona${exe(platform)}`;
    // Compiled aside: a provider that runs while this happens keeps its own file.
    const made = compileExecutable(join(root, "build/new", name));
    renameSync(made, join(root, "build", name));
    rmSync(join(root, "build/new"), { recursive: true, force: true });
    console.log(`build/${name} (${size(join(root, "build", name))}) is the provider for this machine`);
    const plugin = pulumiExecutable(join(root, "build"));
    console.log(`build/${plugin.slice(join(root, "build/").length)} (${size(plugin)}) is Pulumi's`);
  }
}
