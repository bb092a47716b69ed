// How the native Pulumi provider is made into one file. Used by build; by itself (npm run build:pulumi [-- --out DIR]) it makes
// this machine's executable, into build/ unless told otherwise.
import { mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleScript, compileExecutable, exe, here, root } from "./build-provider.mjs";

export const name = "pulumi-resource-daytona";
const source = join(root, "provider/pulumi/native/main.ts");

/** The executable in a folder. Compiled aside: a provider that runs while this happens keeps its own file. */
export function pulumiExecutable(folder, options = {}) {
  const file = `${name}${exe(options.platform ?? here())}`;
  const aside = join(folder, `.new-${process.pid}`);
  try {
    const made = compileExecutable(join(aside, file), { ...options, source });
    mkdirSync(folder, { recursive: true });
    renameSync(made, join(folder, file));
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return join(folder, file);
}

/** The same as a script for Node. */
export const pulumiScript = (folder) => bundleScript(join(folder, name), source);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const at = process.argv.indexOf("--out");
  if (here() === undefined) throw new Error(`no executable for ${process.platform} ${process.arch}`);
  console.log(pulumiExecutable(at < 0 ? join(root, "build") : process.argv[at + 1]));
}
