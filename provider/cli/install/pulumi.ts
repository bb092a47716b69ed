import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { exchangeFolder } from "./exchange";
import { makeFolder, protect, writeFile } from "./folders";
import { version } from "../../version.gen";
import { findProvider, kindOf, ownExecutable, scriptNotice, whyNoExecutable, type ProviderFile } from "./source";
import { exitCodes, type Io } from "../io";

const base = "pulumi-resource-daytona";
/** The folder in which the Pulumi CLI keeps a version of the plugin. */
export function pluginFolder(env: NodeJS.ProcessEnv, of = version): string {
  return join(env.PULUMI_HOME || join(env.HOME || homedir(), ".pulumi"), "plugins", `resource-daytona-v${of}`);
}

/** `daytona-iac install --pulumi`. Returns the exit code: 0 installed or already installed, 1 failed. */
export function installPulumi(options: { script?: boolean }, io: Io, root: string): number {
  const plugin =
    ownExecutable(io, options.script) ?? findProvider(root, process.platform, process.arch, options.script, base);
  if (plugin === undefined) {
    io.err(
      `Error: installing the Pulumi provider: this package has no provider for ${process.platform} ${process.arch}. ${whyNoExecutable(root, process.platform, process.arch)} Or install the published plugin: "pulumi plugin install resource daytona v${version}".\n`,
    );
    return exitCodes.error;
  }
  const folder = pluginFolder(io.env);
  try {
    const outcome = place(folder, plugin);
    io.out(
      `${outcome === "unchanged" ? "already installed" : outcome}: Pulumi provider daytona ${version} (${kindOf(plugin.kind)}) in ${folder}\n${plugin.kind === "script" && options.script !== true ? scriptNotice(root) : ""}To generate an SDK: pulumi package add ${join(folder, fileName())}\n`,
    );
    return exitCodes.ok;
  } catch (error) {
    io.err(
      `Error: installing the Pulumi provider into ${folder}: ${(error as Error).message}. Check that the folder is writable, or set PULUMI_HOME.\n`,
    );
    return exitCodes.error;
  }
}

function fileName(): string {
  return process.platform === "win32" ? `${base}.exe` : base;
}

/** Installs by a rename, so that the folder is complete or absent. */
function place(folder: string, plugin: ProviderFile): "installed" | "replaced" | "unchanged" {
  // Node reads a script without extension as what the nearest package.json says, and that could be a user's "module".
  const others: { [file: string]: string } =
    plugin.kind === "script" ? { "package.json": '{"type":"commonjs"}\n' } : {};
  if (isSame(folder, plugin, others)) {
    protect(folder);
    return "unchanged";
  }
  makeFolder(join(folder, ".."));
  const scratch = mkdtempSync(join(folder, "..", ".daytona-"));
  try {
    makeFolder(join(scratch, "new"));
    copyFileSync(plugin.path, join(scratch, "new", fileName()));
    chmodSync(join(scratch, "new", fileName()), 0o755);
    for (const [file, text] of Object.entries(others)) writeFile(join(scratch, "new", file), text);
    const replaced = exchangeFolder(scratch, folder);
    // An interrupted download of the same version would have the CLI throw the folder away.
    rmSync(`${folder}.partial`, { force: true });
    return replaced ? "replaced" : "installed";
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function isSame(folder: string, plugin: ProviderFile, others: { [file: string]: string }): boolean {
  if (!existsSync(join(folder, fileName())) || existsSync(`${folder}.partial`)) return false;
  // A link into a project ends with the project.
  if (lstatSync(join(folder, fileName())).isSymbolicLink()) return false;
  const digest = (path: string): string => createHash("sha256").update(readFileSync(path)).digest("hex");
  const names = [fileName(), ...Object.keys(others)].sort().join("\n");
  return readdirSync(folder).sort().join("\n") === names && digest(join(folder, fileName())) === digest(plugin.path);
}
